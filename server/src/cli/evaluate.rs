//! `botscope evaluate`: how good the judgement is on labelled logs. Stores nothing.

use std::path::PathBuf;

use anyhow::{Context, bail};
use shared::{ApplicationSettings, KeySource};

use crate::evaluate::{By, MAX_BYTES, Options, Truth, evaluate};
use crate::ingest::decode::{FieldMap, FormatChoice, SourceConfig};

/// Compare the judgement of labelled logs with the truth: recall, precision, how early, how sure.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// A table with the columns `actor` and `class`, separated by tabs; any class, five of them
    /// are the bot types. An optional column `actor_id` ties the addresses of one bot together.
    #[arg(long, value_name = "FILE")]
    truth: PathBuf,
    /// What the column `actor` holds: source addresses, values of session keys, or identifiers of
    /// requests.
    #[arg(long, value_enum, default_value = "actor")]
    by: By,
    /// A class that must not be flagged, beside those called human, benign, user and the like;
    /// may be given several times.
    #[arg(long, value_name = "CLASS")]
    negative: Vec<String>,
    /// Where a session key stands, e.g. cookie:sid; otherwise wherever its usual names say.
    #[arg(long, value_name = "SOURCE")]
    session_key: Option<KeySource>,
    /// Where a request's identifier stands.
    #[arg(long, value_name = "SOURCE", default_value = "field:request_id")]
    request_id: KeySource,
    /// The log format; see `botscope import --help`.
    #[arg(long, default_value = "auto")]
    format: FormatChoice,
    /// What the fields of JSON lines are called, e.g. ip=client.addr,time=at.
    #[arg(long, default_value = "", hide_default_value = true)]
    map: FieldMap,
    /// Tell also what was found of every actor, and which detectors voted.
    #[arg(long)]
    actors: bool,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Log files of one application, plain, .gz or .zst; - for the standard input.
    #[arg(required = true, value_name = "LOG")]
    logs: Vec<String>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<()> {
    let name = args.truth.display();
    let read = || -> std::io::Result<String> {
        if std::fs::metadata(&args.truth)?.len() > MAX_BYTES {
            return Err(std::io::Error::other("it is larger than 1 GB"));
        }
        std::fs::read_to_string(&args.truth)
    };
    let text = read().with_context(|| format!("{name} cannot be read"))?;
    let truth = Truth::read(&text, args.by).with_context(|| name.to_string())?;
    let mut settings = ApplicationSettings::default();
    if let Some(source) = &args.session_key {
        settings.session_key = vec![source.clone()];
    }
    let unknown = |class: &&String| !truth.classes.contains(class);
    if let Some(class) = args.negative.iter().find(unknown) {
        bail!(
            "--negative {class}: {name} has no such class, but {}",
            truth.classes.join(", ")
        );
    }
    let options = Options {
        by: args.by,
        source: SourceConfig {
            format: args.format,
            fields: args.map.clone(),
        },
        settings,
        request_id: args.request_id.clone(),
        tells_actors: args.actors,
        negatives: args.negative.clone(),
    };
    let card = evaluate(&truth, &args.logs, &options)?;
    if args.json {
        println!("{}", serde_json::to_string(&card)?);
    } else {
        print!("{}", card.to_text());
    }
    Ok(())
}

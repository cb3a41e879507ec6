//! How good the judgement is: labelled logs are judged in memory, with the default settings, and
//! compared with what is true. Nothing is stored. Not where anything is tuned: that is done by
//! people, who must not look at the data they are judged by.

mod judged;
mod scorecard;
mod statistics;
mod table;
mod truth;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use engine::Batch;
use engine::attribute::resolve_keys;
use shared::{ApplicationSettings, KeySource};

use crate::ingest::decode::SourceConfig;
use crate::ingest::import::decode_source;
use crate::ingest::normalize::SecretKey;
use crate::ingest::reject::Rejects;
use crate::ingest::source::{Known, Source, SourceError};

pub use scorecard::{ActorLine, ByBot, Class, Confusion, Reason, Scorecard};
pub use statistics::Interval;
pub use truth::{Label, MAX_BYTES, Truth, TruthError};

/// What a row of the truth names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum By {
    /// A source address.
    Actor,
    /// The value of a session key.
    Session,
    /// The identifier that the log gives a request.
    Request,
}

/// What to evaluate.
#[derive(Debug, Clone)]
pub struct Options {
    /// What a row of the truth names.
    pub by: By,
    /// How the logs are read.
    pub source: SourceConfig,
    /// The settings of the application.
    pub settings: ApplicationSettings,
    /// Where a request's identifier stands.
    pub request_id: KeySource,
    /// Whether every actor is told.
    pub tells_actors: bool,
    /// Classes that must not be flagged, beside those whose names say so.
    pub negatives: Vec<String>,
}

/// Why nothing could be evaluated.
#[derive(Debug, thiserror::Error)]
pub enum EvaluateError {
    /// A log cannot be opened.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// A log cannot be read any more.
    #[error("{name} cannot be read: {source}")]
    Unreadable {
        /// The log.
        name: String,
        /// Why.
        source: std::io::Error,
    },
    /// Nothing of the truth is in the logs.
    #[error(
        "none of the {0} labelled actors has a request in the logs; does the truth name what --by \
         says, and as the log writes it?"
    )]
    NobodyFound(usize),
}

/// The requests of all logs.
struct Decoded {
    batches: Vec<Arc<Batch>>,
    lines: u64,
    requests: u64,
    rejects: Rejects,
}

/// Judges `logs` and compares with `truth`.
///
/// # Errors
/// If a log cannot be read, or holds nobody of the truth.
pub fn evaluate(
    truth: &Truth,
    logs: &[String],
    options: &Options,
) -> Result<Scorecard, EvaluateError> {
    // Hashes only have to agree with one another.
    let key = SecretKey([0; 16]);
    let decoded = decode(logs, options, key)?;
    let actors = truth.find(&decoded.batches, options, key);
    if actors.is_empty() {
        return Err(EvaluateError::NobodyFound(truth.len()));
    }
    let judged = judged::judge(&decoded.batches, &actors, truth.len());
    let mut card = Scorecard::new(truth, &judged, &options.negatives);
    card.lines = decoded.lines;
    card.requests = decoded.requests;
    card.rejected = decoded.rejects.total();
    let reasons = decoded.rejects.by_reason().into_iter();
    card.rejected_by_reason = reasons
        .map(|(reason, lines, example)| Reason {
            reason: reason.to_string(),
            lines,
            example: example.to_owned(),
        })
        .collect();
    card.judge_us = judged.duration.as_secs_f64() * 1e6 / decoded.requests.max(1) as f64;
    if options.tells_actors {
        card.actors = scorecard::actor_lines(truth, &judged);
    }
    Ok(card)
}

/// Reads all logs, the oldest first.
fn decode(logs: &[String], options: &Options, key: SecretKey) -> Result<Decoded, EvaluateError> {
    let meter = Arc::new(AtomicU64::new(0));
    let mut sources = Vec::new();
    for log in logs {
        sources.push(Source::open(log, &options.source, meter.clone())?);
    }
    sources.sort_by_key(|source| source.sample.first_at.unwrap_or(i64::MAX));
    let mut kept: Vec<KeySource> = vec![options.request_id.clone()];
    kept.extend(options.settings.session_key.iter().cloned());
    for source in &sources {
        kept.extend(source.sample.kept.iter().cloned());
    }
    let fields = options.source.fields.clone().keeping(&kept);
    let mut decoded = Decoded {
        batches: Vec::new(),
        lines: 0,
        requests: 0,
        rejects: Rejects::default(),
    };
    for mut source in sources {
        let outcome = decode_source(
            &mut source,
            &Known::default(),
            &fields,
            &key.into(),
            |part| {
                let mut batch = part.batch;
                resolve_keys(&options.settings, &mut batch);
                decoded.batches.push(Arc::new(batch));
                true
            },
        );
        let outcome = outcome.map_err(|error| EvaluateError::Unreadable {
            name: source.name.clone(),
            source: error,
        })?;
        decoded.lines += outcome.lines;
        decoded.requests += outcome.accepted;
        decoded.rejects.merge(outcome.rejects);
    }
    Ok(decoded)
}

#[cfg(test)]
mod tests;

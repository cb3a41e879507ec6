//! Measures the classification of user agents on public collections of them, which are in a
//! folder given on the command line: how many of those that are programs are told as such, and
//! how many browsers that people use are not. Files are recognised by their form, whatever they
//! are called: JSON with lists of `instances`, or plain lists (`- text` a line). Those whose
//! name holds `browser` are of people. With a second argument what was missed is listed.
//!
//! `cargo run --example user_agents -- FOLDER [misses]`

use std::collections::BTreeMap;
use std::path::Path;

use engine::attribute::classify;
use serde_json::Value;
use shared::UserAgentClass;

fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap_or_else(|| ".".to_owned());
    let lists_misses = arguments.next().is_some();
    let mut files: Vec<_> = std::fs::read_dir(folder)?.collect::<Result<_, _>>()?;
    files.sort_by_key(std::fs::DirEntry::file_name);
    for file in files {
        let path = file.path();
        let texts = if path.is_file() {
            texts(&path)?
        } else {
            Vec::new()
        };
        if !texts.is_empty() {
            measure(&path, &texts, lists_misses);
        }
    }
    Ok(())
}

fn texts(path: &Path) -> anyhow::Result<Vec<String>> {
    let content = std::fs::read_to_string(path)?;
    if let Ok(value) = serde_json::from_str::<Value>(&content) {
        let mut found = Vec::new();
        instances(&value, &mut found);
        return Ok(found);
    }
    let items = content
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix("- "));
    Ok(items
        .map(|item| item.trim().trim_matches(['"', '\'']).to_owned())
        .collect())
}

/// What stands under `instances`, or under `accepted` in it.
fn instances(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| instances(item, found)),
        Value::Object(fields) => {
            let list = fields.get("instances");
            let list = list.and_then(|list| list.get("accepted").or(Some(list)));
            let list = list.and_then(Value::as_array);
            found.extend(
                list.into_iter()
                    .flatten()
                    .filter_map(Value::as_str)
                    .map(str::to_owned),
            );
        }
        _ => {}
    }
}

fn measure(path: &Path, texts: &[String], lists_misses: bool) {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let are_people = name.contains("browser");
    let mut classes = BTreeMap::<&str, usize>::new();
    let mut purposes = BTreeMap::<&str, usize>::new();
    let mut misses = Vec::new();
    for text in texts {
        let found = classify(text);
        *classes.entry(found.class.as_str()).or_default() += 1;
        if let Some(purpose) = found.purpose {
            *purposes.entry(purpose.as_str()).or_default() += 1;
        }
        let is_person = matches!(
            found.class,
            UserAgentClass::Browser | UserAgentClass::NativeApp | UserAgentClass::Unknown
        );
        if is_person != are_people {
            misses.push((found.class, text));
        }
    }
    let right = texts.len() - misses.len();
    println!("{name}: {right} of {} right", texts.len());
    println!("  classes: {classes:?}");
    println!("  purposes: {purposes:?}");
    if lists_misses {
        for (class, text) in misses {
            println!("  {}: {text}", class.as_str());
        }
    }
}

//! Elasticsearch's bulk requests (`POST /_bulk`, `/{index}/_bulk`), as Filebeat, Elastic Agent,
//! Vector, Fluent Bit and Logstash send them: a line that says what to do, then the document.
//! Only new documents are taken; what would change or delete one is rejected by itself. What
//! these programs ask before they send is in [`greet`].

mod greet;

use std::borrow::Cow;
use std::fmt::Write;

use serde::Deserialize;
use shared::RejectReason;

use super::encoding::unpack;
use super::intake::Intake;
use super::{BodyError, DecodedBody, MAX_ROWS, Reading};
use crate::ingest::source::MAX_LINE_BYTES;

pub use greet::{PRODUCT_HEADER, greet};

/// The longest name of an index that is answered, in bytes.
const MAX_NAME: usize = 255;

/// A bulk request, decoded.
#[derive(Debug)]
pub struct Bulk {
    /// Its requests, and what was none.
    pub decoded: DecodedBody,
    /// What is said of each document, without the list's brackets.
    items: String,
    has_errors: bool,
}

/// What a document is for.
#[derive(Deserialize)]
struct Action<'a> {
    #[serde(borrow)]
    index: Option<Target<'a>>,
    #[serde(borrow)]
    create: Option<Target<'a>>,
    #[serde(borrow)]
    update: Option<Target<'a>>,
    #[serde(borrow)]
    delete: Option<Target<'a>>,
}

/// Where it belongs.
#[derive(Deserialize, Default)]
struct Target<'a> {
    #[serde(borrow, rename = "_index")]
    index: Option<Cow<'a, str>>,
    #[serde(borrow, rename = "_id")]
    id: Option<Cow<'a, str>>,
}

/// Decodes a bulk request. `index` is the one that its path names, if it does.
///
/// # Errors
/// If nothing of it can be taken.
pub fn decode(
    body: &[u8],
    encoding: Option<&str>,
    index: Option<&str>,
    reading: &Reading<'_>,
) -> Result<Bulk, BodyError> {
    let plain = unpack(body, encoding, reading.max_bytes)?;
    let mut intake = Intake::new(reading);
    let mut items = Items::new(index.unwrap_or_default());
    let mut lines = plain
        .split(|byte| *byte == b'\n')
        .map(<[u8]>::trim_ascii)
        .filter(|line| !line.is_empty());
    while let Some(line) = lines.next() {
        let action: Action<'_> = serde_json::from_slice(line)
            .map_err(|_| BodyError::NotOfProtocol("actions and documents in turn"))?;
        let (verb, target, is_new) = match action {
            Action {
                index: Some(target),
                ..
            } => ("index", target, true),
            Action {
                create: Some(target),
                ..
            } => ("create", target, true),
            Action {
                update: Some(target),
                ..
            } => ("update", target, false),
            Action {
                delete: Some(target),
                ..
            } => ("delete", target, false),
            _ => return Err(BodyError::NotOfProtocol("actions and documents in turn")),
        };
        let document = if verb == "delete" { None } else { lines.next() };
        let result = match document {
            Some(document) if is_new && document.len() <= MAX_LINE_BYTES => {
                intake.take_record(document)?
            }
            _ => {
                let reason = match document {
                    Some(_) if is_new => RejectReason::TooLong,
                    None if is_new => RejectReason::CutOff,
                    _ => RejectReason::NotARequest,
                };
                intake.reject(reason, document.unwrap_or(line));
                Err(reason)
            }
        };
        items.add(verb, &target, result)?;
    }
    Ok(Bulk {
        decoded: intake.finish(),
        items: items.text,
        has_errors: items.has_errors,
    })
}

impl Bulk {
    /// The answer once its requests are kept, `took_ms` after they came.
    #[must_use]
    pub fn answer(&self, took_ms: u64) -> String {
        let Self {
            items, has_errors, ..
        } = self;
        format!(r#"{{"took":{took_ms},"errors":{has_errors},"items":[{items}]}}"#)
    }
}

/// The answer, whatever its HTTP status, to a request of which nothing was taken.
#[must_use]
pub fn failure(status: u16, reason: &str) -> String {
    let kind = match status {
        400 | 415 => "illegal_argument_exception",
        401 | 403 => "security_exception",
        404 => "resource_not_found_exception",
        _ => "es_rejected_execution_exception",
    };
    let cause = serde_json::json!({"type": kind, "reason": reason});
    let mut error = cause.clone();
    error["root_cause"] = serde_json::json!([cause]);
    serde_json::json!({"error": error, "status": status}).to_string()
}

/// What is said of each document.
struct Items {
    index: String,
    text: String,
    count: usize,
    has_errors: bool,
}

impl Items {
    fn new(index: &str) -> Self {
        Self {
            index: cut(index).to_owned(),
            text: String::new(),
            count: 0,
            has_errors: false,
        }
    }

    fn add(
        &mut self,
        verb: &str,
        target: &Target<'_>,
        result: Result<(), RejectReason>,
    ) -> Result<(), BodyError> {
        self.count += 1;
        if self.count > MAX_ROWS {
            return Err(BodyError::TooMany);
        }
        if !self.text.is_empty() {
            self.text.push(',');
        }
        let index = target.index.as_deref().unwrap_or(&self.index);
        let index = quote(index);
        let id = target
            .id
            .as_deref()
            .map_or_else(String::new, |id| format!(r#","_id":{}"#, quote(id)));
        let written = match result {
            Ok(()) => write!(
                self.text,
                r#"{{"{verb}":{{"_index":{index}{id},"_version":1,"result":"created","status":201}}}}"#
            ),
            Err(reason) => {
                self.has_errors = true;
                write!(
                    self.text,
                    r#"{{"{verb}":{{"_index":{index}{id},"status":400,"error":{{"type":"document_parsing_exception","reason":"{reason}"}}}}}}"#
                )
            }
        };
        written.expect("writing to a string does not fail");
        Ok(())
    }
}

/// A name as JSON.
fn quote(name: &str) -> String {
    serde_json::to_string(cut(name)).expect("a text can be written as JSON")
}

fn cut(name: &str) -> &str {
    &name[..name.floor_char_boundary(MAX_NAME)]
}

#[cfg(test)]
mod tests;

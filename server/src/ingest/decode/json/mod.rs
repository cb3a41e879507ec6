//! JSON lines: one object a line, read once from front to back without building a tree. What
//! the fields are called is in [`super::names`], what they mean in [`super::row`].

mod visit;

use std::borrow::Cow;

use super::field_map::Entry;
use super::found::{Found, Scalar};
use super::names::Field;
use super::row::Sink;
use super::text::repair;
use super::w3c::decode_percent;
use crate::ingest::normalize::Escapes;
use crate::ingest::reject::RejectReason;
pub(super) use visit::find_fields;

/// How far into a line its object may begin: some log collectors put words of their own before
/// it.
const MAX_PREFIX: usize = 256;

/// Gives the request of `line` to `sink`; or the line of another log that its object wraps, as
/// Docker and journald do.
pub(super) fn decode(line: &[u8], sink: &mut Sink<'_>) -> Result<Option<String>, RejectReason> {
    let head = &line[..line.len().min(MAX_PREFIX)];
    let begin = memchr::memchr(b'{', head).ok_or(RejectReason::InvalidJson)?;
    let mut text = repair(&line[begin..]);
    let mut escapes = Escapes::None;
    if memchr::memmem::find(text.as_bytes(), br"\x").is_some()
        && find_fields(sink.fields, &text).is_none()
    {
        // nginx without `escape=json` writes `\xHH`, which JSON does not know.
        text = Cow::Owned(text.replace(r"\x", r"\\x"));
        escapes = Escapes::Backslash;
    }
    let mut found = find_fields(sink.fields, &text).ok_or(RejectReason::InvalidJson)?;
    restore_user_agent(&mut found);
    if found.has_request() {
        return sink.push(&found, escapes).map(|()| None);
    }
    find_wrapped(&found)
        .map(|inner| Some(inner.to_owned()))
        .ok_or(RejectReason::NotARequest)
}

/// CloudFront writes the spaces of a user agent as `%20` also in JSON.
fn restore_user_agent(found: &mut Found<'_>) {
    let user_agent = found.text(Field::UserAgent).unwrap_or_default();
    if user_agent.contains("%20") && !user_agent.contains(' ') {
        let restored = Scalar::Text(decode_percent(user_agent).into());
        found.take(Field::UserAgent);
        found.set(Entry::of(Field::UserAgent), restored);
    }
}

fn find_wrapped<'f>(found: &'f Found<'_>) -> Option<&'f str> {
    let inner = found.text(Field::Wrapped)?.trim();
    (!inner.is_empty()).then_some(inner)
}

#[cfg(test)]
mod tests;

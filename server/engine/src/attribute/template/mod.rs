//! URL templates by static rules: numbers, UUIDs, hashes, tokens, e-mail addresses and dates in
//! a path become placeholders, files of static kinds fold to their kind. Not the folding that
//! is learned from traffic (slugs and the like): the engine does that on top of this.
//!
//! | path | template |
//! |---|---|
//! | `/users/42/` | `/users/{id}` |
//! | `/orders/550e8400-e29b-41d4-a716-446655440000` | `/orders/{uuid}` |
//! | `/commit/9fceb02d0ae598e95dc970b74767f19372d61af8` | `/commit/{hash}` |
//! | `/reset/eyJhbGciOiJIUzI1NiJ9.e30.x1` | `/reset/{token}` |
//! | `/u/ann%40example.org` | `/u/{email}` |
//! | `/2015/08/10/a-walk` | `/{year}/{month}/{day}/a-walk` |
//! | `/report/2015-08-10.pdf` | `/report/{date}.pdf` |
//! | `/assets/app-3f2a.css` | `*.css` |
//!
//! Folding is idempotent, and a template is at most [`MAX_LENGTH`] characters long.

mod segment;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use crate::attribute::tags::StaticKind;
use segment::{decode, placeholder, write_segment};

/// The longest template in bytes; what a longer path has beyond is folded to `/**`.
pub const MAX_LENGTH: usize = 200;

/// The last segment of a template that was cut.
const REST: &str = "**";

/// Longer segments are texts, not names.
const MAX_SEGMENT: usize = 120;

/// What a path becomes that does not begin with `/` and is not an absolute address.
const MALFORMED: &str = "{malformed}";

/// Folds `path` to its template and leaves that in `out`, whose content is replaced.
///
/// A query or fragment is ignored, as are the scheme and host of an absolute address, path
/// parameters (`;jsessionid=…`), doubled slashes, `.` segments and a trailing slash. Escapes
/// are decoded where that is safe, so that `/%75sers` and `/users` are one template.
pub fn fold_path(path: &str, out: &mut String) {
    out.clear();
    out.reserve(path.len());
    let path = without_query(path);
    if path == "*" || StaticKind::of_template(path).is_some() {
        out.push_str(path);
        return;
    }
    let Some(path) = without_origin(path) else {
        out.push_str(MALFORMED);
        return;
    };
    let last = path.rsplit('/').map(without_parameters).find(is_kept);
    if let Some(kind) = last.and_then(|name| StaticKind::of_file(&decode(name))) {
        out.push_str(kind.template());
        return;
    }
    let mut segments = path
        .split('/')
        .map(without_parameters)
        .filter(is_kept)
        .map(decode)
        .peekable();
    let mut text = String::new();
    let mut date = DatePart::Year;
    while let Some(decoded) = segments.next() {
        text.clear();
        let next = segments.peek();
        if let Some(part) = date.placeholder(&decoded, next) {
            text.push_str(part);
        } else if decoded.len() > MAX_SEGMENT && !is_email_or_token(&decoded) {
            text.push_str("{text}");
        } else {
            write_segment(&decoded, &mut text);
        }
        date = date.after(&text);
        if out.len() + 1 + text.len() > MAX_LENGTH - 1 - REST.len() || text.len() > MAX_SEGMENT * 3
        {
            out.push('/');
            out.push_str(REST);
            return;
        }
        out.push('/');
        out.push_str(&text);
    }
    if out.is_empty() {
        out.push('/');
    }
}

/// The path of an absolute address, a path itself; `None` for anything else.
fn without_origin(path: &str) -> Option<&str> {
    if path.starts_with('/') {
        return Some(path);
    }
    let (scheme, rest) = path.split_once("://")?;
    let is_scheme = !scheme.is_empty() && scheme.bytes().all(|b| b.is_ascii_alphanumeric());
    is_scheme.then(|| rest.find('/').map_or("/", |slash| &rest[slash..]))
}

/// A path without query and fragment.
pub(super) fn without_query(path: &str) -> &str {
    let end = memchr::memchr2(b'?', b'#', path.as_bytes());
    &path[..end.unwrap_or(path.len())]
}

/// A segment without its parameters.
pub(super) fn without_parameters(segment: &str) -> &str {
    let end = segment.bytes().position(|byte| byte == b';');
    &segment[..end.unwrap_or(segment.len())]
}

fn is_kept(segment: &&str) -> bool {
    !segment.is_empty() && !matches!(&*decode(segment), b".")
}

fn is_email_or_token(decoded: &[u8]) -> bool {
    matches!(placeholder(decoded), Some("{email}" | "{token}" | "{hash}"))
}

/// Where in `/2015/08/10` the next segment stands.
#[derive(Clone, Copy)]
enum DatePart {
    Year,
    Month,
    Day,
}

impl DatePart {
    /// The placeholder for `segment`, if it is this part of a date.
    fn placeholder(self, segment: &[u8], next: Option<&Cow<'_, [u8]>>) -> Option<&'static str> {
        match self {
            Self::Year => {
                let is_year = segment.len() == 4 && matches!(number(segment), Some(1990..=2099));
                let month_follows = next.is_some_and(|next| is_within(next, 12));
                (is_year && month_follows).then_some("{year}")
            }
            Self::Month => is_within(segment, 12).then_some("{month}"),
            Self::Day => is_within(segment, 31).then_some("{day}"),
        }
    }

    /// The part that is to be expected after a segment that was written as `text`.
    fn after(self, text: &str) -> Self {
        match (self, text) {
            (Self::Year, "{year}") => Self::Month,
            (Self::Month, "{month}") => Self::Day,
            _ => Self::Year,
        }
    }
}

/// Whether `segment` is one or two digits with a value from 1 to `max`.
fn is_within(segment: &[u8], max: u32) -> bool {
    segment.len() <= 2 && number(segment).is_some_and(|n| (1..=max).contains(&n))
}

fn number(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 4 {
        return None;
    }
    digits.iter().try_fold(0, |sum, digit| {
        digit
            .is_ascii_digit()
            .then(|| sum * 10 + u32::from(digit - b'0'))
    })
}

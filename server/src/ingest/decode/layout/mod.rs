//! Text formats whose fields stand at fixed places, each described by the line itself with
//! names where the values stand:
//!
//! ```text
//! [$time] "$request" $status $_ $request_bytes $bytes
//! ```
//!
//! A name is one of those of `--map`; `$_` is of no interest. A value ends where the text that
//! follows its name begins; what stands behind the last is ignored. Not Common Log Format,
//! which has too many variants, nor W3C's, where the log itself says what stands where.

mod envoy;
mod haproxy;
mod load_balancer;
mod proxy_manager;

use std::sync::LazyLock;

use super::field_map::Entry;
use super::found::{Found, Scalar};
use super::names::{Field, MAPPABLE};
use super::row::Sink;
use super::text::repair;
use super::{Format, text::split_quoted};
use crate::ingest::normalize::Escapes;
use crate::ingest::reject::RejectReason;

/// Every format of this kind with its variants.
const FORMATS: &[(Format, &[&str])] = &[
    (Format::Envoy, envoy::LAYOUTS),
    (Format::HaProxy, haproxy::LAYOUTS),
    (Format::LoadBalancer, load_balancer::LAYOUTS),
    (Format::ProxyManager, proxy_manager::LAYOUTS),
];

/// Decodes lines of all these formats.
#[derive(Debug)]
pub(super) struct LayoutDecoder {
    layouts: Vec<(Format, Layout)>,
}

/// The one there is: it holds nothing but what is in [`FORMATS`].
static ALL: LazyLock<LayoutDecoder> = LazyLock::new(LayoutDecoder::new);

impl LayoutDecoder {
    /// Knows all these formats.
    pub(super) fn all() -> &'static Self {
        &ALL
    }

    fn new() -> Self {
        let mut layouts = Vec::new();
        for (format, variants) in FORMATS {
            for variant in *variants {
                layouts.push((*format, Layout::parse(variant)));
            }
        }
        Self { layouts }
    }

    /// Gives the request of a line of `format` to `sink`.
    pub(super) fn decode(
        &self,
        format: Format,
        line: &[u8],
        sink: &mut Sink<'_>,
    ) -> Result<(), RejectReason> {
        let text = repair(line);
        let mut reason = RejectReason::NotAccessLog;
        let variants = self.layouts.iter().filter(|(known, _)| *known == format);
        for (_, layout) in variants {
            let mut found = Found::default();
            if !layout.read(&text, &mut found) {
                continue;
            }
            if let Some(Scalar::Text(captured)) = found.take(Field::Captured) {
                haproxy::read_captured(&captured, &mut found);
            }
            match sink.push(&found, Escapes::Backslash) {
                Ok(()) => return Ok(()),
                Err(because) => reason = because,
            }
        }
        Err(reason)
    }
}

/// A line with places for values.
#[derive(Debug)]
struct Layout {
    /// What every line begins with.
    begin: &'static str,
    places: Vec<Place>,
}

/// Where a value stands.
#[derive(Debug)]
struct Place {
    /// What it is, if that matters.
    field: Option<Field>,
    /// What follows it; nothing after the last one.
    end: &'static str,
    /// Whether a status comes next: it tells the quote that ends a request from one within it.
    is_before_status: bool,
}

impl Layout {
    fn parse(text: &'static str) -> Self {
        let (begin, mut rest) = text.split_at(text.find('$').unwrap_or(text.len()));
        let mut places: Vec<Place> = Vec::new();
        while let Some(named) = rest.strip_prefix('$') {
            let is_name = |character: char| character.is_ascii_lowercase() || character == '_';
            let end = named.find(|character| !is_name(character));
            let (name, after) = named.split_at(end.unwrap_or(named.len()));
            let (end, next) = after.split_at(after.find('$').unwrap_or(after.len()));
            let field = find_field(name);
            if let Some(before) = places.last_mut() {
                before.is_before_status = field == Some(Field::Status);
            }
            places.push(Place {
                field,
                end,
                is_before_status: false,
            });
            rest = next;
        }
        Self { begin, places }
    }

    /// Finds the values of `line`. Returns whether it is built like this.
    fn read<'l>(&self, line: &'l str, found: &mut Found<'l>) -> bool {
        let Some(mut rest) = line.strip_prefix(self.begin) else {
            return false;
        };
        for place in &self.places {
            let Some((value, after)) = place.split(rest) else {
                return false;
            };
            if let Some(field) = place.field {
                found.set(Entry::of(field), Scalar::Text(value.into()));
            }
            rest = after;
        }
        true
    }
}

impl Place {
    /// The value at the beginning of `text`, and what follows it and its end.
    fn split<'l>(&self, text: &'l str) -> Option<(&'l str, &'l str)> {
        if self.end.is_empty() {
            return Some((text, ""));
        }
        let is_fitting = |after: &str| {
            !self.is_before_status
                || after.starts_with(|first: char| first.is_ascii_digit() || first == '-')
        };
        let Some(after_quote) = self.end.strip_prefix('"') else {
            let (value, after) = text.split_once(self.end)?;
            return is_fitting(after).then_some((value, after));
        };
        let (value, _) = split_quoted(text.as_bytes(), |rest| {
            let rest = rest.strip_prefix(after_quote.as_bytes());
            rest.is_some_and(|rest| {
                !self.is_before_status || matches!(rest, [b'0'..=b'9' | b'-', ..])
            })
        })?;
        // Quotes are never within a character.
        Some((&text[..value.len()], &text[value.len() + self.end.len()..]))
    }
}

/// The field of this name; `None` for `_`.
fn find_field(name: &str) -> Option<Field> {
    if name == "_" {
        return None;
    }
    if name == "captured" {
        return Some(Field::Captured);
    }
    let known = MAPPABLE.iter().find(|(known, _)| *known == name);
    Some(known.expect("layouts name fields that exist").1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_layout_is_a_line_with_names() {
        let layout = Layout::parse(r#"[$time] "$request" $status $_"#);
        let mut found = Found::default();
        assert!(layout.read(r#"[now] "GET /"a" b" 200 rest of it"#, &mut found));
        assert_eq!(found.text(Field::Time), Some("now"));
        assert_eq!(found.text(Field::RequestLine), Some(r#"GET /"a" b"#));
        assert_eq!(found.text(Field::Status), Some("200"));
        assert!(!layout.read(r#"now "GET /" 200 x"#, &mut Found::default()));
        assert!(!layout.read(r#"[now] "GET /" bad"#, &mut Found::default()));
        assert!(!layout.read("", &mut Found::default()));
    }

    #[test]
    fn every_layout_names_fields_that_exist() {
        let decoder = LayoutDecoder::new();
        for (_, layout) in &decoder.layouts {
            let has = |field| layout.places.iter().any(|place| place.field == Some(field));
            assert!(has(Field::Time) && has(Field::Status), "{layout:?}");
        }
    }
}

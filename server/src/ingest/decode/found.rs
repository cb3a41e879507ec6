//! The fields of one line, found by their names or by their places, whatever the format. Not
//! how they were found, and not what a request makes of them.

use std::borrow::Cow;

use super::field_map::Entry;
use super::names::Field;

/// A value that is neither object nor array.
#[derive(Debug, Clone)]
pub(super) enum Scalar<'de> {
    Whole(i64),
    Fraction(f64),
    Flag(bool),
    Text(Cow<'de, str>),
}

impl<'de> Scalar<'de> {
    /// As the value of a kept source: whole numbers are names as well.
    fn to_fact(&self) -> Option<Cow<'de, str>> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Whole(number) => Some(number.to_string().into()),
            Self::Fraction(_) | Self::Flag(_) => None,
        }
    }
}

impl Scalar<'_> {
    pub(super) fn to_u64(&self) -> Option<u64> {
        match self {
            Self::Whole(number) => u64::try_from(*number).ok(),
            // `as` saturates.
            Self::Fraction(number) => (*number >= 0.0).then_some(*number as u64),
            Self::Text(text) => text.trim().parse().ok(),
            Self::Flag(_) => None,
        }
    }

    /// A duration in microseconds. `unit` is how many of them one is, if it does not say itself
    /// (`12ms`).
    pub(super) fn to_us(&self, unit: f64) -> Option<u32> {
        let (number, unit) = match self {
            Self::Whole(number) => (*number as f64, unit),
            Self::Fraction(number) => (*number, unit),
            Self::Flag(_) => return None,
            Self::Text(text) => {
                let text = text.trim();
                let digits = text.trim_end_matches(|c: char| c.is_alphabetic());
                let unit = match &text[digits.len()..] {
                    "" => unit,
                    "s" => 1e6,
                    "ms" => 1e3,
                    "us" | "µs" | "μs" => 1.0,
                    "ns" => 1e-3,
                    _ => return None,
                };
                (digits.trim().parse().ok()?, unit)
            }
        };
        // `as` saturates.
        (number >= 0.0).then_some((number * unit).round() as u32)
    }

    pub(super) fn is_block(&self) -> bool {
        const WORDS: [&str; 6] = ["block", "blocked", "deny", "denied", "drop", "dropped"];
        match self {
            Self::Flag(flag) => *flag,
            Self::Text(text) => WORDS.iter().any(|word| text.eq_ignore_ascii_case(word)),
            Self::Whole(_) | Self::Fraction(_) => false,
        }
    }
}

/// The fields of a line, each with how good its name was.
#[derive(Debug, Default)]
pub(super) struct Found<'de> {
    values: [Option<(u8, Scalar<'de>)>; Field::COUNT],
    /// Kept headers by their index.
    pub(super) headers: Vec<(u8, Cow<'de, str>)>,
    /// Values of kept sources by their index.
    pub(super) facts: Vec<(u8, Cow<'de, str>)>,
}

impl<'de> Found<'de> {
    /// Notes `value` as what `entry` says it is, unless a better name said so before.
    pub(super) fn set(&mut self, entry: Entry, value: Scalar<'de>) {
        if let (Some(header), Scalar::Text(text)) = (entry.header, &value) {
            self.headers.push((header, text.clone()));
        }
        if let Some(fact) = entry.fact
            && let Some(text) = value.to_fact()
        {
            self.facts.push((fact, text));
        }
        let Some((field, rank)) = entry.field else {
            return;
        };
        let slot = &mut self.values[field as usize];
        if slot.as_ref().is_none_or(|(known, _)| rank < *known) {
            *slot = Some((rank, value));
        }
    }

    /// The same with what `other` says of what is missing in it.
    pub(super) fn or(mut self, other: Self) -> Self {
        for (mine, theirs) in self.values.iter_mut().zip(other.values) {
            if mine.is_none() {
                *mine = theirs;
            }
        }
        self.headers.extend(other.headers);
        self.facts.extend(other.facts);
        self
    }

    /// Takes out what was found of `field`.
    pub(super) fn take(&mut self, field: Field) -> Option<Scalar<'de>> {
        self.values[field as usize].take().map(|(_, value)| value)
    }

    pub(super) fn scalar(&self, field: Field) -> Option<&Scalar<'de>> {
        self.values[field as usize].as_ref().map(|(_, value)| value)
    }

    pub(super) fn text(&self, field: Field) -> Option<&str> {
        match self.scalar(field)? {
            Scalar::Text(text) => Some(text),
            Scalar::Whole(_) | Scalar::Fraction(_) | Scalar::Flag(_) => None,
        }
    }

    pub(super) fn has_request(&self) -> bool {
        [Field::RequestLine, Field::Method, Field::Target]
            .into_iter()
            .any(|field| self.scalar(field).is_some())
    }
}

//! The walk through a JSON object: known names are kept, all else is skipped without being
//! stored. Not what the values mean.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::super::field_map::{Entry, FieldMap, Scope};
use super::super::names::Field;

/// The known fields of the object at the beginning of `text`; `None` if there is no whole
/// object. What follows the object is of no interest.
pub(super) fn find_fields<'de>(fields: &FieldMap, text: &'de str) -> Option<Found<'de>> {
    let mut found = Found::default();
    let object = Object {
        fields,
        scope: FieldMap::ROOT,
        found: &mut found,
    };
    let mut deserializer = serde_json::Deserializer::from_str(text);
    deserializer.deserialize_map(object).ok()?;
    Some(found)
}

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
    fn set(&mut self, entry: Entry, value: Scalar<'de>) {
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

/// Reads an object whose names are those of `scope`.
struct Object<'m, 'f, 'de> {
    fields: &'m FieldMap,
    scope: Scope,
    found: &'f mut Found<'de>,
}

impl<'de> Visitor<'de> for Object<'_, '_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let name = Name {
            fields: self.fields,
            scope: self.scope,
        };
        while let Some(entry) = map.next_key_seed(name)? {
            match entry {
                Some(entry) => map.next_value_seed(Value {
                    fields: self.fields,
                    entry,
                    found: &mut *self.found,
                })?,
                None => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// Reads a name and says what it stands for.
#[derive(Clone, Copy)]
struct Name<'m> {
    fields: &'m FieldMap,
    scope: Scope,
}

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = Option<Entry>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = Option<Entry>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<Option<Entry>, E> {
        Ok(self.fields.find(self.scope, name))
    }
}

/// Reads a value: a scalar, the first of an array, or an object with known names inside.
struct Value<'m, 'f, 'de> {
    fields: &'m FieldMap,
    entry: Entry,
    found: &'f mut Found<'de>,
}

impl<'de> DeserializeSeed<'de> for Value<'_, '_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_, '_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.found.set(self.entry, Scalar::Flag(value));
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.found.set(self.entry, Scalar::Whole(value));
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        let value = i64::try_from(value).unwrap_or(i64::MAX);
        self.found.set(self.entry, Scalar::Whole(value));
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.found.set(self.entry, Scalar::Fraction(value));
        Ok(())
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<(), E> {
        let value = Scalar::Text(Cow::Borrowed(value));
        self.found.set(self.entry, value);
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        let value = Scalar::Text(Cow::Owned(value.to_owned()));
        self.found.set(self.entry, value);
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let first = Value {
            fields: self.fields,
            entry: self.entry,
            found: self.found,
        };
        if seq.next_element_seed(first)?.is_some() {
            while seq.next_element::<IgnoredAny>()?.is_some() {}
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        if let Some(scope) = self.entry.inside {
            let object = Object {
                fields: self.fields,
                scope,
                found: self.found,
            };
            return object.visit_map(map);
        }
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

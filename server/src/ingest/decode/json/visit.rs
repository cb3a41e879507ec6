//! The walk through a JSON object: known names are kept, all else is skipped without being
//! stored. Not what the values mean.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::super::field_map::{Entry, FieldMap, Scope};
use super::super::found::{Found, Scalar};
use super::super::names::Field;

/// The known fields of the object at the beginning of `text`; `None` if there is no whole
/// object. What follows the object is of no interest.
pub(in super::super) fn find_fields<'de>(fields: &FieldMap, text: &'de str) -> Option<Found<'de>> {
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
        if matches!(self.entry.field, Some((Field::Headers, _))) {
            while let Some(header) = seq.next_element::<Option<Header<'de>>>()? {
                if let Some(Header { name, value }) = header
                    && let Some(entry) = self.fields.header(&name)
                {
                    first.found.set(entry, Scalar::Text(value));
                }
            }
        } else if seq.next_element_seed(first)?.is_some() {
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

/// A header of a list of them.
#[derive(serde::Deserialize)]
struct Header<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
    #[serde(borrow)]
    value: Cow<'a, str>,
}

//! What is around the log records of a JSON request, walked through without being kept. Where a
//! resource follows its records instead of preceding them, it says nothing of them.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::super::BodyError;
use crate::ingest::decode::otlp::{LogRecord, Resource};

/// What is read: a list of such things, or one of them.
#[derive(Debug, Clone, Copy)]
enum Level {
    Request,
    OfResource,
    OfScope,
    Record,
}

struct Walk<'w, S> {
    level: Level,
    resource: &'w mut Resource,
    sink: &'w mut S,
    /// Why the sink wants no more.
    failure: &'w mut Option<BodyError>,
}

/// Gives each record with where it comes from to `sink`.
pub(super) fn walk(
    body: &[u8],
    mut sink: impl FnMut(LogRecord, &Resource) -> Result<(), BodyError>,
) -> Result<(), BodyError> {
    let mut failure = None;
    let walk = Walk {
        level: Level::Request,
        resource: &mut Resource::default(),
        sink: &mut sink,
        failure: &mut failure,
    };
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let result = walk
        .deserialize(&mut deserializer)
        .and_then(|()| deserializer.end());
    match (failure, result) {
        (Some(failure), _) => Err(failure),
        (None, Err(_)) => Err(BodyError::NotOfProtocol("a JSON object with logs")),
        (None, Ok(())) => Ok(()),
    }
}

impl<S> Walk<'_, S> {
    fn at(&mut self, level: Level) -> Walk<'_, S> {
        Walk {
            level,
            resource: self.resource,
            sink: self.sink,
            failure: self.failure,
        }
    }
}

impl<'de, S> DeserializeSeed<'de> for Walk<'_, S>
where
    S: FnMut(LogRecord, &Resource) -> Result<(), BodyError>,
{
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, S> Visitor<'de> for Walk<'_, S>
where
    S: FnMut(LogRecord, &Resource) -> Result<(), BodyError>,
{
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("logs")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        if matches!(self.level, Level::OfResource) {
            *self.resource = Resource::default();
        }
        while let Some(name) = map.next_key::<std::borrow::Cow<'_, str>>()? {
            let inner = match (self.level, &*name) {
                (Level::Request, "resourceLogs") => Level::OfResource,
                (Level::OfResource, "scopeLogs") => Level::OfScope,
                (Level::OfScope, "logRecords") => Level::Record,
                (Level::OfResource, "resource") => {
                    *self.resource = map.next_value::<Option<Resource>>()?.unwrap_or_default();
                    continue;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            map.next_value_seed(self.at(inner))?;
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        if !matches!(self.level, Level::Record) {
            let level = self.level;
            while seq.next_element_seed(self.at(level))?.is_some() {}
            return Ok(());
        }
        while let Some(record) = seq.next_element()? {
            if let Err(failure) = (self.sink)(record, self.resource) {
                *self.failure = Some(failure);
                return Err(A::Error::custom("no more"));
            }
        }
        Ok(())
    }
}

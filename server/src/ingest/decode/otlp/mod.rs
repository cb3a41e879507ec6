//! A log record of OpenTelemetry to a request. What its attributes are called is in
//! [`super::names`], beside the names of JSON logs: the protocol's conventions are but other
//! names. Not the protocol itself.

mod message;

use std::borrow::Cow;

use engine::Batch;

use super::field_map::{Entry, FieldMap, Scope};
use super::found::{Found, Scalar};
use super::json::find_fields;
use super::names::Field;
use super::row::Sink;
use super::text::repair;
use super::{Decoder, Format};
use crate::ingest::normalize::Escapes;
use crate::ingest::reject::RejectReason;

pub use message::{AnyValue, Inside, KeyValue, List, LogRecord, Resource, Value};

impl Decoder {
    /// Appends the request that `record` says to `batch`: its attributes, else its body, which is
    /// an object, or a line of any log. What neither says, `resource` may.
    ///
    /// # Errors
    /// The reason if it holds none; `batch` is then as before.
    pub fn decode_record(
        &mut self,
        record: &LogRecord,
        resource: &Resource,
        batch: &mut Batch,
    ) -> Result<(), RejectReason> {
        self.last = Format::Json;
        let fields = &self.fields;
        let mut found = Found::default();
        read_inside(fields, FieldMap::ROOT, &record.attributes, &mut found);
        let body = record.body.as_ref().and_then(|body| body.value.as_ref());
        let text: Cow<'_, str> = match body {
            Some(Value::Text(text)) => text.into(),
            Some(Value::Bytes(bytes)) => repair(bytes),
            _ => "".into(),
        };
        if !found.has_request() {
            if let Some(Value::Inside(inside)) = body {
                let mut said = Found::default();
                read_inside(fields, FieldMap::ROOT, &inside.values, &mut said);
                found = said.or(found);
            } else if text.trim_start().starts_with('{')
                && let Some(said) = find_fields(fields, text.trim_start())
                && said.has_request()
            {
                found = said.or(found);
            }
        }
        if !found.has_request() {
            let inner = found.text(Field::Wrapped).unwrap_or_default().trim();
            let inner = if text.trim().is_empty() {
                inner
            } else {
                text.trim()
            };
            if inner.is_empty() {
                return Err(RejectReason::NotARequest);
            }
            let inner = inner.to_owned();
            return self.decode(inner.as_bytes(), batch);
        }
        let mut fallback = Found::default();
        read_inside(fields, FieldMap::ROOT, &resource.attributes, &mut fallback);
        found = found.or(fallback);
        set_moment(record, &mut found);
        let mut sink = Sink {
            fields,
            headers: &mut self.headers,
            normalizer: &mut self.normalizer,
            batch,
        };
        sink.push(&found, Escapes::None)
    }
}

/// When it happened, else what its fields say, else when somebody saw it.
fn set_moment(record: &LogRecord, found: &mut Found<'_>) {
    let moment = |nanoseconds: u64| {
        let nanoseconds = i64::try_from(nanoseconds).ok()?;
        (nanoseconds > 0).then_some(Scalar::Whole(nanoseconds / 1_000_000))
    };
    if let Some(at) = moment(record.time_unix_nano) {
        found.take(Field::Time);
        found.set(Entry::of(Field::Time), at);
    } else if found.scalar(Field::Time).is_none()
        && let Some(at) = moment(record.observed_time_unix_nano)
    {
        found.set(Entry::of(Field::Time), at);
    }
}

fn read_inside<'v>(fields: &FieldMap, scope: Scope, values: &'v [KeyValue], found: &mut Found<'v>) {
    for KeyValue { key, value } in values {
        let value = value.as_ref().and_then(|value| value.value.as_ref());
        if let Some(value) = value
            && let Some(entry) = fields.find(scope, key)
        {
            read_value(fields, entry, value, found);
        }
    }
}

/// Notes a value; of several the first. How deep they are nested is limited where they are read.
fn read_value<'v>(fields: &FieldMap, entry: Entry, value: &'v Value, found: &mut Found<'v>) {
    let scalar = match value {
        Value::Text(text) => Scalar::Text(text.as_str().into()),
        Value::Flag(flag) => Scalar::Flag(*flag),
        Value::Whole(number) => Scalar::Whole(*number),
        Value::Fraction(number) => Scalar::Fraction(*number),
        Value::Bytes(bytes) => Scalar::Text(repair(bytes)),
        Value::List(list) => {
            let first = list.values.first().and_then(|first| first.value.as_ref());
            if let Some(first) = first {
                read_value(fields, entry, first, found);
            }
            return;
        }
        Value::Inside(inside) => {
            if let Some(scope) = entry.inside {
                read_inside(fields, scope, &inside.values, found);
            }
            return;
        }
    };
    found.set(entry, scalar);
}

#[cfg(test)]
mod tests;

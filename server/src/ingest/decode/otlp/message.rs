//! A log record of OpenTelemetry as it is sent, in protobuf and in JSON: of the protocol's
//! messages only what is inside one record. What is around records is walked through elsewhere,
//! so that but one of them is in memory at a time.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

/// A log record, as far as it is of interest.
#[derive(Clone, PartialEq, prost::Message, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct LogRecord {
    /// When it happened, in nanoseconds since 1970; 0 if that is not known.
    #[prost(fixed64, tag = "1")]
    #[serde(deserialize_with = "read_number")]
    pub time_unix_nano: u64,
    /// What was logged.
    #[prost(message, optional, tag = "5")]
    pub body: Option<AnyValue>,
    /// What is said of it.
    #[prost(message, repeated, tag = "6")]
    #[serde(deserialize_with = "read_list")]
    pub attributes: Vec<KeyValue>,
    /// When the collector saw it.
    #[prost(fixed64, tag = "11")]
    #[serde(deserialize_with = "read_number")]
    pub observed_time_unix_nano: u64,
}

/// Where records come from.
#[derive(Clone, PartialEq, prost::Message, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Resource {
    /// What is said of it.
    #[prost(message, repeated, tag = "1")]
    #[serde(deserialize_with = "read_list")]
    pub attributes: Vec<KeyValue>,
}

/// A name with its value.
#[derive(Clone, PartialEq, prost::Message, serde::Deserialize)]
#[serde(default)]
pub struct KeyValue {
    #[prost(string, tag = "1")]
    pub key: String,
    #[prost(message, optional, tag = "2")]
    pub value: Option<AnyValue>,
}

/// A value of any kind, or none.
#[derive(Clone, PartialEq, prost::Message)]
pub struct AnyValue {
    #[prost(oneof = "Value", tags = "1, 2, 3, 4, 5, 6, 7")]
    pub value: Option<Value>,
}

/// A value.
#[derive(Clone, PartialEq, prost::Oneof)]
pub enum Value {
    #[prost(string, tag = "1")]
    Text(String),
    #[prost(bool, tag = "2")]
    Flag(bool),
    #[prost(int64, tag = "3")]
    Whole(i64),
    #[prost(double, tag = "4")]
    Fraction(f64),
    #[prost(message, tag = "5")]
    List(List),
    #[prost(message, tag = "6")]
    Inside(Inside),
    #[prost(bytes = "vec", tag = "7")]
    Bytes(Vec<u8>),
}

/// Several values.
#[derive(Clone, PartialEq, prost::Message, serde::Deserialize)]
#[serde(default)]
pub struct List {
    #[prost(message, repeated, tag = "1")]
    #[serde(deserialize_with = "read_list")]
    pub values: Vec<AnyValue>,
}

/// Names with their values.
#[derive(Clone, PartialEq, prost::Message, serde::Deserialize)]
#[serde(default)]
pub struct Inside {
    #[prost(message, repeated, tag = "1")]
    #[serde(deserialize_with = "read_list")]
    pub values: Vec<KeyValue>,
}

impl<'de> Deserialize<'de> for AnyValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(AnyValueVisitor)
    }
}

/// Reads `{"stringValue": …}` and its like; what is unknown is no value.
struct AnyValueVisitor;

impl<'de> Visitor<'de> for AnyValueVisitor {
    type Value = AnyValue;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value with its kind")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<AnyValue, A::Error> {
        let mut value = None;
        while let Some(kind) = map.next_key::<String>()? {
            value = match kind.as_str() {
                "stringValue" => Some(Value::Text(map.next_value()?)),
                "boolValue" => Some(Value::Flag(map.next_value()?)),
                "intValue" => Some(Value::Whole(map.next_value::<Number>()?.to_i64())),
                "doubleValue" => Some(Value::Fraction(map.next_value::<Number>()?.to_f64())),
                "arrayValue" => Some(Value::List(map.next_value()?)),
                "kvlistValue" => Some(Value::Inside(map.next_value()?)),
                "bytesValue" => {
                    let text: String = map.next_value()?;
                    let bytes = data_encoding::BASE64.decode(text.as_bytes());
                    Some(Value::Bytes(bytes.map_err(A::Error::custom)?))
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    value
                }
            };
        }
        Ok(AnyValue { value })
    }
}

/// A number as JSON has it, or, since JSON's are too short for some, as a text.
#[derive(serde::Deserialize)]
#[serde(untagged)]
enum Number {
    Whole(i64),
    Large(u64),
    Fraction(f64),
    Text(String),
    Nothing(()),
}

impl Number {
    // `as` saturates.
    fn to_i64(&self) -> i64 {
        match self {
            Self::Whole(number) => *number,
            Self::Large(number) => i64::try_from(*number).unwrap_or(i64::MAX),
            Self::Fraction(number) => *number as i64,
            Self::Text(text) => text.parse().unwrap_or_default(),
            Self::Nothing(()) => 0,
        }
    }

    fn to_f64(&self) -> f64 {
        match self {
            Self::Whole(number) => *number as f64,
            Self::Large(number) => *number as f64,
            Self::Fraction(number) => *number,
            Self::Text(text) => text.parse().unwrap_or_default(),
            Self::Nothing(()) => 0.0,
        }
    }
}

fn read_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let number = Number::deserialize(deserializer)?.to_i64();
    Ok(u64::try_from(number).unwrap_or_default())
}

fn read_list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

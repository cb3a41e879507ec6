//! AWS Firehose's delivery to an HTTP endpoint: records in base64, each of them packed or not,
//! with one line or several, or an envelope of CloudWatch. Who may send is said by the header
//! `X-Amz-Firehose-Access-Key`, which is the route's business. A delivery that is not answered
//! with its own identifier is sent again.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use shared::RejectReason;

use super::encoding::unpack;
use super::intake::Intake;
use super::{BodyError, DecodedBody, Reading};

/// The longest identifier that is answered, in bytes; they have 36.
const MAX_ID: usize = 128;

/// The longest message that is answered, in bytes; the protocol allows 8,192.
const MAX_MESSAGE: usize = 1_024;

/// A delivery, decoded.
#[derive(Debug)]
pub struct Delivery {
    /// Its requests, and what was none.
    pub decoded: DecodedBody,
    /// What it is called; empty if it does not say, as no real one does.
    pub request_id: String,
}

/// Decodes a delivery.
///
/// # Errors
/// If nothing of it can be taken.
pub fn decode(
    body: &[u8],
    encoding: Option<&str>,
    reading: &Reading<'_>,
) -> Result<Delivery, BodyError> {
    let plain = unpack(body, encoding, reading.max_bytes)?;
    let mut walk = Walk {
        intake: Intake::new(reading),
        room: reading.max_bytes,
        request_id: None,
        has_records: false,
        failure: None,
    };
    let mut deserializer = serde_json::Deserializer::from_slice(&plain);
    let result = deserializer
        .deserialize_map(DeliveryVisitor(&mut walk))
        .and_then(|()| deserializer.end());
    if let Some(failure) = walk.failure {
        return Err(failure);
    }
    if result.is_err() || !walk.has_records {
        return Err(BodyError::NotOfProtocol("a delivery of Firehose"));
    }
    Ok(Delivery {
        decoded: walk.intake.finish(),
        request_id: walk.request_id.unwrap_or_default(),
    })
}

/// The answer to the delivery of that identifier at `now_ms`; with the reason if it was not
/// taken, then with another status than 200.
#[must_use]
pub fn answer(request_id: &str, now_ms: i64, failure: Option<&str>) -> String {
    let mut answer = serde_json::json!({"requestId": request_id, "timestamp": now_ms});
    if let Some(failure) = failure {
        let end = failure.floor_char_boundary(MAX_MESSAGE);
        answer["errorMessage"] = failure[..end].into();
    }
    answer.to_string()
}

/// Takes the records while the delivery is read, so that none of them is kept.
struct Walk {
    intake: Intake,
    /// How many bytes the records that follow may have.
    room: usize,
    request_id: Option<String>,
    has_records: bool,
    /// Why no more is wanted.
    failure: Option<BodyError>,
}

impl Walk {
    fn take(&mut self, data: &str) -> Result<(), BodyError> {
        let Ok(bytes) = data_encoding::BASE64.decode(data.as_bytes()) else {
            self.intake
                .reject(RejectReason::NotAccessLog, data.as_bytes());
            return Ok(());
        };
        match unpack(&bytes, None, self.room) {
            Ok(plain) => {
                self.room -= plain.len();
                self.intake.take_body(&plain)
            }
            Err(BodyError::Damaged(_)) => {
                self.intake.reject(RejectReason::NotAccessLog, &bytes);
                Ok(())
            }
            Err(error) => Err(error),
        }
    }
}

struct DeliveryVisitor<'w>(&'w mut Walk);

impl<'de> Visitor<'de> for DeliveryVisitor<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a delivery")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<Cow<'_, str>>()? {
            match &*name {
                "requestId" => {
                    let id: Cow<'_, str> = map.next_value()?;
                    self.0.request_id = Some(id[..id.floor_char_boundary(MAX_ID)].to_owned());
                }
                "records" => map.next_value_seed(Records(self.0))?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

/// Reads `[{"data": …}, …]`.
struct Records<'w>(&'w mut Walk);

impl<'de> DeserializeSeed<'de> for Records<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

#[derive(serde::Deserialize)]
struct Record<'a> {
    #[serde(borrow)]
    data: Cow<'a, str>,
}

impl<'de> Visitor<'de> for Records<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("records")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        self.0.has_records = true;
        while let Some(record) = seq.next_element::<Record<'_>>()? {
            if let Err(failure) = self.0.take(&record.data) {
                self.0.failure = Some(failure);
                return Err(A::Error::custom("no more"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;

//! `POST /ingest`: requests in whatever a body holds, without a protocol around them.

use std::fmt;
use std::str::FromStr;

use shared::Ingested;
use utoipa::IntoParams;

use super::{Asked, Unread, admit};
use crate::http::error::ApiError;
use crate::http::fields::{Fields, Params};
use crate::http::reply::Json;
use crate::http::route::Context;
use crate::ingest::body::{BodyError, DecodedBody, Reading, decode_body};

/// How a body is taken.
#[derive(IntoParams)]
pub(in crate::http) struct IngestParams {
    /// `drop` if a body that was sent before, byte for byte, is not to be taken again: for senders
    /// that repeat what they are not sure of and have no name for it.
    #[param(value_type = String, pattern = "^drop$")]
    repeats: Option<Repeats>,
}

/// Which application it is for, besides.
#[derive(IntoParams)]
pub(in crate::http) struct NamedIngestParams {
    /// The application, by its identifier or name. One that is not there is begun, unless the
    /// token is for another.
    application: String,
    /// `drop` if a body that was sent before, byte for byte, is not to be taken again: for senders
    /// that repeat what they are not sure of and have no name for it.
    #[param(value_type = String, pattern = "^drop$")]
    repeats: Option<Repeats>,
}

/// What becomes of a body that was sent before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Repeats;

/// Something else than `drop`.
#[derive(Debug)]
struct NotDrop;

impl fmt::Display for NotDrop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected `drop`, or nothing")
    }
}

impl FromStr for Repeats {
    type Err = NotDrop;

    fn from_str(text: &str) -> Result<Self, NotDrop> {
        if text == "drop" {
            Ok(Self)
        } else {
            Err(NotDrop)
        }
    }
}

impl Params for IngestParams {
    fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        read_token(fields)?;
        Ok(Self {
            repeats: fields.optional("repeats")?,
        })
    }
}

impl Params for NamedIngestParams {
    fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        read_token(fields)?;
        Ok(Self {
            application: fields.path("application")?,
            repeats: fields.optional("repeats")?,
        })
    }
}

/// Passes over the token of senders that cannot set a header: it is read where the sender is
/// recognised.
fn read_token(fields: &mut Fields) -> Result<(), ApiError> {
    fields.optional::<String>("token").map(drop)
}

pub(in crate::http) async fn take(
    context: Context,
    params: IngestParams,
    body: Unread,
) -> Result<Json<Ingested>, ApiError> {
    take_plain(&context, None, params.repeats, body).await
}

pub(in crate::http) async fn take_into(
    context: Context,
    params: NamedIngestParams,
    body: Unread,
) -> Result<Json<Ingested>, ApiError> {
    let named = Some(&*params.application);
    take_plain(&context, named, params.repeats, body).await
}

fn decode(
    body: &[u8],
    encoding: Option<&str>,
    reading: &Reading<'_>,
) -> Result<(DecodedBody, ()), BodyError> {
    decode_body(body, encoding, reading).map(|decoded| (decoded, ()))
}

async fn take_plain(
    context: &Context,
    named: Option<&str>,
    repeats: Option<Repeats>,
    body: Unread,
) -> Result<Json<Ingested>, ApiError> {
    let asked = Asked {
        named,
        drops_repeats: repeats.is_some(),
        protocol: None,
    };
    let (answer, _) = admit(context, &asked, body, decode).await?;
    Ok(Json(answer))
}

//! What a route takes as its body: nothing, or JSON. Not its parameters: those are
//! [`super::fields`].

use axum::body::{Body, to_bytes};
use http::{HeaderMap, header};
use serde::de::DeserializeOwned;
use shared::ErrorCode;
use utoipa::ToSchema;
use utoipa::openapi::schema::SchemaType;
use utoipa::openapi::{Content, ObjectBuilder};

use super::error::ApiError;
use super::guard::MAX_BODY_BYTES;
use super::ingest::Unread;
use super::reply::{Schemas, named};

/// A body that describes itself.
pub(super) trait RequestBody: Sized + Send + 'static {
    /// Reads it.
    fn read(headers: &HeaderMap, body: Body)
    -> impl Future<Output = Result<Self, ApiError>> + Send;

    /// What the document says of it; adds the schemas that it refers to.
    fn describe(schemas: &mut Schemas) -> Option<Content>;
}

/// A route that takes no body; one that comes all the same is not looked at.
pub(super) struct NoBody;

impl RequestBody for NoBody {
    async fn read(_: &HeaderMap, _: Body) -> Result<Self, ApiError> {
        Ok(Self)
    }

    fn describe(_: &mut Schemas) -> Option<Content> {
        None
    }
}

/// A JSON body. Its type should deny unknown fields, so that a misspelt one is an error.
pub(super) struct JsonBody<T>(pub(super) T);

impl<T: DeserializeOwned + ToSchema + Send + 'static> RequestBody for JsonBody<T> {
    async fn read(headers: &HeaderMap, body: Body) -> Result<Self, ApiError> {
        if !is_json(headers) {
            let detail = "the body must be JSON, with the header Content-Type: application/json";
            return Err(ApiError::new(ErrorCode::UnsupportedMediaType, detail));
        }
        let bytes = to_bytes(body, MAX_BODY_BYTES).await.map_err(|_| {
            let detail = format!("the body ended early or has more than {MAX_BODY_BYTES} bytes");
            ApiError::new(ErrorCode::PayloadTooLarge, detail)
        })?;
        serde_json::from_slice(&bytes)
            .map(Self)
            .map_err(|error| ApiError::field("body", error.to_string()))
    }

    fn describe(schemas: &mut Schemas) -> Option<Content> {
        T::schemas(schemas);
        Some(named(schemas, T::name().into_owned(), T::schema()))
    }
}

/// A body that brings traffic: whatever it is, read only once there is room for it.
impl RequestBody for Unread {
    async fn read(headers: &HeaderMap, body: Body) -> Result<Self, ApiError> {
        let headers = headers.clone();
        Ok(Self { headers, body })
    }

    fn describe(_: &mut Schemas) -> Option<Content> {
        let anything = ObjectBuilder::new()
            .schema_type(SchemaType::AnyValue)
            .description(Some(
                "A JSON array, one JSON object a line, objects one after another, an object around \
                 one array, or lines of any log that can be imported; also packed by gzip, zstd or \
                 deflate. Whatever its Content-Type says, it is looked at.",
            ));
        Some(Content::new(Some(anything)))
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case("application/json")
}

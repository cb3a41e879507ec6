//! `GET /openapi.json`.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};
use http::header;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Content, RefOr, Schema};

use crate::http::error::ApiError;
use crate::http::fields::NoParams;
use crate::http::reply::{Reply, Schemas};
use crate::http::route::Context;

pub(in crate::http) async fn show(context: Context, _: NoParams) -> Result<Document, ApiError> {
    Ok(Document(context.document))
}

/// The description of the API, already written.
pub(in crate::http) struct Document(Arc<str>);

impl IntoResponse for Document {
    fn into_response(self) -> Response {
        let headers = [(header::CONTENT_TYPE, Self::MEDIA_TYPE)];
        (headers, self.0.to_string()).into_response()
    }
}

impl Reply for Document {
    const MEDIA_TYPE: &'static str = "application/json";

    fn describe(_: &mut Schemas) -> Content {
        let object = ObjectBuilder::new().schema_type(Type::Object).build();
        Content::new(Some(RefOr::T(Schema::Object(object))))
    }
}

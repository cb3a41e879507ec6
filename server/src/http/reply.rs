//! What a route may answer when it succeeds. Not errors: those are [`super::error::ApiError`].

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, header};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::{Content, RefOr, Schema};

/// Named schemas of the API document.
pub(super) type Schemas = Vec<(String, RefOr<Schema>)>;

/// A successful answer that describes itself.
pub(super) trait Reply: IntoResponse + 'static {
    /// The media type.
    const MEDIA_TYPE: &'static str;

    /// What the document says of the body; adds the schemas that it refers to.
    fn describe(schemas: &mut Schemas) -> Content;
}

/// A JSON body.
pub(super) struct Json<T>(pub(super) T);

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

impl<T: Serialize + ToSchema + 'static> Reply for Json<T> {
    const MEDIA_TYPE: &'static str = "application/json";

    fn describe(schemas: &mut Schemas) -> Content {
        T::schemas(schemas);
        Content::new(Some(T::schema()))
    }
}

/// A CSV file that is written while it is read.
pub(super) struct Csv {
    /// What a browser saves it as.
    pub(super) file_name: String,
    /// Its text.
    pub(super) body: Body,
}

impl IntoResponse for Csv {
    fn into_response(self) -> Response {
        let disposition = format!("attachment; filename=\"{}\"", self.file_name);
        let disposition = HeaderValue::try_from(disposition).expect("file names are plain");
        let headers = [
            (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
            (header::CONTENT_DISPOSITION, disposition),
        ];
        (headers, self.body).into_response()
    }
}

impl Reply for Csv {
    const MEDIA_TYPE: &'static str = "text/csv";

    fn describe(_: &mut Schemas) -> Content {
        Content::new(Some(<String as utoipa::PartialSchema>::schema()))
    }
}

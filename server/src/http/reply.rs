//! What a route may answer when it succeeds. Not errors: those are [`super::error::ApiError`].

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;
use shared::Page;
use utoipa::openapi::{Content, Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

/// Named schemas of the API document.
pub(super) type Schemas = Vec<(String, RefOr<Schema>)>;

/// A successful answer that describes itself.
pub(super) trait Reply: IntoResponse + 'static {
    /// The status.
    const STATUS: StatusCode = StatusCode::OK;
    /// The media type; empty if there is no body.
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
        named(schemas, T::name().into_owned(), T::schema())
    }
}

/// The JSON body of what was just made.
pub(super) struct Created<T>(pub(super) T);

impl<T: Serialize> IntoResponse for Created<T> {
    fn into_response(self) -> Response {
        (StatusCode::CREATED, axum::Json(self.0)).into_response()
    }
}

impl<T: Serialize + ToSchema + 'static> Reply for Created<T> {
    const STATUS: StatusCode = StatusCode::CREATED;
    const MEDIA_TYPE: &'static str = Json::<T>::MEDIA_TYPE;

    fn describe(schemas: &mut Schemas) -> Content {
        Json::<T>::describe(schemas)
    }
}

/// The JSON body of what was begun, and goes on in the background.
pub(super) struct Accepted<T>(pub(super) T);

impl<T: Serialize> IntoResponse for Accepted<T> {
    fn into_response(self) -> Response {
        (StatusCode::ACCEPTED, axum::Json(self.0)).into_response()
    }
}

impl<T: Serialize + ToSchema + 'static> Reply for Accepted<T> {
    const STATUS: StatusCode = StatusCode::ACCEPTED;
    const MEDIA_TYPE: &'static str = Json::<T>::MEDIA_TYPE;

    fn describe(schemas: &mut Schemas) -> Content {
        Json::<T>::describe(schemas)
    }
}

/// No body: it was done.
pub(super) struct NoContent;

impl IntoResponse for NoContent {
    fn into_response(self) -> Response {
        StatusCode::NO_CONTENT.into_response()
    }
}

impl Reply for NoContent {
    const STATUS: StatusCode = StatusCode::NO_CONTENT;
    const MEDIA_TYPE: &'static str = "";

    fn describe(_: &mut Schemas) -> Content {
        Content::default()
    }
}

/// A JSON body that is a page of a list. Not a [`Json`]: the schema of a page does not bring
/// the schema of its items along.
pub(super) struct List<T>(pub(super) Page<T>);

impl<T: Serialize> IntoResponse for List<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

impl<T: Serialize + ToSchema + 'static> Reply for List<T> {
    const MEDIA_TYPE: &'static str = "application/json";

    fn describe(schemas: &mut Schemas) -> Content {
        T::schemas(schemas);
        schemas.push((T::name().into_owned(), T::schema()));
        let name = format!("{}Page", T::name());
        named(schemas, name, Page::<T>::schema())
    }
}

/// Adds a schema under its name and refers to it.
pub(super) fn named(schemas: &mut Schemas, name: String, schema: RefOr<Schema>) -> Content {
    let reference = Ref::from_schema_name(&name);
    schemas.push((name, schema));
    Content::new(Some(reference))
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
            (
                header::CONTENT_TYPE,
                HeaderValue::from_static("text/csv; charset=utf-8"),
            ),
            (header::CONTENT_DISPOSITION, disposition),
        ];
        (headers, self.body).into_response()
    }
}

impl Reply for Csv {
    const MEDIA_TYPE: &'static str = "text/csv";

    fn describe(_: &mut Schemas) -> Content {
        Content::new(Some(String::schema()))
    }
}

//! `/api/docs`: the API to read and to try, without fetching anything from outside. A page of
//! our own that can be read as it is, and that Swagger UI (vendored in the binary) takes over
//! where scripts run. Not the description itself: that is [`super::openapi`].

mod page;

use std::io::Read;
use std::sync::Arc;

use axum::extract::{Path, Request, State};
use axum::response::{Html, IntoResponse, Response};
use flate2::read::GzDecoder;
use http::{HeaderMap, HeaderValue, header};
use utoipa_swagger_ui::{Config, SwaggerFile};

use super::error::ApiError;
use super::route::Origin;
use super::routes::document;
use super::sign_in;
use super::state::AppState;
use crate::auth::Permission;

/// Where the page is; its files are below.
pub(super) const PATH: &str = "/api/docs";

/// Our own files. The script starts Swagger UI, the style is the page's and makes Swagger UI
/// look as if it belonged here.
const SCRIPT: &str = include_str!("docs.js");
const STYLE: &str = include_str!("docs.css");

/// What is served of Swagger UI; the rest of it (maps, other builds, its own page) is not.
const VENDORED: [&str; 2] = ["swagger-ui-bundle.js", "swagger-ui.css"];

/// The page.
pub(super) async fn show(State(state): State<AppState>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let caller = match sign_in::let_in(&parts, &state).await {
        Ok(caller) => caller,
        Err(there) => return *there,
    };
    let url = match &state.site.public_url {
        Some(_) => state.site.url(),
        None => here(&parts.headers),
    };
    let page = async {
        caller.require(Permission::ApplicationsRead)?;
        let document = document::about_store(&state.context(&caller, Origin::default())).await?;
        let document = serde_json::from_str(&document)
            .map_err(|error| ApiError::internal(error.to_string()))?;
        Ok::<_, ApiError>(Html(page::html(&document, &url)))
    };
    page.await.into_response()
}

/// The name of this machine by which it was asked, which the guard let through.
fn here(headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST);
    let host = host.and_then(|host| host.to_str().ok());
    format!("http://{}", host.unwrap_or("localhost"))
}

/// One of its files.
pub(super) async fn file(Path(name): Path<String>, headers: HeaderMap) -> Response {
    match name.as_str() {
        "docs.js" => text("text/javascript; charset=utf-8", SCRIPT.to_owned().into()),
        "docs.css" => text("text/css; charset=utf-8", STYLE.to_owned().into()),
        name if VENDORED.contains(&name) => vendored(name, &headers),
        _ => ApiError::not_found("file of the documentation").into_response(),
    }
}

/// A file of Swagger UI, compressed as it is stored where the client takes it so.
fn vendored(name: &str, headers: &HeaderMap) -> Response {
    let file = utoipa_swagger_ui::serve(name, Arc::new(Config::default()));
    let Ok(Some(SwaggerFile {
        bytes,
        content_type,
        gzpipped,
        ..
    })) = file
    else {
        return ApiError::internal(format!("{name} is not in this binary")).into_response();
    };
    let accepted = headers.get(header::ACCEPT_ENCODING);
    let takes_gzip = accepted
        .and_then(|accepted| accepted.to_str().ok())
        .is_some_and(|accepted| accepted.to_ascii_lowercase().contains("gzip"));
    if !gzpipped || takes_gzip {
        let mut response = text(&content_type, bytes.into_owned());
        if gzpipped {
            let gzip = HeaderValue::from_static("gzip");
            response
                .headers_mut()
                .insert(header::CONTENT_ENCODING, gzip);
        }
        return response;
    }
    let mut plain = Vec::new();
    match GzDecoder::new(bytes.as_ref()).read_to_end(&mut plain) {
        Ok(_) => text(&content_type, plain),
        Err(error) => ApiError::internal(error.to_string()).into_response(),
    }
}

fn text(content_type: &str, body: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, content_type.to_owned()),
        (header::VARY, "accept-encoding".to_owned()),
    ];
    (headers, body).into_response()
}

//! What a form sends: a few short fields, each once. Anything else is a fault, not a guess.

use axum::body::to_bytes;
use axum::extract::{Query, Request};
use http::{Uri, header};
use shared::ErrorCode;

use crate::http::error::ApiError;

/// The largest form.
const MAX_BYTES: usize = 16 * 1024;

/// The fields that were sent.
pub(super) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads the body of a request.
    pub(super) async fn read(request: Request) -> Result<Self, ApiError> {
        let kind = request.headers().get(header::CONTENT_TYPE);
        let kind = kind.and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        let essence = kind.split(';').next().unwrap_or_default().trim();
        if !essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            let detail = "this page takes a form";
            return Err(ApiError::new(ErrorCode::UnsupportedMediaType, detail));
        }
        let bytes = to_bytes(request.into_body(), MAX_BYTES)
            .await
            .map_err(|_| {
                let detail = format!("the form ended early or has more than {MAX_BYTES} bytes");
                ApiError::new(ErrorCode::PayloadTooLarge, detail)
            })?;
        let text = std::str::from_utf8(&bytes)
            .map_err(|_| ApiError::field("body", "expected a form in UTF-8"))?;
        // A form is written as a query is.
        Self::of(text)
    }

    /// Reads the query of an address.
    pub(super) fn of_query(uri: &Uri) -> Result<Self, ApiError> {
        Self::of(uri.query().unwrap_or_default())
    }

    fn of(text: &str) -> Result<Self, ApiError> {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
        let malformed = || ApiError::field("body", "this form cannot be read");
        if !is_plain {
            return Err(malformed());
        }
        let uri = Uri::try_from(format!("/?{text}")).map_err(|_| malformed())?;
        let Query(fields) =
            Query::<Vec<(String, String)>>::try_from_uri(&uri).map_err(|_| malformed())?;
        let is_twice = |(at, (name, _)): (usize, &(String, String))| {
            fields[..at].iter().any(|(before, _)| before == name)
        };
        if fields.iter().enumerate().any(is_twice) {
            return Err(malformed());
        }
        Ok(Self(fields))
    }

    /// What was sent under a name; empty for nothing.
    pub(super) fn get(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(found, _)| found == name);
        found.map_or("", |(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_has_each_field_once() {
        let form = Form::of("email=a%40b&password=a+b%26").unwrap();
        assert_eq!(form.get("email"), "a@b");
        assert_eq!(form.get("password"), "a b&");
        assert_eq!(form.get("next"), "");
        assert!(Form::of("").is_ok());
        for bad in ["a=1&a=2", "a=\u{7}", "a=ü", "a=1#b"] {
            let form = Form::of(bad);
            let is_whole = form.is_ok_and(|form| bad.contains('#') && form.get("a") == "1");
            assert!(!is_whole || bad == "a=1#b", "{bad}");
        }
    }
}

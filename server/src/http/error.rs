//! The one error of the API, whatever went wrong. Not its text on the wire: the request's
//! identifier belongs into it, so [`super::log`] writes it.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use shared::search::SearchError;
use shared::{ErrorCode, FieldError, Problem};

use super::mask::mask_text;
use crate::auth::{Denied, InvalidName, PasswordError};
use crate::store::StoreError;

/// When to ask again while the server cannot answer: a database that restarts takes longer, but
/// one that is busy does not.
const RETRY_AFTER_SECONDS: i64 = 5;

/// Why a request was not answered.
#[derive(Debug, Clone)]
pub(super) struct ApiError {
    code: ErrorCode,
    detail: String,
    errors: Vec<FieldError>,
    /// What the server's log says, where the fault is the server's.
    cause: Option<String>,
    /// When to ask again, in seconds.
    retry_after: Option<i64>,
}

impl ApiError {
    pub(super) fn new(code: ErrorCode, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            errors: Vec::new(),
            cause: None,
            retry_after: None,
        }
    }

    /// One parameter is not what the route takes.
    pub(super) fn field(field: &str, message: impl Into<String>) -> Self {
        let message = message.into();
        let mut error = Self::new(ErrorCode::InvalidRequest, format!("{field}: {message}"));
        error.errors.push(FieldError {
            field: field.to_owned(),
            message,
            position: None,
        });
        error
    }

    /// The same with what is wrong, one by one.
    pub(super) fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        self.errors = errors;
        self
    }

    /// There is no such thing, or it is not the caller's.
    pub(super) fn not_found(what: &str) -> Self {
        Self::new(ErrorCode::NotFound, format!("there is no such {what}"))
    }

    /// The fault is the server's; only its log says which.
    pub(super) fn internal(cause: impl Into<String>) -> Self {
        let detail = "the server failed to answer; its log says why, under this request_id";
        Self {
            cause: Some(cause.into()),
            ..Self::new(ErrorCode::Internal, detail)
        }
    }

    /// The server cannot answer now.
    pub(super) fn unavailable(cause: impl Into<String>) -> Self {
        let detail = "the server cannot answer now; try again in a moment";
        Self {
            cause: Some(cause.into()),
            ..Self::new(ErrorCode::Unavailable, detail)
        }
    }

    /// Whether a credential is missing or wrong.
    pub(super) fn is_unauthorized(&self) -> bool {
        self.code == ErrorCode::Unauthorized
    }

    /// The same, and how many seconds to wait before asking again.
    pub(super) fn retry_after(mut self, seconds: i64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// The same with every address shown in part; what only the log says stays.
    pub(super) fn masked(mut self) -> Self {
        self.detail = mask_text(&self.detail);
        for error in &mut self.errors {
            error.message = mask_text(&error.message);
        }
        self
    }

    /// What went wrong, for whoever asked.
    pub(super) fn detail(&self) -> &str {
        &self.detail
    }

    /// The answer without a body, for protocols that have another than the API's.
    pub(super) fn into_bare_response(self) -> Response {
        if let Some(cause) = self.cause() {
            tracing::error!(cause, "traffic was not taken");
        }
        let mut response = self.into_response();
        response.extensions_mut().remove::<Self>();
        response
    }

    pub(super) fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// The body that goes with it.
    pub(super) fn to_problem(&self, request_id: &str) -> Problem {
        let name = code_name(self.code);
        Problem {
            kind: format!("/problems/{name}"),
            title: title(self.code).to_owned(),
            status: self.code.status(),
            detail: self.detail.clone(),
            code: self.code,
            request_id: Some(request_id.to_owned()),
            errors: self.errors.clone(),
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.code.status()).expect("codes have real statuses");
        let mut response = status.into_response();
        if self.code == ErrorCode::Unauthorized {
            let how = HeaderValue::from_static("Bearer");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, how);
        }
        let unavailable = (self.code == ErrorCode::Unavailable).then_some(RETRY_AFTER_SECONDS);
        if let Some(seconds) = self.retry_after.or(unavailable) {
            let headers = response.headers_mut();
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Denied> for ApiError {
    fn from(denied: Denied) -> Self {
        let code = match denied {
            Denied::Permission(_) => ErrorCode::Forbidden,
            Denied::SecondFactor => ErrorCode::SecondFactorRequired,
        };
        Self::new(code, denied.to_string())
    }
}

impl From<InvalidName> for ApiError {
    fn from(fault: InvalidName) -> Self {
        Self::field("name", fault.to_string())
    }
}

impl From<SearchError> for ApiError {
    fn from(error: SearchError) -> Self {
        let mut problem = Self::new(ErrorCode::InvalidSearch, format!("q: {error}"));
        problem.errors.push(FieldError {
            field: "q".to_owned(),
            message: error.message,
            position: Some(error.position),
        });
        problem
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict { constraint } => Self::new(ErrorCode::Conflict, constraint),
            StoreError::Locked { .. }
            | StoreError::Unavailable { .. }
            | StoreError::Unreachable(_)
            | StoreError::Busy(_) => Self::unavailable(with_sources(&error)),
            StoreError::Corrupt { .. }
            | StoreError::Version(_)
            | StoreError::Unsuitable(_)
            | StoreError::Random(_)
            | StoreError::Backend(_) => Self::internal(with_sources(&error)),
        }
    }
}

impl From<getrandom::Error> for ApiError {
    fn from(error: getrandom::Error) -> Self {
        Self::internal(format!("no random numbers: {error}"))
    }
}

impl From<PasswordError> for ApiError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => {
                Self::new(ErrorCode::RateLimited, "try again in a moment").retry_after(1)
            }
            PasswordError::Random(_) | PasswordError::Hash(_) => Self::internal(error.to_string()),
        }
    }
}

/// An error and what caused it, for the log.
fn with_sources(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

fn code_name(code: ErrorCode) -> String {
    match serde_json::to_value(code) {
        Ok(serde_json::Value::String(name)) => name,
        _ => unreachable!("a code is a name in JSON"),
    }
}

const fn title(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::InvalidRequest => "The request is not what the route takes",
        ErrorCode::InvalidSearch => "The search cannot be read",
        ErrorCode::Unauthorized => "The credential is missing or wrong",
        ErrorCode::Forbidden => "Not allowed",
        ErrorCode::SecondFactorRequired => "A second factor is required",
        ErrorCode::NotFound => "Not found",
        ErrorCode::MethodNotAllowed => "The route does not take this method",
        ErrorCode::Conflict => "The stored state does not allow it",
        ErrorCode::NeedsConfirmation => "The server asks before it does this",
        ErrorCode::Expired => "The detail has expired",
        ErrorCode::PayloadTooLarge => "The body is too large",
        ErrorCode::UnsupportedMediaType => "The body is not of a kind that the route takes",
        ErrorCode::RateLimited => "Too many requests",
        ErrorCode::Internal => "The server failed",
        ErrorCode::Unavailable => "The server cannot answer now",
    }
}

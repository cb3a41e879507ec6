//! The one shape of every error that the API answers (RFC 9457).

use serde::{Deserialize, Serialize};

/// What went wrong, as a closed set that clients may rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// A parameter or the body is not what the route takes.
    InvalidRequest,
    /// The search text cannot be read; `errors[0].position` points at the character.
    InvalidSearch,
    /// The credential is missing or wrong.
    Unauthorized,
    /// The credential does not carry the permission that the route needs.
    Forbidden,
    /// The tenant requires a second factor that this login has not; set one up, or sign in with it.
    SecondFactorRequired,
    /// No such thing, or not of this tenant.
    NotFound,
    /// The route exists, but not with this method.
    MethodNotAllowed,
    /// The stored state does not allow it.
    Conflict,
    /// The server asks before it does this; `errors` has the questions, `confirm` says yes.
    NeedsConfirmation,
    /// The detail has expired or was never recorded.
    Expired,
    /// The body is larger than the route takes.
    PayloadTooLarge,
    /// The body is not JSON.
    UnsupportedMediaType,
    /// Too many requests.
    RateLimited,
    /// The fault is the server's.
    Internal,
    /// The server cannot answer now; try again.
    Unavailable,
}

impl ErrorCode {
    /// The HTTP status that goes with this code.
    #[must_use]
    pub fn status(self) -> u16 {
        match self {
            Self::InvalidRequest | Self::InvalidSearch => 400,
            Self::Unauthorized => 401,
            Self::Forbidden | Self::SecondFactorRequired => 403,
            Self::NotFound => 404,
            Self::MethodNotAllowed => 405,
            Self::Conflict | Self::NeedsConfirmation => 409,
            Self::Expired => 410,
            Self::PayloadTooLarge => 413,
            Self::UnsupportedMediaType => 415,
            Self::RateLimited => 429,
            Self::Internal => 500,
            Self::Unavailable => 503,
        }
    }
}

/// An error answer, `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// A stable address of the kind of problem, e.g. `/problems/not_found`.
    #[serde(rename = "type")]
    pub kind: String,
    /// A short sentence that is the same for every problem of this kind.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What was wrong this time and what to do about it.
    pub detail: String,
    /// The kind, for programs.
    pub code: ErrorCode,
    /// Names this answer in the server's log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// The single faults, where there are several or one has a place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

/// One fault and its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// The parameter or JSON field.
    pub field: String,
    /// What is wrong with it.
    pub message: String,
    /// For a text: the character where it goes wrong, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<u32>,
}

//! The routes of traffic as it arrives, and of what it needs first: an application.

use gloo_net::http::Request;
use shared::{Application, IngestHealth};

use super::{Answer, body, get, write};

/// How traffic arrives.
pub fn ingest_health() -> impl Future<Output = Answer<IngestHealth>> {
    get("ingest/health", &[])
}

/// Makes an application without any traffic.
pub fn create_application(name: &str) -> impl Future<Output = Answer<Application>> + use<> {
    write(
        Request::post,
        "applications",
        &body(&[("name", name.into())]),
    )
}

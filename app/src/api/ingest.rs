//! The route of traffic as it arrives.

use shared::IngestHealth;

use super::{Answer, get};

/// How traffic arrives.
pub fn ingest_health() -> impl Future<Output = Answer<IngestHealth>> {
    get("ingest/health", &[])
}

//! The routes of the audit log. A filter is written as an address has it: `text`, `action`, `actor`,
//! `from`, `until`.

use shared::{AuditChain, AuditEntry, Page};

use super::{Answer, get};

/// One page of the entries that `filter` keeps, the newest first.
pub fn audit(
    filter: &str,
    cursor: Option<&str>,
) -> impl Future<Output = Answer<Page<AuditEntry>>> + use<> {
    get(&format!("audit?{filter}"), &[("cursor", cursor)])
}

/// Where the entries that `filter` keeps can be downloaded.
pub fn audit_csv(filter: &str) -> String {
    format!("/api/v1/audit.csv?{filter}")
}

/// Whether the log is as it was written.
pub fn audit_chain() -> impl Future<Output = Answer<AuditChain>> {
    get("audit/chain", &[])
}

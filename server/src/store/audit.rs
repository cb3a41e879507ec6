//! The audit log as it is written and asked for, and the chain of hashes that holds it together.
//! Not who may read it, and not where it is kept.
//!
//! Whoever can write the database can make the chain anew from any entry on. It shows changes
//! by hand and by accident; who wants to show more keeps the last hash elsewhere.

use std::net::IpAddr;
use std::sync::Arc;

use sha2::{Digest, Sha256};
use shared::{AccountId, AuditChange, AuditEntry, Timestamp};

/// The longest text of an entry, in characters.
const MAX_TEXT: usize = 500;
/// The most fields that an entry says.
const MAX_CHANGES: usize = 50;

/// Who changes something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// A person's e-mail address, `token NAME`, or `local` for the machine itself.
    pub name: Arc<str>,
    /// The account, where it is a person.
    pub account_id: Option<AccountId>,
    /// From which address; `None` for the machine itself.
    pub address: Option<IpAddr>,
}

/// What is to be logged. Who and when is added where it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    /// What was done, as `object.verb`.
    pub action: &'static str,
    /// What it was done to, as people know it.
    pub object: String,
    /// What became different. Never a secret.
    pub changes: Vec<AuditChange>,
}

impl AuditRecord {
    /// That something was done.
    #[must_use]
    pub fn new(action: &'static str, object: impl Into<String>) -> Self {
        Self {
            action,
            object: shortened(object.into()),
            changes: Vec::new(),
        }
    }

    /// The same with a field that it changed, if that is different now.
    #[must_use]
    pub fn field(
        mut self,
        field: &str,
        before: Option<impl ToString>,
        after: Option<impl ToString>,
    ) -> Self {
        let text = |value: String| shortened(value);
        let (before, after) = (
            before.map(|value| text(value.to_string())),
            after.map(|value| text(value.to_string())),
        );
        if before != after && self.changes.len() < MAX_CHANGES {
            self.changes.push(AuditChange {
                field: field.to_owned(),
                before,
                after,
            });
        }
        self
    }

    /// The same with a field that it was made with.
    #[must_use]
    pub fn with(self, field: &str, value: impl ToString) -> Self {
        self.field(field, None::<String>, Some(value))
    }
}

fn shortened(text: String) -> String {
    match text.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

/// Which entries.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuditFilter {
    /// A part of what the entry says, in any case.
    pub text: Option<String>,
    /// What was done, or an object: `token` for all that was done to tokens.
    pub action: Option<String>,
    /// Who did it.
    pub actor: Option<String>,
    /// The earliest moment.
    pub from: Option<Timestamp>,
    /// The moment that they are before.
    pub until: Option<Timestamp>,
}

/// The hash of a log without entries.
pub(crate) const NO_HASH: [u8; 32] = [0; 32];

/// The hash of what an entry of `tenant` says.
pub(crate) fn content_hash(tenant: i64, entry: &AuditEntry, salt: &[u8]) -> [u8; 32] {
    let content = serde_json::to_vec(&(tenant, entry)).expect("plain data can always be written");
    let mut hasher = Sha256::new();
    hasher.update(salt);
    hasher.update(content);
    hasher.finalize().into()
}

/// The hash of an entry that comes after one with the hash `before`.
pub(crate) fn chained(before: &[u8], content_hash: &[u8]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    hasher.update(before);
    hasher.update(content_hash);
    hasher.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_says_only_what_became_different_and_is_bounded() {
        let record = AuditRecord::new("token.create", "x".repeat(10_000))
            .field("reason", Some("as it was"), Some("as it was"))
            .field("ends", None::<Timestamp>, None::<Timestamp>)
            .with("name", "ü".repeat(10_000));
        assert_eq!(record.object.chars().count(), MAX_TEXT + 1);
        let [change] = &record.changes[..] else {
            panic!("{record:?}");
        };
        assert_eq!((&*change.field, &change.before), ("name", &None));
        let many = (0..100).fold(record, |record, n| record.with("n", n));
        assert_eq!(many.changes.len(), MAX_CHANGES);
    }
}

//! Somebody's traces: which requests are theirs, and what a request says once it was erased. Not
//! where requests are kept.

use std::net::IpAddr;

use data_encoding::HEXLOWER;
use engine::{Address, Batch, Request};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Whose traces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TraceSubject {
    /// Whoever asked from this address.
    Address(IpAddr),
    /// A user of the protected applications.
    User {
        /// The name, as the logs have it or as sessions show it.
        name: String,
        /// What stands for the name where users are hashed.
        hashed: String,
    },
}

impl TraceSubject {
    /// What it is called where it may be named.
    pub(crate) fn names(&self) -> Vec<String> {
        match self {
            Self::Address(address) => vec![address.to_canonical().to_string()],
            Self::User { name, hashed } => vec![name.clone(), hashed.clone()],
        }
    }

    /// The address, as requests have it.
    pub(crate) fn address(&self) -> Option<Address> {
        match self {
            Self::Address(address) => Some(Address::from(address.to_canonical())),
            Self::User { .. } => None,
        }
    }

    /// What stands for it where it must not be named.
    pub(crate) fn hash(&self, key: &[u8]) -> String {
        let mut hasher = Sha256::new();
        hasher.update(key);
        hasher.update([self.address().is_none().into()]);
        hasher.update(self.names()[0].as_bytes());
        let hash: [u8; 32] = hasher.finalize().into();
        HEXLOWER.encode(&hash)
    }

    /// Whether a request is theirs. Of a user's every request that carries the name, whichever
    /// source of it is set.
    pub(crate) fn has(&self, batch: &Batch, request: &Request) -> bool {
        match self {
            Self::Address(address) => request.address == Address::from(address.to_canonical()),
            Self::User { name, hashed } => {
                let is_theirs =
                    |user: &str| matches!(user.trim(), it if it == name || it == hashed);
                let mut facts = engine::attribute::facts(batch.text(request.facts));
                let pairs = |text, between: char, of: char| {
                    let parts = batch.text(text).split(between);
                    parts.filter_map(move |part| part.split_once(of))
                };
                is_theirs(batch.text(request.user))
                    || facts.any(|(_, value)| is_theirs(value))
                    || pairs(request.query, '&', '=').any(|(_, value)| is_theirs(value))
                    || pairs(request.headers, '\n', ':').any(|(_, value)| is_theirs(value))
            }
        }
    }

    /// Whether a text names it, not as a part of another word or address.
    pub(crate) fn is_in(&self, text: &str) -> bool {
        self.names().iter().any(|name| self.is_named(name, text))
    }

    fn is_named(&self, name: &str, text: &str) -> bool {
        if name.is_empty() {
            return false;
        }
        let goes_on = |c: char| match self {
            // A key or a port (`ip:192.0.2.7:8080`) and a range make no other address of it.
            Self::Address(address) if address.to_canonical().is_ipv4() => {
                c.is_alphanumeric() || c == '.'
            }
            Self::Address(_) => c.is_alphanumeric() || c == ':',
            Self::User { .. } => c.is_alphanumeric() || matches!(c, '.' | ':' | '_' | '-' | '@'),
        };
        text.match_indices(name).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            let mut after = text[at + name.len()..].chars();
            let next = after.next();
            // The end of a sentence is no longer name.
            let ends = next.is_none_or(|c| !goes_on(c))
                || matches!(next, Some('.' | ':')) && after.next().is_none_or(|c| !goes_on(c));
            before.is_none_or(|c| !goes_on(c)) && ends
        })
    }

    /// `batch` with their requests emptied, so that the others keep their numbers; `None` if none
    /// is theirs.
    pub(crate) fn erase(&self, mut batch: Batch) -> Option<Batch> {
        let mut has_erased = false;
        for row in 0..batch.requests.len() {
            let request = batch.requests[row];
            if self.has(&batch, &request) {
                batch.requests[row] = request.emptied();
                has_erased = true;
            }
        }
        has_erased.then_some(batch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(name: &str) -> TraceSubject {
        TraceSubject::User {
            name: name.to_owned(),
            hashed: "~00000000000000aa".to_owned(),
        }
    }

    #[test]
    fn a_text_names_whom_it_names_and_not_who_is_called_alike() {
        let address = TraceSubject::Address("192.0.2.7".parse().unwrap());
        for text in [
            "192.0.2.7",
            "Deny list 192.0.2.7",
            "of 192.0.2.7.",
            "[\"192.0.2.7\"]",
            "ip:192.0.2.7",
            "192.0.2.7:8080",
            "192.0.2.7-192.0.2.9",
        ] {
            assert!(address.is_in(text), "{text}");
        }
        for text in ["", "192.0.2.77", "192.0.2.7.9", "1192.0.2.7", "192.0.2"] {
            assert!(!address.is_in(text), "{text}");
        }
        let user = user("ann");
        assert!(user.is_in("user ann, twice") && !user.is_in("anna") && !user.is_in("ann@x"));
        assert!(user.is_in("of ~00000000000000aa."));
    }

    #[test]
    fn a_request_is_a_users_whatever_names_them_in_it() {
        let mut batch = Batch::default();
        let mut request = |query: &str, headers: &str, user: &str| Request {
            query: batch.texts.intern(query),
            headers: batch.texts.intern(headers),
            user: batch.texts.intern(user),
            ..Request::default()
        };
        let theirs = [
            request("", "", "ann"),
            request("page=2&login=ann", "", ""),
            request("", "x-shop: 3\nX-User: ann", ""),
            request("login=~00000000000000aa", "", ""),
        ];
        let others = [
            request("login=anna&ann=1", "", ""),
            request("", "ann: 1", "joanna"),
        ];
        let ann = user("ann");
        assert!(theirs.iter().all(|request| ann.has(&batch, request)));
        assert!(!others.iter().any(|request| ann.has(&batch, request)));
    }

    #[test]
    fn a_hash_names_nobody_and_depends_on_the_key_and_the_kind() {
        let address = TraceSubject::Address("192.0.2.7".parse().unwrap());
        let user = user("192.0.2.7");
        let hashes = [address.hash(b"a"), address.hash(b"b"), user.hash(b"a")];
        assert!(hashes[0] != hashes[1] && hashes[0] != hashes[2]);
        assert_eq!(hashes[0], address.hash(b"a"));
        assert_eq!(hashes[0].len(), 64);
    }
}

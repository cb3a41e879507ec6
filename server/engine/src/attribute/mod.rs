//! Who sent a request and what it asked for: client keys, user agents, URL templates, tags,
//! probes. Pure functions of one request; what is learned lives elsewhere.

mod client;
mod events;
mod keys;
mod probe;
mod recall;
mod service;
mod tags;
mod template;
mod user_agent;
mod words;

pub use client::{client_key, client_key_of, hash_session_key};
pub use events::{Attributed, Attribution, endpoint};
pub(crate) use events::{KnownPath, endpoint_key, events_of, hash_parts};
pub use keys::{
    ROLE_NAMES, are_keys_resolved, facts, find_value, resolve_keys, session_key_source,
};
pub use probe::{Probe, ProbeKind, probe};
pub use service::service;
pub use tags::{Tags, is_authentication_attempt, tags};
pub use template::{MAX_LENGTH as MAX_TEMPLATE_LENGTH, fold_path};
pub use user_agent::{Browser, UserAgent, classify, known_crawler};

/// Makes the large tables of words now rather than when the first request is looked at: they take
/// some milliseconds, in which whoever is about to read requests may have something else to do.
pub fn prepare() {
    probe::prepare();
    user_agent::prepare();
}

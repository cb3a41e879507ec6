//! Who sent a request and what it asked for: client keys, user agents, URL templates, tags,
//! probes. Pure functions of one request; what is learned lives elsewhere.

mod client;

pub use client::{client_key, hash_session_key};

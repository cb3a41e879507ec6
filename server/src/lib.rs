//! The server: what the `botscope` binary is made of.

pub mod auth;
pub mod ingest;
pub mod store;

//! The server: what the `botscope` binary is made of.

pub mod address;
mod aside;
pub mod auth;
pub mod backup;
pub mod cli;
mod connections;
pub mod evaluate;
mod explain;
pub mod http;
mod https;
pub mod ingest;
mod lists;
pub mod mail;
pub mod pipeline;
pub mod store;
pub mod syslog;
pub mod telemetry;
mod text;

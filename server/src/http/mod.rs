//! The HTTP server: the API under `/api/v1` and the console everywhere else. Knows the store
//! only through a tenant's door, and nothing of how requests are judged.

mod about;
mod archive;
mod assets;
mod body;
mod cookie;
mod credential;
mod docs;
mod error;
mod examples;
mod fields;
mod guard;
mod health;
mod ingest;
mod live;
mod log;
mod mask;
mod openapi;
mod recognize;
mod reply;
mod route;
mod router;
mod routes;
mod security;
mod serve;
mod sign_in;
mod site;
mod state;

#[cfg(test)]
mod tests;

pub(crate) use serve::callers;
pub use serve::{Options, Ready, ServeError, serve};
pub use site::{InvalidPublicUrl, PublicUrl};
pub use state::system_clock;

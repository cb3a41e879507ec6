//! The client of the server's API: one function per route, every failure a [`Problem`].
//! Knows neither pages nor signals, and retries nothing. Who is not signed in any more is sent to
//! sign in, wherever they are.
//!
//! [`Problem`]: shared::Problem

mod account;
mod applications;
mod attacks;
mod audit;
mod explained;
mod ingest;
mod json;
mod lists;
mod people;
mod privacy;
mod search;
mod sessions;
mod tenants;
mod tokens;
mod wire;

use shared::{AddressList, Changes, Overview, Page};

use self::wire::{Params, act, body, get, get_unless, non_empty, sent, write};

pub use account::*;
pub use applications::*;
pub use attacks::*;
pub use audit::*;
pub use explained::*;
pub use ingest::*;
pub use lists::*;
pub use people::*;
pub use privacy::*;
pub use search::*;
pub use sessions::*;
pub use tenants::*;
pub use tokens::*;
pub use wire::{Answer, Part, file, not_found};

/// What the store holds.
pub fn overview() -> impl Future<Output = Answer<Overview>> {
    get("overview", &[])
}

/// What changed after a change, or what the last one was.
pub fn changes(after: Option<u64>) -> impl Future<Output = Answer<Changes>> {
    let after = after.map(|after| after.to_string());
    get("changes", &[("after", after.as_deref())])
}

/// Where changes are streamed, from the one after `after` on.
pub fn changes_stream(after: Option<u64>) -> String {
    let route = "/api/v1/changes/stream";
    after.map_or_else(
        || route.to_owned(),
        |after| format!("{route}?after={after}"),
    )
}

/// What an event of the stream tells.
pub fn read_changes(data: &str) -> Option<Changes> {
    json::from_js(js_sys::JSON::parse(data).ok()?).ok()
}

/// The lists of addresses that others publish.
pub fn address_lists() -> impl Future<Output = Answer<Page<AddressList>>> {
    get("address-lists", &[])
}

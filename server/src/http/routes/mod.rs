//! The routes, a module per noun: handlers that read parameters and call the store, and pure
//! functions that make bodies of what the store returns.

pub(super) mod address_lists;
pub(super) mod applications;
pub(super) mod attacks;
pub(super) mod audit;
pub(super) mod changes;
mod csv;
pub(super) mod demo;
pub(super) mod document;
pub(super) mod export;
pub(super) mod field_names;
pub(super) mod ingest_health;
pub(super) mod invitations;
pub(super) mod jobs;
pub(super) mod lists;
pub(super) mod me;
pub(super) mod members;
pub(super) mod overview;
pub(super) mod own_logins;
mod params;
pub(super) mod privacy;
pub(super) mod retention;
pub(super) mod second_factor;
pub(super) mod sessions;
pub(super) mod settings;
pub(super) mod single_sign_on;
pub(super) mod tenants;
pub(super) mod tokens;
mod values;

use std::net::IpAddr;

use engine::{Address, attribute};
use shared::{NamedCount, Page, Purpose, Timestamp, Verification};

use crate::address::AddressBook;
use crate::http::state::AppState;

/// Sends mail, where that was set up. False if it was not sent: then whoever asked for it has the
/// link all the same.
async fn send(state: &AppState, to: &str, subject: &str, text: String) -> bool {
    let Some(mailer) = &state.mailer else {
        return false;
    };
    match mailer.send(to, subject, text).await {
        Ok(()) => true,
        Err(error) => {
            tracing::warn!(%error, "a mail was not sent");
            false
        }
    }
}

/// `count` of `total` under a name.
fn named_count(name: impl ToString, count: u64, total: u64) -> NamedCount {
    NamedCount {
        name: name.to_string(),
        count,
        share: share(count, total),
        country: None,
        source: None,
    }
}

/// The count of an address, with what is known of that.
fn located(count: NamedCount, book: &AddressBook) -> NamedCount {
    match count.name.parse::<IpAddr>().map(Address::from) {
        Ok(address) => NamedCount {
            country: country(book, address),
            source: source(book, address),
            ..count
        },
        Err(_) => count,
    }
}

/// The country of an address as bodies say it.
fn country(book: &AddressBook, address: Address) -> Option<String> {
    book.country(address)
        .map(|country| country.as_str().to_owned())
}

/// The kind of place that an address is, as bodies say it.
fn source(book: &AddressBook, address: Address) -> Option<String> {
    book.source(address).map(str::to_owned)
}

/// What a user agent that came from `addresses` until `at` works for, and whether it is who it
/// says, as bodies say it.
fn sender(
    user_agent: &str,
    addresses: &[Address],
    at: Timestamp,
    book: &AddressBook,
) -> (Option<Purpose>, Option<Verification>) {
    let found = attribute::classify(user_agent);
    let crawler = attribute::known_crawler(user_agent);
    let service = found
        .purpose
        .filter(|_| found.is_known)
        .and(found.name.as_deref());
    let verification = crawler
        .or(service)
        .map(|name| book.verify(name, addresses, at));
    (found.purpose, verification)
}

/// The part of the whole, 0 of nothing.
fn share(count: u64, total: u64) -> f64 {
    if total == 0 {
        0.0
    } else {
        count as f64 / total as f64
    }
}

/// A page of other items.
fn map_page<T, U>(page: Page<T>, body: impl Fn(&T) -> U) -> Page<U> {
    Page {
        items: page.items.iter().map(body).collect(),
        next_cursor: page.next_cursor,
    }
}

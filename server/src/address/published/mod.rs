//! Lists that others publish and keep up to date: the networks of crawlers, clouds and Tor. Who
//! publishes what (`catalog`), what their files say (`read`), the last copies (`shelf`), getting
//! new ones (`fetch`, `refresh`). Not the operator's own files: those are beside.

mod catalog;
mod fetch;
mod read;
mod refresh;
mod shelf;
#[cfg(test)]
mod tests;

use shared::AddressList;

pub(crate) use catalog::{LISTS, List, Subject, domains_of};
pub(crate) use fetch::{Fetcher, Mirror};
pub(crate) use refresh::{due, refresh};
pub(crate) use shelf::Shelf;

/// Where every list stands.
pub(crate) fn standing(shelf: &Shelf) -> Vec<AddressList> {
    let one = |list: &List| {
        let kept = shelf.kept(list);
        AddressList {
            name: list.name.to_owned(),
            crawlers: match list.subject {
                Subject::Crawlers(names) => names.iter().map(|name| (*name).to_owned()).collect(),
                Subject::Source(_) => Vec::new(),
            },
            url: list.parts[0].url.to_owned(),
            fetched_at: kept.map(|kept| kept.fetched_at),
            networks: kept.map_or(0, |kept| kept.networks.iter().count() as u64),
            error: shelf.last_try(list).and_then(|tried| tried.error.clone()),
        }
    };
    LISTS.iter().map(one).collect()
}

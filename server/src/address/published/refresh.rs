//! When a list is due, and getting it: all its parts, or it stays as it was.

use std::io;

use shared::{NetworkSet, Timestamp};

use super::catalog::{LISTS, List, Part, Way};
use super::fetch::{FetchError, Fetcher};
use super::read::{self, ReadError};
use super::shelf::{Kept, Shelf, Try};

/// A copy that is older is renewed.
const RENEW_MS: i64 = 24 * Timestamp::HOUR;
/// After a failure nobody is asked again before this has passed.
const RETRY_MS: i64 = 2 * Timestamp::HOUR;
/// The longest error that is kept.
const MAX_ERROR: usize = 200;

/// What a refresh did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Refreshed {
    /// Lists that were fetched.
    pub(crate) fetched: usize,
    /// Those that say something else than before.
    pub(crate) changed: usize,
    /// Those that could not be had.
    pub(crate) failed: usize,
}

#[derive(Debug, thiserror::Error)]
enum RefreshError {
    #[error(transparent)]
    Fetch(#[from] FetchError),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error("it cannot be kept: {0}")]
    Keep(#[from] io::Error),
}

/// The lists that should be fetched now.
pub(crate) fn due(shelf: &Shelf, now: Timestamp) -> Vec<&'static List> {
    let is_due = |list: &&List| {
        let age = shelf.kept(list).map(|kept| now.since(kept.fetched_at));
        let tried = shelf.last_try(list).map(|tried| now.since(tried.at));
        // A clock that was set back must not stop it for ever.
        age.is_none_or(|age| !(0..RENEW_MS).contains(&age))
            && tried.is_none_or(|tried| !(0..RETRY_MS).contains(&tried))
    };
    LISTS.iter().filter(is_due).collect()
}

/// Fetches `lists`, one after the other, and keeps what came.
pub(crate) async fn refresh(
    shelf: &mut Shelf,
    fetcher: &Fetcher,
    lists: &[&'static List],
    now: Timestamp,
) -> Refreshed {
    let mut done = Refreshed::default();
    for list in lists {
        let before = shelf.kept(list).map(|kept| kept.networks.clone());
        let fetched = match fetch(fetcher, list).await {
            Ok(networks) => {
                done.changed += usize::from(before.as_ref() != Some(&networks));
                let kept = Kept {
                    fetched_at: now,
                    networks,
                };
                shelf.keep(list, kept).map_err(RefreshError::from)
            }
            Err(error) => Err(error),
        };
        let error = fetched.err().map(|error| {
            let text = error.to_string();
            text.chars().take(MAX_ERROR).collect::<String>()
        });
        match &error {
            None => done.fetched += 1,
            Some(error) => {
                done.failed += 1;
                tracing::debug!(list = list.name, error, "a list could not be refreshed");
            }
        }
        if let Err(error) = shelf.note(list, Try { at: now, error }) {
            tracing::warn!(%error, "what became of a list cannot be kept");
        }
    }
    done
}

async fn fetch(fetcher: &Fetcher, list: &List) -> Result<NetworkSet, RefreshError> {
    if let Some(mirror) = &fetcher.mirror {
        let bytes = fetcher.get(&mirror.url_of(list.name)).await?;
        return Ok(read::networks(&bytes, list.parts[0].way)?);
    }
    let mut all = Vec::new();
    for part in list.parts {
        all.extend(fetch_part(fetcher, *part).await?.iter());
    }
    Ok(all.into_iter().collect())
}

async fn fetch_part(fetcher: &Fetcher, part: Part) -> Result<NetworkSet, RefreshError> {
    let mut bytes = fetcher.get(part.url).await?;
    if let Way::LinkedFrom(prefix) = part.way {
        bytes = fetcher.get(&read::link(&bytes, prefix)?).await?;
    }
    Ok(read::networks(&bytes, part.way)?)
}

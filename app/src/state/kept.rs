//! What the lists showed when the reader left them, so that Back brings it back at once, with
//! all that was loaded and where the reader was. Then the server is asked again for the same
//! rows. Lives as long as the console.

use std::any::Any;
use std::cell::{Cell, RefCell};

use leptos::ev;
use leptos::prelude::*;
use shared::Page;

use super::address::use_address;
use super::remote::Pages;
use crate::api::{Answer, Part};

/// The longest page that the server gives.
const LONGEST_PAGE: usize = 200;

/// What a list showed.
struct Kept {
    /// The address of the page with its search.
    address: String,
    /// A [`Page`] of whatever the list is of.
    rows: Box<dyn Any>,
    scrolled: f64,
}

thread_local! {
    /// The last list of each page.
    static KEPT: RefCell<Vec<Kept>> = const { RefCell::new(Vec::new()) };
    /// How many rows the next first page must have to replace what was brought back.
    static ROWS: Cell<Option<usize>> = const { Cell::new(None) };
    /// How far the list is scrolled: when it is left, the window has been scrolled already.
    static SCROLLED: Cell<f64> = const { Cell::new(0.0) };
}

/// Asks for a page: once for as many rows as were brought back, in as many parts as it takes,
/// else for as many as usual.
pub fn as_many<T, F>(
    cursor: Option<String>,
    fetch: impl Fn(Part) -> F,
) -> impl Future<Output = Answer<Page<T>>>
where
    F: Future<Output = Answer<Page<T>>>,
{
    let mut missing = ROWS.take();
    async move {
        let mut whole = Page {
            items: Vec::new(),
            next_cursor: cursor,
        };
        loop {
            let cursor = whole.next_cursor.take();
            let limit = missing.map(|rows| rows.min(LONGEST_PAGE));
            let page = fetch(Part { cursor, limit }).await?;
            missing = missing.map(|rows| rows.saturating_sub(page.items.len()));
            whole.items.extend(page.items);
            whole.next_cursor = page.next_cursor;
            if whole.next_cursor.is_none() || missing.is_none_or(|rows| rows == 0) {
                return Ok(whole);
            }
        }
    }
}

/// Brings back into `pages` what was kept of this address, and keeps what they show when the
/// reader leaves. `trail` is the address of the page as long as it is there.
pub fn bring_back<T: Clone + Send + Sync + 'static>(pages: Pages<T>, trail: RwSignal<String>) {
    let address = use_address();
    let kept = take(&untrack(|| address.with(&[])));
    ROWS.set(None);
    if let Some(kept) = kept
        && let Ok(rows) = kept.rows.downcast::<Page<T>>()
    {
        // Of a list that was empty whatever there is by now is wanted.
        ROWS.set(Some(rows.items.len()).filter(|rows| *rows > 0));
        pages.first.value.set(Some(*rows));
        // The rows are in the page by then, and the router has done its own scrolling.
        request_animation_frame(move || window().scroll_to_with_x_and_y(0.0, kept.scrolled));
    }
    let listener = window_event_listener(ev::scroll, |_| {
        SCROLLED.set(window().scroll_y().unwrap_or(0.0));
    });
    on_cleanup(move || {
        listener.remove();
        if let Some(rows) = pages.try_all() {
            keep(trail.get_untracked(), Box::new(rows));
        }
        SCROLLED.set(0.0);
    });
}

fn take(address: &str) -> Option<Kept> {
    KEPT.with_borrow_mut(|all| {
        let at = all.iter().position(|kept| kept.address == address)?;
        Some(all.swap_remove(at))
    })
}

fn keep(address: String, rows: Box<dyn Any>) {
    let page = |address: &str| address.split('?').next().map(str::to_owned);
    KEPT.with_borrow_mut(|all| {
        all.retain(|kept| page(&kept.address) != page(&address));
        all.push(Kept {
            address,
            rows,
            scrolled: SCROLLED.get(),
        });
    });
}

#[cfg(test)]
mod tests {
    use std::future::ready;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    /// What a future gives that never waits.
    fn now<T>(future: impl Future<Output = T>) -> T {
        match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => value,
            Poll::Pending => panic!("it waits"),
        }
    }

    #[test]
    fn as_many_rows_come_back_as_there_were_and_then_as_many_as_usual() {
        // A list of 1,000 numbers whose cursors are the numbers.
        let fetch = |part: Part| {
            let start = part.cursor.map_or(0, |cursor| cursor.parse().unwrap());
            let limit = part.limit.unwrap_or(50);
            assert!(limit <= LONGEST_PAGE);
            let end = (start + limit).min(1_000);
            ready(Ok(Page {
                items: (start..end).collect(),
                next_cursor: (end < 1_000).then(|| end.to_string()),
            }))
        };
        let ends = |cursor: Option<&str>| {
            let page: Page<usize> = now(as_many(cursor.map(str::to_owned), fetch)).unwrap();
            assert!(page.items.windows(2).all(|pair| pair[0] + 1 == pair[1]));
            (page.items.len(), page.next_cursor)
        };
        ROWS.set(Some(450));
        assert_eq!(ends(None), (450, Some("450".to_owned())));
        assert_eq!(ends(Some("450")), (50, Some("500".to_owned())));
        ROWS.set(Some(5_000));
        assert_eq!(ends(None), (1_000, None));
    }
}

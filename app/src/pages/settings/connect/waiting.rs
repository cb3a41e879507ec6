//! Whether traffic of the chosen application arrives: nothing yet, or how much since the page was
//! opened, or why none of it can be read.

use leptos::prelude::*;
use shared::IngestApplication;

use super::Chosen;
use crate::format::{count_of, visible};
use crate::state::address::link;
use crate::ui::{Clip, live};

/// What came since the page was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Came {
    Nothing,
    Requests(u64),
    /// Nothing that can be read.
    OnlyRejects(u64),
}

/// What came beyond what there was before.
fn came(before: (u64, u64), now: (u64, u64)) -> Came {
    let (accepted, rejected) = (
        now.0.saturating_sub(before.0),
        now.1.saturating_sub(before.1),
    );
    match (accepted, rejected) {
        (0, 0) => Came::Nothing,
        (0, rejected) => Came::OnlyRejects(rejected),
        (accepted, _) => Came::Requests(accepted),
    }
}

pub(super) fn waiting(chosen: Chosen) -> AnyView {
    let sums = move || {
        let arriving = chosen.arriving();
        arriving.map_or((0, 0), |one| (one.accepted, one.rejected))
    };
    let is_known = Memo::new(move |_| chosen.health.value.read().is_some());
    // What there was when the application was chosen, once anything is known.
    let before = Memo::new(move |_| {
        chosen.application.track();
        is_known.get().then(|| untrack(sums))
    });
    let state = Memo::new(move |_| {
        let before = before.get();
        before.map_or(Came::Nothing, |before| came(before, sums()))
    });
    let content = move || {
        let one = untrack(|| chosen.arriving());
        match (state.get(), one) {
            (Came::Requests(count), Some(one)) => received(count, &one),
            (Came::OnlyRejects(count), Some(one)) => unreadable(count, &one),
            _ => view! {
                <p>
                    <span class="dot dot--waiting" />
                    "Waiting for the first request …"
                </p>
            }
            .into_any(),
        }
    };
    let name = move || match state.get() {
        Came::Nothing => "waiting",
        Came::Requests(_) => "received",
        Came::OnlyRejects(_) => "rejected",
    };
    view! {
        <div class="waiting" role="status" data-state=name>
            {live(content)}
        </div>
    }
    .into_any()
}

fn received(count: u64, one: &IngestApplication) -> AnyView {
    let source = one.sources.first();
    let from = source.map(|source| {
        let address = source.address.as_deref().unwrap_or(&source.sender);
        format!(" from {} as {}", visible(address), visible(&source.format))
    });
    let sessions = link("/sessions", "q", &format!("app:'{}'", one.application));
    view! {
        <p>
            <span class="dot dot--good" />
            <b>{format!("Received {}", count_of(count, "request", "requests"))}</b>
            {from}
        </p>
        <p class="waiting__ways">
            <a href=sessions rel="external">
                "Look at the sessions"
            </a>
            <a href="/settings/traffic">"How it arrives"</a>
        </p>
    }
    .into_any()
}

fn unreadable(count: u64, one: &IngestApplication) -> AnyView {
    let latest = one.rejects.iter().max_by_key(|reject| reject.last_at);
    let latest = latest.map(|reject| {
        view! {
            <p>{format!("The last one: {}.", reject.label)}</p>
            <p class="mono waiting__example">
                <Clip text=reject.example.clone() />
            </p>
        }
    });
    let lines = count_of(count, "line arrived", "lines arrived");
    view! {
        <p>
            <span class="dot dot--wrong" />
            <b>{format!("{lines}, and none could be read")}</b>
        </p>
        {latest}
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_there_before_is_not_what_came() {
        assert_eq!(came((5, 2), (5, 2)), Came::Nothing);
        assert_eq!(came((5, 2), (17, 9)), Came::Requests(12));
        assert_eq!(came((5, 2), (5, 9)), Came::OnlyRejects(7));
        // The server started again.
        assert_eq!(came((5, 2), (0, 0)), Came::Nothing);
    }
}

//! The history of an entry: who did what, when, why, until when.

use crate::state::effect::effect;
use leptos::prelude::*;
use shared::{ListAction, ListEntry, Timestamp};

use crate::api;
use crate::components::until;
use crate::format::{day_and_second, visible};
use crate::state::remote::{Meanwhile, use_remote};
use crate::ui::{Dialog, MomentAs, ProblemLine};

/// Opens for an entry.
#[component]
pub(super) fn History(
    /// The entry; absent while closed.
    shown: RwSignal<Option<ListEntry>>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    effect(move || open.set(shown.with(Option::is_some)));
    Effect::new(move |was_open: Option<bool>| {
        let is_open = open.get();
        if was_open == Some(true) && !is_open {
            shown.set(None);
        }
        is_open
    });
    let title = Signal::derive(move || {
        let entry = shown.read();
        let entry = entry.as_ref();
        entry.map_or_else(String::new, |entry| format!("History of {}", entry.object))
    });
    view! {
        <Dialog open title>
            {move || shown.get_untracked().map(|entry| view! { <Versions entry /> })}
        </Dialog>
    }
}

#[component]
fn Versions(entry: ListEntry) -> impl IntoView {
    let id = entry.id;
    let history = use_remote(
        Meanwhile::Keep,
        move || id,
        |id| async move { api::list_history(id).await },
    );
    let line = |entry: ListEntry| {
        let what = match entry.action {
            ListAction::Removed => String::new(),
            // As it was when it was made, so without what is left of it.
            _ => until(entry.expires_at, entry.expires_at.unwrap_or(Timestamp(0))),
        };
        let applications = match &entry.applications {
            None => "all applications".to_owned(),
            Some(names) => names.join(", "),
        };
        view! {
            <li class="list-history__version">
                <p>
                    <strong>{entry.action.label()}</strong>
                    " by "
                    {visible(&entry.author).into_owned()}
                    " "
                    <MomentAs at=entry.at format=day_and_second />
                </p>
                <p class="quiet">
                    {what} " \u{b7} " {visible(&applications).into_owned()}
                    {(!entry.reason.is_empty())
                        .then(|| format!(" \u{b7} {}", visible(&entry.reason)))}
                </p>
            </li>
        }
        .into_any()
    };
    view! {
        {move || {
            history
                .problem
                .get()
                .map(|problem| view! { <ProblemLine problem on_retry=move || history.retry() /> })
        }}
        <ol class="list-history" role="list">
            {move || history.value.get().map(|page| page.items.into_iter().map(line).collect_view())}
        </ol>
    }
}

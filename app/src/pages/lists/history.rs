//! The history of an entry: who did what, when, why, until when.

use leptos::prelude::*;
use shared::{ListAction, ListEntry, ListEntryId, Timestamp};

use crate::api;
use crate::components::until;
use crate::format::{day_and_second, visible};
use crate::state::remote::{Meanwhile, use_remote};
use crate::ui::{Dialog, MomentAs, ProblemLine};

/// The dialog with the history of an entry.
#[derive(Clone, Copy)]
pub(super) struct History {
    open: RwSignal<bool>,
    title: RwSignal<String>,
    id: StoredValue<Option<ListEntryId>>,
}

impl History {
    pub(super) fn new() -> Self {
        Self {
            open: RwSignal::new(false),
            title: RwSignal::new(String::new()),
            id: StoredValue::new(None),
        }
    }

    /// Opens it for an entry.
    pub(super) fn show(self, id: ListEntryId, object: &str) {
        self.title.set(["History of ", object].concat());
        self.id.set_value(Some(id));
        self.open.set(true);
    }
}

/// Opens for an entry.
#[component]
pub(super) fn HistoryDialog(
    /// Whose history.
    history: History,
) -> impl IntoView {
    view! {
        <Dialog open=history.open title=history.title>
            {move || history.id.get_value().map(|id| view! { <Versions id /> })}
        </Dialog>
    }
}

#[component]
fn Versions(id: ListEntryId) -> impl IntoView {
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

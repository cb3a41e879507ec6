//! The table of entries.

use leptos::prelude::*;
use shared::{ListEntry, ListOrigin, ListState, Permission};

use super::history::History;
use crate::components::until;
use crate::format::visible;
use crate::state::clock::use_now;
use crate::state::listing::{Proposal, use_lists};
use crate::state::me::use_me;
use crate::state::remote::Pages;
use crate::ui::{Clip, Head, Moment, PagedTable, Show, Tag, press};

const HEADS: [Head; 6] = [
    Head::new("", "Object"),
    Head::new("", "Applications"),
    Head::new("", "Reason"),
    Head::new("", "Until"),
    Head::new("", "Who, when"),
    Head::unseen("", "What can be done"),
];

/// Entries, the last changed first.
#[component]
pub(super) fn EntryTable(
    /// The entries.
    entries: Pages<ListEntry>,
    /// The past moment that they are of, when they cannot be changed.
    at: Memo<Option<String>>,
    /// Shows the history of an entry.
    history: History,
) -> impl IntoView {
    let key = |entry: &ListEntry| format!("{} {}", entry.id, entry.version);
    let row = move |entry: ListEntry| view! { <EntryRow entry at history /> }.into_any();
    view! {
        <PagedTable
            label="Entries"
            class="table--lists"
            heads=&HEADS
            pages=entries
            skeleton=(6, 6)
            key
            row
        />
    }
}

#[component]
fn EntryRow(entry: ListEntry, at: Memo<Option<String>>, history: History) -> impl IntoView {
    let (lists, now, me) = (use_lists(), use_now(), use_me());
    let may = move || me.refusal_of_address(Permission::ListsWrite).is_none();
    let object = entry.object.to_string();
    let applications = match &entry.applications {
        None => "all".to_owned(),
        Some(names) => names.join(", "),
    };
    let end = entry.expires_at;
    let is_active = entry.state == ListState::Active;
    let author = visible(&entry.author).into_owned();
    let (id, done_at) = (entry.id, entry.at);
    let is_automatic = entry.origin == ListOrigin::Automatic;
    let reason = entry.reason.clone();
    let (changed, removed) = (entry.clone(), entry);
    let change = Callback::new(move |()| {
        lists.propose(Proposal {
            list: changed.list,
            object: changed.object.to_string(),
            application: None,
            reason: changed.reason.clone(),
            entry: Some(changed.clone()),
        });
    });
    let remove = Callback::new(move |()| lists.remove(removed.clone()));
    let shown = object.clone();
    let history = Callback::new(move |()| history.show(id, &shown));
    let name = object.clone();
    let doing = move |what: &'static str, before: &str, act: Callback<()>| {
        let name = format!("{before} {name}");
        view! {
            <button
                class="button button--small button--quiet"
                type="button"
                aria-label=name
                on:click=press(move || act.run(()))
            >
                {what}
            </button>
        }
    };
    let history = doing("History", "History of", history);
    view! {
        <tr class="table__row">
            <td class="mono">
                <Clip text=object />
            </td>
            <td>
                <Clip text=applications />
            </td>
            <td class="list-row__reason">
                <Clip text=reason />
            </td>
            <td class="list-row__until">{move || until(end, now.get())}</td>
            <td class="list-row__who quiet">
                {author} " " <Moment at=done_at />
                {is_automatic.then(|| view! { <Tag text="automatic" /> })}
            </td>
            <td class="list-row__actions">
                {history}
                <Show when=move || is_active && at.read().is_none() && may()>
                    {doing("Change", "Change", change)}
                    {doing("Remove", "Remove", remove)}
                </Show>
            </td>
        </tr>
    }
}

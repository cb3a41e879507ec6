//! The table of entries.

use leptos::prelude::*;
use shared::{ListEntry, ListOrigin, ListState};

use crate::components::until;
use crate::format::visible;
use crate::state::clock::use_now;
use crate::state::listing::{Proposal, use_lists};
use crate::state::remote::Pages;
use crate::ui::{Clip, Moment, SkeletonRows, Tag};

/// Entries, the last changed first.
#[component]
pub(super) fn EntryTable(
    /// The entries.
    entries: Pages<ListEntry>,
    /// Whether they are of a past moment, and cannot be changed.
    is_past: Signal<bool>,
    /// The entry whose history is shown.
    shown: RwSignal<Option<ListEntry>>,
) -> impl IntoView {
    let first = move || {
        entries.first.value.with(|page| {
            page.as_ref()
                .map(|page| page.items.clone())
                .unwrap_or_default()
        })
    };
    let key = |entry: &ListEntry| (entry.id, entry.version);
    let row = move |entry: ListEntry| view! { <EntryRow entry is_past shown /> };
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label="Entries">
            <table class="table table--stack table--lists">
                <caption class="visually-hidden">"Entries"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Object"</th>
                        <th scope="col">"Applications"</th>
                        <th scope="col">"Reason"</th>
                        <th scope="col">"Until"</th>
                        <th scope="col">"Who, when"</th>
                        <th scope="col">
                            <span class="visually-hidden">"What can be done"</span>
                        </th>
                    </tr>
                </thead>
                <Show
                    when=move || entries.first.value.with(Option::is_some)
                    fallback=|| view! { <SkeletonRows rows=6 columns=6 /> }
                >
                    <tbody>
                        <For each=first key children=row />
                        <For each=move || entries.further.get() key children=row />
                    </tbody>
                </Show>
            </table>
        </div>
    }
}

#[component]
fn EntryRow(
    entry: ListEntry,
    is_past: Signal<bool>,
    shown: RwSignal<Option<ListEntry>>,
) -> impl IntoView {
    let (lists, now) = (use_lists(), use_now());
    let object = entry.object.to_string();
    let applications = match &entry.applications {
        None => "all".to_owned(),
        Some(names) => names.join(", "),
    };
    let end = entry.expires_at;
    let is_active = entry.state == ListState::Active;
    let (author, at) = (visible(&entry.author).into_owned(), entry.at);
    let is_automatic = entry.origin == ListOrigin::Automatic;
    let reason = entry.reason.clone();
    let (changed, removed, past) = (entry.clone(), entry.clone(), entry);
    let change = move |_| {
        let reason = changed.reason.clone();
        lists.proposal.set(Some(Proposal {
            list: changed.list,
            object: changed.object.to_string(),
            application: None,
            reason,
            entry: Some(changed.clone()),
        }));
    };
    let remove = move |_| lists.remove(removed.clone());
    let (change, remove) = (StoredValue::new(change), StoredValue::new(remove));
    let name = object.clone();
    let named = move |what: &str| format!("{what} {name}");
    let (change_name, remove_name) = (named("Change"), named("Remove"));
    let history_name = named("History of");
    view! {
        <tr class="table__row">
            <td class="mono list-row__object">
                <Clip text=object />
            </td>
            <td class="list-row__applications">
                <Clip text=applications />
            </td>
            <td class="list-row__reason">
                <Clip text=reason />
            </td>
            <td class="list-row__until">{move || until(end, now.get())}</td>
            <td class="list-row__who quiet">
                {author} " " <Moment at />
                {is_automatic.then(|| view! { <Tag text="automatic" /> })}
            </td>
            <td class="list-row__actions">
                <button
                    class="button button--small button--quiet"
                    type="button"
                    aria-label=history_name
                    on:click=move |_| shown.set(Some(past.clone()))
                >
                    "History"
                </button>
                <Show when=move || is_active && !is_past.get()>
                    <button
                        class="button button--small button--quiet"
                        type="button"
                        aria-label=change_name.clone()
                        on:click=move |event| change.with_value(|change| change(event))
                    >
                        "Change"
                    </button>
                    <button
                        class="button button--small button--quiet"
                        type="button"
                        aria-label=remove_name.clone()
                        on:click=move |event| remove.with_value(|remove| remove(event))
                    >
                        "Remove"
                    </button>
                </Show>
            </td>
        </tr>
    }
}

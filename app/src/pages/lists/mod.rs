//! The page at `/lists/{deny,exceptions}`: who is on a list, why and until when, now or at a
//! past moment; adding, one by one or many at once.

mod bulk;
mod history;
mod moment;
mod pull;
mod table;

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use shared::{ListKind, ListState, Permission};

use self::bulk::Bulk;
use self::history::{History, HistoryDialog};
use self::moment::MomentField;
use self::pull::Pull;
use self::table::EntryTable;
use crate::api::{self, EntryFilter};
use crate::components::{NOT_ENFORCED, PermittedButton};
use crate::format::day_and_minute;
use crate::state::address::{use_address, use_parameter};
use crate::state::listing::{Proposal, use_lists};
use crate::state::remote::{Meanwhile, use_pages};
use crate::state::title::use_title;
use crate::ui::{Dialog, Field, ProblemPanel, Show};

/// The tabs: the part of the address, the list, what people read.
const TABS: [(&str, ListKind, &str); 2] = [
    ("deny", ListKind::Deny, "Deny list"),
    ("exceptions", ListKind::Exception, "Exception list"),
];

/// The lists, a tab each.
#[component]
pub fn ListsPage() -> impl IntoView {
    use_title(|| "IP lists".to_owned());
    let params = use_params_map();
    let list = move || {
        let name = params.read().get("list").unwrap_or_default();
        let tab = TABS.iter().find(|(path, ..)| *path == name);
        tab.map_or(ListKind::Deny, |(_, list, _)| *list)
    };
    let lists = use_lists();
    let address = use_address();
    let object = use_parameter("object");
    let state = use_parameter("state");
    let at = use_parameter("at");
    let state_of = move || {
        state
            .get()
            .and_then(|text| text.parse().ok())
            .unwrap_or(ListState::Active)
    };
    let moment = move || at.get().and_then(|text| text.parse().ok());
    let entries = use_pages(
        Meanwhile::Keep,
        move || {
            let filter = EntryFilter {
                list: list(),
                state: state_of(),
                object: object.get().unwrap_or_default(),
                at: moment(),
            };
            (filter, lists.changed.get())
        },
        |(filter, _), cursor| async move { api::list_entries(&filter, cursor.as_deref()).await },
    );
    let add = move || {
        lists.propose(Proposal {
            list: untrack(list),
            object: String::new(),
            application: None,
            reason: String::new(),
            entry: None,
        });
    };
    let bulk = RwSignal::new(false);
    let history = History::new();
    let is_narrowed = move || object.read().is_some() || state_of() != ListState::Active;
    let is_empty = move || {
        let page = entries.first.value.read();
        page.as_ref().is_some_and(|page| page.items.is_empty())
    };
    view! {
        <div class="page">
            <div class="page__head">
                <h1>"IP lists"</h1>
                <div class="list-buttons">
                    <PermittedButton
                        needs=Permission::ListsWrite
                        label="Many at once"
                        on_press=move || bulk.set(true)
                    />
                    <PermittedButton
                        needs=Permission::ListsWrite
                        label="Add"
                        class="button button--primary"
                        on_press=add
                    />
                </div>
            </div>
            <nav class="list-tabs" aria-label="Lists">
                {TABS
                    .iter()
                    .map(|(path, kind, label)| {
                        view! {
                            <a
                                class="list-tabs__tab"
                                href=format!("/lists/{path}")
                                aria-current=move || (list() == *kind).then_some("page")
                            >
                                {*label}
                            </a>
                        }
                        .into_any()
                    })
                    .collect_view()}
            </nav>
            <p class="list-about quiet">
                {move || match list() {
                    ListKind::Exception => {
                        "Never judged bots: attacks from these addresses alone are not listed, and none is raised anew."
                    }
                    _ => NOT_ENFORCED,
                }}
            </p>
            <div class="list-filters">
                <Field label="Address or subnet">
                    <input
                        class="form-field__input mono"
                        type="search"
                        autocomplete="off"
                        spellcheck="false"
                        prop:value=move || object.get().unwrap_or_default()
                        on:change:target=move |event| {
                            let text = event.target().value();
                            address.set(&[("object", Some(text).filter(|text| !text.trim().is_empty()))]);
                        }
                    />
                </Field>
                <Field label="State">
                    <select
                        class="form-field__input"
                        on:change:target=move |event| {
                            let text = event.target().value();
                            let is_default = text == ListState::Active.as_str();
                            address.set(&[("state", (!is_default).then_some(text))]);
                        }
                    >
                        {ListState::ALL
                            .iter()
                            .map(|state| {
                                view! {
                                    <option
                                        value=state.as_str()
                                        selected=move || state_of() == *state
                                    >
                                        {state.label()}
                                    </option>
                                }
                                .into_any()
                            })
                            .collect_view()}
                    </select>
                </Field>
                <MomentField at />
            </div>
            {move || {
                moment()
                    .map(|at| {
                        let back = address.with(&[("at", None)]);
                        view! {
                            <div class="banner">
                                <p>{format!("The list as it was on {}.", day_and_minute(at))}</p>
                                <a class="button button--small" href=back>
                                    "Back to now"
                                </a>
                            </div>
                        }
                    })
            }}
            {move || {
                entries
                    .first
                    .problem
                    .get()
                    .map(|problem| {
                        view! { <ProblemPanel problem on_retry=move || entries.first.retry() /> }
                    })
            }}
            <Show when=move || entries.first.problem.read().is_none()>
                <Show
                    when=is_empty
                    fallback=move || {
                        view! {
                            <EntryTable
                                entries
                                at
                                history
                            />
                        }
                    }
                >
                    <div class="nothing">
                        <h2>
                            {move || {
                                if is_narrowed() || at.read().is_some() {
                                    "No entry is like that"
                                } else {
                                    "Nobody is on this list"
                                }
                            }}
                        </h2>
                        <p class="quiet">
                            "Add an address here, from an attack, from a hit, or from a request."
                        </p>
                    </div>
                </Show>
            </Show>
            <Show when=move || list() == ListKind::Deny>
                <Pull />
            </Show>
            <Dialog open=bulk title=Signal::derive(move || format!("Many at once: {}", list().label().to_ascii_lowercase()))>
                <Bulk list=untrack(list) open=bulk />
            </Dialog>
            <HistoryDialog history />
        </div>
    }
}

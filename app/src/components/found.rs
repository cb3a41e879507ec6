//! What a search found: the table with the way to more of it, why there is nothing, or what
//! failed.

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use shared::{ErrorCode, Overview, Problem};
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::{Nothing, Subject};
use crate::state::effect::effect;
use crate::state::remote::{Pages, Remote};
use crate::state::search::Search;
use crate::ui::{More, ProblemPanel, focus_content, focus_soon, live};

/// The list below the filters.
#[component]
pub fn Found<T: Clone + Send + Sync + 'static>(
    /// What the list is of.
    subject: Subject,
    /// The search of the page.
    search: Search,
    /// What was found.
    pages: Pages<T>,
    /// What the store holds.
    overview: Remote<Overview>,
    /// The table.
    #[prop(into)]
    table: ViewFn,
) -> impl IntoView {
    let first = pages.first;
    let state = State {
        length: pages.length(),
        loading: first.loading,
        problem: first.problem,
        retry: Callback::new(move |()| first.retry()),
    };
    let list = move || view! { {table.run()} <More pages /> }.into_any();
    list_of(subject, search, state, overview, list.into())
}

/// What is known of the first page, whatever the list is of.
#[derive(Clone, Copy)]
struct State {
    length: Memo<Option<usize>>,
    loading: RwSignal<bool>,
    problem: RwSignal<Option<Problem>>,
    retry: Callback<()>,
}

fn list_of(
    subject: Subject,
    search: Search,
    state: State,
    overview: Remote<Overview>,
    list: ViewFn,
) -> AnyView {
    // A text that cannot be read is the search field's to tell of.
    let problem = move || {
        let found = state.problem.get().or_else(|| overview.problem.get());
        let problem = found.filter(|problem| problem.code != ErrorCode::InvalidSearch)?;
        let on_retry = move || {
            state.retry.run(());
            overview.retry();
        };
        Some(view! { <ProblemPanel problem on_retry /> })
    };
    // The search that found nothing, if it did: another one finds nothing for another reason.
    let nothing = Memo::new(move |before: Option<&Option<String>>| {
        if state.loading.get() {
            return before.cloned().flatten();
        }
        (state.length.get() == Some(0)).then(|| search.text.get_untracked())
    });
    let has_list = Memo::new(move |_| match state.length.get() {
        Some(length) => length > 0,
        None => state.problem.with(Option::is_none),
    });
    let content = move || {
        if has_list.get() {
            return Some(list.run());
        }
        nothing.get()?;
        let overview = overview.value.get()?;
        Some(view! { <Nothing subject search overview /> }.into_any())
    };
    // The way out of an empty list is gone once it is taken: what comes instead has the focus.
    let is_awaited = StoredValue::new(false);
    let on_click = move |event: MouseEvent| {
        let target = event.target().and_then(|target| target.dyn_into().ok());
        let way_out =
            target.and_then(|target: Element| target.closest(".nothing a").ok().flatten());
        if way_out.is_some() {
            is_awaited.set_value(true);
            focus_content();
        }
    };
    effect(move || {
        if state.length.get() > Some(0) && is_awaited.get_value() {
            is_awaited.set_value(false);
            focus_soon(".list .table__link".to_owned());
        }
    });
    let is_stale = move || state.loading.get() && state.length.get().is_some();
    let is_busy = Signal::derive(move || is_stale().to_string());
    view! {
        {live(problem)}
        <div class="list" aria-busy=is_busy on:click=on_click>
            {live(content)}
        </div>
    }
    .into_any()
}

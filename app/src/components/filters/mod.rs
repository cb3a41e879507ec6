//! The quick filters of a list, in step with the search text and the address both ways: one
//! button each, which opens what can be chosen. On narrow screens they fold into one sheet.

mod active;
mod focus;
mod known;
mod period;
mod values;

use leptos::ev;
use leptos::prelude::*;
use shared::Overview;
use shared::search::{Key, Query};

pub use self::active::ActiveFilters;
pub(crate) use self::known::text_of;
use self::known::{filters_of, name_of};
use self::period::{PeriodPanel, period_text};
use self::values::ValuePanel;
use crate::state::search::Search;
use crate::ui::{Glyph, Icon, live};

/// All filters of a list.
#[component]
pub fn Filters(
    /// The search of the page.
    search: Search,
    /// What the store holds, for *Everything stored*.
    overview: RwSignal<Option<Overview>>,
) -> impl IntoView {
    // Which is open, by its place in the row; the date is the first.
    let open = RwSignal::new(None::<usize>);
    let listener = window_event_listener(ev::pointerdown, move |event| {
        if open.get_untracked().is_some() && !focus::is_in_open(event.target()) {
            open.set(None);
        }
    });
    on_cleanup(move || listener.remove());
    let on_key = move |event: ev::KeyboardEvent| {
        if open.get_untracked().is_none() {
            return;
        }
        let handled = match event.key().as_str() {
            "Escape" => {
                focus::to_button();
                open.set(None);
                true
            }
            "ArrowDown" => focus::step(1),
            "ArrowUp" => focus::step(-1),
            _ => false,
        };
        if handled {
            event.prevent_default();
            // Nothing else that is open closes with it.
            event.stop_propagation();
        }
    };
    let on_leave = move |event: ev::FocusEvent| {
        let next = event.related_target();
        if next.is_some() && !focus::is_in_open(next) {
            open.set(None);
        }
    };
    let count = move || {
        let query = search.read();
        match query.terms.len() + usize::from(query.period.is_some()) {
            0 => String::new(),
            active => active.to_string(),
        }
    };
    let keys = filters_of(search.list).iter().map(|key| Some(*key));
    let all = std::iter::once(None).chain(keys).enumerate();
    view! {
        <button class="button filters__open" type="button" popovertarget="filters">
            "Filters"
            <span class="filters__count">{live(count)}</span>
        </button>
        <div
            class="filters"
            id="filters"
            popover="auto"
            role="group"
            aria-label="Filters"
            on:keydown=on_key
            on:focusout=on_leave
        >
            <div class="filters__head">
                <h2>"Filters"</h2>
                <button
                    class="button button--quiet button--small"
                    type="button"
                    popovertarget="filters"
                    popovertargetaction="hide"
                >
                    <Icon glyph=Glyph::Done />
                    "Done"
                </button>
            </div>
            {all.map(|(at, key)| filter(search, overview, open, at, key)).collect_view()}
        </div>
    }
}

/// One filter: its button with what is chosen, and the panel that it opens. Without a key it is
/// the date's.
fn filter(
    search: Search,
    overview: RwSignal<Option<Overview>>,
    open: RwSignal<Option<usize>>,
    at: usize,
    key: Option<Key>,
) -> AnyView {
    let name = key.map_or("Date", |key| name_of(search.list, key));
    let is_open = Memo::new(move |_| open.get() == Some(at));
    let button = move || {
        let is_unreadable = search.is_unreadable();
        let chosen = match key {
            Some(key) => chosen_text(&search.read(), key),
            None => Some(period_text(search.read().period, overview)),
        };
        let is_chosen = chosen.is_some();
        view! {
            <button
                class="filter__button"
                type="button"
                aria-expanded=is_open.get().to_string()
                aria-disabled=is_unreadable.then_some("true")
                data-tip=is_unreadable.then_some("Correct the search text first")
                data-chosen=is_chosen.then_some("")
                on:click=move |_| {
                    open.set((!is_unreadable && !is_open.get_untracked()).then_some(at));
                }
            >
                <span class="filter__name">{name}</span>
                <span class="filter__chosen">{chosen}</span>
            </button>
        }
    };
    let panel = move || {
        let content = is_open.get().then(|| match key {
            Some(key) => view! { <ValuePanel search key /> }.into_any(),
            None => view! { <PeriodPanel search overview open /> }.into_any(),
        });
        content.map(|content| {
            view! {
                <div class="filter__panel" role="group" aria-label=name>
                    {content}
                </div>
            }
        })
    };
    view! { <div class="filter">{live(button)} {live(panel)}</div> }.into_any()
}

/// What is chosen of a key, short enough for a button; absent if nothing is.
fn chosen_text(query: &Query, key: Key) -> Option<String> {
    let mut terms = query.terms_of(key);
    let first = terms.next()?;
    let sign = if first.negated { "not " } else { "" };
    let text = text_of(&first.condition);
    Some(match terms.count() {
        0 => format!("{sign}{text}"),
        further => format!("{sign}{text} +{further}"),
    })
}

//! The list of suggestions below the search field: words and keys of the language, then the
//! values that the store holds. The field keeps the focus and the keys.

use leptos::prelude::*;
use shared::search::{self, List};

use super::completion::{self, Place, Suggestion, Written, has_values};
use crate::api::Wanted;
use crate::format::visible;
use crate::state::values::use_values;
use crate::ui::live;

/// What is suggested for a text.
#[derive(Clone, Copy)]
pub(super) struct Offer {
    list: List,
    draft: RwSignal<String>,
    /// Where the caret stands, in characters, while suggestions are wanted.
    caret: RwSignal<Option<usize>>,
    suggestions: Memo<Vec<Suggestion>>,
    /// The text of the one that Enter takes.
    active: RwSignal<Option<String>>,
}

/// Suggestions for the word of `draft` that the caret stands in.
pub(super) fn use_suggestions(list: List, draft: RwSignal<String>) -> Offer {
    let caret = RwSignal::new(None);
    let place = move || {
        let caret = caret.get()?;
        Some(draft.with(|draft| completion::place(list, draft, caret)))
    };
    let values = use_values(list, move || {
        let place = place()?;
        // Where the rest cannot be read yet, all rows of the default period are counted.
        let text = draft.with(|draft| place.without(draft));
        let text = search::parse(list, &text).map_or_else(|_| String::new(), |it| it.to_string());
        match place.written {
            Written::Value(key, prefix) if has_values(key) => Some(Wanted { key, prefix, text }),
            _ => None,
        }
    });
    let suggestions = Memo::new(move |_| match place().map(|place| place.written) {
        None => Vec::new(),
        Some(Written::Word(written)) => completion::words(list, &written),
        Some(Written::Value(key, written)) => values
            .found
            .with(|found| completion::values(key, &written, found.as_deref().unwrap_or_default())),
    });
    Offer {
        list,
        draft,
        caret,
        suggestions,
        active: RwSignal::new(None),
    }
}

impl Offer {
    /// Whether there is something to choose from. Reactive.
    pub(super) fn is_shown(self) -> bool {
        self.suggestions.with(|list| !list.is_empty())
    }

    /// The place of the active suggestion. Reactive.
    pub(super) fn active(self) -> Option<usize> {
        let active = self.active.get()?;
        self.suggestions
            .with(|list| list.iter().position(|other| other.text == active))
    }

    /// Shows suggestions for the word at the caret, if something is written to complete.
    pub(super) fn open(self, caret: usize) {
        self.active.set(None);
        self.caret.set(Some(caret));
        if self.place().is_none_or(|place| place.is_empty()) {
            self.caret.set(None);
        }
    }

    /// Takes the list away; whether it was there.
    pub(super) fn close(self) -> bool {
        let was_shown = untrack(|| self.is_shown());
        self.active.set(None);
        self.caret.set(None);
        was_shown
    }

    /// Goes to the next or the previous suggestion, round the ends; shows them first.
    pub(super) fn step(self, by: isize, caret: usize) -> bool {
        if self.caret.get_untracked().is_none() {
            self.caret.set(Some(caret));
            return true;
        }
        let length = self.suggestions.with_untracked(Vec::len) as isize;
        if length > 0 {
            let next = match untrack(|| self.active()) {
                Some(active) => (active as isize + by).rem_euclid(length),
                None if by < 0 => length - 1,
                None => 0,
            } as usize;
            let text = self
                .suggestions
                .with_untracked(|list| list[next].text.clone());
            self.active.set(Some(text));
            show_option(next);
        }
        true
    }

    /// What Tab takes: the active suggestion, else the first, if a word was begun and is not
    /// complete.
    pub(super) fn chosen(self) -> Option<usize> {
        let place = self.place()?;
        let begun = || {
            let complete = self.suggestions.with_untracked(|list| {
                let first = list.first()?;
                Some(self.draft.with_untracked(|draft| place.holds(draft, first)))
            });
            (complete == Some(false) && !place.is_empty()).then_some(0)
        };
        untrack(|| self.active()).or_else(begun)
    }

    /// The text with the suggestion in it and where the caret stands then. A key stays open for
    /// its values.
    pub(super) fn take(self, index: usize) -> Option<(String, usize)> {
        let place = self.place()?;
        let suggestion = self
            .suggestions
            .with_untracked(|list| list.get(index).cloned())?;
        let taken = self
            .draft
            .with_untracked(|draft| place.apply(draft, &suggestion));
        self.active.set(None);
        self.caret.set(suggestion.goes_on.then_some(taken.1));
        Some(taken)
    }

    fn place(self) -> Option<Place> {
        let caret = self.caret.get_untracked()?;
        let place = |draft: &String| completion::place(self.list, draft, caret);
        Some(self.draft.with_untracked(place))
    }
}

/// The name of an option for `aria-activedescendant`.
pub(super) fn option_id(index: usize) -> String {
    format!("suggestion-{index}")
}

/// Scrolls the list, not the page, until the option is seen.
fn show_option(index: usize) {
    if let Some(option) = document().get_element_by_id(&option_id(index)) {
        let options = web_sys::ScrollIntoViewOptions::new();
        options.set_block(web_sys::ScrollLogicalPosition::Nearest);
        option.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

/// The list; absent while there is nothing to choose from.
pub(super) fn suggestion_list(
    offer: Offer,
    on_take: impl Fn(usize) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let options = live(move || {
        let active = offer.active();
        let option = |(index, suggestion): (usize, Suggestion)| {
            view! {
                <li
                    class="suggestion"
                    id=option_id(index)
                    role="option"
                    aria-selected=(active == Some(index)).to_string()
                    // The field keeps the focus.
                    on:mousedown=move |event| event.prevent_default()
                    on:click=move |_| on_take(index)
                >
                    <span class="suggestion__text mono">
                        {visible(&suggestion.text).into_owned()}
                    </span>
                    <span class="suggestion__note">{suggestion.note}</span>
                </li>
            }
            .into_any()
        };
        let suggestions = offer.suggestions.get().into_iter().enumerate();
        suggestions.map(option).collect_view()
    });
    view! {
        <ul class="suggestions" id="search-suggestions" role="listbox" aria-label="Suggestions">
            {options}
        </ul>
    }
}

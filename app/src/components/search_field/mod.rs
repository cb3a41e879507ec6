//! The search field: text of the search language, in step with the address, with suggestions
//! for the word at the caret. An error is underlined at its character. Parsing is
//! `shared::search`'s.

mod completion;
mod help;
mod suggestions;

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use shared::search::{self, SearchError};
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;

pub(crate) use self::completion::has_values;
use self::help::SearchHelp;
use self::suggestions::{option_id, suggestion_list, use_suggestions};
use crate::state::effect::effect;
use crate::state::search::Search;
use crate::ui::{Glyph, Icon, live, press};

/// The field with its suggestions and its help.
#[component]
pub fn SearchField(
    /// The search of the page.
    search: Search,
    /// The field's name, e.g. `Search attacks`.
    label: &'static str,
) -> impl IntoView {
    // What is typed and not yet searched for; follows the address when that changes.
    let draft = RwSignal::new(String::new());
    let error = RwSignal::new(None::<SearchError>);
    let offer = use_suggestions(search.list, draft);
    effect(move || {
        draft.set(search.text.get());
        error.set(search.query.with(|query| query.clone().err()));
    });
    let submit = move || {
        let text = draft.get_untracked();
        offer.close();
        match search::parse(search.list, &text) {
            Ok(_) => search.set_text(&text),
            Err(wrong) => error.set(Some(wrong)),
        }
    };
    // The text of the field and its caret; the draft is followed by the field only later.
    let put = move |text: String, caret: usize| {
        if let Some(field) = field() {
            field.set_value(&text);
            let caret = utf16_length(text.chars().take(caret));
            // Both fail only on an element that left the page.
            let _ = field.focus();
            let _ = field.set_selection_range(caret, caret);
        }
        draft.set(text);
        error.set(None);
    };
    let clear = move |_| {
        offer.close();
        search.set_text("");
        put(String::new(), 0);
    };
    let take = move |index: usize| {
        if let Some((text, caret)) = offer.take(index) {
            put(text, caret);
        }
    };
    let take_some = move |index: Option<usize>| index.map(take).is_some();
    let on_key = move |event: KeyboardEvent| {
        let handled = match event.key().as_str() {
            "ArrowDown" => offer.step(1, caret()),
            "ArrowUp" => offer.step(-1, caret()),
            "Escape" => offer.close(),
            "Enter" => take_some(untrack(|| offer.active())),
            "Tab" if !event.shift_key() => take_some(offer.chosen()),
            _ => false,
        };
        if handled {
            event.prevent_default();
        }
    };
    let is_expanded = Signal::derive(move || offer.is_shown().to_string());
    let is_invalid = Signal::derive(move || error.with(Option::is_some).to_string());
    let instead = move |error: SearchError, meant: String| {
        let words = ["Use ", &meant].concat();
        let put_it = press(move || {
            let text = draft.with_untracked(|draft| mended(draft, &error, &meant));
            let caret = error.position as usize + meant.chars().count();
            put(text, caret);
            // A key waits for its value.
            if !meant.ends_with(':') {
                submit();
            }
        });
        view! {
            <button class="button button--small" type="button" on:click=put_it>
                {words}
            </button>
        }
    };
    // Unseen but for the line under the wrong characters.
    let wrong = live(move || {
        error.get().map(|error| {
            let (before, wrong) = draft.with_untracked(|draft| split_at_error(draft, &error));
            view! {
                <div class="search__mirror" aria-hidden="true">
                    <span>{before}</span>
                    <mark class="search__wrong">{wrong}</mark>
                </div>
                <p class="search__error">
                    {error.message.clone()} {error.meant.clone().map(|meant| instead(error.clone(), meant))}
                </p>
            }
        })
    });
    view! {
        <form
            class="search"
            role="search"
            on:submit=move |event| {
                event.prevent_default();
                submit();
            }
        >
            <div class="search__box">
                <Icon glyph=Glyph::Search />
                <input
                    class="search__input"
                    type="text"
                    role="combobox"
                    data-search
                    aria-keyshortcuts="/"
                    aria-label=label
                    aria-autocomplete="list"
                    aria-haspopup="listbox"
                    aria-controls="search-suggestions"
                    aria-expanded=is_expanded
                    aria-activedescendant=move || offer.active().map(option_id)
                    aria-invalid=is_invalid
                    aria-describedby="search-error"
                    placeholder="account_takeover last week ip:192.0.2.0/24"
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    prop:value=draft
                    on:input:target=move |event| {
                        draft.set(event.target().value());
                        error.set(None);
                        offer.open(caret());
                    }
                    on:keydown=on_key
                    on:scroll=follow_scroll
                    on:blur=move |_| {
                        offer.close();
                    }
                    on:change=move |_| submit()
                />
                <button
                    class="button button--quiet button--icon button--small search__clear"
                    type="button"
                    aria-label="Clear the search"
                    on:click=clear
                >
                    <Icon glyph=Glyph::Close />
                </button>
                <SearchHelp list=search.list />
            </div>
            {suggestion_list(offer, take)}
            <div id="search-error" role="status">
                {wrong}
            </div>
        </form>
    }
}

fn field() -> Option<HtmlInputElement> {
    let field = document().query_selector("[data-search]").ok()??;
    field.dyn_into().ok()
}

/// Where the caret stands in the field, in characters.
fn caret() -> usize {
    field().map_or(0, |field| {
        let units = field.selection_start().ok().flatten().unwrap_or(0);
        characters_before(&field.value(), units)
    })
}

/// The line stays below its characters when the text is longer than the field.
fn follow_scroll(_: leptos::ev::Event) {
    let mirror = document().query_selector(".search__mirror").ok().flatten();
    if let (Some(field), Some(mirror)) = (field(), mirror) {
        mirror.set_scroll_left(field.scroll_left());
    }
}

/// What stands before the wrong characters, and the wrong ones (a space where something is
/// missing).
fn split_at_error(text: &str, error: &SearchError) -> (String, String) {
    let mut characters = text.chars();
    let before: String = characters.by_ref().take(error.position as usize).collect();
    let mut wrong: String = characters.take(error.len as usize).collect();
    if wrong.trim().is_empty() {
        wrong.push('\u{a0}');
    }
    (before, wrong)
}

/// The text with what was meant in the place of what is wrong.
fn mended(text: &str, error: &SearchError, meant: &str) -> String {
    let before = text.chars().take(error.position as usize);
    let after = text.chars().skip((error.position + error.len) as usize);
    before.chain(meant.chars()).chain(after).collect()
}

/// How many characters of a text come before so many of the browser's units.
fn characters_before(text: &str, units: u32) -> usize {
    let mut passed = 0;
    text.chars()
        .take_while(|character| {
            passed += character.len_utf16() as u32;
            passed <= units
        })
        .count()
}

/// How long characters are as the browser counts.
fn utf16_length(characters: impl Iterator<Item = char>) -> u32 {
    characters
        .map(|character| character.len_utf16() as u32)
        .sum()
}

#[cfg(test)]
mod tests {
    use shared::search::List;

    use super::*;

    fn split(text: &str, position: u32, len: u32) -> (String, String) {
        let message = String::new();
        split_at_error(
            text,
            &SearchError {
                message,
                position,
                len,
                meant: None,
            },
        )
    }

    #[test]
    fn what_was_meant_takes_the_place_of_what_is_wrong() {
        let mut error = search::parse(List::Attacks, "/ü !scrapping today").unwrap_err();
        let meant = error.meant.take().unwrap();
        assert_eq!(
            mended("/ü !scrapping today", &error, &meant),
            "/ü !scraping today"
        );
    }

    fn owned(parts: [&str; 2]) -> (String, String) {
        let [before, wrong] = parts.map(str::to_owned);
        (before, wrong)
    }

    #[test]
    fn an_error_is_cut_out_by_characters_and_not_by_bytes() {
        assert_eq!(split("ü ddos x", 2, 4), owned(["ü ", "ddos"]));
    }

    #[test]
    fn where_something_is_missing_a_space_is_marked() {
        assert_eq!(split("ip:", 3, 0), owned(["ip:", "\u{a0}"]));
        assert_eq!(split("ip:", 99, 0), owned(["ip:", "\u{a0}"]));
    }

    #[test]
    fn the_browser_counts_a_character_outside_the_first_plane_twice() {
        assert_eq!(utf16_length("aü😀".chars()), 4);
        assert_eq!(characters_before("aü😀b", 4), 3);
        assert_eq!(characters_before("aü😀b", 99), 4);
    }
}

//! The search field: text of the search language, in step with the address. An error points at
//! its character. Parsing is `shared::search`'s.

use leptos::html::Input;
use leptos::prelude::*;
use shared::search::{self, SearchError};

use crate::state::search::Search;
use crate::ui::{Glyph, Icon};

/// The field with its help.
#[component]
pub fn SearchField(
    /// The search of the page.
    search: Search,
    /// The field's name, e.g. `Search attacks`.
    label: &'static str,
) -> impl IntoView {
    let input = NodeRef::<Input>::new();
    // What is typed and not yet searched for; follows the address when that changes.
    let draft = RwSignal::new(String::new());
    let error = RwSignal::new(None::<SearchError>);
    Effect::new(move |_| {
        draft.set(search.text.get());
        error.set(search.query.with(|query| query.clone().err()));
    });
    let submit = move || {
        let text = draft.get_untracked();
        match search::parse(search.list, &text) {
            Ok(_) => search.set_text(&text),
            Err(wrong) => error.set(Some(wrong)),
        }
    };
    let clear = move |_| {
        search.set_text("");
        draft.set(String::new());
        error.set(None);
        if let Some(input) = input.get_untracked() {
            // Fails only on an element that left the page.
            let _ = input.focus();
        }
    };
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
                    data-search
                    aria-keyshortcuts="/"
                    aria-label=label
                    aria-invalid=move || error.with(Option::is_some).to_string()
                    aria-describedby="search-error"
                    placeholder="account_takeover last week ip:192.0.2.0/24"
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    node_ref=input
                    prop:value=draft
                    on:input:target=move |event| {
                        draft.set(event.target().value());
                        error.set(None);
                    }
                    on:change=move |_| submit()
                />
                <Show when=move || !draft.with(String::is_empty)>
                    <button
                        class="button button--quiet button--icon button--small"
                        type="button"
                        aria-label="Clear the search"
                        on:click=clear
                    >
                        <Icon glyph=Glyph::Close />
                    </button>
                </Show>
                <SearchHelp />
            </div>
            <div id="search-error" role="status">
                {move || {
                    error
                        .get()
                        .map(|error| {
                            let text = draft.get_untracked();
                            view! { <ErrorPointer text error /> }
                        })
                }}
            </div>
        </form>
    }
}

/// The search with its wrong characters marked, and what is wrong with them.
#[component]
fn ErrorPointer(
    /// The search.
    text: String,
    /// What is wrong with it.
    error: SearchError,
) -> impl IntoView {
    let (before, wrong, after) = split_at_error(&text, &error);
    view! {
        <div class="search__error">
            <p class="search__pointer mono">
                {before}<mark class="search__wrong">{wrong}</mark>{after}
            </p>
            <p>{error.message}</p>
        </div>
    }
}

/// What stands before the wrong characters, the wrong ones (a space where something is
/// missing), and what comes after.
fn split_at_error(text: &str, error: &SearchError) -> (String, String, String) {
    let position = error.position as usize;
    let mut characters = text.chars();
    let before: String = characters.by_ref().take(position).collect();
    let mut wrong: String = characters.by_ref().take(error.len as usize).collect();
    if wrong.trim().is_empty() {
        wrong.push('\u{a0}');
    }
    (before, wrong, characters.collect())
}

/// What the search language can say.
#[component]
fn SearchHelp() -> impl IntoView {
    view! {
        <button
            class="button button--quiet button--small search__help-button"
            type="button"
            popovertarget="search-help"
        >
            "Syntax"
        </button>
        <div class="search-help" id="search-help" popover="auto">
            <h2>"Search"</h2>
            <dl class="search-help__list">
                <dt>"Types"</dt>
                <dd>
                    <code>"api_abuse"</code>
                    " "
                    <code>"account_takeover"</code>
                    " "
                    <code>"scraping"</code>
                    " "
                    <code>"security_crawlers"</code>
                    " "
                    <code>"resource_consumption"</code>
                </dd>
                <dt>"Period"</dt>
                <dd>
                    <code>"today"</code>
                    " "
                    <code>"last week"</code>
                    " "
                    <code>"last 3 days"</code>
                    " "
                    <code>"this month"</code>
                    " "
                    <code>"2026-11-01 - 2026-11-07"</code>
                    " "
                    <code>"2026-11-07 09:00-12:00"</code>
                    " "
                    <code>">2026-11-01"</code>
                </dd>
                <dt>"Source"</dt>
                <dd>
                    <code>"ip:192.0.2.7"</code>
                    " "
                    <code>"ip:192.0.2.1-192.0.2.9"</code>
                    " "
                    <code>"ip:192.168."</code>
                    " "
                    <code>"ip:10.0.0.0/8"</code>
                    " "
                    <code>"ip:100+"</code>
                </dd>
                <dt>"Application"</dt>
                <dd>
                    <code>"app:'my shop'"</code>
                </dd>
            </dl>
            <p class="quiet">
                "Different keys narrow the search, several values of one key widen it. Without a period, the last 24 hours are searched."
            </p>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str, position: u32, len: u32) -> (String, String, String) {
        let message = String::new();
        split_at_error(
            text,
            &SearchError {
                message,
                position,
                len,
            },
        )
    }

    fn owned(parts: [&str; 3]) -> (String, String, String) {
        let [before, wrong, after] = parts.map(str::to_owned);
        (before, wrong, after)
    }

    #[test]
    fn an_error_is_cut_out_by_characters_and_not_by_bytes() {
        assert_eq!(split("ü ddos x", 2, 4), owned(["ü ", "ddos", " x"]));
    }

    #[test]
    fn where_something_is_missing_a_space_is_marked() {
        assert_eq!(split("ip:", 3, 0), owned(["ip:", "\u{a0}", ""]));
        assert_eq!(split("ip:", 99, 0), owned(["ip:", "\u{a0}", ""]));
    }
}

//! What a filter of values opens: a small search, the values that the store holds with their
//! counts, several of them to choose or to exclude.

use leptos::prelude::*;
use shared::search::{self, Condition, Key, Query};
use shared::{BotType, SearchValue};

use super::focus;
use super::known::{text_of_value, why_empty};
use crate::api::Wanted;
use crate::components::has_values;
use crate::format::{count, lower};
use crate::state::search::Search;
use crate::state::values::use_values;
use crate::ui::{BotTypeLabel, Clip, ProblemLine, ResponseCode, live};

/// Keys with few values, which need no search among them.
const fn is_short(key: Key) -> bool {
    matches!(key, Key::Type | Key::Status | Key::Bot | Key::Role)
}

/// Values that are no values of the store, but handy.
const fn classes(key: Key) -> &'static [&'static str] {
    match key {
        Key::StatusCode => &["200-299", "300-399", "400-499", "500-599"],
        _ => &[],
    }
}

/// Values to choose from.
#[component]
pub(super) fn ValuePanel(
    /// The search of the page.
    search: Search,
    /// Whose values.
    key: Key,
) -> impl IntoView {
    let typed = RwSignal::new(String::new());
    let fault = RwSignal::new(None::<String>);
    let can_list = has_values(key);
    let values = use_values(search.list, move || {
        can_list.then(|| Wanted {
            key,
            // Countries are known by their codes, and typed by their names.
            prefix: if key == Key::Country {
                String::new()
            } else {
                typed.get()
            },
            // What is chosen here does not change what can be chosen.
            text: search.read().without(key).to_string(),
        })
    });
    // Classes, and what was chosen: it stays in sight also when it is not chosen any more.
    let mut kept: Vec<String> = classes(key).iter().map(|it| (*it).to_owned()).collect();
    let body = move || {
        let query = search.read();
        for value in query.terms_of(key).map(|term| term.condition.value()) {
            if !kept.contains(&value) {
                kept.push(value);
            }
        }
        let typed = typed.get();
        let rows = values
            .found
            .with(|found| rows(key, &typed, &kept, found.as_deref().unwrap_or_default()));
        let is_waiting = can_list && values.found.with(Option::is_none);
        let problem = values.problem.get();
        let hint = match fault.get() {
            Some(fault) => fault,
            None if is_waiting || problem.is_some() || !rows.is_empty() => String::new(),
            None if !typed.is_empty() => "Enter takes it as it is written.".to_owned(),
            None => why_empty(search.list, key).to_owned(),
        };
        let is_narrowed = query.terms_of(key).next().is_some();
        let choices = rows.into_iter();
        let choices = choices.map(|(value, amount)| choice(search, &query, key, value, amount));
        let clear = is_narrowed.then(|| {
            view! {
                <button
                    class="button button--quiet button--small"
                    type="button"
                    on:click=move |_| search.edit(|query| *query = query.without(key))
                >
                    "Clear"
                </button>
            }
        });
        view! {
            <ul class="choices" role="list">
                {choices.collect_view()}
            </ul>
            <p class="filter__hint" role="status">
                {hint}
            </p>
            {problem.map(|problem| view! { <ProblemLine problem on_retry=move || values.retry() /> })}
            {clear}
        }
    };
    // Enter takes the only value that fits, else what was typed as the language reads it.
    let take = move || {
        let text = typed.get_untracked().trim().to_owned();
        let only = values.found.with_untracked(|found| {
            let rows = rows(key, &text, &[], found.as_deref().unwrap_or_default());
            (rows.len() == 1).then(|| rows[0].0.clone())
        });
        let condition = match only {
            Some(value) => Condition::of(key, &value).ok_or_else(String::new),
            None => typed_condition(search, key, &text),
        };
        match condition {
            Ok(condition) => {
                search.edit(|query| *query = query.with_condition(condition));
                typed.set(String::new());
            }
            Err(message) => fault.set(Some(message)),
        }
    };
    focus::to_field();
    view! {
        <form
            hidden=is_short(key)
            on:submit=move |event| {
                event.prevent_default();
                take();
            }
        >
            <input
                class="field"
                type="text"
                aria-label=placeholder(key)
                placeholder=placeholder(key)
                autocomplete="off"
                autocapitalize="off"
                spellcheck="false"
                prop:value=typed
                on:input:target=move |event| {
                    typed.set(event.target().value());
                    fault.set(None);
                }
            />
        </form>
        {live(body)}
    }
}

/// The values that fit what was typed: those that are kept in sight, then those of the store
/// with their counts.
fn rows(
    key: Key,
    typed: &str,
    kept: &[String],
    found: &[SearchValue],
) -> Vec<(String, Option<u64>)> {
    let typed = lower(typed);
    let fits = |value: &str| {
        let read = || lower(&text_of_value(key, value));
        typed.is_empty() || lower(value).contains(&typed) || read().contains(&typed)
    };
    let is_found = |value: &str| found.iter().any(|other| other.value == value);
    let mut rows: Vec<(String, Option<u64>)> = Vec::new();
    for value in kept {
        if fits(value) && !is_found(value) {
            rows.push((value.clone(), None));
        }
    }
    for value in found {
        if fits(&value.value) {
            rows.push((value.value.clone(), Some(value.count)));
        }
    }
    rows
}

const fn placeholder(key: Key) -> &'static str {
    match key {
        Key::Address => "Address, range or network",
        Key::Session => "Session ID",
        Key::StatusCode => "404, 400-499 or 500+",
        _ => "Find",
    }
}

/// What a text typed into a filter asks for, with the language's ranges and wildcards.
fn typed_condition(search: Search, key: Key, text: &str) -> Result<Condition, String> {
    let quoted = if text.contains(char::is_whitespace) {
        format!("'{}'", text.replace('\'', "\\'"))
    } else {
        text.to_owned()
    };
    let query = search::parse(search.list, &format!("{key}:{quoted}"));
    let terms = query.map_err(|error| error.message)?.terms;
    let condition = terms.into_iter().next().map(|term| term.condition);
    condition.ok_or_else(String::new)
}

/// One value: a tick to choose it, a button to exclude it.
fn choice(search: Search, query: &Query, key: Key, value: String, amount: Option<u64>) -> AnyView {
    let name = text_of_value(key, &value);
    let exclude = format!("Exclude {name}");
    let is_excluded = query.excludes(key, &value);
    let is_chosen = query.has(key, &value);
    let label = label_of(key, &value);
    let other = value.clone();
    view! {
        <li class="choice" data-excluded=is_excluded.then_some("")>
            <label class="choice__label">
                <input
                    type="checkbox"
                    aria-label=name
                    prop:checked=is_chosen
                    on:change=move |_| search.edit(|query| *query = query.toggled(key, &value))
                />
                <span class="choice__name">{label}</span>
                <span class="choice__count">{amount.map(count)}</span>
            </label>
            <button
                class="choice__exclude"
                type="button"
                aria-label=exclude
                aria-pressed=is_excluded.to_string()
                on:click=move |_| search.edit(|query| *query = query.excluding(key, &other))
            >
                "not"
            </button>
        </li>
    }
    .into_any()
}

fn label_of(key: Key, value: &str) -> AnyView {
    match (key, value.parse::<BotType>(), value.parse::<u16>()) {
        (Key::Type, Ok(bot_type), _) => view! { <BotTypeLabel bot_type /> }.into_any(),
        (Key::StatusCode, _, Ok(code)) => view! { <ResponseCode code /> }.into_any(),
        _ => view! { <Clip text=text_of_value(key, value) /> }.into_any(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(value: &str, count: u64) -> SearchValue {
        SearchValue {
            value: value.to_owned(),
            term: String::new(),
            count,
        }
    }

    #[test]
    fn what_was_chosen_stays_in_sight_and_each_value_is_there_once() {
        let found = [found("shop.example", 3), found("api.example", 1)];
        let kept = ["old.example".to_owned(), "api.example".to_owned()];
        let names = |typed| {
            let rows = rows(Key::Domain, typed, &kept, &found).into_iter();
            rows.map(|(value, _)| value).collect::<Vec<_>>()
        };
        assert_eq!(names(""), ["old.example", "shop.example", "api.example"]);
        assert_eq!(names("SH"), ["shop.example"]);
        assert!(names("zz").is_empty());
    }
}

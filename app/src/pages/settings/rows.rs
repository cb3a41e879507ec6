//! The table of a settings page: its rows, or what to say while there are none, or what failed.

use leptos::prelude::*;

use crate::state::remote::Pages;
use crate::ui::{Head, PagedTable, ProblemPanel, Show, live, press};

/// A table with its states.
#[component]
pub(super) fn Rows<T: Clone + Send + Sync + 'static>(
    /// Its name.
    label: &'static str,
    /// Its class beside those of every table of the settings.
    class: &'static str,
    /// The heads of its columns.
    heads: &'static [Head],
    /// What is in it.
    pages: Pages<T>,
    /// What makes a row what it is: all that may change of it.
    key: fn(&T) -> String,
    /// Makes a row.
    row: fn(T) -> AnyView,
    /// What is said while it is empty.
    nothing: &'static str,
) -> impl IntoView {
    let table = move || {
        view! { <PagedTable label class heads pages skeleton=(3, heads.len()) key row /> }
            .into_any()
    };
    let is_empty = Memo::new(move |_| pages.length().get() == Some(0));
    let first = pages.first;
    let problem = move || {
        let problem = first.problem.get()?;
        Some(view! { <ProblemPanel problem on_retry=move || first.retry() /> })
    };
    states(
        Box::new(move || first.problem.read().is_some() && first.value.read().is_none()),
        is_empty,
        live(problem).into_any(),
        Box::new(table),
        nothing,
    )
}

fn states(
    has_failed: Box<dyn Fn() -> bool + Send + Sync>,
    is_empty: Memo<bool>,
    problem: AnyView,
    table: Box<dyn Fn() -> AnyView + Send + Sync>,
    nothing: &'static str,
) -> AnyView {
    let table = StoredValue::new(table);
    let shown = Memo::new(move |_| !has_failed());
    view! {
        {problem}
        <Show when=move || shown.get()>
            <Show
                when=move || is_empty.get()
                fallback=move || table.with_value(|table| table())
            >
                <p class="settings__nothing quiet">{nothing}</p>
            </Show>
        </Show>
    }
    .into_any()
}

/// A cell; where the table is narrow its label stands before it.
pub(super) fn cell(label: &'static str, content: impl IntoAny) -> AnyView {
    view! { <td data-label=label>{content.into_any()}</td> }.into_any()
}

/// The cell of what can be done.
pub(super) fn deeds(buttons: impl IntoAny) -> AnyView {
    view! { <td class="settings__deeds">{buttons.into_any()}</td> }.into_any()
}

/// A small button of a row: what it says, and what it is called where only it is heard.
pub(super) fn deed(text: &'static str, name: String, act: impl FnMut() + 'static) -> AnyView {
    view! {
        <button
            class="button button--small button--quiet"
            type="button"
            aria-label=name
            on:click=press(act)
        >
            {text}
        </button>
    }
    .into_any()
}

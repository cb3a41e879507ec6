//! The field that keeps only sessions which asked for an endpoint.

use leptos::prelude::*;

use crate::state::address::use_address;

/// A part of a path or URL template, in step with the address.
#[component]
pub(super) fn EndpointField(
    /// The endpoint in the address.
    endpoint: Memo<Option<String>>,
) -> impl IntoView {
    let address = use_address();
    let draft = RwSignal::new(String::new());
    Effect::new(move |_| draft.set(endpoint.get().unwrap_or_default()));
    let submit = move || {
        let text = draft.get_untracked().trim().to_owned();
        address.set(&[("endpoint", (!text.is_empty()).then_some(text))]);
    };
    view! {
        <form
            class="endpoint-field"
            on:submit=move |event| {
                event.prevent_default();
                submit();
            }
        >
            <label class="search__box">
                <span class="search__label">"Endpoint"</span>
                <input
                    class="search__input"
                    type="text"
                    placeholder="/login"
                    autocomplete="off"
                    autocapitalize="off"
                    spellcheck="false"
                    prop:value=draft
                    on:input:target=move |event| draft.set(event.target().value())
                    on:change=move |_| submit()
                />
            </label>
        </form>
    }
}

//! A button that copies a text.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;

use super::{Glyph, Icon};
use crate::state::toast::use_toasts;

/// Copies `text` to the clipboard.
#[component]
pub fn CopyButton(
    /// What is copied.
    #[prop(into)]
    text: Signal<String>,
    /// The button's name, e.g. `Copy the command`.
    label: &'static str,
    /// Whether the name stands on the button.
    #[prop(optional)]
    named: bool,
) -> impl IntoView {
    let toasts = use_toasts();
    let copy = move |_| {
        let write = window().navigator().clipboard().write_text(&text.get());
        spawn_local(async move {
            match JsFuture::from(write).await {
                Ok(_) => toasts.show("Copied"),
                Err(_) => toasts.show("The browser does not let this page copy"),
            }
        });
    };
    view! {
        <button
            class="button button--small"
            class:button--quiet=!named
            class:button--icon=!named
            type="button"
            aria-label=label
            data-tip=(!named).then_some(label)
            on:click=copy
        >
            <Icon glyph=Glyph::Copy />
            {named.then_some(label)}
        </button>
    }
}

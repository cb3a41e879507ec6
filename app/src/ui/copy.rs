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
            class="button button--quiet button--icon button--small"
            type="button"
            aria-label=label
            data-tip=label
            on:click=copy
        >
            <Icon glyph=Glyph::Copy />
        </button>
    }
}

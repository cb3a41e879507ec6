//! Shows the console's short messages.

use leptos::prelude::*;

use crate::state::toast::use_toasts;

/// One instance in the shell.
#[component]
pub fn ToastRegion() -> impl IntoView {
    let toasts = use_toasts();
    view! {
        <div class="toast" role="status">
            {move || {
                toasts.message.get().map(|text| view! { <p class="toast__message">{text}</p> })
            }}
        </div>
    }
}

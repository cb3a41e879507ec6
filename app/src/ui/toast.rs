//! Shows the console's short messages.

use leptos::prelude::*;

use crate::state::toast::use_toasts;

/// One instance in the shell.
#[component]
pub fn ToastRegion() -> impl IntoView {
    let toasts = use_toasts();
    let hold = move |held| toasts.is_held.set(held);
    let undo_button = move |undo: Callback<()>| {
        let on_click = move |_| {
            toasts.close();
            undo.run(());
        };
        view! {
            <button class="toast__undo" type="button" on:click=on_click>
                "Undo"
            </button>
        }
    };
    view! {
        <div class="toast" role="status">
            {move || {
                toasts
                    .message
                    .get()
                    .map(|toast| {
                        view! {
                            <p
                                class="toast__message"
                                on:pointerenter=move |_| hold(true)
                                on:pointerleave=move |_| hold(false)
                                on:focusin=move |_| hold(true)
                                on:focusout=move |_| hold(false)
                            >
                                {toast.text}
                                {toast.undo.map(undo_button)}
                            </p>
                        }
                    })
            }}
        </div>
    }
}

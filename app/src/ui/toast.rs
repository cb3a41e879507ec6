//! Shows the console's short messages. Who takes something back is where they were before.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

use super::{focus, focus_content};
use crate::state::toast::use_toasts;

/// One instance in the shell.
#[component]
pub fn ToastRegion() -> impl IntoView {
    let toasts = use_toasts();
    let hold = move |held| toasts.is_held.set(held);
    // Who had the focus before the button took it.
    let before = StoredValue::new_local(None::<Element>);
    let undo_button = move |undo: Callback<()>| {
        let on_click = move |_| {
            let is_back = before.get_value().is_some_and(|before| focus(&before));
            if !is_back {
                focus_content();
            }
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
                                on:focusin=move |event| {
                                    let from = event.related_target();
                                    before.set_value(from.and_then(|from| from.dyn_into().ok()));
                                    hold(true);
                                }
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

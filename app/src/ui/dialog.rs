//! A dialog over the page: the browser's own, which keeps the focus inside, closes with Escape
//! and gives the focus back. What is in it is made when it opens.

use leptos::ev::MouseEvent;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::{Glyph, Icon};
use crate::state::effect::effect;

/// A dialog with a title and a button that closes it.
#[component]
pub fn Dialog(
    /// Whether it is open; closing it in any way sets this.
    open: RwSignal<bool>,
    /// Its name and heading.
    #[prop(into)]
    title: Signal<String>,
    /// What is in it.
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    effect(move || {
        let Some(dialog) = node.get() else { return };
        if open.get() && !dialog.open() {
            // Fails only on an element that is not in the page.
            let _ = dialog.show_modal();
        } else if !open.get() && dialog.open() {
            dialog.close();
        }
    });
    // A press on the dialog's own box is one beside its content: on the backdrop.
    let on_press = move |event: MouseEvent| {
        let target = event.target().and_then(|target| target.dyn_into().ok());
        let target: Option<web_sys::Element> = target;
        if target.is_some_and(|target| target.tag_name() == "DIALOG") {
            open.set(false);
        }
    };
    view! {
        <dialog
            class="dialog"
            node_ref=node
            aria-label=title
            on:close=move |_| open.set(false)
            on:mousedown=on_press
        >
            {move || {
                open.get()
                    .then(|| {
                        view! {
                            <div class="dialog__content">
                                <div class="dialog__head">
                                    <h2 class="dialog__title">{title}</h2>
                                    <button
                                        class="button button--quiet button--small button--icon"
                                        type="button"
                                        aria-label="Close"
                                        on:click=move |_| open.set(false)
                                    >
                                        <Icon glyph=Glyph::Close />
                                    </button>
                                </div>
                                {children()}
                            </div>
                        }
                    })
            }}
        </dialog>
    }
}

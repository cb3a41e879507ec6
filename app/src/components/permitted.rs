//! A button of something that not everybody may do: who may not sees why.

use leptos::ev::MouseEvent;
use leptos::prelude::*;
use shared::Permission;

use crate::state::me::use_me;
use crate::ui::press;

/// A button that is disabled with the reason for whoever is not allowed what it does.
#[component]
pub fn PermittedButton(
    /// What it takes.
    needs: Permission,
    /// What people read.
    label: &'static str,
    /// Its classes.
    #[prop(default = "button")]
    class: &'static str,
    /// Whether it is about an address, which has to be known whole.
    #[prop(optional)]
    of_address: bool,
    /// Whether there is anything to do: it is disabled while there is not.
    #[prop(optional, into)]
    when: Option<Signal<bool>>,
    /// What it does.
    on_press: impl FnMut() + 'static,
) -> impl IntoView {
    button(needs, label, class, of_address, when, press(on_press))
}

fn button(
    needs: Permission,
    label: &'static str,
    class: &'static str,
    of_address: bool,
    when: Option<Signal<bool>>,
    mut on_press: Box<dyn FnMut(MouseEvent)>,
) -> AnyView {
    let me = use_me();
    let refusal = Memo::new(move |_| match of_address {
        true => me.refusal_of_address(needs),
        false => me.refusal(needs),
    });
    let is_disabled =
        Memo::new(move |_| refusal.read().is_some() || when.is_some_and(|when| !when.get()));
    let on_press = move |event| {
        if !is_disabled.get_untracked() {
            on_press(event);
        }
    };
    view! {
        <button
            class=class
            type="button"
            aria-disabled=move || is_disabled.get().then_some("true")
            aria-description=move || refusal.get()
            data-tip=move || refusal.get()
            on:click=on_press
        >
            {label}
        </button>
    }
    .into_any()
}

//! The form that asks for the password once more.

use leptos::prelude::*;

use crate::state::sending::{Sending, use_sending};
use crate::ui::{Form, Kind, TextField};

/// A form that asks for the password before something that it protects.
pub(super) fn prove(submit: &'static str, act: impl Fn(String, Sending) + 'static) -> AnyView {
    let sending = use_sending();
    let password = RwSignal::new(String::new());
    view! {
        <Form sending submit on_submit=move || act(password.get_untracked(), sending)>
            <TextField
                label="Your password"
                kind=Kind::CurrentPassword
                value=password
                limit=256
                first=true
            />
        </Form>
    }
    .into_any()
}

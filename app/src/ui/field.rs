//! A control of a form under its label.

use leptos::prelude::*;

/// A label with the one control that it names.
#[component]
pub fn Field(
    /// What people read.
    label: &'static str,
    /// The control, of the class `form-field__input` if it is one that text is written into.
    children: Children,
) -> impl IntoView {
    view! {
        <label class="form-field">
            <span class="form-field__label">{label}</span>
            {children()}
        </label>
    }
}

//! The switch between the light, the dark and the system's theme.

use leptos::prelude::*;

use super::{Glyph, Icon};
use crate::state::theme::{Theme, use_theme};

/// Three radio buttons that look like one switch.
#[component]
pub fn ThemeSwitch() -> impl IntoView {
    let theme = use_theme();
    let option = move |choice: Theme| {
        let glyph = match choice {
            Theme::System => Glyph::System,
            Theme::Light => Glyph::Light,
            Theme::Dark => Glyph::Dark,
        };
        view! {
            <label class="theme-switch__option" title=choice.label()>
                <input
                    class="visually-hidden"
                    type="radio"
                    name="theme"
                    value=choice.as_str()
                    aria-label=choice.label()
                    prop:checked=move || theme.get() == choice
                    on:change=move |_| theme.set(choice)
                />
                <Icon glyph />
            </label>
        }
    };
    view! {
        <fieldset class="theme-switch">
            <legend class="visually-hidden">"Theme"</legend>
            {Theme::ALL.map(option).into_iter().collect_view()}
        </fieldset>
    }
}

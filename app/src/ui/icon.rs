//! The console's line icons, drawn on a 16 px grid. Always decoration: the text beside one, or
//! the name of its button, says the same.

use leptos::prelude::*;

/// Which icon.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Glyph {
    /// A sun.
    Light,
    /// A moon.
    Dark,
    /// A screen.
    System,
}

impl Glyph {
    const fn path(self) -> &'static str {
        match self {
            Self::Light => {
                "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1.1 1.1M11.9 11.9 13 13M13 3l-1.1 1.1M4.1 11.9 3 13"
            }
            Self::Dark => "M13.5 9.6A6 6 0 0 1 6.4 2.5a6 6 0 1 0 7.1 7.1Z",
            Self::System => "M2 3h12v8H2ZM5.5 14h5M8 11v3",
        }
    }
}

/// An icon.
#[component]
pub fn Icon(
    /// Which one.
    glyph: Glyph,
) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
            <path d=glyph.path() />
        </svg>
    }
}

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
    /// A magnifying glass.
    Search,
    /// A cross.
    Close,
    /// Two sheets.
    Copy,
    /// A tick.
    Done,
    /// An arrow to the left.
    Back,
    /// An arrow to the right.
    Forward,
    /// An angle that opens to the right.
    Closed,
    /// An angle that opens downwards.
    Open,
    /// An angle that opens upwards.
    Up,
    /// An arrow downwards into a tray.
    Download,
    /// A circle with a bar: to leave out.
    Exclude,
    /// A broken line.
    Problem,
    /// A circle with a bar: a list.
    Bar,
    /// A pulse: suspicious API activity.
    Pulse,
    /// A key: account takeover.
    Key,
    /// Sheets: scraping.
    Sheets,
    /// A reticle: security crawlers.
    Reticle,
    /// A gauge: resource consumption.
    Gauge,
}

impl Glyph {
    /// Its lines.
    pub const fn path(self) -> &'static str {
        match self {
            Self::Light => {
                "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6ZM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1.1 1.1M11.9 11.9 13 13M13 3l-1.1 1.1M4.1 11.9 3 13"
            }
            Self::Dark => "M13.5 9.6A6 6 0 0 1 6.4 2.5a6 6 0 1 0 7.1 7.1Z",
            Self::System => "M2 3h12v8H2ZM5.5 14h5M8 11v3",
            Self::Search => "M7 2.5a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9ZM10.4 10.4 14 14",
            Self::Close => "M4 4l8 8M12 4l-8 8",
            Self::Copy => "M5.5 5.5h8v8h-8ZM3 10.5h-.5v-8h8V3",
            Self::Done => "M3 8.5 6.5 12 13 4.5",
            Self::Back => "M13 8H3M7 4 3 8l4 4",
            Self::Forward => "M3 8h10M9 4l4 4-4 4",
            Self::Closed => "M6 3.5 10.5 8 6 12.5",
            Self::Open => "M3.5 6 8 10.5 12.5 6",
            Self::Up => "M3.5 10.5 8 6 12.5 10.5",
            Self::Download => "M8 2v8M4.5 7 8 10.5 11.5 7M2.5 13.5h11",
            Self::Exclude => "M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11ZM5 8h6",
            Self::Problem => "M1.5 8h4l1.5-4 2 8 1.5-4h4",
            Self::Bar => "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2ZM3.8 3.8l8.4 8.4",
            Self::Pulse => "M1.5 8.5h3l2-5 3 9 2-5.5.7 1.5h2.3",
            Self::Key => {
                "M5 8a2.75 2.75 0 1 0 0 5.5A2.75 2.75 0 0 0 5 8ZM7 8.7 13.5 2.5M10.5 5.4l2.2 2.2"
            }
            Self::Sheets => "M5.5 1.5h5l3 3v7h-8ZM10.5 1.5v3h3M5.5 4.5h-3v10h8v-3",
            Self::Reticle => "M8 3a5 5 0 1 0 0 10A5 5 0 0 0 8 3ZM8 1v4M8 11v4M1 8h4M11 8h4",
            Self::Gauge => "M3.2 12.5a6 6 0 1 1 9.6 0M8 9.5l3-3.5",
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

//! Keys that work on every page, and the sheet that lists all keys. What single controls do
//! with a key is theirs.

use leptos::ev::{self, KeyboardEvent};
use leptos::prelude::*;
use leptos_router::hooks::use_navigate;
use wasm_bindgen::JsCast;
use web_sys::Element;

use crate::state::program::{is_elsewhere, leave_for};
use crate::ui::{Dialog, focus_first};

/// Where two keys after one another lead: the keys, the path, what is there.
const PLACES: [(&str, &str, &str); 4] = [
    ("g a", "/attacks", "Attacks"),
    ("g s", "/sessions", "API sessions"),
    ("g l", "/lists/deny", "IP lists"),
    ("g t", "/settings/applications", "Settings"),
];

/// The keys of each part of the console, and what they do.
const KEYS: [(&str, &[(&str, &str)]); 4] = [
    (
        "Everywhere",
        &[
            ("/", "Search"),
            ("Escape", "Close what is open, undo a zoom"),
            ("?", "This sheet"),
        ],
    ),
    (
        "Search field",
        &[
            ("↓ ↑", "Choose a suggestion"),
            ("Tab", "Take it"),
            ("Enter", "Search"),
        ],
    ),
    (
        "Heatmaps",
        &[
            ("← → ↑ ↓", "Go from bot to bot"),
            ("Enter", "Open that bot's attack"),
            ("Space", "Pin a bot to compare it, let it go"),
            ("U", "Unfold a campaign"),
            ("+ −", "Zoom in and out"),
        ],
    ),
    (
        "Requests of a session",
        &[
            ("↑ ↓", "One request back or on"),
            ("PgUp PgDn", "A screen"),
            ("Home End", "The first, the last"),
            ("Enter", "Open its details"),
        ],
    ),
];

/// The button that opens the sheet, the sheet, and the keys that work on every page. One
/// instance in the shell.
#[component]
pub fn Help() -> impl IntoView {
    let open = RwSignal::new(false);
    let navigate = use_navigate();
    let is_going = StoredValue::new(false);
    let listener = window_event_listener(ev::keydown, move |event| {
        if is_taken(&event) {
            return;
        }
        let key = event.key();
        let goes_to = is_going.get_value().then(|| place(&key)).flatten();
        is_going.set_value(key == "g");
        if let Some(path) = goes_to {
            event.prevent_default();
            if is_elsewhere(path) {
                leave_for(path);
            } else {
                navigate(path, leptos_router::NavigateOptions::default());
            }
        } else if key == "?" {
            event.prevent_default();
            open.set(true);
        } else if key == "/" && focus_first("main [data-search]") {
            event.prevent_default();
        }
    });
    on_cleanup(move || listener.remove());
    view! {
        <button
            class="button button--quiet button--small button--icon"
            type="button"
            aria-label="Keys"
            aria-keyshortcuts="?"
            data-tip="Keys (?)"
            on:click=move |_| open.set(true)
        >
            <span aria-hidden="true">"?"</span>
        </button>
        <Dialog open title="Keys">
            <Sheet />
        </Dialog>
    }
}

/// Where `g` and then this key lead.
fn place(key: &str) -> Option<&'static str> {
    let found = PLACES
        .iter()
        .find(|(keys, ..)| keys.strip_prefix("g ") == Some(key));
    found.map(|(_, path, _)| *path)
}

/// Whether a key belongs to what is being written or operated, or to the browser.
fn is_taken(event: &KeyboardEvent) -> bool {
    let target = event.target().and_then(|target| target.dyn_into().ok());
    let target: Option<Element> = target;
    event.default_prevented()
        || event.ctrl_key()
        || event.meta_key()
        || event.alt_key()
        || target.is_some_and(|target| {
            let field = "input:not([type=radio],[type=checkbox]),textarea,select,dialog";
            target.closest(field).ok().flatten().is_some()
        })
}

#[component]
fn Sheet() -> impl IntoView {
    let places = PLACES.map(|(keys, _, what)| (keys, what));
    let parts = KEYS.iter().map(|(heading, keys)| part(heading, keys));
    view! { <div class="help">{part("Go to", &places)} {parts.collect_view()}</div> }
}

/// The keys of one part of the console.
fn part(heading: &'static str, keys: &[(&'static str, &'static str)]) -> AnyView {
    let rows = keys.iter().map(|(keys, what)| {
        let keys = keys.split(' ').map(|key| view! { <kbd>{key}</kbd> });
        view! {
            <div class="help__row">
                <dt class="help__keys">{keys.collect_view()}</dt>
                <dd>{*what}</dd>
            </div>
        }
    });
    view! {
        <section>
            <h3 class="help__heading">{heading}</h3>
            <dl>{rows.collect_view()}</dl>
        </section>
    }
    .into_any()
}

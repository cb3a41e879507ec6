//! The list that the reader came from, so that the way back keeps its search.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::effect::effect;

#[derive(Clone, Copy)]
struct Trail {
    attacks: RwSignal<String>,
    sessions: RwSignal<String>,
}

/// Starts with both lists as they are without a search.
pub fn provide() {
    provide_context(Trail {
        attacks: RwSignal::new("/attacks".to_owned()),
        sessions: RwSignal::new("/sessions".to_owned()),
    });
}

/// The address of the attack list as it was last seen.
pub fn use_attacks_trail() -> RwSignal<String> {
    expect_context::<Trail>().attacks
}

/// The address of the session list as it was last seen.
pub fn use_sessions_trail() -> RwSignal<String> {
    expect_context::<Trail>().sessions
}

/// Keeps `trail` at the current page's address, as long as the page is the one it was.
pub fn leave_trail(trail: RwSignal<String>) {
    let address = super::address::use_address();
    let path = use_location().pathname;
    let page = path.get_untracked();
    effect(move || {
        // On the way to another page the address changes before this effect is gone.
        if path.with(|path| *path == page) {
            trail.set(address.with(&[]));
        }
    });
}

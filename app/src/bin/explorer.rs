//! The explorer: attacks, sessions and lists. One of the console's two programs: whoever opens an
//! attack does not load the settings. Only routes; the pages are the library's.

use app::components::ListDialog;
use app::pages::{AttackPage, AttacksPage, ListsPage, NotFoundPage, SessionPage, SessionsPage};
use app::state::{listing, trail};
use leptos::prelude::*;
use leptos_router::components::{FlatRoutes, Redirect, Route};
use leptos_router::path;

fn main() {
    app::shell::start(explorer);
}

fn explorer() -> AnyView {
    listing::provide();
    trail::provide();
    view! {
        <FlatRoutes fallback=NotFoundPage>
            <Route path=path!("/") view=|| view! { <Redirect path="/attacks" /> } />
            <Route path=path!("/attacks") view=AttacksPage />
            <Route path=path!("/attacks/:id") view=AttackPage />
            <Route path=path!("/sessions") view=SessionsPage />
            <Route path=path!("/sessions/:id") view=SessionPage />
            <Route path=path!("/lists") view=|| view! { <Redirect path="/lists/deny" /> } />
            <Route path=path!("/lists/:list") view=ListsPage />
        </FlatRoutes>
        <ListDialog />
    }
    .into_any()
}

//! The settings: everything below `/settings`. One of the console's two programs; the other is
//! the explorer. Only routes; the pages are the library's.

use app::pages::{ApplicationSettingsPage, ApplicationsPage, NotFoundPage};
use leptos::prelude::*;
use leptos_router::components::{FlatRoutes, Redirect, Route};
use leptos_router::path;

fn main() {
    app::shell::start(settings);
}

fn settings() -> AnyView {
    view! {
        <FlatRoutes fallback=NotFoundPage>
            <Route
                path=path!("/settings")
                view=|| view! { <Redirect path="/settings/applications" /> }
            />
            <Route path=path!("/settings/applications") view=ApplicationsPage />
            <Route path=path!("/settings/applications/:id") view=ApplicationSettingsPage />
        </FlatRoutes>
    }
    .into_any()
}

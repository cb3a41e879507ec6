//! The settings: everything below `/settings`. One of the console's two programs; the other is
//! the explorer. Only routes; the pages are the library's.

use app::pages::{
    AccountPage, ApplicationSettingsPage, ApplicationsPage, AuditPage, ConnectPage, NotFoundPage,
    PeoplePage, PrivacyPage, SingleSignOnPage, TenantsPage, TokensPage, TrafficPage,
};
use app::state::confirm;
use leptos::prelude::*;
use leptos_router::components::{FlatRoutes, Redirect, Route};
use leptos_router::path;

fn main() {
    app::shell::start(settings);
}

fn settings() -> AnyView {
    confirm::provide();
    view! {
        <FlatRoutes fallback=NotFoundPage>
            <Route
                path=path!("/settings")
                view=|| view! { <Redirect path="/settings/applications" /> }
            />
            <Route path=path!("/settings/applications") view=ApplicationsPage />
            <Route path=path!("/settings/applications/:id") view=ApplicationSettingsPage />
            <Route path=path!("/settings/account") view=AccountPage />
            <Route path=path!("/settings/traffic") view=TrafficPage />
            <Route path=path!("/settings/traffic/connect") view=ConnectPage />
            <Route path=path!("/settings/people") view=PeoplePage />
            <Route path=path!("/settings/tokens") view=TokensPage />
            <Route path=path!("/settings/audit") view=AuditPage />
            <Route path=path!("/settings/privacy") view=PrivacyPage />
            <Route path=path!("/settings/tenants") view=TenantsPage />
            <Route path=path!("/settings/single-sign-on") view=SingleSignOnPage />
        </FlatRoutes>
    }
    .into_any()
}

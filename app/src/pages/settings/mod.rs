//! The pages below `/settings`: one's account, and what belongs to the tenant and to the whole
//! installation. `frame` is around each of them; most are a table and a form.

mod account;
mod application;
mod audit;
mod chain;
mod connect;
mod erasure;
mod export;
mod field_names;
mod frame;
mod learned;
mod people;
mod privacy;
mod progress;
mod published;
mod retention;
mod rows;
mod single_sign_on;
mod sources;
mod tenants;
mod tokens;
mod traffic;
mod words;

use leptos::prelude::*;
use shared::{Application, Permission};

use crate::format::{count_of, visible};
use crate::state::overview::use_overview;
use crate::ui::{Glyph, Icon, fetched};

pub use account::*;
pub use application::*;
pub use audit::*;
pub use connect::ConnectPage;
use frame::SettingsPage;
pub use people::*;
pub use privacy::*;
use published::Published;
pub use single_sign_on::*;
pub use tenants::*;
pub use tokens::*;
pub use traffic::TrafficPage;

/// The applications.
#[component]
pub fn ApplicationsPage() -> impl IntoView {
    view! {
        <SettingsPage title="Applications" needs=Permission::ApplicationsRead>
            <Applications />
            <Published />
        </SettingsPage>
    }
}

#[component]
fn Applications() -> impl IntoView {
    let overview = use_overview();
    fetched(overview, "6rem", move || {
        let overview = overview.value.read();
        let applications = &overview.as_ref()?.applications;
        Some(match applications.is_empty() {
            true => view! {
                <p class="quiet">
                    "None yet. " <a href="/settings/traffic/connect">"Connect a source"</a>
                    ", or import a log: that makes one. " <a href="/attacks" rel="external">
                        "How to import"
                    </a>
                </p>
            }
            .into_any(),
            false => view! { <ul>{applications.iter().map(row).collect_view()}</ul> }.into_any(),
        })
    })
}

/// One application, all of it a link.
fn row(application: &Application) -> AnyView {
    let stored = format!(
        "{} · {} · {}",
        count_of(application.requests, "request", "requests"),
        count_of(application.sessions, "session", "sessions"),
        count_of(application.attacks, "attack", "attacks"),
    );
    let hosts = application.hosts.join(", ");
    view! {
        <li>
            <a
                class="settings__application"
                href=format!("/settings/applications/{}", application.id)
            >
                <b>{visible(&application.name).into_owned()}</b>
                <span class="quiet">{stored}</span>
                <span class="quiet settings__hosts">{visible(&hosts).into_owned()}</span>
                <Icon glyph=Glyph::Closed />
            </a>
        </li>
    }
    .into_any()
}

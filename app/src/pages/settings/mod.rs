//! The pages below `/settings`: the applications, and one of them with where session key, user
//! and role stand in its requests.

mod application;
mod learned;
mod progress;
mod published;
mod sources;
mod words;

use leptos::prelude::*;
use shared::Application;

use crate::format::{count_of, visible};
use crate::state::overview::use_overview;
use crate::state::title::use_title;
use crate::ui::{Glyph, Icon, ProblemPanel, SkeletonBlock};

pub use application::*;
use published::Published;

/// The applications.
#[component]
pub fn ApplicationsPage() -> impl IntoView {
    use_title(|| "Settings".to_owned());
    let overview = use_overview();
    view! {
        <div class="page settings">
            <div class="page__head">
                <h1>"Settings"</h1>
            </div>
            <section aria-labelledby="applications">
                <h2 id="applications">"Applications"</h2>
                {move || {
                    overview
                        .problem
                        .get()
                        .map(|problem| {
                            view! { <ProblemPanel problem on_retry=move || overview.retry() /> }
                        })
                }}
                {move || match overview.value.get() {
                    Some(overview) if overview.applications.is_empty() => {
                        view! {
                            <p class="quiet">
                                "None yet: importing a log makes one. "
                                <a href="/attacks" rel="external">
                                    "How to import"
                                </a>
                            </p>
                        }
                            .into_any()
                    }
                    Some(overview) => {
                        view! {
                            <ul>
                                {overview.applications.iter().map(row).collect_view()}
                            </ul>
                        }
                            .into_any()
                    }
                    None => view! { <SkeletonBlock height="6rem" /> }.into_any(),
                }}
            </section>
            <Published />
        </div>
    }
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

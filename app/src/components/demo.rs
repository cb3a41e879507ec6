//! That traffic is made up: a tag at the application's name, and a banner with the two ways on.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::{Application, ApplicationId, Permission};

use super::PermittedButton;
use crate::api;
use crate::state::live::{Live, use_live};
use crate::state::toast::{Toasts, use_toasts};
use crate::ui::{CopyButton, Tag};

/// How a log of one's own is imported.
const IMPORT: &str = "botscope import access.log";

/// A quiet tag beside the name of an application whose traffic is made up.
#[component]
pub fn DemoTag(
    /// The application.
    id: ApplicationId,
) -> impl IntoView {
    let live = use_live();
    view! { {move || live.is_demo(id).then(|| view! { <Tag text="demo" /> })} }
}

/// What stands above the attacks while made-up traffic is shown.
#[component]
pub fn DemoBanner() -> impl IntoView {
    let (live, toasts) = (use_live(), use_toasts());
    move || {
        let demo = live.demo.get()?;
        let seed = demo.demo_seed.unwrap_or_default();
        Some(view! {
            <section class="demo" aria-label="Demo traffic">
                <p>
                    "Demo traffic, made up from seed "
                    {seed}
                    "."
                </p>
                <PermittedButton
                    needs=Permission::ApplicationsWrite
                    label="Remove it"
                    class="button button--small"
                    on_press=move || remove(live, toasts, demo.clone())
                />
                <p class="demo__import">
                    "Import a log of yours:"
                    <span class="command">
                        <code>{IMPORT}</code>
                        <CopyButton text=IMPORT.to_owned() label="Copy the command" />
                    </span>
                </p>
            </section>
        })
    }
}

/// Starts made-up traffic, where there is nothing else to look at.
#[component]
pub fn StartDemo() -> impl IntoView {
    let (live, toasts) = (use_live(), use_toasts());
    let starting = RwSignal::new(false);
    let start = move || {
        if starting.get_untracked() {
            return;
        }
        starting.set(true);
        spawn_local(async move {
            match api::start_demo().await {
                Ok(demo) => live.demo.set(Some(demo)),
                Err(problem) => toasts.show(problem.detail),
            }
            starting.set(false);
            live.touch();
        });
    };
    view! {
        <PermittedButton
            needs=Permission::ApplicationsWrite
            label="Start demo traffic"
            on_press=start
        />
    }
}

fn remove(live: Live, toasts: Toasts, demo: Application) {
    spawn_local(async move {
        if let Err(problem) = api::remove_application(demo.id).await {
            toasts.show(problem.detail);
            return;
        }
        live.demo.set(None);
        live.touch();
        toasts.offer_undo("Demo traffic removed", move || {
            let id = demo.id;
            spawn_local(async move {
                match api::restore_application(id).await {
                    Ok(demo) => live.demo.set(Some(demo)),
                    Err(problem) => toasts.show(problem.detail),
                }
                live.touch();
            });
        });
    });
}

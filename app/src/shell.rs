//! The frame around every page of both programs: header, navigation, theme switch. Holds no page
//! and no route.

use leptos::html::Main;
use leptos::prelude::*;
use leptos_router::components::Router;
use leptos_router::hooks::use_location;

use crate::components::{AccountMenu, HearingNote, Help};
use crate::state::effect::effect;
use crate::state::program::rel;
use crate::state::{clock, live, me, theme, toast};
use crate::ui::{ThemeSwitch, Tip, ToastRegion};

/// Starts a program in the page's body: what `routes` shows, in the frame.
pub fn start(routes: fn() -> AnyView) {
    console_error_panic_hook::set_once();
    mount_to_body(move || shell(routes));
}

fn shell(routes: fn() -> AnyView) -> impl IntoView {
    theme::provide();
    clock::provide();
    toast::provide();
    live::provide();
    me::provide();
    view! {
        <Router>
            <Frame routes />
        </Router>
    }
}

#[component]
fn Frame(routes: fn() -> AnyView) -> impl IntoView {
    let main = NodeRef::<Main>::new();
    focus_main_on_navigation(main);
    view! {
        <div class="shell">
            <a class="shell__skip" href="#main" rel="external">
                "Skip to content"
            </a>
            <Header />
            <main class="shell__main" id="main" tabindex="-1" node_ref=main>
                {routes()}
            </main>
            <ToastRegion />
            <Tip />
        </div>
    }
}

/// A reader of the screen hears the new page, and Tab starts in it.
fn focus_main_on_navigation(main: NodeRef<Main>) {
    let path = use_location().pathname;
    let mut previous = None::<String>;
    effect(move || {
        let current = path.get();
        if previous
            .as_ref()
            .is_some_and(|previous| *previous != current)
            && let Some(element) = main.get_untracked()
        {
            // Fails only on an element that left the page, where there is nothing to focus.
            let _ = element.focus();
        }
        previous = Some(current);
    });
}

#[component]
fn Header() -> impl IntoView {
    view! {
        <header class="shell__header">
            <a
                class="shell__brand"
                href="/attacks"
                rel=rel("/attacks")
                aria-label="Botscope, to the attacks"
            >
                <Mark />
                <span class="shell__name">"Botscope"</span>
            </a>
            <nav class="shell__nav" aria-label="Sections">
                <NavLink section="/attacks" label="Attacks" />
                <NavLink section="/sessions" label="API sessions" />
                <NavLink section="/lists" label="IP lists" />
                <NavLink section="/settings" label="Settings" />
            </nav>
            <div class="shell__end">
                <HearingNote />
                <a class="shell__link" href="/api/docs" rel="external" data-tip="The API, to read and to try">
                    "API"
                </a>
                <Help />
                <ThemeSwitch />
                <AccountMenu />
            </div>
        </header>
    }
}

#[component]
fn NavLink(
    /// The path that the section's pages begin with.
    section: &'static str,
    /// What people read.
    label: &'static str,
) -> impl IntoView {
    let path = use_location().pathname;
    let current = move || {
        path.with(|path| match path.strip_prefix(section) {
            Some("") => Some("page"),
            Some(rest) if rest.starts_with('/') => Some("true"),
            _ => None,
        })
    };
    view! {
        <a class="shell__link" href=section rel=rel(section) aria-current=current>
            {label}
        </a>
    }
}

/// The product's mark: an eyepiece with one hot body in it.
#[component]
fn Mark() -> impl IntoView {
    view! {
        <svg class="shell__mark" viewBox="0 0 28 28" aria-hidden="true">
            <circle class="shell__mark-ring" cx="14" cy="14" r="9" />
            <path class="shell__mark-ticks" d="M14 1.5v5M14 21.5v5M1.5 14h5M21.5 14h5" />
            <circle class="shell__mark-heat" cx="17" cy="11" r="3.5" />
        </svg>
    }
}

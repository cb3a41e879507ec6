//! The frame of every page of the settings: the way to the others at its side, its head, and the
//! dialog that asks. Who may not see a page is told why in its place.

use leptos::prelude::*;
use leptos_router::hooks::use_location;
use shared::Permission::{self, *};

use crate::state::me::{Mine, use_me};
use crate::state::title::use_title;
use crate::ui::{AskDialog, live};

/// A page of the settings as the way to it knows it.
struct Place {
    path: &'static str,
    label: &'static str,
    /// What it takes to see it; absent where an account is enough.
    needs: Option<Permission>,
}

const fn place(path: &'static str, label: &'static str, needs: Option<Permission>) -> Place {
    Place { path, label, needs }
}

/// The pages, by whose they are.
const GROUPS: [(&str, &[Place]); 3] = [
    ("You", &[place("/settings/account", "My account", None)]),
    (
        "Tenant",
        &[
            place(
                "/settings/applications",
                "Applications",
                Some(ApplicationsRead),
            ),
            place("/settings/traffic", "Traffic", Some(ApplicationsRead)),
            place("/settings/people", "People", Some(MembersRead)),
            place("/settings/tokens", "API tokens", Some(TokensRead)),
            place("/settings/audit", "Audit log", Some(AuditRead)),
            place("/settings/privacy", "Privacy", Some(PrivacyRead)),
        ],
    ),
    (
        "Installation",
        &[
            place("/settings/tenants", "Tenants", Some(TenantsRead)),
            place(
                "/settings/single-sign-on",
                "Single sign-on",
                Some(MembersRead),
            ),
        ],
    ),
];

/// A page of the settings.
#[component]
pub(super) fn SettingsPage(
    /// Its heading, and its title where it has none of its own.
    title: &'static str,
    /// What it takes to see it; absent where an account is enough.
    #[prop(optional)]
    needs: Option<Permission>,
    /// What it is for, below the heading.
    #[prop(optional)]
    lead: &'static str,
    /// What can be done on it, beside the heading.
    #[prop(optional)]
    actions: Option<AnyView>,
    /// What is on it.
    children: ChildrenFn,
) -> impl IntoView {
    use_title(move || title.to_owned());
    let head = view! {
        <div class="page__head">
            <h1>{title}</h1>
            {actions}
        </div>
        {(!lead.is_empty()).then(|| view! { <p class="settings__lead">{lead}</p> })}
    };
    framed(needs, head.into_any(), children)
}

/// A page of the settings with a head of its own.
pub(super) fn framed(needs: Option<Permission>, head: AnyView, children: ChildrenFn) -> AnyView {
    let me = use_me();
    // Until it is known who asks, the page waits: nothing is asked for that would be refused.
    let refusal = Memo::new(move |_| {
        let is_answered = me.is_answered.get();
        is_answered.then(|| me.refusal(needs?))
    });
    let content = move || match refusal.get() {
        None => ().into_any(),
        Some(None) => children(),
        Some(Some(reason)) => view! {
            <div class="nothing">
                <h2>"Not for your role"</h2>
                <p>{reason}</p>
            </div>
        }
        .into_any(),
    };
    view! {
        <div class="page settings">
            {ways(me)}
            <div class="settings__page">
                {head}
                {live(content)}
            </div>
            <AskDialog />
        </div>
    }
    .into_any()
}

/// The ways to the pages that somebody may see.
fn ways(me: Mine) -> AnyView {
    let path = use_location().pathname;
    let groups = GROUPS.iter().map(move |(heading, places)| {
        let links = move || {
            let seen = places.iter().filter(|place| match place.needs {
                Some(needs) => me.may(needs),
                None => me.has_account(),
            });
            let links: Vec<_> = seen.map(|place| way(place, path)).collect();
            (!links.is_empty()).then(|| {
                view! {
                    <div class="settings__group">
                        <p class="settings__heading">{*heading}</p>
                        {links}
                    </div>
                }
            })
        };
        live(links)
    });
    view! {
        <nav class="settings__nav" aria-label="Settings">
            {groups.collect_view()}
        </nav>
    }
    .into_any()
}

fn way(place: &'static Place, path: Memo<String>) -> AnyView {
    let current = move || {
        path.with(|path| match path.strip_prefix(place.path) {
            Some("") => Some("page"),
            Some(rest) if rest.starts_with('/') => Some("true"),
            _ => None,
        })
    };
    view! {
        <a class="settings__way" href=place.path aria-current=current>
            {place.label}
        </a>
    }
    .into_any()
}

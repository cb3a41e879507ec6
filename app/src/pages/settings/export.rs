//! The end of the page at `/settings/privacy`: everything of the tenant, to take home.

use leptos::prelude::*;
use shared::Permission;

use crate::api;
use crate::components::PermittedButton;
use crate::state::me::use_me;
use crate::ui::{Glyph, Icon};

/// Where the tenant's archive can be downloaded.
#[component]
pub fn Export() -> impl IntoView {
    let me = use_me();
    let link = move || match me.refusal_of_address(Permission::TenantExport) {
        None => view! {
            <a class="button" href=api::tenant_export() download="" rel="external">
                <Icon glyph=Glyph::Download />
                "Export everything"
            </a>
        }
        .into_any(),
        // A link cannot be disabled.
        Some(_) => view! {
            <PermittedButton
                needs=Permission::TenantExport
                label="Export everything"
                of_address=true
                on_press=|| ()
            />
        }
        .into_any(),
    };
    view! {
        <section aria-labelledby="export">
            <h2 id="export">"Everything of this tenant"</h2>
            <p class="settings__lead">
                "One archive (" <code>".tar.zst"</code> ") of lines of JSON: every stored request, \
                 sessions, attacks, both lists with their history, people, tokens without their \
                 secrets, and the audit log. It is written while it is downloaded, so its size is \
                 not known before."
            </p>
            <div class="settings__save">{link}</div>
        </section>
    }
}

//! The page at `/settings/single-sign-on`: how it is set up, to read only, and how to set it up.
//! It is configured where the server is started.

use leptos::prelude::*;
use shared::{Permission, SingleSignOn};

use super::frame::SettingsPage;
use crate::api;
use crate::format::visible;
use crate::state::remote::{Meanwhile, use_remote};
use crate::ui::{CopyButton, fetched};

/// How the server is started with a provider; its secret is no argument.
const COMMAND: &str = "BOTSCOPE_OIDC_CLIENT_SECRET=… botscope serve \\
  --oidc-issuer https://login.example.org \\
  --oidc-client-id botscope \\
  --oidc-role-claim groups \\
  --oidc-role security=analyst";

/// Single sign-on.
#[component]
pub fn SingleSignOnPage() -> impl IntoView {
    view! {
        <SettingsPage
            title="Single sign-on"
            needs=Permission::MembersRead
            lead="People sign in with the account that their organisation gave them, by OpenID \
                  Connect. It is set up where the server is started, and shown here."
        >
            <State />
            <section aria-labelledby="sso-how">
                <h2 id="sso-how">"How to set it up"</h2>
                <ol class="settings__steps">
                    <li>
                        "Register Botscope with your provider as a web application, with the address \
                         above as the one it sends people back to."
                    </li>
                    <li>
                        "Start the server with what the provider tells you. Each value of the claim \
                         stands for a role; whoever has none of them may not sign in."
                        <span class="settings__command">
                            <code>{COMMAND}</code>
                            <CopyButton text=COMMAND.to_owned() label="Copy the command" />
                        </span>
                    </li>
                    <li>
                        "People are members as soon as they sign in, with the role that the provider \
                         says, every time anew."
                    </li>
                </ol>
            </section>
        </SettingsPage>
    }
}

#[component]
fn State() -> impl IntoView {
    let state = use_remote(Meanwhile::Keep, || (), |()| api::single_sign_on());
    fetched(state, "16rem", move || {
        state.value.read().as_ref().map(shown)
    })
}

fn shown(state: &SingleSignOn) -> AnyView {
    let entry = |name: &'static str, value: Option<&str>| {
        value.map(|value| {
            view! {
                <div>
                    <dt>{name}</dt>
                    <dd>{visible(value).into_owned()}</dd>
                </div>
            }
            .into_any()
        })
    };
    let is_on = match &state.issuer {
        Some(_) => "On",
        None => "Off: no provider is set up",
    };
    let passwords = match state.allows_passwords {
        true => "may be used, too",
        false => "open only the accounts of global administrators",
    };
    let roles = state.roles.join(", ");
    view! {
        <dl class="settings__facts">
            {entry("Single sign-on", Some(is_on))} {entry("Provider", state.issuer.as_deref())}
            {entry("Client", state.client_id.as_deref())}
            {entry("Sends people back to", Some(&state.redirect_uri))}
            {entry("Claim with the role", state.role_claim.as_deref())}
            {entry("Roles", Some(&*roles).filter(|roles| !roles.is_empty()))}
            {entry("Passwords", Some(passwords))}
        </dl>
    }
    .into_any()
}

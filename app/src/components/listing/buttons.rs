//! The buttons that open the dialog.

use leptos::prelude::*;
use shared::{ListKind, Permission};

use crate::components::PermittedButton;
use crate::format::visible;
use crate::state::listing::{Proposal, use_lists};
use crate::state::me::use_me;
use crate::ui::{Glyph, Icon, Show, press};

/// **Add source IP to denylist** and **Add to exception list**.
#[component]
pub fn ListButtons(
    /// The address.
    ip: String,
    /// The application that it was seen at.
    application: Option<String>,
    /// What it did, as a reason.
    reason: String,
) -> impl IntoView {
    let lists = use_lists();
    // Nothing can be said of who is not in the log.
    let is_known = ip.contains(['.', ':']);
    let propose = move |list, label: &'static str| {
        let proposal = Proposal {
            list,
            object: ip.clone(),
            application: application.clone(),
            reason: reason.clone(),
            entry: None,
        };
        let open = move || lists.propose(proposal.clone());
        view! {
            <PermittedButton
                needs=Permission::ListsWrite
                label
                class="button button--small"
                of_address=true
                on_press=open
            />
        }
    };
    is_known.then(|| {
        view! {
            <div class="list-buttons">
                {propose(ListKind::Deny, "Add source IP to denylist")}
                {propose(ListKind::Exception, "Add to exception list")}
            </div>
        }
    })
}

/// The same in the room of an icon; which list is chosen in the dialog.
#[component]
pub fn ListIconButton(
    /// The address.
    ip: String,
    /// The application that it was seen at.
    application: Option<String>,
    /// What it did, as a reason.
    reason: String,
) -> impl IntoView {
    let (lists, me) = (use_lists(), use_me());
    let may = move || me.refusal_of_address(Permission::ListsWrite).is_none();
    let name = format!("Add {} to a list", visible(&ip));
    let open = Callback::new(move |()| {
        lists.propose(Proposal {
            list: ListKind::Deny,
            object: ip.clone(),
            application: application.clone(),
            reason: reason.clone(),
            entry: None,
        });
    });
    view! {
        <Show when=may>
            <button
                class="button button--quiet button--small button--icon"
                type="button"
                aria-label=name.clone()
                data-tip=name.clone()
                on:click=press(move || open.run(()))
            >
                <Icon glyph=Glyph::Bar />
            </button>
        </Show>
    }
}

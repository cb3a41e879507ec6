//! Where a member is signed in, in a dialog, and signing them out everywhere.

use leptos::prelude::*;
use shared::{AccountId, Login};

use super::super::account::{login_cells, login_key};
use super::super::rows::Rows;
use crate::api;
use crate::state::remote::{Meanwhile, use_pages};
use crate::state::sending::{Doing, use_sending};
use crate::ui::{Dialog, Form, Head};

const HEADS: [Head; 3] = [
    Head::new("", "Browser"),
    Head::new("", "Address"),
    Head::new("", "Last seen"),
];

/// Whose logins are looked at.
#[derive(Clone, Copy)]
pub(super) struct SignedIn {
    open: RwSignal<bool>,
    whose: RwSignal<Option<(AccountId, String)>>,
}

impl SignedIn {
    pub(super) fn new() -> Self {
        Self {
            open: RwSignal::new(false),
            whose: RwSignal::new(None),
        }
    }

    /// Looks at those of somebody called `name`.
    pub(super) fn look(self, id: AccountId, name: &str) {
        self.whose.set(Some((id, name.to_owned())));
        self.open.set(true);
    }

    fn name(self) -> String {
        let whose = self.whose.read();
        whose
            .as_ref()
            .map_or_else(String::new, |(_, name)| name.clone())
    }
}

/// The dialog.
#[component]
pub(super) fn MemberLogins(
    /// What is done on the page.
    doing: Doing,
    /// Whose they are.
    signed_in: SignedIn,
) -> impl IntoView {
    let title = Signal::derive(move || format!("Logins of {}", signed_in.name()));
    view! {
        <Dialog open=signed_in.open title>
            {move || {
                let id = signed_in.whose.read().as_ref().map(|(id, _)| *id);
                id.map(|id| content(doing, signed_in, id))
            }}
        </Dialog>
    }
}

fn content(doing: Doing, signed_in: SignedIn, id: AccountId) -> AnyView {
    let logins = use_pages(Meanwhile::Keep, || (), move |(), _| api::member_logins(id));
    let sending = use_sending();
    let sign_out = move || {
        let said = format!("{} is signed out everywhere", signed_in.name());
        sending.send(api::sign_out_member(id), move |()| {
            signed_in.open.set(false);
            doing.toasts.show(said);
            doing.touch();
        });
    };
    view! {
        <Rows
            label="Logins"
            class="table--settings table--member-logins"
            heads=&HEADS
            pages=logins
            key=login_key
            row
            nothing="No login of theirs looks at this tenant now."
        />
        <Form sending submit="Sign out everywhere" on_submit=sign_out>
            <p class="form-field__hint">
                "They have to sign in again, also where they look at another tenant now and want to \
                 come back. Their API tokens stay: those are ended where they are listed."
            </p>
        </Form>
    }
    .into_any()
}

fn row(login: Login) -> AnyView {
    view! {
        <tr class="table__row">
            {login_cells(&login)}
        </tr>
    }
    .into_any()
}

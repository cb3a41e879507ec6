//! One's password: whether there is one, and a new one in its place.

use leptos::prelude::*;
use shared::Account;

use crate::api;
use crate::state::sending::use_sending;
use crate::state::toast::use_toasts;
use crate::ui::{Dialog, Form, Kind, TextField, press};

/// The part of the page about the password.
#[component]
pub(super) fn Password(
    /// Whose.
    account: Signal<Option<Account>>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let has_password =
        Memo::new(move |_| account.read().as_ref().is_some_and(|it| it.has_password));
    let content = move || match has_password.get() {
        true => view! {
            <button class="button" type="button" on:click=press(move || open.set(true))>
                "Change the password"
            </button>
        }
        .into_any(),
        false => view! {
            <p class="settings__lead">
                "There is none: you sign in through your organisation’s single sign-on."
            </p>
        }
        .into_any(),
    };
    view! {
        <section aria-labelledby="own-password">
            <h2 id="own-password">"Password"</h2>
            {content}
        </section>
        <Dialog open title=Signal::stored("Change the password".to_owned())>
            <Change open />
        </Dialog>
    }
}

#[component]
fn Change(open: RwSignal<bool>) -> impl IntoView {
    let (sending, toasts) = (use_sending(), use_toasts());
    let (current, new) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let change = move || {
        let (current, new) = (current.get_untracked(), new.get_untracked());
        let done = async move { api::change_password(&current, &new).await };
        sending.send(done, move |()| {
            open.set(false);
            toasts.show("The password is changed; all other logins have ended");
        });
    };
    view! {
        <Form sending submit="Change it" on_submit=change>
            <TextField
                label="Password now"
                kind=Kind::CurrentPassword
                value=current
                limit=256
                first=true
            />
            <TextField
                label="New password"
                kind=Kind::NewPassword
                value=new
                limit=256
                hint="At least 12 characters. Several words that belong to nobody are good."
            />
        </Form>
    }
}

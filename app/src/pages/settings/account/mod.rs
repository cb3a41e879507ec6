//! The page at `/settings/account`: one's own name, password, two-step verification, logins and
//! tokens.

mod logins;
mod password;
mod prove;
mod two_step;

use leptos::prelude::*;
use shared::Account;

use self::logins::Logins;
pub(super) use self::logins::{login_cells, login_key};
use self::password::Password;
use self::two_step::TwoStep;
use super::frame::SettingsPage;
use super::tokens::OwnTokens;
use crate::api;
use crate::state::me::use_me;
use crate::state::sending::use_sending;
use crate::state::toast::use_toasts;
use crate::ui::{Form, Kind, Show, SkeletonBlock, TextField};

/// One's own account.
#[component]
pub fn AccountPage() -> impl IntoView {
    let me = use_me();
    // Whose it is stays; what of it changes, each part follows by itself.
    let account = Memo::new(move |_| {
        let me = me.who.read();
        me.as_ref().map(|me| me.account.clone())
    });
    let lacks = Memo::new(move |_| me.lacks_second_factor());
    let is_there = Memo::new(move |_| account.read().as_ref().map(Option::is_some));
    let content = move || match is_there.get() {
        None => view! { <SkeletonBlock height="24rem" /> }.into_any(),
        Some(false) => view! {
            <div class="nothing">
                <h2>"There is no account"</h2>
                <p>"Whoever asks is no person who signed in: there is nothing to set up here."</p>
            </div>
        }
        .into_any(),
        Some(true) => {
            let account = Signal::derive(move || account.get().flatten());
            // The same before and after: it shows the recovery codes that open the rest.
            view! {
                <Show when=move || lacks.get()>
                    <Required account />
                </Show>
                <Show when=move || !lacks.get()>
                    {account.get_untracked().map(|account| view! { <Name account /> })}
                    <Password account />
                </Show>
                <TwoStep account />
                <Show when=move || !lacks.get()>
                    <Logins account />
                    <OwnTokens />
                </Show>
            }
            .into_any()
        }
    };
    view! { <SettingsPage title="My account">{content}</SettingsPage> }
}

/// What is said to whoever lacks the second factor that the tenant requires.
#[component]
fn Required(account: Signal<Option<Account>>) -> impl IntoView {
    let may_set_up = move || {
        let account = account.read();
        account
            .as_ref()
            .is_some_and(|it| it.has_password && !it.has_totp)
    };
    let text = move || match may_set_up() {
        true => {
            "Your tenant requires two-step verification. Turn it on here: nothing else is open to \
             you before."
        }
        false => {
            "Your tenant requires a second factor, and single sign-on did not say that it asked you \
             for one. Sign out, and sign in with one there."
        }
    };
    view! {
        <p class="notice" role="status">
            {text}
        </p>
    }
}

/// The name that others see.
#[component]
fn Name(account: Account) -> impl IntoView {
    let (me, toasts, sending) = (use_me(), use_toasts(), use_sending());
    let name = RwSignal::new(account.name);
    let save = move || {
        sending.send(api::rename_me(&name.read_untracked()), move |_| {
            me.ask();
            toasts.show("Your name is saved");
        });
    };
    view! {
        <section aria-labelledby="own-name">
            <h2 id="own-name">"Name"</h2>
            <p class="settings__lead">
                "What others see beside what you change. You sign in as "
                <b>{crate::format::visible(&account.email).into_owned()}</b> "."
            </p>
            <div class="settings__form">
                <Form sending submit="Save" on_submit=save>
                    <TextField label="Name" kind=Kind::Name value=name />
                </Form>
            </div>
        </section>
    }
}

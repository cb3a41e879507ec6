//! Where one is signed in, and how each of these logins is ended: with the password once more.

use leptos::prelude::*;
use shared::{Account, Login, LoginId};

use super::super::rows::{Rows, cell, deed, deeds};
use super::super::words;
use super::prove::prove;
use crate::api;
use crate::format::{day_and_minute, visible};
use crate::state::remote::{Meanwhile, use_pages};
use crate::state::sending::{Doing, use_doing};
use crate::ui::{Clip, Dialog, Head, Moment, MomentAs, Show, Tag, press};

const HEADS: [Head; 5] = [
    Head::new("", "Browser"),
    Head::new("", "Address"),
    Head::new("", "Last seen"),
    Head::new("", "Since"),
    Head::unseen("", "What can be done"),
];

/// Which logins are to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Which {
    One(LoginId),
    Others,
}

impl Which {
    const fn title(self) -> &'static str {
        match self {
            Self::One(_) => "Sign that browser out",
            Self::Others => "Sign out everywhere else",
        }
    }

    const fn done(self) -> &'static str {
        match self {
            Self::One(_) => "That browser is signed out",
            Self::Others => "You are signed out everywhere else",
        }
    }

    async fn end(self, password: String) -> api::Answer<()> {
        match self {
            Self::One(id) => api::end_login(id, &password).await,
            Self::Others => api::end_other_logins(&password).await,
        }
    }
}

/// What the rows share.
#[derive(Clone, Copy)]
struct Ending {
    doing: Doing,
    which: RwSignal<Which>,
    open: RwSignal<bool>,
    has_password: Memo<bool>,
}

impl Ending {
    /// Ends them, or first asks for the password where there is one.
    fn begin(self, which: Which) {
        if self.has_password.get_untracked() {
            self.which.set(which);
            self.open.set(true);
        } else {
            let none = String::new();
            self.doing.run_and_say(which.end(none), which.done());
        }
    }
}

/// One's logins.
#[component]
pub(super) fn Logins(
    /// Whose.
    account: Signal<Option<Account>>,
) -> impl IntoView {
    let doing = use_doing();
    let ending = Ending {
        doing,
        which: RwSignal::new(Which::Others),
        open: RwSignal::new(false),
        has_password: Memo::new(move |_| {
            let account = account.read();
            account.as_ref().is_some_and(|account| account.has_password)
        }),
    };
    provide_context(ending);
    let has_app = Memo::new(move |_| account.read().as_ref().is_some_and(|it| it.has_totp));
    let logins = use_pages(
        Meanwhile::Keep,
        // A new app ends all others.
        move || (doing.changed.get(), has_app.get()),
        |_, _| api::logins(),
    );
    let has_others = Memo::new(move |_| logins.length().get().is_some_and(|length| length > 1));
    let end_others = move || ending.begin(Which::Others);
    view! {
        <section aria-labelledby="logins">
            <div class="settings__head">
                <h2 id="logins">"Logins"</h2>
                <Show when=move || has_others.get()>
                    <button class="button" type="button" on:click=press(end_others)>
                        "Sign out everywhere else"
                    </button>
                </Show>
            </div>
            <p class="settings__lead">
                "The browsers in which you are signed in. If you do not know one, sign it out and \
                 change your password."
            </p>
            <Rows
                label="Your logins"
                class="table--settings table--logins"
                heads=&HEADS
                pages=logins
                key=login_key
                row
                nothing="You are signed in nowhere."
            />
        </section>
        <Dialog open=ending.open title=Signal::derive(move || ending.which.get().title().to_owned())>
            {move || ask(ending)}
        </Dialog>
    }
}

fn ask(ending: Ending) -> AnyView {
    let Ending { doing, open, .. } = ending;
    prove("Sign out", move |password, sending| {
        let which = ending.which.get_untracked();
        sending.send(which.end(password), move |()| {
            open.set(false);
            doing.toasts.show(which.done());
            doing.touch();
        });
    })
}

fn row(login: Login) -> AnyView {
    let ending: Ending = expect_context();
    let id = login.id;
    let buttons = (!login.is_current).then(|| {
        let name = format!("Sign out {}", words::browser(&visible(&login.user_agent)));
        let out = move || ending.begin(Which::One(id));
        deed("Sign out", name, out)
    });
    view! {
        <tr class="table__row">
            {login_cells(&login)}
            {cell("Since", view! { <MomentAs at=login.created_at format=day_and_minute /> })}
            {deeds(buttons)}
        </tr>
    }
    .into_any()
}

/// What makes the row of a login what it is.
pub(in super::super) fn login_key(login: &Login) -> String {
    format!("{} {}", login.id, login.last_seen_at.0)
}

/// The cells of the browser and how it was signed in, of the address, and when it was last seen.
pub(in super::super) fn login_cells(login: &Login) -> AnyView {
    let address = login.address.clone();
    let user_agent = visible(&login.user_agent).into_owned();
    let browser = words::browser(&user_agent);
    let way = login
        .is_single_sign_on
        .then(|| view! { <Tag text="single sign-on" /> });
    let here = login.is_current.then(|| view! { <Tag text="this one" /> });
    view! {
        <td class="settings__name" data-tip=user_agent>
            <span class="settings__named">
            <Clip text=browser />
            {here}
            {way}
            </span>
        </td>
        {cell("Address", view! { <span class="mono"><Clip text=address /></span> })}
        {cell("Last seen", view! { <Moment at=login.last_seen_at /> })}
    }
    .into_any()
}

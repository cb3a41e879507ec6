//! Where one is signed in, and how each of these logins is ended.

use leptos::prelude::*;
use shared::Login;

use super::super::rows::{Rows, cell, deed, deeds};
use super::super::words;
use crate::api;
use crate::format::{day_and_minute, visible};
use crate::state::remote::{Meanwhile, use_pages};
use crate::state::sending::{Doing, use_doing};
use crate::ui::{Clip, Head, Moment, MomentAs, Show, Tag, press};

const HEADS: [Head; 5] = [
    Head::new("", "Browser"),
    Head::new("", "Address"),
    Head::new("", "Last seen"),
    Head::new("", "Since"),
    Head::unseen("", "What can be done"),
];

/// One's logins.
#[component]
pub(super) fn Logins() -> impl IntoView {
    let doing = use_doing();
    provide_context(doing);
    let logins = use_pages(
        Meanwhile::Keep,
        move || doing.changed.get(),
        |_, _| api::logins(),
    );
    let has_others = Memo::new(move |_| logins.length().get().is_some_and(|length| length > 1));
    let end_others = move || {
        doing.run_and_say(
            api::end_other_logins(),
            "You are signed out everywhere else",
        );
    };
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
                key=|login| format!("{} {}", login.id, login.last_seen_at.0)
                row
                nothing="You are signed in nowhere."
            />
        </section>
    }
}

fn row(login: Login) -> AnyView {
    let doing: Doing = expect_context();
    let id = login.id;
    let user_agent = visible(&login.user_agent).into_owned();
    let browser = words::browser(&user_agent);
    let name = format!("Sign out {browser}");
    let buttons = (!login.is_current).then(|| {
        let out = move || doing.run_and_say(api::end_login(id), "That browser is signed out");
        deed("Sign out", name, out)
    });
    let way = login
        .is_single_sign_on
        .then(|| view! { <Tag text="single sign-on" /> });
    let here = login.is_current.then(|| view! { <Tag text="this one" /> });
    view! {
        <tr class="table__row">
            <td class="settings__name" data-tip=user_agent>
                <span class="settings__named">
                <Clip text=browser />
                {here}
                {way}
                </span>
            </td>
            {cell("Address", view! { <span class="mono"><Clip text=login.address /></span> })}
            {cell("Last seen", view! { <Moment at=login.last_seen_at /> })}
            {cell("Since", view! { <MomentAs at=login.created_at format=day_and_minute /> })}
            {deeds(buttons)}
        </tr>
    }
    .into_any()
}

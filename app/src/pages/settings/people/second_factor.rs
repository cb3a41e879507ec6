//! Of whom the tenant requires two-step verification.

use leptos::prelude::*;
use shared::{Permission, SecondFactorOf};

use crate::api;
use crate::state::me::use_me;
use crate::state::remote::{Meanwhile, use_remote};
use crate::state::sending::{Doing, use_doing};
use crate::ui::fetched;

/// The part of the page about it.
#[component]
pub(super) fn SecondFactor() -> impl IntoView {
    let doing = use_doing();
    let rule = use_remote(
        Meanwhile::Keep,
        move || doing.changed.get(),
        |_| api::second_factor(),
    );
    let of = Memo::new(move |_| rule.value.read().as_ref().map(|rule| rule.required_of));
    view! {
        <section aria-labelledby="second-factor">
            <h2 id="second-factor">"Required two-step verification"</h2>
            <p class="settings__lead">
                "Whoever has to and has not set it up yet is asked to as soon as it is required, and \
                 gets no further before. API tokens are not touched."
            </p>
            {fetched(rule, "4rem", move || of.get().map(|of| shown(doing, of)))}
        </section>
    }
}

fn shown(doing: Doing, of: SecondFactorOf) -> AnyView {
    let me = use_me();
    let choice = move || match me.may(Permission::MembersWrite) {
        true => choice(doing, of),
        false => view! { <p>"Required of: " {of.label()}</p> }.into_any(),
    };
    view! {
        {choice}
        <p class="form-field__hint">{about(of)}</p>
    }
    .into_any()
}

/// The choice, which takes effect at once and can be undone.
fn choice(doing: Doing, former: SecondFactorOf) -> AnyView {
    let options = SecondFactorOf::ALL.iter().map(|of| {
        view! {
            <option value=of.as_str() selected=*of == former>
                {of.label()}
            </option>
        }
        .into_any()
    });
    view! {
        <label class="form-field settings__form">
            <span class="form-field__label">"Required of"</span>
            <select
                class="form-field__input"
                on:change:target=move |event| {
                    let select = event.target();
                    if let Ok(of) = select.value().parse() {
                        change(doing, [former, of], move || select.set_value(former.as_str()));
                    }
                }
            >
                {options.collect_view()}
            </select>
        </label>
    }
    .into_any()
}

/// Sets it, and offers the way back. If it is refused, `put_back` shows the former choice again.
fn change(doing: Doing, [former, of]: [SecondFactorOf; 2], put_back: impl FnOnce() + 'static) {
    doing.run_or(api::require_second_factor(of), put_back, move |_| {
        let said = match of {
            SecondFactorOf::Nobody => "Nobody has to use two-step verification now",
            _ => "Two-step verification is required from now on",
        };
        doing.toasts.offer_undo(said, move || {
            let back = api::require_second_factor(former);
            doing.run_and_say(back, "It is required as it was");
        });
    });
}

/// What a choice means.
const fn about(of: SecondFactorOf) -> &'static str {
    match of {
        SecondFactorOf::Nobody => "Everybody may turn it on for themselves.",
        SecondFactorOf::Passwords => {
            "A code is asked for after each password. Single sign-on is trusted to ask for what it \
             should."
        }
        SecondFactorOf::Everybody => {
            "A code is asked for after each password, and single sign-on must say that it asked for \
             a second factor."
        }
    }
}

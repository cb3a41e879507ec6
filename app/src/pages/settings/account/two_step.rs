//! Two-step verification: on with an authenticator app and a first code, off with the password,
//! and the codes that open the account without the app.

use leptos::prelude::*;
use shared::{Account, RecoveryCodes, TotpOffer};

use super::prove::prove;
use crate::api;
use crate::format::count_of;
use crate::state::me::use_me;
use crate::state::sending::use_sending;
use crate::state::toast::use_toasts;
use crate::ui::{CopyButton, Dialog, Form, Kind, TextField, Told, ToldOnce, press};

/// What the dialog is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    On,
    Off,
    Codes,
}

impl Step {
    const fn title(self) -> &'static str {
        match self {
            Self::On => "Turn two-step verification on",
            Self::Off => "Turn two-step verification off",
            Self::Codes => "New recovery codes",
        }
    }
}

/// The part of the page about it.
#[component]
pub(super) fn TwoStep(
    /// Whose.
    account: Signal<Option<Account>>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let step = RwSignal::new(Step::On);
    let told = RwSignal::new(None::<Told>);
    let codes = Memo::new(move |_| {
        let account = account.read();
        let account = account.as_ref();
        account.filter(|it| it.has_totp).map(|it| it.recovery_codes)
    });
    let button = move |label: &'static str, what: Step| {
        let go = press(move || {
            step.set(what);
            open.set(true);
        });
        view! {
            <button class="button" type="button" on:click=go>
                {label}
            </button>
        }
        .into_any()
    };
    let content = move || match codes.get() {
        None => view! {
            <p class="settings__lead">
                "Off. Whoever learns your password can sign in. With an authenticator app on your \
                 phone they would need that, too."
            </p>
            <div class="settings__buttons">{button("Turn it on", Step::On)}</div>
        }
        .into_any(),
        Some(left) => view! {
            <p class="settings__lead">
                "On. After the password a code of your authenticator app is asked for. "
                {count_of(left.into(), "recovery code is left", "recovery codes are left")}
                ", each of which opens the account once without the app."
            </p>
            <div class="settings__buttons">
                {button("New recovery codes", Step::Codes)} {button("Turn it off", Step::Off)}
            </div>
        }
        .into_any(),
    };
    let title = Signal::derive(move || step.get().title().to_owned());
    let me = use_me();
    let keep = Callback::new(move |codes: RecoveryCodes| {
        told.set(Some(Told {
            title: "Your recovery codes".to_owned(),
            lead: "Each opens your account once if the app is lost. They are not shown again: \
                   print them, or put them where your passwords are."
                .to_owned(),
            texts: vec![("Codes", codes.codes.join("\n"))],
        }));
        me.ask();
        open.set(false);
    });
    view! {
        <section aria-labelledby="two-step">
            <h2 id="two-step">"Two-step verification"</h2>
            <ToldOnce told />
            {content}
        </section>
        <Dialog open title>
            {move || match step.get() {
                Step::On => view! { <TurnOn keep /> }.into_any(),
                Step::Off => view! { <TurnOff open /> }.into_any(),
                Step::Codes => view! { <NewCodes keep /> }.into_any(),
            }}
        </Dialog>
    }
}

/// The password, then the secret for the app, then a code of it.
#[component]
fn TurnOn(keep: Callback<RecoveryCodes>) -> impl IntoView {
    let offer = RwSignal::new(None::<TotpOffer>);
    move || match offer.get() {
        None => prove("Go on", move |password, sending| {
            sending.send(api::offer_totp(&password), move |made| {
                offer.set(Some(made));
            });
        }),
        Some(offer) => confirm(offer, keep),
    }
}

fn confirm(offer: TotpOffer, keep: Callback<RecoveryCodes>) -> AnyView {
    let sending = use_sending();
    let code = RwSignal::new(String::new());
    let send = move || {
        let digits = code.read_untracked().replace(' ', "");
        sending.send(api::confirm_totp(&digits), move |codes| keep.run(codes));
    };
    let spaced = in_fours(&offer.secret);
    view! {
        <Form sending submit="Turn it on" on_submit=send>
            <p>"Scan this with your authenticator app, or type the key into it."</p>
            <div class="qr">
                {qr(&offer.qr)}
                <div class="qr__key">
                    <code>{spaced}</code>
                    <CopyButton text=offer.secret label="Copy the key" />
                </div>
            </div>
            <TextField
                label="The code that it shows now"
                kind=Kind::Code
                value=code
                limit=8
                first=true
            />
        </Form>
    }
    .into_any()
}

#[component]
fn TurnOff(open: RwSignal<bool>) -> impl IntoView {
    let (me, toasts) = (use_me(), use_toasts());
    let form = prove("Turn it off", move |password, sending| {
        let done = async move { api::remove_totp(&password).await };
        sending.send(done, move |()| {
            me.ask();
            open.set(false);
            toasts.show("Two-step verification is off");
        });
    });
    view! {
        <p>"From then on the password alone opens your account. Your recovery codes end."</p>
        {form}
    }
}

#[component]
fn NewCodes(keep: Callback<RecoveryCodes>) -> impl IntoView {
    let form = prove("Make new codes", move |password, sending| {
        sending.send(api::new_recovery_codes(&password), move |codes| {
            keep.run(codes);
        });
    });
    view! {
        <p>"Those that you have open nothing any more."</p>
        {form}
    }
}

/// A QR code from its rows, with the quiet ground around it that readers need.
fn qr(rows: &[String]) -> AnyView {
    let side = rows.len() + 2 * QUIET;
    view! {
        <svg
            class="qr__code"
            viewBox=format!("0 0 {side} {side}")
            role="img"
            aria-label="QR code with the key"
        >
            <path d=modules(rows) />
        </svg>
    }
    .into_any()
}

/// Modules of quiet ground on each side.
const QUIET: usize = 4;

/// The dark modules as squares of a path.
fn modules(rows: &[String]) -> String {
    let mut path = String::new();
    for (y, row) in rows.iter().enumerate() {
        for (x, module) in row.bytes().enumerate() {
            if module == b'1' {
                path.push_str(&format!("M{} {}h1v1h-1z", x + QUIET, y + QUIET));
            }
        }
    }
    path
}

/// A key in groups of four, as one reads it out.
fn in_fours(key: &str) -> String {
    let letters: Vec<char> = key.chars().collect();
    let groups: Vec<String> = letters
        .chunks(4)
        .map(|four| four.iter().collect())
        .collect();
    groups.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dark_modules_are_squares_inside_the_quiet_ground() {
        let rows = ["10".to_owned(), "01".to_owned()];
        assert_eq!(modules(&rows), "M4 4h1v1h-1zM5 5h1v1h-1z");
    }

    #[test]
    fn a_key_is_read_in_fours() {
        assert_eq!(in_fours("ABCDEFGHIJ"), "ABCD EFGH IJ");
    }
}

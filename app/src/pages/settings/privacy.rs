//! The page at `/settings/privacy`: what of people is hashed and masked. How long things are kept
//! is `retention`, erasing somebody `erasure`, taking all home `export`.

use leptos::prelude::*;
use shared::{Permission, Privacy, Role};

use super::erasure::Erasures;
use super::export::Export;
use super::frame::SettingsPage;
use super::retention::KeptFor;
use crate::api;
use crate::components::PermittedButton;
use crate::state::remote::{Meanwhile, use_remote};
use crate::state::sending::{take_back, use_sending};
use crate::state::toast::use_toasts;
use crate::ui::{CheckField, Field, ProblemLine, Show, fetched, press};

/// What of people is kept, and who sees it.
#[component]
pub fn PrivacyPage() -> impl IntoView {
    view! {
        <SettingsPage
            title="Privacy"
            needs=Permission::PrivacyRead
            lead="What of the people behind the traffic is stored, who sees it, how long it is kept, and how it is erased."
        >
            <Kept />
            <KeptFor />
            <Erasures />
            <Export />
        </SettingsPage>
    }
}

#[component]
fn Kept() -> impl IntoView {
    let privacy = use_remote(Meanwhile::Keep, || (), |()| api::privacy());
    fetched(privacy, "20rem", move || {
        let privacy = privacy.value.get()?;
        Some(view! { <KeptEditor privacy /> }.into_any())
    })
}

#[component]
fn KeptEditor(privacy: Privacy) -> impl IntoView {
    let (sending, toasts) = (use_sending(), use_toasts());
    let saved = RwSignal::new(privacy.clone());
    let draft = RwSignal::new(privacy.clone());
    let fields = RwSignal::new(privacy.hashed_fields.join("\n"));
    let is_changed = Memo::new(move |_| *saved.read() != *draft.read());
    let show = move |now: Privacy| {
        fields.set(now.hashed_fields.join("\n"));
        saved.set(now.clone());
        draft.set(now);
    };
    let save = move || {
        let former = saved.get_untracked();
        sending.send(api::save_privacy(&draft.read_untracked()), move |now| {
            show(now);
            toasts.offer_undo("Saved: it holds for what comes from now on", move || {
                let answer = api::save_privacy(&former);
                take_back(answer, toasts, "The settings are as they were", show);
            });
        });
    };
    let discard = move || show(saved.get_untracked());
    let mask = |role: Role| {
        let is_on = Signal::derive(move || draft.read().masks_addresses_for.contains(&role));
        let set = move |on: bool| {
            let mut draft = draft.write();
            draft.masks_addresses_for.retain(|other| *other != role);
            if on {
                draft.masks_addresses_for.push(role);
            }
        };
        view! { <CheckField label=role.label() is_on on_change=set /> }.into_any()
    };
    // Programs see no addresses, or need them whole.
    let looking = Role::ALL.iter().filter(|role| !role.is_for_programs());
    let masks = looking.copied().map(mask).collect_view();
    let hashes = Signal::derive(move || draft.read().hashes_session_keys);
    view! {
        <section aria-labelledby="hashed">
            <h2 id="hashed">"Hashed before it is stored"</h2>
            <p class="settings__lead">
                "A hash still tells one user from another, and nobody can read who it is. It is \
                 made with a secret of this tenant. What was stored before stays as it is."
            </p>
            <CheckField
                label="Session keys and users"
                is_on=hashes
                on_change=move |on| draft.write().hashes_session_keys = on
            />
            <div class="settings__form">
                <Field label="Parameters, headers, cookies and log fields, one a line">
                    <textarea
                        class="form-field__input form-field__input--lines mono"
                        rows="5"
                        spellcheck="false"
                        placeholder="email\nx-customer-id"
                        prop:value=fields
                        on:input:target=move |event| {
                            let text = event.target().value();
                            draft.write().hashed_fields = names(&text);
                            fields.set(text);
                        }
                    ></textarea>
                </Field>
            </div>
        </section>
        <section aria-labelledby="masked">
            <h2 id="masked">"Addresses seen in part"</h2>
            <p class="settings__lead">
                "These roles see " <code>"203.0.113.x"</code>
                " in place of a whole address, everywhere, and cannot search for one or put one \
                 on a list."
            </p>
            <div class="form-choices" role="group" aria-labelledby="masked">
                {masks}
            </div>
        </section>
        {move || {
            let problem = sending.problem.get()?;
            Some(view! { <ProblemLine problem on_retry=save /> })
        }}
        <div class="settings__save">
            <PermittedButton
                needs=Permission::PrivacyWrite
                label="Save"
                class="button button--primary"
                when=is_changed
                on_press=save
            />
            <Show when=move || is_changed.get()>
                <button class="button button--quiet" type="button" on:click=press(discard)>
                    "Discard the changes"
                </button>
            </Show>
        </div>
    }
}

/// The names in a text, one a line.
fn names(text: &str) -> Vec<String> {
    let lines = text.split(['\n', ',']).map(str::trim);
    let lines = lines.filter(|line| !line.is_empty());
    lines.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_a_line_without_what_is_around_them() {
        assert_eq!(names(" email \n\nx-id, plan\n"), ["email", "x-id", "plan"]);
    }
}

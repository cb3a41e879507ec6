//! Finding everything that is stored of somebody, erasing it, and the proofs that it was.

use std::time::Duration;

use leptos::prelude::*;
use shared::{ApplicationTraces, Erasure, FoundTraces, Permission, Traces};

use super::rows::{Rows, cell};
use crate::api;
use crate::components::PermittedButton;
use crate::format::{count, count_of, day_and_minute, visible};
use crate::state::confirm::{Question, use_confirmation};
use crate::state::effect::effect;
use crate::state::remote::{Meanwhile, Pages, use_pages};
use crate::state::sending::{Doing, use_doing, use_sending};
use crate::ui::{Clip, CopyButton, Form, Head, Kind, MomentAs, SelectField, Tag, TextField};

/// How often the server is asked whether an erasure has ended.
const EVERY: Duration = Duration::from_secs(2);

const PROOFS: [Head; 5] = [
    Head::new("", "Asked for"),
    Head::new("", "By"),
    Head::new("", "Whose, as a hash"),
    Head::new("", "Erased"),
    Head::new("", "Left"),
];

/// What was found of whom.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Found {
    kind: String,
    subject: String,
    traces: FoundTraces,
}

/// The part of the page about it.
#[component]
pub(super) fn Erasures() -> impl IntoView {
    let doing = use_doing();
    let found = RwSignal::new(None::<Found>);
    let proofs = use_pages(
        Meanwhile::Keep,
        move || doing.changed.get(),
        |_, cursor| async move { api::erasures(cursor.as_deref()).await },
    );
    follow(proofs, doing);
    view! {
        <section aria-labelledby="erase">
            <h2 id="erase">"Find and erase somebody"</h2>
            <p class="settings__lead">
                "All requests, sessions and attacks of an address or of a user, and the entries of \
                 the IP lists about it."
            </p>
            <div class="settings__form settings__form--wide">
                <Find found />
            </div>
            {move || found.get().map(|found_now| result(found_now, found, doing))}
        </section>
        <section aria-labelledby="proofs">
            <h2 id="proofs">"What was erased"</h2>
            <p class="settings__lead">
                "A proof names nobody: the hash can be made again only by whoever asks for the \
                 same address or user in this tenant."
            </p>
            <Rows
                label="Proofs"
                class="table--settings table--erasures"
                heads=&PROOFS
                pages=proofs
                key=|proof| format!("{} {}", proof.id, proof.after.is_some())
                row=proof_row
                nothing="Nothing was erased yet."
            />
        </section>
    }
}

/// Asks again as long as an erasure goes on.
fn follow(proofs: Pages<Erasure>, doing: Doing) {
    let goes_on = move || {
        let page = proofs.first.value.read();
        let page = page.as_ref();
        page.is_some_and(|page| page.items.iter().any(|proof| proof.after.is_none()))
    };
    let again = move || {
        // The page may be gone.
        if doing.changed.try_get_untracked().is_some() {
            doing.touch();
        }
    };
    effect(move || {
        if goes_on() {
            set_timeout(again, EVERY);
        }
    });
}

#[component]
fn Find(found: RwSignal<Option<Found>>) -> impl IntoView {
    let sending = use_sending();
    let kind = RwSignal::new("address".to_owned());
    let subject = RwSignal::new(String::new());
    let find = move || {
        let (kind, subject) = (kind.get_untracked(), subject.get_untracked());
        let subject = subject.trim().to_owned();
        found.set(None);
        sending.send(api::traces(&kind, &subject), move |traces| {
            found.set(Some(Found {
                kind,
                subject,
                traces,
            }));
        });
    };
    let kinds = [("address", "Address"), ("user", "User")];
    let kinds = kinds.map(|(value, label)| (value.to_owned(), label.to_owned()));
    let options = Signal::stored(kinds.to_vec());
    view! {
        <Form sending submit="Find" on_submit=find>
            <SelectField label="By" value=kind options />
            <TextField label="Whose" kind=Kind::Machine value=subject limit=256 />
        </Form>
    }
}

fn result(now: Found, found: RwSignal<Option<Found>>, doing: Doing) -> AnyView {
    let confirmation = use_confirmation();
    let Found {
        kind,
        subject,
        traces,
    } = now;
    let name = visible(&subject).into_owned();
    if traces.total == Traces::default() {
        return view! {
            <p class="settings__nothing" role="status">
                "Nothing is stored of " <b>{name}</b> "."
            </p>
        }
        .into_any();
    }
    let said = of(&traces.total);
    let applications = traces.applications.iter().map(application);
    let lost = said.clone();
    let shown = name.clone();
    let erase = move || {
        let (kind, subject) = (kind.clone(), subject.clone());
        confirmation.ask(Question {
            title: format!("Erase {shown}"),
            text: format!(
                "{lost} will be gone, also from what is learned and counted. Nobody can bring them \
                 back."
            ),
            button: "Erase",
            typed: Some(shown.clone()),
            act: Callback::new(move |()| {
                doing.run(api::erase(&kind, &subject), move |erasure| {
                    found.set(None);
                    doing.toasts.show(match erasure.after {
                        Some(_) => "Erased; the proof is in the list below",
                        None => "Erasing; the proof is in the list below",
                    });
                });
            }),
        });
    };
    view! {
        <div class="traces" role="status">
            <p>
                "Stored of " <b>{name}</b> ": " {said} "."
            </p>
            <ul>{applications.collect_view()}</ul>
            <PermittedButton
                needs=Permission::PrivacyWrite
                label="Erase all of it"
                class="button button--danger-quiet"
                on_press=erase
            />
        </div>
    }
    .into_any()
}

fn application(one: &ApplicationTraces) -> AnyView {
    let name = visible(&one.application).into_owned();
    view! {
        <li>
            <b>{name}</b>
            " "
            <span class="quiet">{of(&one.traces)}</span>
        </li>
    }
    .into_any()
}

/// How much, in words; what there is none of is left out.
fn of(traces: &Traces) -> String {
    let parts = [
        (traces.requests, "request", "requests"),
        (traces.sessions, "session", "sessions"),
        (traces.attacks, "attack", "attacks"),
        (traces.list_entries, "list entry", "list entries"),
    ];
    let parts = parts.into_iter().filter(|(number, ..)| *number > 0);
    let parts: Vec<_> = parts
        .map(|(number, one, many)| count_of(number, one, many))
        .collect();
    if parts.is_empty() {
        return "nothing".to_owned();
    }
    parts.join(", ")
}

fn proof_row(proof: Erasure) -> AnyView {
    let left = match &proof.after {
        None => view! { <Tag text="going on" /> }.into_any(),
        Some(after) => {
            let sum = after.requests + after.sessions + after.attacks + after.list_entries;
            let text = if sum == 0 {
                "nothing".to_owned()
            } else {
                count(sum)
            };
            view! { <span data-tip=of(after)>{text}</span> }.into_any()
        }
    };
    let hash = proof.subject.clone();
    view! {
        <tr class="table__row">
            <td>
                <MomentAs at=proof.at format=day_and_minute />
            </td>
            {cell("By", view! { <Clip text=proof.by /> })}
            {cell(
                "Whose",
                view! {
                    <span class="settings__hash">
                        <span class="mono">
                            <Clip text=hash.clone() />
                        </span>
                        <CopyButton text=hash label="Copy the hash" />
                    </span>
                },
            )}
            {cell("Erased", view! { <Clip text=of(&proof.before) /> })} {cell("Left", left)}
        </tr>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_there_is_none_of_is_not_said() {
        let mut traces = Traces::default();
        assert_eq!(of(&traces), "nothing");
        traces.requests = 1;
        traces.list_entries = 2;
        assert_eq!(of(&traces), "1 request, 2 list entries");
    }
}

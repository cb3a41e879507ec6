//! Finding everything that is stored of somebody, erasing it, and the proofs that it was.

use std::time::Duration;

use leptos::prelude::*;
use shared::{ApplicationTraces, Erasure, FoundTraces, JobState, Permission, Traces};

use super::rows::{Rows, cell};
use crate::api;
use crate::components::PermittedButton;
use crate::format::{count, count_of, day_and_minute, visible};
use crate::state::confirm::{Question, use_confirmation};
use crate::state::remote::{Meanwhile, Pages, use_pages};
use crate::state::sending::{Doing, use_doing, use_sending};
use crate::ui::{Clip, CopyButton, Form, Head, Kind, MomentAs, SelectField, Tag, TextField};

/// How often the server is asked how far an erasure is.
const EVERY: Duration = Duration::from_secs(2);

const PROOFS: [Head; 5] = [
    Head::new("", "Asked for"),
    Head::new("", "By"),
    Head::new("", "Whose, as a hash"),
    Head::new("", "Found"),
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
    proofs.first.ask_every(EVERY, move || goes_on(proofs));
    view! {
        <section aria-labelledby="erase">
            <h2 id="erase">"Find and erase somebody"</h2>
            <p class="settings__lead">
                "All requests, sessions and attacks of an address or of a user, and the entries of \
                 the IP lists about it. A user is found by name also where users are hashed."
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
            {move || notes(proofs).into_iter().map(note).collect_view()}
            <Rows
                label="Proofs"
                class="table--settings table--erasures"
                heads=&PROOFS
                pages=proofs
                key=|proof| {
                    let Erasure { id, state, percent, before, .. } = proof;
                    format!("{id} {state:?} {percent} {}", before.is_some())
                }
                row=proof_row
                nothing="Nothing was erased yet."
            />
        </section>
    }
}

/// Whether an erasure goes on.
fn goes_on(proofs: Pages<Erasure>) -> bool {
    let page = proofs.first.value.read();
    let page = page.as_ref();
    page.is_some_and(|page| page.items.iter().any(|proof| proof.state.is_active()))
}

/// What is to be done about proofs, each said once.
fn notes(proofs: Pages<Erasure>) -> Vec<String> {
    let page = proofs.first.value.read();
    let items = page.as_ref().map_or(&[][..], |page| &page.items);
    let mut notes = Vec::new();
    for proof in items {
        let failed = proof.reason.as_ref();
        let failed = failed.map(|reason| format!("One failed: {reason}."));
        let remains = proof.remains.as_ref().map(|remains| format!("{remains}."));
        for note in failed.into_iter().chain(remains) {
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
    }
    notes
}

fn note(text: String) -> AnyView {
    view! {
        <p class="settings__lead" role="status">
            {text}
        </p>
    }
    .into_any()
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
        let is_wanted = move || found.try_get_untracked().is_some();
        let traces = api::traces(kind.clone(), subject.clone(), is_wanted);
        sending.send(traces, move |traces| {
            let _ = found.try_set(Some(Found {
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
                doing.run(api::erase(&kind, &subject), move |_| {
                    found.set(None);
                    doing.toasts.show("Erasing; the proof is in the list below");
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
    let found = match &proof.before {
        Some(before) => of(before),
        None => "not counted yet".to_owned(),
    };
    let left = match (proof.state, &proof.after) {
        (JobState::Done, Some(after)) => {
            let sum = after.requests + after.sessions + after.attacks + after.list_entries;
            let text = if sum == 0 {
                "nothing".to_owned()
            } else {
                count(sum)
            };
            view! { <span data-tip=of(after)>{text}</span> }.into_any()
        }
        (state, _) => view! { <Tag text=standing(state, proof.percent) /> }.into_any(),
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
            {cell("Found", view! { <Clip text=found /> })} {cell("Left", left)}
        </tr>
    }
    .into_any()
}

/// How far one that is not done is.
fn standing(state: JobState, percent: u8) -> String {
    match state {
        JobState::Waiting => "waiting".to_owned(),
        JobState::Running => format!("erasing, {percent}%"),
        _ => "failed".to_owned(),
    }
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

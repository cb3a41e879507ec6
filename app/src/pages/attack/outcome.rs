//! What the bot got: sign-ins, sensitive answers, bytes. Each leads to the requests where it can.

use leptos::prelude::*;
use shared::AttackDetail;

use super::explore::{best_session, flagged_requests};
use crate::format::{bytes, count, count_of};

/// The outcome as a row of numbers.
pub(super) fn outcome_cards(attack: &AttackDetail) -> AnyView {
    let outcome = attack.outcome.clone();
    let session = best_session(attack);
    let flagged = session.map(|session| flagged_requests(attack, session.id));
    let answered = session.map(|session| format!("/sessions/{}?status=200", session.id));
    let (taken, unit) = bytes(outcome.bytes_taken);
    view! {
        <dl class="outcome" aria-label="Outcome">
            <div class="outcome__item">
                <dt>"Hits"</dt>
                <dd>
                    <b>{count(attack.summary.hits)}</b>
                    <span class="quiet">
                        " of " {count_of(attack.summary.requests, "request", "requests")}
                    </span>
                </dd>
            </div>
            {(outcome.sign_in_attempts > 0)
                .then(|| {
                    view! {
                        <div class="outcome__item">
                            <dt>"Sign-in attempts"</dt>
                            <dd>
                                <b>{count(outcome.sign_in_attempts)}</b>
                                <span class="quiet">" · "</span>
                                <Linked
                                    text=format!("{} likely succeeded", count(outcome.sign_ins_succeeded))
                                    target=flagged.clone().filter(|_| outcome.sign_ins_succeeded > 0)
                                />
                            </dd>
                        </div>
                    }
                })}
            <div class="outcome__item">
                <dt>"Sensitive endpoints answered"</dt>
                <dd>
                    <b>{count(outcome.sensitive_answered)}</b>
                    " "
                    <Linked
                        text="with 2xx".to_owned()
                        target=answered.filter(|_| outcome.sensitive_answered > 0)
                    />
                </dd>
            </div>
            <div class="outcome__item">
                <dt>"Taken"</dt>
                <dd>
                    <b>{taken}</b>
                    <span class="quiet">" " {unit}</span>
                </dd>
            </div>
        </dl>
    }
    .into_any()
}

/// A text that leads somewhere if there is somewhere to go.
#[component]
fn Linked(text: String, target: Option<String>) -> impl IntoView {
    match target {
        Some(target) => view! { <a href=target>{text}</a> }.into_any(),
        None => view! { <span class="quiet">{text}</span> }.into_any(),
    }
}

//! The figures of an application's traffic, and the word that sums them up.

use leptos::prelude::*;
use shared::IngestApplication;

use crate::format::{bytes, count, count_of, percent, quantity};
use crate::ui::Moment;

/// For how many of the last steps nothing has to come until it is said.
const QUIET_STEPS: usize = 4;

/// Whether it comes, and whether its senders are told to wait.
pub(super) fn state(one: &IngestApplication) -> AnyView {
    let recent = one.steps.iter().rev().take(QUIET_STEPS);
    let is_coming = recent.clone().any(|step| step.accepted > 0);
    let is_rejected = recent.clone().any(|step| step.rejected > 0);
    let is_slowed = one.slowed.is_some_and(|slowed| slowed.now);
    let (dot, is_wrong, text) = match (is_slowed, is_coming, is_rejected) {
        (true, ..) => ("dot dot--wrong", true, "Senders are told to wait"),
        (_, true, _) => ("dot dot--good", false, "Arriving"),
        (_, false, true) => ("dot dot--wrong", true, "Nothing of it can be read"),
        (_, false, false) => ("dot", false, "Quiet, last heard "),
    };
    let last =
        (!is_slowed && !is_coming && !is_rejected).then(|| view! { <Moment at=one.last_at /> });
    view! {
        <span class="arriving__state" data-state=is_wrong.then_some("wrong")>
            <span class=dot />
            <span>{text} {last}</span>
        </span>
    }
    .into_any()
}

/// All of them.
pub(super) fn figures(one: &IngestApplication) -> AnyView {
    let all = one.accepted + one.rejected;
    let rejected = match one.rejected {
        0 => "0".to_owned(),
        some => format!("{} ({})", count(some), percent(some as f64 / all as f64)),
    };
    let (size, unit) = bytes(one.bytes);
    let (shows, shows_note) = match one.lag {
        Some(lag) => (
            seconds(lag.median_ms),
            format!("99% within {}", seconds(lag.p99_ms)),
        ),
        None => ("\u{2013}".to_owned(), "nothing showed lately".to_owned()),
    };
    let (waiting, waiting_unit) = bytes(one.backlog.bytes);
    let slowed = match one.slowed {
        Some(slowed) => format!("held back {}", count_of(slowed.times, "time", "times")),
        None => "no sender held back".to_owned(),
    };
    let figures = [
        (
            "Now",
            format!("{} /s", quantity(one.per_second)),
            "over the last 30 s".to_owned(),
        ),
        (
            "Taken",
            count(one.accepted),
            format!("{size} {unit} as sent"),
        ),
        ("Rejected", rejected, "lines and records".to_owned()),
        ("Shows after", shows, shows_note),
        ("Waiting", format!("{waiting} {waiting_unit}"), slowed),
    ];
    let figures = figures.map(|(name, value, note)| {
        view! {
            <div class="figure">
                <dt>{name}</dt>
                <dd>
                    <b>{value}</b>
                    <span class="quiet">{note}</span>
                </dd>
            </div>
        }
        .into_any()
    });
    view! { <dl class="arriving__figures">{Vec::from(figures)}</dl> }.into_any()
}

/// Milliseconds as people say them.
fn seconds(ms: u32) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        _ => format!("{} s", quantity(f64::from(ms) / 1_000.0)),
    }
}

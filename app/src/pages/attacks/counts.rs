//! How many attacks the search found, how many hits, and how many are going on.

use leptos::prelude::*;
use shared::AttackCounts;

use crate::format::{count, day_and_minute, zone};

/// The line of numbers in the page's head.
#[component]
pub(super) fn Counts(
    /// The numbers; absent while not known.
    #[prop(into)]
    counts: Signal<Option<AttackCounts>>,
) -> impl IntoView {
    let amount = move |of: fn(&AttackCounts) -> u64| {
        counts.with(|counts| {
            counts
                .as_ref()
                .map_or_else(|| "\u{2013}".to_owned(), |counts| count(of(counts)))
        })
    };
    let ongoing = move || counts.with(|counts| counts.as_ref().is_some_and(|c| c.ongoing > 0));
    view! {
        <div class="counts" role="status">
            <p class="counts__numbers">
                <span class="counts__item">
                    <b>{move || amount(|counts| counts.attacks)}</b>
                    " attacks"
                </span>
                <span class="counts__item">
                    <b>{move || amount(|counts| counts.hits)}</b>
                    " hits"
                </span>
                <span class="counts__item" data-live=move || ongoing().then_some("")>
                    <b>{move || amount(|counts| counts.ongoing)}</b>
                    " going on now"
                </span>
            </p>
            <p class="counts__period">
                {move || {
                    counts
                        .with(|counts| {
                            counts
                                .as_ref()
                                .map_or_else(
                                    || "\u{a0}".to_owned(),
                                    |counts| {
                                        format!(
                                            "{} \u{2013} {}, {}",
                                            day_and_minute(counts.from),
                                            day_and_minute(counts.until),
                                            zone::name(),
                                        )
                                    },
                                )
                        })
                }}
            </p>
        </div>
    }
}

//! The heatmaps of an attack, or why there are none.

use leptos::prelude::*;
use shared::{AttackId, ErrorCode};

use crate::api;
use crate::state::remote::{Meanwhile, use_remote};
use crate::ui::{ProblemPanel, SkeletonBlock};

/// The three heatmaps.
#[component]
pub(super) fn Instrument(
    /// The attack that is *this bot*.
    id: AttackId,
) -> impl IntoView {
    let heatmaps = use_remote(Meanwhile::Keep, move || id, api::heatmaps);
    view! {
        <section class="attack-instrument" aria-label="Heatmaps">
            {move || match (heatmaps.value.get(), heatmaps.problem.get()) {
                (Some(_), _) => view! { <SkeletonBlock height="36rem" /> }.into_any(),
                (None, Some(problem)) if problem.code == ErrorCode::Expired => {
                    view! { <NotEnoughData what="The heatmaps" /> }.into_any()
                }
                (None, Some(problem)) => {
                    view! { <ProblemPanel problem on_retry=move || heatmaps.retry() /> }.into_any()
                }
                (None, None) => view! { <SkeletonBlock height="36rem" /> }.into_any(),
            }}
        </section>
    }
}

/// What stands where detail has expired.
#[component]
pub(super) fn NotEnoughData(
    /// What is gone, e.g. `The heatmaps`.
    what: &'static str,
) -> impl IntoView {
    view! {
        <div class="expired">
            <p class="expired__title">"Not enough data"</p>
            <p>
                {what}
                " of an attack are kept 31 days. The attack itself stays, with everything else on this page."
            </p>
        </div>
    }
}

//! The heatmaps of an attack, or why there are none.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use shared::{AttackId, ErrorCode};

use crate::api;
use crate::chart::bubble::HeatmapTabs;
use crate::state::remote::{Meanwhile, use_remote};
use crate::ui::{ProblemPanel, SkeletonBlock};

/// The three heatmaps.
#[component]
pub(super) fn Instrument(
    /// The attack that is *this bot*.
    id: AttackId,
) -> impl IntoView {
    let heatmaps = use_remote(Meanwhile::Keep, move || id, api::heatmaps);
    let navigate = use_navigate();
    let on_open = Callback::new(move |id: AttackId| {
        navigate(&format!("/attacks/{id}"), NavigateOptions::default());
    });
    view! {
        <div class="attack-instrument">
            {move || match (heatmaps.value.get(), heatmaps.problem.get()) {
                (Some(heatmaps), _) => {
                    view! { <HeatmapTabs heatmaps=Signal::stored(heatmaps) on_open /> }.into_any()
                }
                (None, Some(problem)) if problem.code == ErrorCode::Expired => {
                    view! { <NotEnoughData what="The heatmaps" /> }.into_any()
                }
                (None, Some(problem)) => {
                    view! { <ProblemPanel problem on_retry=move || heatmaps.retry() /> }.into_any()
                }
                (None, None) => view! { <SkeletonBlock height="36rem" /> }.into_any(),
            }}
        </div>
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

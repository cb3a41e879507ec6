//! What was learned of an application: each detector's normal beside its default, how much of it
//! is the application's own, and how it moves.

use leptos::prelude::*;
use shared::{ApplicationId, Direction, LearnedNormal, LearningState};

use super::words;
use crate::api;
use crate::format::{count, quantity, times};
use crate::state::remote::{Meanwhile, use_remote};
use crate::ui::fetched;

/// The learning state of one application.
#[component]
pub(super) fn Learned(
    /// Which application.
    id: ApplicationId,
) -> impl IntoView {
    let state = use_remote(Meanwhile::Keep, move || id, api::learning);
    view! {
        <section class="learned">
            <h2>"What is normal"</h2>
            {fetched(state, "20rem", move || state.value.read().as_ref().map(shown))}
        </section>
    }
}

fn shown(learned: &LearningState) -> AnyView {
    let lead = words::learned_from(learned);
    if learned.actors == 0 {
        return view! { <p class="settings__lead">{lead}</p> }.into_any();
    }
    let rows: Vec<AnyView> = learned.normals.iter().map(row).collect();
    view! {
        <p class="settings__lead">{lead}</p>
        <div class="learned__table" role="region" aria-label="What is normal" tabindex="0">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">"Detector"</th>
                        <th scope="col">"Normal"</th>
                        <th scope="col">"Default"</th>
                        <th scope="col">"Learned"</th>
                        <th scope="col">"Against last week"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
    .into_any()
}

fn row(normal: &LearnedNormal) -> AnyView {
    let side = match normal.direction {
        Direction::Below => "> ",
        _ => "< ",
    };
    let learned = match normal.percent {
        0 => "default".to_owned(),
        percent => [&count(percent.into()), "% of ", &count(normal.actors)].concat(),
    };
    let drift = normal.drift.map_or_else(|| "\u{2013}".to_owned(), times);
    let cell = |text: String| view! { <td>{text}</td> }.into_any();
    view! {
        <tr>
            <th scope="row">{normal.detector.label()}</th>
            <td>
                {[side, &quantity(normal.normal), " "].concat()}
                <span class="quiet">{normal.unit.clone()}</span>
            </td>
            {cell([side, &quantity(normal.default)].concat())} {cell(learned)} {cell(drift)}
        </tr>
    }
    .into_any()
}

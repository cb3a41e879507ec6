//! A confidence: a number and a short bar in the colour of its heat.

use leptos::prelude::*;

use crate::format::heat_step;

/// What confidence means, for hints.
pub const CONFIDENCE_EXPLAINED: &str = "Confidence is the share of the weighted votes of the \
    detectors that had enough to work with. It is not a probability.";

/// A confidence in percent. Colour starts at the lowest bar there is (40%).
#[component]
pub fn Confidence(
    /// 0 to 100.
    percent: u8,
) -> impl IntoView {
    let heat = heat_step((f64::from(percent) - 40.0) / 60.0);
    view! {
        <span class="confidence" data-heat=heat>
            <span class="confidence__bar" aria-hidden="true">
                <span class="confidence__fill" style=("inline-size", format!("{percent}%")) />
            </span>
            <span class="confidence__value">{percent}"%"</span>
        </span>
    }
}

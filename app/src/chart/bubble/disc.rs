//! One bubble: its disc in the colour of its heat, and its marks. Moves with the frame.

use leptos::prelude::*;

use super::figure::Stage;
use super::model::{Key, Role};
use super::motion::Circle;

#[component]
pub fn Bubble(stage: Stage, key: Key) -> impl IntoView {
    let key = StoredValue::new(key);
    let spot = Memo::new(move |_| {
        key.with_value(|key| stage.state.model.with(|model| model.spot(key).cloned()))
    });
    let circle = Memo::new(move |_| circle_of(stage, &key.get_value()));
    let at = move || {
        circle
            .get()
            .map(|circle| format!("translate({:.2} {:.2})", circle.at.x, circle.at.y))
    };
    let radius = move |more: f64| circle.get().map_or(0.0, |circle| circle.radius + more);
    let level = move || {
        spot.with(|spot| match spot.as_ref().and_then(|spot| spot.heat) {
            Some(heat) => heat.to_string(),
            None => "none".to_owned(),
        })
    };
    let role = move || {
        spot.with(|spot| match spot.as_ref().map(|spot| spot.role) {
            Some(Role::ThisBot) => "this",
            Some(Role::Reference) => "reference",
            Some(Role::Other) | None => "other",
        })
    };
    let is_campaign = move || spot.with(|spot| spot.as_ref().is_some_and(|spot| spot.campaign));
    let has_heat = move || spot.with(|spot| spot.as_ref().is_some_and(|spot| spot.heat.is_some()));
    let has_size = move || spot.with(|spot| spot.as_ref().is_some_and(|spot| spot.size.is_some()));
    view! {
        <g class="bubble" data-level=level data-role=role transform=at>
            <circle class="bubble__glow" r=move || radius(0.0) * 2.1 fill="url(#heatmap-glow)" />
            <circle
                class="bubble__disc"
                r=move || radius(0.0)
                fill=move || (!has_heat()).then_some("url(#heatmap-hatch)")
            />
            <Show when=move || has_heat() && !has_size()>
                <circle
                    class="bubble__unsized"
                    r=move || radius(0.0)
                    fill="url(#heatmap-hatch-dark)"
                />
            </Show>
            <Show when=is_campaign>
                <circle class="bubble__campaign" r=move || radius(2.5) />
            </Show>
        </g>
    }
}

/// Where a bubble is right now.
pub fn circle_of(stage: Stage, key: &Key) -> Option<Circle> {
    stage.frame.with(|frame| frame.circles.get(key).copied())
}

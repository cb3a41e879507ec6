//! One bubble: its disc in the colour of its heat, and its marks. Moves with the frame.

use leptos::prelude::*;

use super::figure::Stage;
use super::model::{Key, Role, Spot};
use super::motion::Circle;

#[component]
pub fn Bubble(stage: Stage, key: Key) -> impl IntoView {
    let key = StoredValue::new(key);
    // What is on its way out looks as it did.
    let spot = Memo::new(move |last: Option<&Option<Spot>>| {
        let now = stage.state.model.read().spot(&key.read_value()).cloned();
        now.or_else(|| last.cloned().flatten())
    });
    let state = stage.state;
    let lit = move || {
        let (key, pointed) = (key.read_value(), state.pointed.read());
        pointed.here.first() == Some(&*key) || pointed.marked.contains(&key)
    };
    let circle = Memo::new(move |_| circle_of(stage, &key.get_value()));
    let at = move || {
        circle
            .get()
            .map(|circle| format!("translate({:.2} {:.2})", circle.at.x, circle.at.y))
    };
    let radius = move |more: f64| circle.get().map_or(0.0, |circle| circle.radius + more);
    let level = move || match spot.read().as_ref().and_then(|spot| spot.heat) {
        Some(heat) => heat.to_string(),
        None => "none".to_owned(),
    };
    let role = move || match spot.read().as_ref().map(|spot| spot.role) {
        Some(Role::ThisBot) => "this",
        Some(Role::Reference) => "reference",
        Some(Role::Member) => "member",
        Some(Role::Other) | None => "other",
    };
    let is_campaign = move || spot.read().as_ref().is_some_and(|spot| spot.campaign);
    let unfolded = move || spot.read().as_ref().is_some_and(|spot| spot.unfolded);
    let has_heat = move || spot.read().as_ref().is_some_and(|spot| spot.heat.is_some());
    let has_size = move || spot.read().as_ref().is_some_and(|spot| spot.size.is_some());
    view! {
        <g
            class="bubble"
            data-level=level
            data-role=role
            data-lit=move || lit().then_some("")
            data-unfolded=move || unfolded().then_some("")
            transform=at
        >
            <circle class="bubble__glow" r=move || radius(0.0) * 2.1 fill=stage.url("glow") />
            <circle
                class="bubble__disc"
                r=move || radius(0.0)
                fill=move || (!has_heat()).then(|| stage.url("hatch"))
            />
            {move || {
                (has_heat() && !has_size())
                    .then(|| {
                        view! {
                            <circle
                                class="bubble__unsized"
                                r=move || radius(0.0)
                                fill=stage.url("hatch-dark")
                            />
                        }
                    })
            }}
            {move || {
                is_campaign()
                    .then(|| view! { <circle class="bubble__campaign" r=move || radius(2.5) /> })
            }}
        </g>
    }
}

/// Where a bubble is right now.
pub fn circle_of(stage: Stage, key: &Key) -> Option<Circle> {
    stage.frame.read().circles.get(key).copied()
}

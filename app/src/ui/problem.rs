//! What failed, and the way to try again.

use leptos::prelude::*;
use shared::{ErrorCode, Problem};

use super::{Glyph, Icon};
use crate::format::visible;

/// A failure in the place of what could not be loaded.
#[component]
pub fn ProblemPanel(
    /// What failed.
    problem: Problem,
    /// Tries again.
    on_retry: impl Fn() + 'static,
) -> impl IntoView {
    // What does not exist will not exist at the second try either.
    let can_retry = !matches!(
        problem.code,
        ErrorCode::NotFound
            | ErrorCode::InvalidRequest
            | ErrorCode::Forbidden
            | ErrorCode::SecondFactorRequired
    );
    let on_retry: Option<Retry> = can_retry.then(|| Box::new(on_retry) as Retry);
    shown(problem, true, on_retry)
}

/// A failure beside what is still shown.
#[component]
pub fn ProblemLine(
    /// What failed.
    problem: Problem,
    /// Tries again.
    on_retry: impl Fn() + 'static,
) -> impl IntoView {
    shown(problem, false, Some(Box::new(on_retry)))
}

type Retry = Box<dyn Fn()>;

fn shown(problem: Problem, is_panel: bool, on_retry: Option<Retry>) -> AnyView {
    let (place, button) = match is_panel {
        true => ("problem", "button"),
        false => ("problem problem--line", "button button--small"),
    };
    let reference = problem.request_id.filter(|_| is_panel).map(|id| {
        view! {
            <p class="problem__reference">
                "In the server's log: " <code>{visible(&id).into_owned()}</code>
            </p>
        }
    });
    view! {
        <div class=place role="alert">
            <Icon glyph=Glyph::Problem />
            <div class="problem__text">
                <p class="problem__title">{problem.title}</p>
                <p>{visible(&problem.detail).into_owned()}</p>
                {reference}
            </div>
            {on_retry
                .map(|on_retry| {
                    view! {
                        <button class=button type="button" on:click=move |_| on_retry()>
                            "Try again"
                        </button>
                    }
                })}
        </div>
    }
    .into_any()
}

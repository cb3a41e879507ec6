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
        ErrorCode::NotFound | ErrorCode::InvalidRequest
    );
    let reference = problem.request_id.map(|id| {
        view! {
            <p class="problem__reference">
                "In the server's log: " <code>{visible(&id).into_owned()}</code>
            </p>
        }
    });
    view! {
        <div class="problem" role="alert">
            <Icon glyph=Glyph::Problem />
            <div class="problem__text">
                <p class="problem__title">{problem.title}</p>
                <p>{visible(&problem.detail).into_owned()}</p>
                {reference}
            </div>
            {can_retry
                .then(|| {
                    view! {
                        <button class="button" type="button" on:click=move |_| on_retry()>
                            "Try again"
                        </button>
                    }
                })}
        </div>
    }
}

/// A failure beside what is still shown.
#[component]
pub fn ProblemLine(
    /// What failed.
    problem: Problem,
    /// Tries again.
    on_retry: impl Fn() + 'static,
) -> impl IntoView {
    view! {
        <div class="problem problem--line" role="alert">
            <Icon glyph=Glyph::Problem />
            <p class="problem__text">
                <span class="problem__title">{problem.title}</span>
                " "
                {visible(&problem.detail).into_owned()}
            </p>
            <button class="button button--small" type="button" on:click=move |_| on_retry()>
                "Try again"
            </button>
        </div>
    }
}

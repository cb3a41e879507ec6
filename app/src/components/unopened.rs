//! What a page shows in the place of something that could not be opened.

use leptos::prelude::*;
use shared::Problem;

use super::Subject;
use crate::ui::{Glyph, Icon, ProblemPanel};

/// The page's title, why there is no more, and the way back.
#[component]
pub fn Unopened(
    /// The page's title.
    title: &'static str,
    /// The list to go back to.
    back: Subject,
    /// Why it could not be opened.
    problem: Problem,
    /// Tries again.
    on_retry: impl Fn() + 'static,
) -> impl IntoView {
    view! {
        <a class="back" href=back.path()>
            <Icon glyph=Glyph::Back />
            {back.title()}
        </a>
        <h1>{title}</h1>
        <ProblemPanel problem on_retry />
    }
}

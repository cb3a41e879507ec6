//! The foot of a list that grows by pages.

use leptos::prelude::*;

use super::{ProblemLine, live};
use crate::state::remote::{Growth, Pages};

/// **Show more** while there is more, and why it failed if it did.
#[component]
pub fn More<T: Send + Sync + 'static>(
    /// The list.
    pages: Pages<T>,
) -> impl IntoView {
    foot(pages.growth)
}

fn foot(growth: Growth) -> AnyView {
    let content = move || {
        if let Some(problem) = growth.problem.get() {
            let line = view! { <ProblemLine problem on_retry=move || growth.grow() /> };
            return Some(line.into_any());
        }
        let growing = growth.growing.get();
        growth.next_cursor.with(Option::is_some).then(|| {
            view! {
                <button
                    class="button"
                    type="button"
                    aria-disabled=growing.then_some("true")
                    on:click=move |_| growth.grow()
                >
                    {if growing { "Loading …" } else { "Show more" }}
                </button>
            }
            .into_any()
        })
    };
    view! { <div class="more">{live(content)}</div> }.into_any()
}

//! What is shown of an answer: why there is none, a skeleton until it is there, then what is made
//! of it.

use leptos::prelude::*;
use shared::Problem;

use super::{ProblemPanel, SkeletonBlock, live};
use crate::state::remote::Remote;

/// Shows what `ready` makes of the answer, which it reads, and makes anew when that changes;
/// nothing while there is none. Until then a skeleton of `height`, a CSS length. What fails later
/// is told above what was there.
pub fn fetched<T: Send + Sync>(
    remote: Remote<T>,
    height: &'static str,
    ready: impl FnMut() -> Option<AnyView> + Send + 'static,
) -> AnyView {
    let retry = Box::new(move || remote.retry());
    shown(remote.problem, retry, height, Box::new(ready))
}

fn shown(
    problem: RwSignal<Option<Problem>>,
    retry: Box<dyn Fn() + Send + Sync>,
    height: &'static str,
    mut ready: Box<dyn FnMut() -> Option<AnyView> + Send>,
) -> AnyView {
    let retry = StoredValue::new(retry);
    let failure = move || {
        let problem = problem.get()?;
        let on_retry = move || retry.with_value(|retry| retry());
        Some(view! { <ProblemPanel problem on_retry /> })
    };
    let has_failed = Memo::new(move |_| problem.read().is_some());
    let content = move || match ready() {
        Some(content) => content,
        None if has_failed.get() => ().into_any(),
        None => view! { <SkeletonBlock height /> }.into_any(),
    };
    view! {
        {live(failure)}
        {live(content)}
    }
    .into_any()
}

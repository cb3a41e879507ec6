//! What the server asks before it does something, with a button that says yes.

use leptos::prelude::*;
use shared::{ErrorCode, Problem};

use crate::format::visible;
use crate::ui::press;

/// The questions of a refused change, or what is wrong with it.
#[component]
pub fn Questions(
    /// Why it was refused.
    problem: Problem,
    /// Does it all the same.
    on_yes: Callback<()>,
) -> impl IntoView {
    let asks = problem.code == ErrorCode::NeedsConfirmation;
    let several =
        problem.errors.len() > 1 || problem.errors.iter().any(|it| it.field.contains(' '));
    let faults = several.then(|| {
        let faults = problem.errors.iter().map(|fault| {
            let place = fault
                .field
                .starts_with("line ")
                .then(|| format!("{}: ", fault.field));
            let text = visible(&fault.message).into_owned();
            view! {
                <li>
                    {place}
                    {text}
                </li>
            }
            .into_any()
        });
        view! { <ul class="list-faults">{faults.collect_view()}</ul> }
    });
    let text = match (asks, &*problem.errors) {
        (true, [only]) => only.message.clone(),
        (true, _) => "Do you mean all of these?".to_owned(),
        (false, _) => problem.detail,
    };
    view! {
        <div class="list-question" role="alert">
            <p>{visible(&text).into_owned()}</p>
            {faults}
            {asks
                .then(|| {
                    view! {
                        <button class="button button--small" type="button" on:click=press(move || on_yes.run(()))>
                            "Yes, add it"
                        </button>
                    }
                })}
        </div>
    }
}

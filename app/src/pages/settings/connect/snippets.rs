//! The steps of the chosen tool, each with its text to copy.

use leptos::prelude::*;
use shared::connect::{Step, Tool, ToolKind};

use super::Chosen;
use crate::ui::{CopyButton, live};

pub(super) fn snippets(chosen: Chosen) -> AnyView {
    let steps = move || {
        let tool = chosen.tool.get();
        let steps = tool.steps.iter().map(|step| snippet(chosen, step));
        view! {
            {reach(chosen, tool)}
            <ol class="snippets">{steps.collect_view()}</ol>
        }
    };
    live(steps).into_any()
}

fn snippet(chosen: Chosen, step: &'static Step) -> AnyView {
    let text = Memo::new(move |_| chosen.filling().fill(step.snippet));
    view! {
        <li class="snippet">
            <p>{step.text}</p>
            <figure class="snippet__frame">
                <figcaption class="snippet__head">
                    <span class="quiet mono">{step.place}</span>
                    <CopyButton text=text label="Copy" named=true />
                </figcaption>
                <pre class="snippet__text" tabindex="0"><code>{move || text.get()}</code></pre>
            </figure>
        </li>
    }
    .into_any()
}

/// What a cloud needs that this address is not.
fn reach(chosen: Chosen, tool: &'static Tool) -> Option<AnyView> {
    let address = untrack(|| chosen.filling()).address;
    let is_out_of_reach = tool.kind == ToolKind::Cloud && !address.starts_with("https://");
    is_out_of_reach.then(|| {
        let text = format!(
            "{} reaches this server only by https under a name that the Internet knows. This page \
             was opened at {address}: put that name in its place.",
            tool.name
        );
        view! { <p class="notice">{text}</p> }.into_any()
    })
}

//! Something that is told once and never again: a link, a secret, codes. It stays in the page
//! until it was dismissed, so that no stray key takes it away.

use leptos::prelude::*;

use super::{CopyButton, focus_soon, live, press};

/// What is told.
#[derive(Clone)]
pub struct Told {
    /// What it is.
    pub title: String,
    /// What to do with it.
    pub lead: String,
    /// Each text to copy, with its name.
    pub texts: Vec<(&'static str, String)>,
}

/// Where it is told.
#[component]
pub fn ToldOnce(
    /// What is told; dismissing takes it away.
    told: RwSignal<Option<Told>>,
) -> impl IntoView {
    live(move || {
        let told_now = told.get()?;
        focus_soon("#told".to_owned());
        let done = press(move || told.set(None));
        let texts = told_now.texts.into_iter().map(text);
        let view = view! {
            <section class="told" id="told" tabindex="-1" aria-labelledby="told-title">
                <p class="told__title" id="told-title">
                    {told_now.title}
                </p>
                <p>{told_now.lead}</p>
                <dl class="told__texts">{texts.collect_view()}</dl>
                <button class="button" type="button" on:click=done>
                    "I have kept it"
                </button>
            </section>
        };
        Some(view)
    })
}

fn text((name, text): (&'static str, String)) -> AnyView {
    view! {
        <div>
            <dt class="quiet">{name}</dt>
            <dd class="told__text">
                <code>{text.clone()}</code>
                <CopyButton text label="Copy" />
            </dd>
        </div>
    }
    .into_any()
}

//! One ordered list of sources: what is in it, what was found, and what can be added.

use leptos::ev::MouseEvent;
use leptos::html;
use leptos::prelude::*;
use shared::{
    ApplicationSettings, KeyCandidate, KeyCandidates, KeyPurpose, KeySource, MAX_SOURCES,
};

use super::words::{KINDS, kind_label, name, reasons};
use crate::state::remote::Remote;
use crate::ui::{Glyph, Icon, Show, focus_soon, press};

/// The list of one purpose in a draft of the settings.
#[component]
pub(super) fn Sources(
    /// What it is for.
    purpose: KeyPurpose,
    /// Its heading.
    title: &'static str,
    /// What the order means, and what counts where none of the list does.
    explained: &'static str,
    /// What is being edited.
    draft: RwSignal<ApplicationSettings>,
    /// What was found in the stored requests.
    candidates: Remote<KeyCandidates>,
) -> impl IntoView {
    let list = Memo::new(move |_| draft.read().list(purpose).to_vec());
    let change = move |change: &dyn Fn(&mut Vec<KeySource>)| {
        change(draft.write().list_mut(purpose));
    };
    let add = Callback::new(move |source: KeySource| {
        change(&|list| {
            if !list.contains(&source) && list.len() < MAX_SOURCES {
                list.push(source.clone());
            }
        });
    });
    let step = move |from: usize, to: usize| {
        change(&|list| list.swap(from, to));
        let way = if to < from { "up" } else { "down" };
        focus_soon(format!("#{}-{to}-{way}", purpose.as_str()));
    };
    let item = move |(place, source): (usize, KeySource)| {
        let all = list.read_untracked().len();
        let label = name(&source);
        let id = move |way| format!("{}-{place}-{way}", purpose.as_str());
        let remove = move || {
            change(&|list| {
                list.remove(place);
            });
            focus_soon(format!("#{}-kind", purpose.as_str()));
        };
        view! {
            <li class="sources__item">
                <span class="quiet">{kind_label(&source)}</span>
                <span class="mono sources__name">
                    {source.parts().1.map(str::to_owned)}
                </span>
                <Move
                    id=id("up")
                    label=format!("Move {label} up")
                    glyph=Glyph::Up
                    stuck=place == 0
                    on_press=move || step(place, place - 1)
                />
                <Move
                    id=id("down")
                    label=format!("Move {label} down")
                    glyph=Glyph::Open
                    stuck=place + 1 == all
                    on_press=move || step(place, place + 1)
                />
                <Move
                    id=id("remove")
                    label=format!("Remove {label}")
                    glyph=Glyph::Close
                    stuck=false
                    on_press=remove
                />
            </li>
        }
        .into_any()
    };
    let found = move |candidate: KeyCandidate| {
        let list = list.read();
        let taken = list.contains(&candidate.source)
            || candidate.recognised && list.contains(&KeySource::Auto);
        let source = candidate.source.clone();
        let label = name(&source);
        let action = if taken {
            view! { <span class="quiet">"In use"</span> }.into_any()
        } else {
            view! {
                <button
                    class="button button--small"
                    type="button"
                    aria-label=format!("Use {source} as {}", purpose.label())
                    on:click=press(move || add.run(source.clone()))
                >
                    "Use"
                </button>
            }
            .into_any()
        };
        view! {
            <li class="sources__found">
                <span>
                    <span class="mono">{label}</span>
                    {format!(" looks like a {}: ", purpose.label())}
                    <span class="quiet">{reasons(&candidate)}</span>
                </span>
                {action}
            </li>
        }
        .into_any()
    };
    let offered = move || {
        let found = candidates.value.get();
        let mut found = found.map_or_else(Vec::new, |found| found.candidates);
        found.retain(|candidate| candidate.purpose == purpose);
        found
    };
    view! {
        <section class="sources" aria-labelledby=purpose.as_str()>
            <h3 id=purpose.as_str()>{title}</h3>
            <p class="quiet">{explained}</p>
            <ol class="sources__list" aria-label=title>
                {move || list.get().into_iter().enumerate().map(item).collect_view()}
            </ol>
            <Add purpose on_add=add />
            <ul aria-label=format!("Found: {}", purpose.label())>
                {move || offered().into_iter().map(found).collect_view()}
            </ul>
        </section>
    }
}

/// A small button of an item.
#[component]
fn Move(
    id: String,
    label: String,
    glyph: Glyph,
    /// Whether there is no further that way.
    stuck: bool,
    on_press: impl Fn() + 'static,
) -> impl IntoView {
    let on_press = press(move || {
        if !stuck {
            on_press();
        }
    });
    small_button(id, label, glyph, stuck, on_press)
}

fn small_button(
    id: String,
    label: String,
    glyph: Glyph,
    stuck: bool,
    on_press: Box<dyn FnMut(MouseEvent)>,
) -> AnyView {
    view! {
        <button
            class="button button--quiet button--icon button--small"
            type="button"
            id=id
            aria-label=label.clone()
            data-tip=label
            aria-disabled=stuck.to_string()
            on:click=on_press
        >
            <Icon glyph />
        </button>
    }
    .into_any()
}

/// The fields that add a source.
#[component]
fn Add(purpose: KeyPurpose, on_add: Callback<KeySource>) -> impl IntoView {
    let kind = RwSignal::new(KINDS[0].0.to_owned());
    let wrong = RwSignal::new(None::<String>);
    let input = NodeRef::<html::Input>::new();
    let is_named = move || !matches!(&**kind.read(), "auto" | "user" | "bearer");
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let mut text = kind.get_untracked();
        let name = input.get_untracked();
        if let Some(name) = name.as_ref().filter(|_| untrack(is_named)) {
            text = format!("{text}:{}", name.value().trim());
        }
        match text.parse() {
            Ok(source) => {
                on_add.run(source);
                wrong.set(None);
                if let Some(name) = name {
                    name.set_value("");
                }
            }
            Err(error) => wrong.set(Some(error.to_string())),
        }
    };
    let options =
        KINDS.map(|(kind, label)| view! { <option value=kind>{label}</option> }.into_any());
    let error_id = format!("{}-wrong", purpose.as_str());
    view! {
        <form class="sources__add" on:submit=submit>
            <select
                class="select__input"
                id=format!("{}-kind", purpose.as_str())
                aria-label=format!("Kind of source to add as {}", purpose.label())
                on:change:target=move |event| kind.set(event.target().value())
            >
                {options.collect_view()}
            </select>
            <Show when=is_named>
                <input
                    class="select__input mono"
                    type="text"
                    maxlength="64"
                    autocomplete="off"
                    spellcheck="false"
                    placeholder="name"
                    aria-label=format!("Name of the source to add as {}", purpose.label())
                    aria-describedby=error_id.clone()
                    aria-invalid=move || wrong.read().is_some().to_string()
                    node_ref=input
                />
            </Show>
            <button class="button" type="submit">
                "Add"
            </button>
            <p class="sources__wrong" role="alert" id=format!("{}-wrong", purpose.as_str())>
                {move || wrong.get()}
            </p>
        </form>
    }
}

//! What the fields of what is sent for an application are called: a part of the page at
//! `/settings/applications/{id}`. Not where its session key, user and role stand.

use leptos::html::Section;
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use shared::{ApplicationId, FieldNames, Permission};

use crate::api;
use crate::components::PermittedButton;
use crate::state::remote::{Meanwhile, use_remote};
use crate::state::sending::{take_back, use_sending};
use crate::state::toast::use_toasts;
use crate::ui::{Field, Show, fault, fetched, lead_to, live, press};

/// Where it is in the page.
const PLACE: &str = "field-names";

/// Where the names of an application's fields are set.
pub(super) fn address(id: ApplicationId) -> String {
    format!("/settings/applications/{id}#{PLACE}")
}

/// The names of fields, where they are not the usual ones.
#[component]
pub(super) fn FieldNamesSection(id: ApplicationId) -> impl IntoView {
    let names = use_remote(Meanwhile::Keep, move || id, api::field_names);
    let section = NodeRef::<Section>::new();
    let is_asked_for = use_location().hash.get_untracked() == format!("#{PLACE}");
    lead_to(section, is_asked_for, move || names.value.read().is_some());
    view! {
        <section aria-labelledby=PLACE node_ref=section>
            <h2 id=PLACE>"Field names"</h2>
            <p class="settings__lead">
                "What your servers send is read by the usual names. Where yours are others, say which \
                 stands for which: " <code>"ip=client.addr"</code>
                ". A dot reaches into an object; an empty name says that there is no such field. It \
                 holds for what is sent from two seconds after it is saved, not for files that are \
                 imported."
            </p>
            {fetched(names, "8rem", move || {
                let names = names.value.get()?;
                Some(view! { <Editor id names /> }.into_any())
            })}
        </section>
    }
}

#[component]
fn Editor(
    id: ApplicationId,
    /// As they are set.
    names: FieldNames,
) -> impl IntoView {
    let (sending, toasts) = (use_sending(), use_toasts());
    let text = RwSignal::new(to_lines(&names.map));
    let saved = RwSignal::new(names.map);
    // It may have been written otherwise elsewhere, and say the same.
    let is_changed = Memo::new(move |_| to_map(&text.read()) != to_map(&saved.read()));
    let show = move |now: FieldNames| {
        // The page may be left when an undo comes, or something else be typed.
        if is_changed.try_get_untracked() == Some(false) {
            _ = text.try_set(to_lines(&now.map));
        }
        _ = saved.try_set(now.map);
    };
    let save = move || {
        let former = saved.get_untracked();
        let wanted = to_map(&text.read_untracked());
        sending.send(
            api::save_field_names(id, &wanted),
            move |now: FieldNames| {
                saved.set(now.map);
                toasts.offer_undo("Field names saved", move || {
                    let answer = api::save_field_names(id, &former);
                    take_back(answer, toasts, "The field names are as they were", show);
                });
            },
        );
    };
    let discard = move || {
        sending.problem.set(None);
        text.set(to_lines(&saved.read_untracked()));
    };
    view! {
        <div class="settings__form">
            <Field label="Which field is called what, one a line">
                <textarea
                    class="form-field__input form-field__input--lines mono"
                    rows="4"
                    maxlength=FieldNames::MAX_BYTES.to_string()
                    spellcheck="false"
                    placeholder="ip=client.addr\ntime=at"
                    prop:value=text
                    on:input:target=move |event| text.set(event.target().value())
                ></textarea>
            </Field>
            {live(move || sending.problem.get().map(fault))}
        </div>
        <div class="settings__save">
            <PermittedButton
                needs=Permission::ApplicationsWrite
                label="Save the field names"
                class="button button--primary"
                when=is_changed
                on_press=save
            />
            <Show when=move || is_changed.get()>
                <button class="button button--quiet" type="button" on:click=press(discard)>
                    "Discard the changes"
                </button>
            </Show>
        </div>
    }
}

/// The pairs of a map, one a line.
fn to_lines(map: &str) -> String {
    pairs(map).join("\n")
}

/// The map that lines say.
fn to_map(lines: &str) -> String {
    pairs(lines).join(",")
}

fn pairs(text: &str) -> Vec<&str> {
    let pairs = text.split(['\n', ',']).map(str::trim);
    pairs.filter(|pair| !pair.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_is_shown_one_pair_a_line_and_sent_as_it_is_written() {
        assert_eq!(
            to_lines("ip=client.addr, time=at"),
            "ip=client.addr\ntime=at"
        );
        assert_eq!(
            to_map(" ip=client.addr \n\ntime=at,\n"),
            "ip=client.addr,time=at"
        );
        assert_eq!(to_map(&to_lines("host=")), "host=");
        assert_eq!(to_map(" \n"), "");
    }
}

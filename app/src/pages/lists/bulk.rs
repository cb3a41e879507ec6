//! Many entries at once: CSV, pasted or from a file.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::{ListKind, Problem};
use wasm_bindgen_futures::JsFuture;

use crate::api;
use crate::components::Questions;
use crate::state::listing::{said, use_lists};
use crate::ui::Field;

/// The form.
#[component]
pub(super) fn Bulk(
    /// The list.
    list: ListKind,
    /// Whether the dialog is open; closed once it is done.
    open: RwSignal<bool>,
) -> impl IntoView {
    let lists = use_lists();
    let csv = RwSignal::new(String::new());
    let partial = RwSignal::new(false);
    let problem = RwSignal::new(None::<Problem>);
    let is_sending = RwSignal::new(false);
    let send = move |confirm: bool| {
        if is_sending.get_untracked() {
            return;
        }
        is_sending.set(true);
        let (text, partial) = (csv.get_untracked(), partial.get_untracked());
        spawn_local(async move {
            let answer = api::import_entries(list, &text, partial, confirm).await;
            // The dialog may be closed meanwhile; what was done is told all the same.
            let _ = is_sending.try_set(false);
            match answer {
                Ok(result) => {
                    lists.tell(said(&result), result.changes);
                    open.set(false);
                }
                Err(refusal) => _ = problem.try_set(Some(refusal)),
            }
        });
    };
    let on_yes = Callback::new(move |()| send(true));
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        send(false);
    };
    let read = move |input: web_sys::HtmlInputElement| {
        let Some(file) = input.files().and_then(|files| files.get(0)) else {
            return;
        };
        spawn_local(async move {
            if let Ok(text) = JsFuture::from(file.text()).await
                && let Some(text) = text.as_string()
            {
                let _ = csv.try_set(text);
            }
        });
    };
    view! {
        <form class="list-form" on:submit=on_submit>
            <Field label="object, duration, reason, applications">
                <textarea
                    class="form-field__input form-field__input--lines mono"
                    rows="8"
                    spellcheck="false"
                    autofocus=true
                    placeholder="192.0.2.7\n192.0.2.0/24,7d,scans us,shop;blog"
                    prop:value=csv
                    on:input:target=move |event| {
                        csv.set(event.target().value());
                        problem.set(None);
                    }
                ></textarea>
            </Field>
            <Field label="Or from a file">
                <input
                    class="form-field__file"
                    type="file"
                    accept=".csv,.txt,text/*"
                    on:change:target=move |event| read(event.target())
                />
            </Field>
            <label class="form-choice">
                <input
                    type="checkbox"
                    prop:checked=partial
                    on:change:target=move |event| partial.set(event.target().checked())
                />
                "Store the lines that are right although others are not"
            </label>
            {move || {
                problem.get().map(|problem| view! { <Questions problem on_yes /> })
            }}
            <div class="list-form__foot">
                <button
                    class="button button--primary"
                    type="submit"
                    aria-disabled=move || is_sending.get().then_some("true")
                >
                    "Add all"
                </button>
                <p class="quiet">"Only the object is needed. At most 10,000 lines."</p>
            </div>
        </form>
    }
}

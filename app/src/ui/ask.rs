//! The dialog that asks before something that cannot be taken back.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;

use super::{Dialog, Kind, TextField, press};
use crate::state::confirm::{Question, use_confirmation};

/// One instance in the frame.
#[component]
pub fn AskDialog() -> impl IntoView {
    let confirmation = use_confirmation();
    let title = Signal::derive(move || {
        // Each time it opens it is about something else.
        confirmation.open.track();
        let question = confirmation.question.get_value();
        question.map_or_else(String::new, |question| question.title)
    });
    view! {
        <Dialog open=confirmation.open title>
            {move || {
                let question = confirmation.question.get_value();
                question.map(|question| asked(question, confirmation.open))
            }}
        </Dialog>
    }
}

fn asked(question: Question, open: RwSignal<bool>) -> AnyView {
    let typed = RwSignal::new(String::new());
    let wanted = question.typed.clone();
    let field = wanted.clone().map(|wanted| {
        view! {
            <p>"To go on, type " <b class="ask__wanted">{wanted}</b></p>
            <TextField label="Type it here" kind=Kind::Text value=typed limit=256 first=true />
        }
    });
    let is_meant = move || match &wanted {
        Some(wanted) => typed.read().trim() == wanted.trim(),
        None => true,
    };
    let is_meant = Memo::new(move |_| is_meant());
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        if is_meant.get_untracked() {
            open.set(false);
            question.act.run(());
        }
    };
    let is_first = question.typed.is_none();
    view! {
        <form class="form" on:submit=on_submit>
            <p class="ask__text">{question.text}</p>
            {field}
            <div class="form__foot">
                <button
                    class="button button--danger"
                    type="submit"
                    aria-disabled=move || (!is_meant.get()).then_some("true")
                >
                    {question.button}
                </button>
                <button
                    class="button button--quiet"
                    type="button"
                    autofocus=is_first
                    on:click=press(move || open.set(false))
                >
                    "Cancel"
                </button>
            </div>
        </form>
    }
    .into_any()
}

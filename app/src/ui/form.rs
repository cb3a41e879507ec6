//! A form: its fields, what was wrong with the last attempt, and the button that sends it; and
//! the plain fields that most forms are made of.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use shared::Problem;

use super::live;
use crate::format::visible;
use crate::state::sending::Sending;

/// A form.
#[component]
pub fn Form(
    /// What it sends.
    sending: Sending,
    /// What its button says.
    submit: &'static str,
    /// Sends it.
    on_submit: impl FnMut() + 'static,
    /// Its fields.
    children: Children,
) -> impl IntoView {
    form(sending, submit, Box::new(on_submit), children())
}

fn form(
    sending: Sending,
    submit: &'static str,
    mut on_submit: Box<dyn FnMut()>,
    fields: AnyView,
) -> AnyView {
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        on_submit();
    };
    view! {
        <form class="form" on:submit=on_submit>
            {fields}
            {live(move || sending.problem.get().map(fault))}
            <div class="form__foot">
                <button
                    class="button button--primary"
                    type="submit"
                    aria-disabled=move || sending.is_busy.get().then_some("true")
                >
                    {submit}
                </button>
            </div>
        </form>
    }
    .into_any()
}

/// What was wrong: what is said of single fields, else of the whole.
pub fn fault(problem: Problem) -> AnyView {
    let mut said: Vec<String> = problem.errors.into_iter().map(|it| it.message).collect();
    if said.is_empty() {
        said.push(problem.detail);
    }
    let lines = said.iter().map(|text| {
        let text = visible(text).into_owned();
        view! { <p>{text}</p> }.into_any()
    });
    view! {
        <div class="form__fault" role="alert">
            {lines.collect_view()}
        </div>
    }
    .into_any()
}

/// What a field of text is for, as the browser understands it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Any text that the browser knows nothing of.
    Text,
    /// The person's own name.
    Name,
    /// Somebody's e-mail address.
    Email,
    /// The password that holds.
    CurrentPassword,
    /// A password to be.
    NewPassword,
    /// A code of an authenticator app.
    Code,
    /// An address, a key: something for machines.
    Machine,
}

impl Kind {
    const fn input(self) -> (&'static str, &'static str) {
        match self {
            Self::Text | Self::Machine => ("text", "off"),
            Self::Name => ("text", "name"),
            Self::Email => ("email", "off"),
            Self::CurrentPassword => ("password", "current-password"),
            Self::NewPassword => ("password", "new-password"),
            Self::Code => ("text", "one-time-code"),
        }
    }
}

/// A field of one line.
#[component]
pub fn TextField(
    /// What people read.
    label: &'static str,
    /// What it is for.
    kind: Kind,
    /// What is in it.
    value: RwSignal<String>,
    /// What helps to fill it, below it.
    #[prop(optional)]
    hint: &'static str,
    /// The most characters it takes.
    #[prop(default = 100)]
    limit: u16,
    /// Whether it has the focus when its dialog opens.
    #[prop(optional)]
    first: bool,
) -> impl IntoView {
    let (kind_of_input, autocomplete) = kind.input();
    let is_mono = matches!(kind, Kind::Machine | Kind::Code);
    view! {
        <label class="form-field">
            <span class="form-field__label">{label}</span>
            <input
                class="form-field__input"
                class:mono=is_mono
                type=kind_of_input
                autocomplete=autocomplete
                inputmode=(kind == Kind::Code).then_some("numeric")
                spellcheck="false"
                autocapitalize="off"
                maxlength=limit.to_string()
                required=true
                autofocus=first
                prop:value=value
                on:input:target=move |event| value.set(event.target().value())
            />
            {(!hint.is_empty()).then(|| view! { <span class="form-field__hint">{hint}</span> })}
        </label>
    }
}

/// A choice between a few.
#[component]
pub fn SelectField(
    /// What people read.
    label: &'static str,
    /// The value that is chosen.
    value: RwSignal<String>,
    /// The values, each with what people read.
    options: Signal<Vec<(String, String)>>,
) -> impl IntoView {
    let option = move |(own, label): (String, String)| {
        let chosen = value.get_untracked() == own;
        view! {
            <option value=own selected=chosen>
                {label}
            </option>
        }
        .into_any()
    };
    view! {
        <label class="form-field">
            <span class="form-field__label">{label}</span>
            <select
                class="form-field__input"
                on:change:target=move |event| value.set(event.target().value())
            >
                {live(move || options.get().into_iter().map(option).collect_view())}
            </select>
        </label>
    }
}

/// A box to tick.
#[component]
pub fn CheckField(
    /// What people read.
    #[prop(into)]
    label: String,
    /// Whether it is ticked.
    is_on: Signal<bool>,
    /// Told what it is to be.
    on_change: impl Fn(bool) + 'static,
) -> impl IntoView {
    view! {
        <label class="form-choice">
            <input
                type="checkbox"
                prop:checked=is_on
                on:change:target=move |event| on_change(event.target().checked())
            />
            {label}
        </label>
    }
}

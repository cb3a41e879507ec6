//! The form of the dialog: which list, what, where, how long, why; and who else is there.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::{Collateral, ListKind, ListLookup, Network, Problem};

use super::{NOT_ENFORCED, Questions, until};
use crate::api::{self, EntryForm};
use crate::format::{count_of, visible};
use crate::state::clock::use_now;
use crate::state::listing::{Proposal, said, use_lists};
use crate::state::overview::use_overview;
use crate::state::remote::{Meanwhile, use_remote};
use crate::ui::{Field, press};

/// Durations as the API takes them, with what people read.
const DURATIONS: [(&str, &str); 8] = [
    ("5m", "5 minutes"),
    ("1h", "1 hour"),
    ("6h", "6 hours"),
    ("24h", "24 hours"),
    ("7d", "7 days"),
    ("30d", "30 days"),
    ("365d", "A year"),
    ("forever", "Forever"),
];

/// What a select holds for applications that it does not offer by themselves.
const AS_THEY_ARE: &str = "\u{0}";

/// The form.
#[component]
pub(super) fn ListForm(
    /// What it begins with.
    proposal: Proposal,
    /// Whether the dialog is open; closed once it is done.
    open: RwSignal<bool>,
) -> impl IntoView {
    let lists = use_lists();
    let entry = proposal.entry.clone();
    let is_change = entry.is_some();
    let is_exception = RwSignal::new(proposal.list == ListKind::Exception);
    let object = RwSignal::new(proposal.object.clone());
    let default_duration = move |list| match list {
        _ if is_change => "",
        ListKind::Exception => "forever",
        ListKind::Allow | ListKind::Deny | ListKind::Gray => "24h",
    };
    let duration = RwSignal::new(default_duration(proposal.list).to_owned());
    let reason = RwSignal::new(proposal.reason.clone());
    // An exception is as narrow as what it comes from; a denial holds everywhere.
    let default_application = {
        let own = proposal.application.clone().unwrap_or_default();
        move |list| {
            if list == ListKind::Exception {
                own.clone()
            } else {
                String::new()
            }
        }
    };
    let application = RwSignal::new(
        match entry.as_ref().map(|entry| entry.applications.as_deref()) {
            None => default_application(proposal.list),
            Some(None) => String::new(),
            Some(Some([only])) => only.clone(),
            Some(Some(_)) => AS_THEY_ARE.to_owned(),
        },
    );
    let several = entry.as_ref().and_then(|entry| entry.applications.clone());
    let problem = RwSignal::new(None::<Problem>);
    let is_sending = RwSignal::new(false);
    let entry_id = entry.as_ref().map(|entry| entry.id);
    let kept = several.clone();
    let send = move |confirm: bool| {
        if is_sending.get_untracked() {
            return;
        }
        is_sending.set(true);
        let chosen = application.get_untracked();
        let form = EntryForm {
            objects: vec![object.get_untracked()],
            applications: match &*chosen {
                "" => None,
                AS_THEY_ARE => kept.clone(),
                _ => Some(vec![chosen]),
            },
            reason: reason.get_untracked(),
            duration: duration.get_untracked(),
            confirm,
        };
        spawn_local(async move {
            let answer = match entry_id {
                Some(id) => api::change_entry(id, &form).await,
                None => api::add_to_list(kind_of(is_exception.get_untracked()), &form).await,
            };
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
    let send = Callback::new(send);
    let on_submit = move |event: SubmitEvent| {
        event.prevent_default();
        send.run(false);
    };
    let on_yes = Callback::new(move |()| send.run(true));
    let choose_list = move |chosen: ListKind| {
        is_exception.set(chosen == ListKind::Exception);
        duration.set(default_duration(chosen).to_owned());
        application.set(default_application(chosen));
        problem.set(None);
    };
    let choose_list = Callback::new(choose_list);
    let switch = move |kind: ListKind, label: &'static str| {
        view! {
            <label class="form-choice">
                <input
                    type="radio"
                    name="list"
                    prop:checked=move || kind_of(is_exception.get()) == kind
                    on:change:target=move |_| choose_list.run(kind)
                />
                {label}
            </label>
        }
    };
    let own = proposal.object.clone();
    view! {
        <form class="list-form" on:submit=on_submit>
            {(!is_change)
                .then(|| {
                    view! {
                        <fieldset class="form-choices">
                            <legend class="visually-hidden">"List"</legend>
                            {switch(ListKind::Deny, "Deny list")}
                            {switch(ListKind::Exception, "Exception list")}
                        </fieldset>
                    }
                })}
            <Field label="Address or subnet">
                <input
                    class="form-field__input mono"
                    type="text"
                    autocomplete="off"
                    spellcheck="false"
                    required=true
                    placeholder="192.0.2.7 or 192.0.2.0/24"
                    prop:value=object
                    readonly=is_change
                    autofocus=true
                    on:input:target=move |event| {
                        object.set(event.target().value());
                        problem.set(None);
                    }
                />
            </Field>
            {(!is_change).then(|| view! { <Widths own object /> })}
            <Applications application several />
            <Durations duration is_change />
            <Field label="Reason">
                <input
                    class="form-field__input"
                    type="text"
                    maxlength="500"
                    autocomplete="off"
                    prop:value=reason
                    on:input:target=move |event| reason.set(event.target().value())
                />
            </Field>
            <Known object is_exception application />
            {move || {
                problem.get().map(|problem| view! { <Questions problem on_yes /> })
            }}
            <div class="list-form__foot">
                <button
                    class="button button--primary"
                    type="submit"
                    aria-disabled=move || is_sending.get().then_some("true")
                >
                    {move || match (is_change, is_exception.get()) {
                        (true, _) => "Save",
                        (false, true) => "Add to exception list",
                        (false, false) => "Add to deny list",
                    }}
                </button>
                <p class="quiet">
                    {move || match is_exception.get() {
                        true => "Its attacks there are no longer listed, and none is raised anew.",
                        false => NOT_ENFORCED,
                    }}
                </p>
            </div>
        </form>
    }
}

fn kind_of(is_exception: bool) -> ListKind {
    if is_exception {
        ListKind::Exception
    } else {
        ListKind::Deny
    }
}

/// The address itself or the subnet around it, a press away.
#[component]
fn Widths(own: String, object: RwSignal<String>) -> impl IntoView {
    let choices = widths(&own);
    let several = choices.len() > 1;
    let choices = choices.into_iter().map(|(text, label)| {
        let chosen = text.clone();
        view! {
            <button
                class="button button--small"
                type="button"
                aria-pressed=move || (object.get() == chosen).to_string()
                on:click=press(move || object.set(text.clone()))
            >
                {label}
            </button>
        }
        .into_any()
    });
    several.then(|| view! { <div class="form-choices">{choices.collect_view()}</div> })
}

/// An address and the subnets around it that one customer may have.
fn widths(own: &str) -> Vec<(String, String)> {
    let Ok(address) = own.parse::<std::net::IpAddr>() else {
        return Vec::new();
    };
    let address = address.to_canonical();
    let around = if address.is_ipv4() { 24 } else { 64 };
    let subnet = Network::holding(address, around).map(|subnet| {
        let label = format!("Its subnet {subnet}");
        (subnet.to_string(), label)
    });
    let only = (own.to_owned(), "Only this address".to_owned());
    std::iter::once(only).chain(subnet).collect()
}

#[component]
fn Applications(application: RwSignal<String>, several: Option<Vec<String>>) -> impl IntoView {
    let overview = use_overview();
    let option = move |value: String, label: String| {
        let own = value.clone();
        view! {
            <option value=value selected=move || application.get() == own>
                {label}
            </option>
        }
        .into_any()
    };
    let several = several.filter(|names| names.len() > 1).map(|names| {
        let names: Vec<_> = names
            .iter()
            .map(|name| visible(name).into_owned())
            .collect();
        option(AS_THEY_ARE.to_owned(), names.join(", "))
    });
    let names = move || {
        let mut names = Vec::new();
        if let Some(overview) = &*overview.value.read() {
            let all = overview.applications.iter();
            names.extend(all.map(|one| one.name.clone()));
        }
        // Until they are known, the chosen one is.
        let chosen = application.get_untracked();
        let is_extra = !chosen.is_empty() && chosen != AS_THEY_ARE && !names.contains(&chosen);
        let names = names.into_iter().chain(is_extra.then_some(chosen));
        names
            .map(|name| option(name.clone(), visible(&name).into_owned()))
            .collect_view()
    };
    view! {
        <Field label="Applications">
            <select
                class="form-field__input"
                on:change:target=move |event| application.set(event.target().value())
            >
                {option(String::new(), "All applications".to_owned())}
                {several}
                {move || names()}
            </select>
        </Field>
    }
}

#[component]
fn Durations(duration: RwSignal<String>, is_change: bool) -> impl IntoView {
    let kept = is_change.then_some(("", "As it is"));
    let options = kept
        .into_iter()
        .chain(DURATIONS)
        .map(move |(value, label)| {
            view! {
                <option value=value selected=move || duration.get() == value>
                    {label}
                </option>
            }
            .into_any()
        });
    view! {
        <Field label=if is_change { "From now on for" } else { "For" }>
            <select
                class="form-field__input"
                on:change:target=move |event| duration.set(event.target().value())
            >
                {options.collect_view()}
            </select>
        </Field>
    }
}

/// What is known of the object: other entries, who else is there, what the server will ask.
#[component]
fn Known(
    object: RwSignal<String>,
    is_exception: RwSignal<bool>,
    application: RwSignal<String>,
) -> impl IntoView {
    let now = use_now();
    let question = move || {
        let object = object.get();
        let is_object = object.parse::<Network>().is_ok();
        let application = Some(application.get());
        let application = application.filter(|name| !name.is_empty() && name != AS_THEY_ARE);
        is_object.then_some((object, application))
    };
    let known = use_remote(Meanwhile::Clear, question, |question| async move {
        match question {
            Some((object, application)) => {
                let known = api::list_lookup(&object, application.as_deref()).await?;
                Ok(Some(known))
            }
            None => Ok(None),
        }
    });
    let tell = move |known: ListLookup| {
        let there = known.entries.into_iter().map(|entry| {
            let text = format!(
                "{} is on the {} already, {}.",
                entry.object,
                entry.list.label().to_ascii_lowercase(),
                until(entry.expires_at, now.get_untracked()),
            );
            view! { <li>{text}</li> }.into_any()
        });
        let there = there.collect_view();
        let asked = move || {
            let questions = (!is_exception.get()).then(|| known.questions.clone());
            let questions = questions.into_iter().flatten();
            questions
                .map(|text| view! { <li class="list-known__question">{text}</li> }.into_any())
                .collect_view()
        };
        view! {
            <ul class="list-known">
                <li>{collateral(&known.collateral)}</li>
                {there}
                {move || asked()}
            </ul>
        }
    };
    view! {
        <div aria-live="polite" class="list-known__place">
            {move || known.value.get().flatten().map(tell)}
        </div>
    }
}

/// Who else is there, in a sentence.
fn collateral(found: &Collateral) -> String {
    if found.sessions == 0 {
        return "Nobody else was seen there in the last 7 stored days.".to_owned();
    }
    let more = if found.is_more { "at least " } else { "" };
    format!(
        "Also there in the last 7 stored days: {more}{} of {} not judged a bot, {}.",
        count_of(found.sessions.into(), "session", "sessions"),
        count_of(found.clients.into(), "client", "clients"),
        count_of(found.requests, "request", "requests"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_comes_with_the_subnet_around_it() {
        let texts =
            |own: &str| -> Vec<String> { widths(own).into_iter().map(|(text, _)| text).collect() };
        assert_eq!(texts("192.0.2.7"), ["192.0.2.7", "192.0.2.0/24"]);
        assert_eq!(texts("2001:db8::1"), ["2001:db8::1", "2001:db8::/64"]);
        assert!(texts("10.0.0.0/8").is_empty() && texts("").is_empty());
    }
}

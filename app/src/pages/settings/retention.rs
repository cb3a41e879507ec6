//! How long things are kept: the part of the page at `/settings/privacy`. Privacy itself is
//! `privacy`.

use leptos::prelude::*;
use shared::{JobState, Permission, Removed, Retention, RetentionRun, RetentionState};

use crate::api;
use crate::components::PermittedButton;
use crate::format::{count_of, day_and_minute};
use crate::state::remote::{Meanwhile, use_remote};
use crate::state::sending::use_sending;
use crate::state::toast::use_toasts;
use crate::ui::{CheckField, ProblemLine, SelectField, fetched};

/// One of the times that can be chosen.
struct Choice {
    label: &'static str,
    /// Days that are offered, the longest last.
    days: &'static [u16],
    get: fn(&Retention) -> u16,
    set: fn(&mut Retention, u16),
}

const CHOICES: [Choice; 5] = [
    Choice {
        label: "Sessions and requests",
        days: &[1, 2, 3, 5, 7],
        get: |it| it.session_days,
        set: |it, days| it.session_days = days,
    },
    Choice {
        label: "Heatmaps, detectors and hits of attacks",
        days: &[1, 7, 14, 21, 31],
        get: |it| it.detail_days,
        set: |it, days| it.detail_days = days,
    },
    Choice {
        label: "Attacks",
        days: &[7, 31, 61, 92, 183],
        get: |it| it.attack_days,
        set: |it, days| it.attack_days = days,
    },
    Choice {
        label: "History of the IP lists",
        days: &[7, 31, 61, 90],
        get: |it| it.list_days,
        set: |it, days| it.list_days = days,
    },
    Choice {
        label: "Audit log",
        days: &[7, 31, 61, 92, 183],
        get: |it| it.audit_days,
        set: |it, days| it.audit_days = days,
    },
];

/// How long things are kept, and what came of it last.
#[component]
pub(super) fn KeptFor() -> impl IntoView {
    let state = use_remote(Meanwhile::Keep, || (), |()| api::retention());
    fetched(state, "16rem", move || {
        let state = state.value.get()?;
        Some(view! { <KeptForEditor state /> }.into_any())
    })
}

#[component]
fn KeptForEditor(state: RetentionState) -> impl IntoView {
    let (sending, toasts) = (use_sending(), use_toasts());
    let saved = RwSignal::new(state.retention);
    let days = CHOICES.each_ref().map(|choice| {
        let days = (choice.get)(&state.retention);
        RwSignal::new(days.to_string())
    });
    let imported = RwSignal::new(state.retention.includes_imported);
    let draft = Memo::new(move |_| {
        let mut draft = saved.get();
        for (choice, days) in CHOICES.iter().zip(days) {
            if let Ok(days) = days.read().parse() {
                (choice.set)(&mut draft, days);
            }
        }
        draft.includes_imported = imported.get();
        draft
    });
    let is_changed = Memo::new(move |_| draft.get() != saved.get());
    let save = move || {
        let wanted = draft.get_untracked();
        sending.send(api::save_retention(&wanted), move |now: RetentionState| {
            saved.set(now.retention);
            let when = day_and_minute(now.next_at);
            toasts.show(format!("Saved: what is older goes from {when} on"));
        });
    };
    let fields = CHOICES.iter().zip(days).map(|(choice, value)| {
        let options = options(choice.days, (choice.get)(&state.retention));
        let options = Signal::stored(options);
        view! { <SelectField label=choice.label value options /> }.into_any()
    });
    let fields = fields.collect_view();
    let last = state.last.as_ref();
    let last = last.map(|run| day_and_minute(run.ended_at.unwrap_or(run.started_at)));
    let (last, next) = (last.unwrap_or_default(), day_and_minute(state.next_at));
    view! {
        <section aria-labelledby="kept-for">
            <h2 id="kept-for">"How long it is kept"</h2>
            <p class="settings__lead">
                "What is older is removed every night. Attacks whose requests are gone stay as they \
                 are: they are not judged again. The longest is what is offered last."
            </p>
            <div class="settings__form form">
                {fields}
                <CheckField
                    label="Imported history likewise"
                    is_on=imported.into()
                    on_change=move |on| imported.set(on)
                />
                <p class="form-field__hint">
                    "Otherwise what was imported is kept whole, so that an old log can be explored."
                </p>
            </div>
            {move || {
                let problem = sending.problem.get()?;
                Some(view! { <ProblemLine problem on_retry=save /> })
            }}
            <div class="settings__save">
                <PermittedButton
                    needs=Permission::PrivacyWrite
                    label="Save how long"
                    class="button button--primary"
                    when=is_changed
                    on_press=save
                />
            </div>
            <p class="settings__lead">{last_said(state.last.as_ref(), &last, &next)}</p>
        </section>
    }
}

/// Days as a choice offers them, also those that are set and not among the usual ones.
fn options(usual: &[u16], set: u16) -> Vec<(String, String)> {
    let mut days = usual.to_vec();
    if !days.contains(&set) {
        days.push(set);
        days.sort_unstable();
    }
    let option = |days: u16| (days.to_string(), count_of(u64::from(days), "day", "days"));
    days.into_iter().map(option).collect()
}

/// What came of it last, at `at`, and when it is done next.
fn last_said(last: Option<&RetentionRun>, at: &str, next: &str) -> String {
    let next = format!("The next time is {next}.");
    let Some(run) = last else {
        return next;
    };
    match (run.state, &run.reason) {
        (state, _) if state.is_active() => format!("Going on now: {} %.", run.percent),
        (JobState::Failed, Some(reason)) => {
            format!("The last time, {at}, failed: {reason}. {next}")
        }
        _ => format!("Last done {at}: {}. {next}", removed(&run.removed)),
    }
}

fn removed(removed: &Removed) -> String {
    if *removed == Removed::default() {
        return "nothing was too old".to_owned();
    }
    format!(
        "{}, the detail of {} and {} were removed",
        count_of(removed.sessions, "session", "sessions"),
        count_of(removed.details, "attack", "attacks"),
        count_of(removed.attacks, "attack", "attacks"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_is_offered_too() {
        let offered: Vec<String> = options(&[1, 7], 3).into_iter().map(|it| it.1).collect();
        assert_eq!(offered, ["1 day", "3 days", "7 days"]);
        assert_eq!(options(&[1, 7], 7).len(), 2);
    }

    #[test]
    fn the_longest_that_is_offered_is_the_longest_there_is() {
        for choice in &CHOICES {
            let longest = (choice.get)(&Retention::LONGEST);
            assert_eq!(choice.days.last(), Some(&longest), "{}", choice.label);
        }
    }

    #[test]
    fn the_last_time_is_said_with_what_it_removed() {
        let at = shared::Timestamp(1_700_000_000_000);
        let mut run = RetentionRun {
            state: JobState::Done,
            percent: 100,
            started_at: at,
            ended_at: Some(at),
            removed: Removed::default(),
            reason: None,
        };
        assert!(last_said(Some(&run), "today", "tomorrow").contains("nothing was too old"));
        run.removed.sessions = 1_200;
        assert!(last_said(Some(&run), "today", "tomorrow").contains("1,200 sessions"));
        assert!(last_said(None, "", "tomorrow").starts_with("The next time is"));
    }
}

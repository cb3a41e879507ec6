//! What the date filter opens: the usual periods, and a from-to on the reader's clock whose end
//! may be *now*.

use leptos::prelude::*;
use shared::search::{self, List, Period};
use shared::{Overview, Timestamp};
use wasm_bindgen::JsCast;

use crate::format::zone;
use crate::state::clock::use_now;
use crate::state::period::whole_days;
use crate::state::search::Search;
use crate::ui::live;

/// Periods as the search language writes them, with what people read; the default one is empty.
const USUAL: [(&str, &str); 7] = [
    ("", "Last 24 hours"),
    ("today", "Today"),
    ("yesterday", "Yesterday"),
    ("last 7 days", "Last 7 days"),
    ("last 30 days", "Last 30 days"),
    ("this month", "This month"),
    ("last 12 weeks", "Last 12 weeks"),
];

/// What people read for a period of the search.
pub(super) fn period_text(period: Option<Period>, overview: RwSignal<Option<Overview>>) -> String {
    let period = period.filter(|period| *period != Period::DEFAULT);
    let all = || overview.with(|overview| overview.as_ref().and_then(stored_period));
    let usual = USUAL.iter().find(|(text, _)| read(text) == period);
    match (usual, period) {
        (Some((_, label)), _) => (*label).to_owned(),
        (None, Some(period)) if all() == Some(period) => "Everything stored".to_owned(),
        (None, Some(period)) => period.to_string(),
        (None, None) => String::new(),
    }
}

/// The usual periods, and a from-to.
#[component]
pub(super) fn PeriodPanel(
    /// The search of the page.
    search: Search,
    /// What the store holds, for *Everything stored*.
    overview: RwSignal<Option<Overview>>,
    /// Which filter is open: choosing closes this one.
    open: RwSignal<Option<usize>>,
) -> impl IntoView {
    let choose = move |period: Option<Period>| {
        search.edit(|query| query.period = period);
        open.set(None);
    };
    let presets = move || {
        let current = search.read().period.filter(|it| *it != Period::DEFAULT);
        let stored = overview.with(|overview| overview.as_ref().and_then(stored_period));
        let usual = USUAL.iter().map(|(text, label)| (*label, read(text)));
        let stored = stored.map(|period| ("Everything stored", Some(period)));
        let preset = move |(label, period): (&'static str, Option<Period>)| {
            view! {
                <li>
                    <button
                        class="choice choice--only"
                        type="button"
                        aria-pressed=(current == period).to_string()
                        on:click=move |_| choose(period)
                    >
                        {label}
                    </button>
                </li>
            }
            .into_any()
        };
        usual.chain(stored).map(preset).collect_view()
    };
    view! {
        <ul class="choices" role="list">
            {live(presets)}
        </ul>
        {from_to(search, choose)}
    }
}

/// Two moments on the reader's clock, the second of which may be *now*.
fn from_to(search: Search, choose: impl Fn(Option<Period>) + Copy + 'static) -> impl IntoView {
    let zone = zone::minutes_east();
    let now = use_now().get_untracked();
    let (first, last) = untrack(|| search.read()).resolve_period(now, zone);
    let ends_now = last >= now;
    let fault = RwSignal::new(None::<String>);
    let submit = move || {
        let until = (!is_checked("until-now")).then(|| value_of("until"));
        match between(&value_of("from"), until.as_deref()) {
            Ok(period) => choose(Some(period)),
            Err(message) => fault.set(Some(message)),
        }
    };
    let end = move |id: &'static str, label: &'static str, at: Timestamp| {
        view! {
            <label class="from-to__end">
                <span>{label}</span>
                <input class="field" type="datetime-local" id=id value=local(at, zone) />
            </label>
        }
    };
    view! {
        <form
            class="from-to"
            on:submit=move |event| {
                event.prevent_default();
                submit();
            }
        >
            {end("from", "From", first.max(Timestamp(0)))}
            {end("until", "To", last.min(now))}
            <label class="from-to__now">
                <input type="checkbox" id="until-now" checked=ends_now />
                "until now"
            </label>
            <button class="button button--small" type="submit">
                "Show"
            </button>
            <p class="filter__hint" role="status">
                {fault}
            </p>
        </form>
        <p class="filter__hint">{format!("Times are those of {}.", zone::name())}</p>
    }
}

fn field(id: &str) -> Option<web_sys::HtmlInputElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

fn value_of(id: &str) -> String {
    field(id).map_or_else(String::new, |field| field.value())
}

fn is_checked(id: &str) -> bool {
    field(id).is_some_and(|field| field.checked())
}

/// The period that the language names so; absent for the default one.
fn read(text: &str) -> Option<Period> {
    search::parse(List::Attacks, text).ok()?.period
}

/// The period from one moment to another as the browser's fields write them, or until now.
fn between(from: &str, until: Option<&str>) -> Result<Period, String> {
    let written = |text: &str| text.replacen('T', " ", 1);
    let from = written(from);
    let text = match until {
        Some(until) => format!("{from} - {}", written(until)),
        None => format!(">={from}"),
    };
    let query = search::parse(List::Attacks, &text).map_err(|error| error.message)?;
    query
        .period
        .ok_or_else(|| "Choose a day and a time.".to_owned())
}

/// A moment as the browser's fields write it, on a clock `zone` minutes ahead of UTC.
fn local(at: Timestamp, zone: i32) -> String {
    let text = at.plus(i64::from(zone) * Timestamp::MINUTE).to_string();
    text.chars().take("2026-11-07T09:00".len()).collect()
}

fn stored_period(overview: &Overview) -> Option<Period> {
    let first = overview
        .applications
        .iter()
        .filter_map(|application| application.first_request_at)
        .min()?;
    let last = overview
        .applications
        .iter()
        .filter_map(|application| application.last_request_at)
        .max()?;
    whole_days(first, last, zone::minutes_east())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_period_is_of_the_search_language() {
        for (text, _) in USUAL {
            assert_eq!(read(text).is_none(), text.is_empty(), "{text}");
        }
    }

    #[test]
    fn two_moments_or_one_until_now_are_periods_of_the_language() {
        let text = |from, until| between(from, until).map(|period| period.to_string());
        assert_eq!(
            text("2026-11-07T09:00", Some("2026-11-08T12:30")),
            Ok("2026-11-07 09:00 - 2026-11-08 12:30".to_owned())
        );
        assert_eq!(
            text("2026-11-07T09:00", Some("2026-11-07T12:00")),
            Ok("2026-11-07 09:00-12:00".to_owned())
        );
        assert_eq!(
            text("2026-11-07T09:00", None),
            Ok(">=2026-11-07 09:00".to_owned())
        );
        assert!(text("2026-11-07T09:00", Some("2026-11-06T09:00")).is_err());
        assert!(text("", None).is_err());
    }

    #[test]
    fn a_moment_is_written_on_the_readers_clock() {
        assert_eq!(local(Timestamp(1_431_901_800_000), 120), "2015-05-18T00:30");
    }
}

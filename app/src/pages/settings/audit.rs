//! The page at `/settings/audit`: who changed what and who signed in, the newest first. Which
//! entries are shown stands in the address.

use leptos::prelude::*;
use shared::{AuditChange, AuditEntry, Permission, Timestamp};

use super::chain::Chain;
use super::frame::SettingsPage;
use crate::api;
use crate::format::{day_and_second, visible, zone};
use crate::state::address::{Address, use_address, use_query, write};
use crate::state::remote::{Meanwhile, use_pages};
use crate::ui::{
    Clip, Field, Glyph, Head, Icon, MomentAs, PagedTable, ProblemPanel, Show, live, press,
};

const HEADS: [Head; 6] = [
    Head::unseen("", "Before and after"),
    Head::new("", "When"),
    Head::new("", "Who"),
    Head::new("", "What"),
    Head::new("", "Object"),
    Head::new("", "From where"),
];

/// What something is done to, as the log and as people call it.
const OBJECTS: [(&str, &str); 13] = [
    ("", "Everything"),
    ("login", "Signing in and out"),
    ("account", "Accounts"),
    ("member", "People"),
    ("invitation", "Invitations"),
    ("token", "API tokens"),
    ("list_entry", "IP lists"),
    ("application", "Applications"),
    ("settings", "Settings of applications"),
    ("requests", "Imports"),
    ("demo", "Demo traffic"),
    ("privacy", "Privacy and erasing"),
    ("tenant", "Tenants"),
];

/// The parameters of the address that are the filter.
const FILTERS: [&str; 5] = ["text", "action", "actor", "from", "until"];

/// The audit log.
#[component]
pub fn AuditPage() -> impl IntoView {
    let (query, address) = (use_query(), use_address());
    let filter = Memo::new(move |_| {
        let mut query = query.get();
        query.retain(|(name, value)| FILTERS.contains(&&**name) && !value.is_empty());
        write(&query)
    });
    let value = move |name: &'static str| {
        query.with(|query| {
            let found = query.iter().find(|(key, _)| key == name);
            found.map_or_else(String::new, |(_, value)| value.clone())
        })
    };
    let text_field = move |label: &'static str, name: &'static str| {
        view! {
            <Field label>
                <input
                    class="form-field__input"
                    type="search"
                    autocomplete="off"
                    spellcheck="false"
                    maxlength="200"
                    prop:value=move || value(name)
                    on:change:target=move |event| set(address, name, event.target().value())
                />
            </Field>
        }
        .into_any()
    };
    let day_field = move |label: &'static str, name: &'static str, ahead: i64| {
        view! {
            <Field label>
                <input
                    class="form-field__input"
                    type="date"
                    prop:value=move || to_day(&value(name), ahead, zone::minutes_east())
                    on:change:target=move |event| {
                        let day = event.target().value();
                        let at = from_day(&day, ahead, zone::minutes_east());
                        set(address, name, at.map_or_else(String::new, |at| at.to_string()));
                    }
                />
            </Field>
        }
        .into_any()
    };
    let actions = view! {
        <a
            class="button"
            href=move || api::audit_csv(&filter.read())
            download=""
            rel="external"
        >
            <Icon glyph=Glyph::Download />
            "CSV"
        </a>
    };
    provide_context(address);
    view! {
        <SettingsPage
            title="Audit log"
            needs=Permission::AuditRead
            lead="Every change and every attempt to sign in, kept for six months. Entries are added; nobody can edit one."
            actions=actions.into_any()
        >
            <div class="audit-filters">
                {text_field("Search", "text")} <Objects action=Signal::derive(move || value("action")) />
                {text_field("Who", "actor")} {day_field("From", "from", 0)}
                {day_field("To", "until", 1)}
            </div>
            <Log filter />
            <Chain />
        </SettingsPage>
    }
}

/// The entries that the filter keeps.
#[component]
fn Log(filter: Memo<String>) -> impl IntoView {
    let entries = use_pages(
        Meanwhile::Keep,
        move || filter.get(),
        |filter, cursor| async move { api::audit(&filter, cursor.as_deref()).await },
    );
    let is_empty = Memo::new(move |_| entries.length().get() == Some(0));
    view! {
            {move || {
                let problem = entries.first.problem.get()?;
                Some(view! { <ProblemPanel problem on_retry=move || entries.first.retry() /> })
            }}
            <Show
                when=move || is_empty.get()
                fallback=move || {
                    view! {
                        <PagedTable
                            label="Audit log"
                            class="table--settings table--audit"
                            heads=&HEADS
                            pages=entries
                            skeleton=(8, 6)
                            key=|entry| entry.seq.to_string()
                            row=entry_row
                        />
                    }
                }
            >
                <div class="nothing">
                    <h2>"No entry is like that"</h2>
                    <p>
                        <a href="/settings/audit">"Show all entries"</a>
                    </p>
                </div>
            </Show>
    }
}

/// The choice of what something was done to; also a single deed, where one is in the address.
#[component]
fn Objects(action: Signal<String>) -> impl IntoView {
    let address = use_address();
    let options = move || {
        let chosen = action.get();
        let is_known = OBJECTS.iter().any(|(name, _)| *name == chosen);
        let extra = (!is_known).then(|| (chosen.clone(), visible(&chosen).into_owned()));
        let known = OBJECTS.map(|(name, label)| (name.to_owned(), label.to_owned()));
        let all = known.into_iter().chain(extra);
        all.map(|(name, label)| {
            let is_chosen = name == chosen;
            view! {
                <option value=name selected=is_chosen>
                    {label}
                </option>
            }
            .into_any()
        })
        .collect_view()
    };
    view! {
        <Field label="About">
            <select
                class="form-field__input"
                on:change:target=move |event| set(address, "action", event.target().value())
            >
                {live(options)}
            </select>
        </Field>
    }
}

/// Sets a part of the filter; empty takes it away.
fn set(address: Address, name: &'static str, value: String) {
    let value = Some(value).filter(|value| !value.trim().is_empty());
    address.set(&[(name, value)]);
}

fn entry_row(entry: AuditEntry) -> AnyView {
    let address: Address = expect_context();
    let is_open = RwSignal::new(false);
    let has_changes = !entry.changes.is_empty();
    let what = format!("{} {}", entry.action, visible(&entry.object));
    let toggle = has_changes.then(|| {
        let glyph = move || match is_open.get() {
            true => Glyph::Open,
            false => Glyph::Closed,
        };
        view! {
            <button
                class="button button--quiet button--small button--icon"
                type="button"
                aria-expanded=move || is_open.get().to_string()
                aria-label=format!("Before and after of {what}")
                on:click=press(move || is_open.update(|open| *open = !*open))
            >
                {move || view! { <Icon glyph=glyph() /> }}
            </button>
        }
    });
    let narrow = move |name: &'static str, value: String| {
        if value.is_empty() {
            return view! { <span class="quiet">"erased"</span> }.into_any();
        }
        let to = value.clone();
        let href = move || address.with(&[(name, Some(to.clone()))]);
        view! {
            <a class="audit__narrow" href=href data-tip="Only these">
                {visible(&value).into_owned()}
            </a>
        }
        .into_any()
    };
    let changes = StoredValue::new(entry.changes);
    view! {
        <tr class="table__row">
            <td class="audit__toggle">{toggle}</td>
            <td class="audit__when">
                <MomentAs at=entry.at format=day_and_second />
            </td>
            <td data-label="Who">
                {narrow("actor", entry.actor)}
            </td>
            <td class="mono audit__action">{narrow("action", entry.action)}</td>
            <td data-label="Object">
                <Clip text=entry.object />
            </td>
            <td data-label="From where" class="mono">
                <Clip text=entry.address.unwrap_or_else(|| "this machine".to_owned()) />
            </td>
        </tr>
        <Show when=move || is_open.get()>
            <tr class="audit__detail">
                <td colspan="6">
                    <dl class="audit__changes">
                        {changes.with_value(|all| all.iter().map(change).collect_view())}
                    </dl>
                </td>
            </tr>
        </Show>
    }
    .into_any()
}

/// One field, before and after.
fn change(change: &AuditChange) -> AnyView {
    let side = |value: &Option<String>| match value {
        Some(value) => view! { <span>{visible(value).into_owned()}</span> }.into_any(),
        None => view! { <span class="quiet">"not set"</span> }.into_any(),
    };
    view! {
        <div>
            <dt class="quiet">{visible(&change.field).into_owned()}</dt>
            <dd>
                {side(&change.before)} <span aria-label="became" role="img">
                    <Icon glyph=Glyph::Forward />
                </span> {side(&change.after)}
            </dd>
        </div>
    }
    .into_any()
}

/// The day that a moment begins, `ahead` days after the one that the field holds.
fn to_day(moment: &str, ahead: i64, minutes_east: i32) -> String {
    let Ok(at) = moment.parse::<Timestamp>() else {
        return String::new();
    };
    let local = at.plus(i64::from(minutes_east) * Timestamp::MINUTE - ahead * Timestamp::DAY);
    local.to_string().chars().take(10).collect()
}

/// The moment at which the day `ahead` days after the field's begins for the reader.
fn from_day(day: &str, ahead: i64, minutes_east: i32) -> Option<Timestamp> {
    let local: Timestamp = format!("{day}T00:00:00Z").parse().ok()?;
    Some(local.plus(ahead * Timestamp::DAY - i64::from(minutes_east) * Timestamp::MINUTE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_the_readers_and_its_end_belongs_to_it() {
        let from = from_day("2026-11-07", 0, 60).unwrap().to_string();
        assert_eq!(from, "2026-11-06T23:00:00Z");
        let until = from_day("2026-11-07", 1, 60).unwrap().to_string();
        assert_eq!(until, "2026-11-07T23:00:00Z");
        assert_eq!(to_day(&from, 0, 60), "2026-11-07");
        assert_eq!(to_day(&until, 1, 60), "2026-11-07");
        assert_eq!(from_day("", 0, 0), None);
        assert_eq!(to_day("", 0, 0), "");
    }
}

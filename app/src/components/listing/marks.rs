//! What the lists say of an address, beside it.

use leptos::prelude::*;
use shared::{ListEntry, ListKind, Timestamp};

use crate::api;
use crate::format::{day_and_minute, duration, exact};
use crate::state::clock::use_now;
use crate::state::listing::use_lists;
use crate::state::remote::{Meanwhile, use_remote};

/// Until when an entry holds: `forever`, or the moment with the time left.
pub fn until(expires_at: Option<Timestamp>, now: Timestamp) -> String {
    match expires_at {
        None => "forever".to_owned(),
        Some(at) if at <= now => format!("until {}", day_and_minute(at)),
        Some(at) => format!(
            "until {}, {} left",
            day_and_minute(at),
            duration(at.since(now))
        ),
    }
}

/// The lists that an address is on.
#[component]
pub fn ListMarks(
    /// The address.
    ip: String,
    /// The application it was seen at.
    application: String,
) -> impl IntoView {
    let (lists, now) = (use_lists(), use_now());
    let is_known = ip.contains(['.', ':']);
    let known = use_remote(
        Meanwhile::Keep,
        move || lists.changed.get(),
        move |_| {
            let (ip, application) = (ip.clone(), application.clone());
            async move {
                if !is_known {
                    return Ok(Vec::new());
                }
                let known = api::list_lookup(&ip, Some(&application)).await?;
                Ok(known.entries)
            }
        },
    );
    let mark = move |entry: ListEntry| {
        let text = match entry.list {
            ListKind::Exception => format!("excepted by {}", entry.author),
            _ => format!("denied {}", until(entry.expires_at, now.get())),
        };
        let object = entry.object;
        let tip = format!("{object}, {}: {}", exact(entry.at), entry.reason);
        view! {
            <a class="tag list-mark" href=page(entry.list) data-tip=tip>
                {text}
            </a>
        }
        .into_any()
    };
    view! {
        <span class="list-marks">
            {move || known.value.get().into_iter().flatten().map(mark).collect_view()}
        </span>
    }
}

/// Where a list is shown.
fn page(list: ListKind) -> &'static str {
    match list {
        ListKind::Exception => "/lists/exceptions",
        _ => "/lists/deny",
    }
}

//! Response statuses: a code with the mark of its class.

use leptos::prelude::*;
use shared::CodeCount;

use crate::format::{count, count_of};

/// The class of a response status as CSS knows it.
pub const fn class_of(code: u16) -> &'static str {
    match code {
        100..=299 => "ok",
        300..=399 => "redirect",
        400..=499 => "client-error",
        500..=599 => "server-error",
        _ => "none",
    }
}

/// A response status; 0 where the log has none.
#[component]
pub fn ResponseCode(
    /// The HTTP status.
    code: u16,
) -> impl IntoView {
    let text = if code == 0 {
        "none".to_owned()
    } else {
        code.to_string()
    };
    view! {
        <span class="response-code" data-class=class_of(code)>
            {text}
        </span>
    }
}

/// The most frequent statuses, and how many more there are.
#[component]
pub fn ResponseCodes(
    /// Most frequent first.
    codes: Vec<CodeCount>,
) -> impl IntoView {
    const SHOWN: usize = 3;
    let all = codes
        .iter()
        .map(|code| match code.code {
            0 => format!("without status: {}", count(code.count)),
            status => format!("{status}: {}", count(code.count)),
        })
        .collect::<Vec<_>>()
        .join("\n");
    let further = codes.len().saturating_sub(SHOWN);
    let name = count_of(further as u64, "further status", "further statuses");
    view! {
        <span class="response-codes" data-tip=all>
            {codes
                .iter()
                .take(SHOWN)
                .map(|code| view! { <ResponseCode code=code.code /> })
                .collect_view()}
            {(further > 0)
                .then(|| {
                    view! {
                        <span class="quiet" aria-label=name role="note">
                            "+"
                            {further}
                        </span>
                    }
                })}
        </span>
    }
}

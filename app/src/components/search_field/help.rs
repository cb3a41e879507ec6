//! What the search language can say, one press away from the search field.

use leptos::prelude::*;
use shared::search::List;

/// What is explained, and how it is written.
const PARTS: [(&str, &[&str]); 9] = [
    (
        "Types",
        &[
            "api_abuse",
            "account_takeover",
            "scraping",
            "security_crawlers",
            "resource_consumption",
        ],
    ),
    (
        "Period",
        &[
            "today",
            "last week",
            "last 3 days",
            "this month",
            "2026-11",
            "2026-11-01 - 2026-11-07",
            "2026-11-07 09:00-12:00",
            ">2026-11-01",
        ],
    ),
    (
        "Source",
        &[
            "ip:192.0.2.7",
            "ip:192.0.2.1-192.0.2.9",
            "ip:192.168.",
            "ip:10.0.0.0/8",
            "ip:100+",
            "country:DE",
            "source:tor",
        ],
    ),
    (
        "Target",
        &[
            "app:'my shop'",
            "domain:*.shop.example",
            "/login",
            "url:\"/my path\"",
            "method:POST",
        ],
    ),
    (
        "Answer",
        &[
            "statuscode:404",
            "statuscode:5xx",
            "statuscode:400-499",
            "blocked",
            "monitoring",
            "outcome:signed_in",
        ],
    ),
    (
        "Judgement",
        &[
            "hits:>100",
            "confidence:>80",
            "detector:request_rate",
            "ua:curl",
            "verified:spoofed",
            "ongoing",
            "excepted",
        ],
    ),
    (
        "One of them",
        &["attack:…", "session:…", "campaign:*", "request_id:…"],
    ),
    ("Not", &["!statuscode:404", "!scraping", "!ip:10.0.0.0/8"]),
    ("Who", &["user:anna", "role:admin", "bot", "!bot"]),
];

/// The button and what it opens.
#[component]
pub(super) fn SearchHelp(
    /// Which list is searched.
    list: List,
) -> impl IntoView {
    // The last part is of sessions only.
    let shown = match list {
        List::Attacks => &PARTS[..PARTS.len() - 1],
        List::Sessions => &PARTS[..],
    };
    // Nothing in it comes from elsewhere.
    let mut parts = String::new();
    for (name, examples) in shown {
        parts.push_str(&format!("<dt>{name}</dt><dd>"));
        for example in *examples {
            let example = example.replace('<', "&lt;").replace('>', "&gt;");
            parts.push_str(&format!("<code>{example}</code> "));
        }
        parts.push_str("</dd>");
    }
    view! {
        <button
            class="button button--quiet button--small"
            type="button"
            popovertarget="search-help"
        >
            "Syntax"
        </button>
        <div class="search-help" id="search-help" popover="auto">
            <h2>"Search"</h2>
            <dl class="search-help__list" inner_html=parts></dl>
            <p class="quiet">
                "Different keys narrow the search, several values of one key widen it, ! excludes. * stands for anything, ? for one character. Without a period, the last 24 hours are searched."
            </p>
        </div>
    }
}

//! Where requests came from: an address with its country, the kind of place it is, and how many
//! more there are.

use leptos::prelude::*;

use super::Clip;
use crate::format::{count, country_name, source_explained, visible};

/// A source address.
#[component]
pub fn Source(
    /// The address.
    #[prop(into)]
    ip: String,
    /// Two-letter country code, where known.
    #[prop(default = None)]
    country: Option<String>,
    /// The kind of place, where known.
    #[prop(default = None)]
    source: Option<String>,
    /// How many addresses there are in all.
    #[prop(default = 1)]
    ip_count: u32,
) -> impl IntoView {
    view! {
        <span class="source">
            <span class="source__ip mono">
                <Clip text=ip />
            </span>
            {place(country, source)}
            {(ip_count > 1)
                .then(|| {
                    view! {
                        <span class="source__count">{count(ip_count.into())} " IPs"</span>
                    }
                })}
        </span>
    }
}

/// Country and kind of place as small labels that say more when pointed at; nothing where
/// nothing is known.
pub fn place(country: Option<String>, source: Option<String>) -> impl IntoView {
    let label = |text: String, tip: String| {
        view! {
            <span class="tag" data-tip=tip>
                {visible(&text).into_owned()}
            </span>
        }
    };
    (
        country.map(|code| {
            let name = country_name(&code);
            label(code, name)
        }),
        source.map(|source| {
            let explained = source_explained(&source).to_owned();
            label(source, explained)
        }),
    )
}

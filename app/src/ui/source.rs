//! Where requests came from: an address with its country and how many more there are.

use leptos::prelude::*;

use super::{Clip, Tag};
use crate::format::{count, visible};

/// A source address.
#[component]
pub fn Source(
    /// The address.
    #[prop(into)]
    ip: String,
    /// Two-letter country code, where known.
    #[prop(default = None)]
    country: Option<String>,
    /// How many addresses there are in all.
    #[prop(default = 1)]
    ip_count: u32,
) -> impl IntoView {
    let country = country.map(|code| visible(&code).into_owned());
    view! {
        <span class="source">
            <span class="source__ip mono">
                <Clip text=ip />
            </span>
            {country.map(|code| view! { <Tag text=code /> })}
            {(ip_count > 1)
                .then(|| {
                    view! {
                        <span class="source__count">{count(ip_count.into())} " IPs"</span>
                    }
                })}
        </span>
    }
}

//! Things with their counts and shares, each with a bar behind it.

use leptos::prelude::*;

use crate::format::{count, percent};
use crate::math::fixed;

/// One thing with its count and its share of the whole.
#[component]
pub fn ShareRow(
    /// How often.
    amount: u64,
    /// 0 to 1.
    share: f64,
    /// What.
    children: Children,
) -> impl IntoView {
    view! {
        <span class="share" style=("--share", [&fixed(share * 100.0, 1), "%"].concat())>
            <span class="share__name">{children()}</span>
            <span class="share__count">{count(amount)}</span>
            <span class="share__percent">{percent(share)}</span>
        </span>
    }
}

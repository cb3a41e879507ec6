//! Who sends, in labels: what the user agent says of its sender, what that one works for, and
//! whether it is who it says.

use leptos::prelude::*;
use shared::{Purpose, UserAgentClass, Verification};

use crate::ui::Tag;

/// The labels.
pub fn sender(
    class: UserAgentClass,
    purpose: Option<Purpose>,
    verification: Option<Verification>,
) -> AnyView {
    let labels = [
        Some(class.label()),
        purpose.map(Purpose::label),
        verification.map(Verification::label),
    ];
    let tags = labels
        .into_iter()
        .flatten()
        .map(|text| view! { <Tag text /> });
    tags.collect_view().into_any()
}

//! A bot type: its icon and its label.

use leptos::prelude::*;
use shared::BotType;

use super::{Glyph, Icon};

/// The icon of a bot type.
pub const fn glyph_of(bot_type: BotType) -> Glyph {
    match bot_type {
        BotType::ApiAbuse => Glyph::Pulse,
        BotType::AccountTakeover => Glyph::Key,
        BotType::Scraping => Glyph::Sheets,
        BotType::SecurityCrawlers => Glyph::Reticle,
        BotType::ResourceConsumption => Glyph::Gauge,
    }
}

/// A bot type as people read it.
#[component]
pub fn BotTypeLabel(
    /// Which one.
    bot_type: BotType,
) -> impl IntoView {
    view! {
        <span class="bot-type">
            <Icon glyph=glyph_of(bot_type) />
            <span class="bot-type__name" data-tip-clipped="">
                {bot_type.label()}
            </span>
        </span>
    }
}

/// Further types beside the first one: their icons, with their labels one hover away.
#[component]
pub fn FurtherTypes(
    /// Which ones; may be none.
    types: Vec<BotType>,
) -> impl IntoView {
    let labels: Vec<&str> = types.iter().map(|bot_type| bot_type.label()).collect();
    let also = format!("also {}", labels.join(", "));
    let tip = format!("A{}", &also[1..]);
    let icon = |bot_type: BotType| view! { <Icon glyph=glyph_of(bot_type) /> };
    (!types.is_empty()).then(|| {
        view! {
            <span class="further-types" data-tip=tip>
                {types.into_iter().map(icon).collect_view()}
                <span class="visually-hidden">{also}</span>
            </span>
        }
    })
}

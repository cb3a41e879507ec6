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
            <span class="bot-type__name" data-tip-clipped=bot_type.label()>
                {bot_type.label()}
            </span>
        </span>
    }
}

//! The head of an attack: the way back, its type, the sentence, and what can be done.

use leptos::prelude::*;
use shared::{AttackDetail, AttackState};

use super::explore::ExploreButton;
use crate::format::visible;
use crate::state::trail::use_attacks_trail;
use crate::ui::{BotTypeLabel, Confidence, Glyph, Icon, Moment, Source};

/// What happened, in one sentence, with its context above and below.
#[component]
pub(super) fn Head(
    /// The attack.
    attack: AttackDetail,
) -> impl IntoView {
    let back = use_attacks_trail();
    let summary = attack.summary.clone();
    let ongoing = summary.state == AttackState::Ongoing;
    view! {
        <header class="attack-head">
            <a class="back" href=move || back.get()>
                <Icon glyph=Glyph::Back />
                "Attacks"
            </a>
            <div class="attack-head__line">
                <div class="attack-head__text">
                    <p class="attack-head__kind">
                        <BotTypeLabel bot_type=summary.bot_type />
                        <Confidence percent=summary.confidence />
                        {ongoing
                            .then(|| {
                                view! {
                                    <span class="attack-head__live">
                                        <span class="live" aria-hidden="true" />
                                        "going on now"
                                    </span>
                                }
                            })}
                    </p>
                    <h1>{visible(&attack.sentence).into_owned()}</h1>
                    <p class="attack-head__context">
                        <Source
                            ip=summary.top_ip
                            country=summary.country
                            source=summary.source
                            ip_count=summary.ip_count
                        />
                        <span>
                            "on "
                            {visible(&summary.application).into_owned()}
                        </span>
                        <Moment at=summary.ended_at />
                    </p>
                </div>
                <ExploreButton attack />
            </div>
        </header>
    }
}

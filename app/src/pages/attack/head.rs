//! The head of an attack: the way back, its type, the sentence, and what can be done.

use leptos::prelude::*;
use shared::{AttackDetail, AttackState};

use super::explore::ExploreButton;
use crate::components::{DemoTag, ListButtons, ListMarks};
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
    let (marked_ip, marked_application) = (summary.top_ip.clone(), summary.application.clone());
    let buttons = view! {
        <ListButtons
            ip=summary.top_ip.clone()
            application=Some(summary.application.clone())
            reason=reason(&attack)
        />
    };
    let excepted = summary.excepted;
    let ongoing = summary.state == AttackState::Ongoing;
    view! {
        <header class="attack-head">
            <a class="back" href=move || back.get()>
                <Icon glyph=Glyph::Back />
                "Attacks"
            </a>
            {excepted
                .then(|| {
                    view! {
                        <div class="banner">
                            <p>
                                "Every address of this attack is on the exception list: it is not listed unless "
                                <code>"excepted"</code> " is searched for, and none is raised anew."
                            </p>
                            <a class="button button--small" href="/lists/exceptions">
                                "Exception list"
                            </a>
                        </div>
                    }
                })}
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
                            " "
                            <DemoTag id=summary.application_id />
                        </span>
                        <Moment at=summary.ended_at />
                        <ListMarks ip=marked_ip application=marked_application />
                    </p>
                </div>
                <div class="attack-head__doing">
                    <ExploreButton attack />
                    {buttons}
                </div>
            </div>
        </header>
    }
}

/// Why its source would be put on a list, in a few words.
pub(super) fn reason(attack: &AttackDetail) -> String {
    let (kind, sentence) = (attack.summary.bot_type.label(), visible(&attack.sentence));
    let text: String = format!("{kind}: {sentence}").chars().take(200).collect();
    text
}

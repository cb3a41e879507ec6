//! The head of an attack: the way back, its type, the sentence, and what can be done.

use leptos::prelude::*;
use shared::{AttackDetail, AttackState};

use super::explore::ExploreButton;
use super::{Known, part};
use crate::components::{DemoTag, ListButtons, ListMarks};
use crate::format::visible;
use crate::state::trail::use_attacks_trail;
use crate::ui::{BotTypeLabel, Confidence, Glyph, Icon, Moment, Source, live};

/// What happened, in one sentence, with its context above and below.
#[component]
pub(super) fn Head(
    /// The attack.
    attack: Known,
) -> impl IntoView {
    let back = use_attacks_trail();
    // Asked for again only where it is about another address.
    let marked = Memo::new(move |_| {
        let attack = attack.read();
        let summary = &attack.as_ref()?.summary;
        Some((summary.top_ip.clone(), summary.application.clone()))
    });
    let marks = move || {
        let (ip, application) = marked.get()?;
        Some(view! { <ListMarks ip application /> })
    };
    view! {
        <header class="attack-head">
            <a class="back" href=move || back.get()>
                <Icon glyph=Glyph::Back />
                "Attacks"
            </a>
            {part(attack, excepted)}
            <div class="attack-head__line">
                <div class="attack-head__text">
                    {part(attack, what)}
                    <p class="attack-head__context">
                        {part(attack, whence)}
                        {live(marks)}
                    </p>
                </div>
                <div class="attack-head__doing">{part(attack, doing)}</div>
            </div>
        </header>
    }
}

/// That it is not listed, if it is not.
fn excepted(attack: &AttackDetail) -> AnyView {
    let banner = || {
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
    };
    attack.summary.excepted.then(banner).into_any()
}

/// Its type, and the sentence.
fn what(attack: &AttackDetail) -> AnyView {
    let summary = &attack.summary;
    let going_on = || {
        view! {
            <span class="attack-head__live">
                <span class="live" aria-hidden="true" />
                "going on now"
            </span>
        }
    };
    view! {
        <p class="attack-head__kind">
            <BotTypeLabel bot_type=summary.bot_type />
            <Confidence percent=summary.confidence />
            {(summary.state == AttackState::Ongoing).then(going_on)}
        </p>
        <h1>{visible(&attack.sentence).into_owned()}</h1>
    }
    .into_any()
}

/// Who, where and when.
fn whence(attack: &AttackDetail) -> AnyView {
    let summary = attack.summary.clone();
    view! {
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
    }
    .into_any()
}

/// What can be done.
fn doing(attack: &AttackDetail) -> AnyView {
    let summary = &attack.summary;
    view! {
        <ExploreButton attack=attack.clone() />
        <ListButtons
            ip=summary.top_ip.clone()
            application=Some(summary.application.clone())
            reason=reason(attack)
        />
    }
    .into_any()
}

/// Why its source would be put on a list, in a few words.
pub(super) fn reason(attack: &AttackDetail) -> String {
    let (kind, sentence) = (attack.summary.bot_type.label(), visible(&attack.sentence));
    let text: String = format!("{kind}: {sentence}").chars().take(200).collect();
    text
}

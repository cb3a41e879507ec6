//! The page at `/attacks/{id}`: what one bot did, why it is one, and the way to its requests.
//! While the attack goes on the page follows it, each part in its place.

mod about;
mod breakdown;
mod detectors;
mod explain;
mod explore;
mod found;
mod head;
mod hits;
mod instrument;
mod outcome;
mod sessions;

use leptos::prelude::*;
use shared::{AttackDetail, AttackId, AttackState, AttackStatus, Heatmaps};

use self::breakdown::breakdown;
use self::detectors::detectors;
use self::explain::Explain;
use self::found::found;
use self::head::Head;
use self::hits::Hits;
use self::instrument::Instrument;
use self::outcome::outcome_cards;
use self::sessions::sessions;
use crate::api;
use crate::chart::timeline::{Marked, TimelineChart};
use crate::components::{Subject, Unopened};
use crate::format::visible;
use crate::state::address::use_path_id;
use crate::state::listing::use_lists;
use crate::state::live::use_live;
use crate::state::remote::{Meanwhile, Remote, use_remote};
use crate::state::title::use_title;
use crate::ui::{Live, Show, SkeletonBlock, live};

/// One attack.
#[component]
pub fn AttackPage() -> impl IntoView {
    let id = use_path_id::<AttackId>();
    let attack = use_remote(
        Meanwhile::Clear,
        move || id.get(),
        |id| async move {
            match id {
                Some(id) => api::attack(id).await,
                None => Err(api::not_found("This address names no attack.")),
            }
        },
    );
    let live = use_live();
    attack.follow(live.revision, move || {
        let known = attack.value.read();
        known
            .as_ref()
            .is_none_or(|known| live.tells_of(&known.summary))
    });
    // Asked for beside the attack, so that they are there with it.
    let heatmaps = use_remote(
        Meanwhile::Clear,
        move || id.get(),
        |id| async move {
            match id {
                Some(id) => api::heatmaps(id).await,
                None => std::future::pending().await,
            }
        },
    );
    // What lists say of it may have changed.
    let lists = use_lists();
    Effect::new(move |before: Option<u32>| {
        let changed = lists.changed.get();
        if before.is_some_and(|before| before != changed) {
            attack.retry();
        }
        changed
    });
    use_title(move || {
        let attack = attack.value.read();
        attack
            .as_ref()
            .map_or_else(|| "Attack".to_owned(), title_of)
    });
    // What comes later of the same attack changes the parts of the page, not the page.
    let opened = Memo::new(move |_| attack.value.read().as_ref().map(|it| it.summary.id));
    view! {
        <div class="page">
            {move || {
                attack
                    .problem
                    .get()
                    .map(|problem| {
                        let on_retry = move || attack.retry();
                        view! { <Unopened title="Attack" back=Subject::Attacks problem on_retry /> }
                    })
            }}
            {move || match opened.get() {
                Some(id) => view! { <Attack id attack=attack.value heatmaps /> }.into_any(),
                None if attack.problem.read().is_some() => ().into_any(),
                None => view! { <AttackSkeleton /> }.into_any(),
            }}
        </div>
    }
}

fn title_of(attack: &AttackDetail) -> String {
    let summary = &attack.summary;
    format!(
        "{} from {}",
        summary.bot_type.label(),
        visible(&summary.top_ip)
    )
}

/// The attack as it is known, which changes while it goes on.
type Known = RwSignal<Option<AttackDetail>>;

/// A part of the page, changed in place when more is known.
fn part(attack: Known, part: fn(&AttackDetail) -> AnyView) -> Live {
    live(move || attack.read().as_ref().map(part))
}

#[component]
fn Attack(
    /// Which one.
    id: AttackId,
    /// The attack.
    attack: Known,
    /// Its heatmaps.
    heatmaps: Remote<Heatmaps>,
) -> impl IntoView {
    let course = Signal::derive(move || attack.read().as_ref().map(course));
    let is_ongoing = Memo::new(move |_| {
        let attack = attack.read();
        let state = attack.as_ref().map(|attack| attack.summary.state);
        state == Some(AttackState::Ongoing)
    });
    let stand = use_painted();
    view! {
        <article>
            <Head attack />
            <div class="attack-course">
                <section aria-label="Requests over time">
                    <TimelineChart shown=course />
                </section>
                {part(attack, outcome_cards)}
            </div>
            <div class="attack-columns">
                <div class="attack-columns__left">
                    <Instrument id attack heatmaps is_ongoing />
                </div>
                <div class="attack-columns__right">
                    <Show when=move || stand.get()>
                        {part(attack, found)} {part(attack, detectors)} {part(attack, breakdown)}
                        {part(attack, sessions)}
                    </Show>
                </div>
            </div>
            <Show when=move || stand.get()>
                <Explain id />
                <Hits id attack is_ongoing />
            </Show>
        </article>
    }
}

/// Whether what is drawn now was painted. The heatmaps are looked at first: nothing that takes its
/// time to draw stands in their way.
fn use_painted() -> RwSignal<bool> {
    let painted = RwSignal::new(false);
    // The second frame begins once the first one is painted.
    request_animation_frame(move || {
        request_animation_frame(move || {
            painted.try_set(true);
        });
    });
    painted
}

fn course(attack: &AttackDetail) -> Marked {
    Marked {
        timeline: attack.timeline.clone(),
        crossed_at: attack.crossed_at,
        reaction: match attack.summary.status {
            AttackStatus::Monitoring => "attack registered".to_owned(),
            status => status.label().to_ascii_lowercase(),
        },
    }
}

/// The page's outline while the attack is on its way.
#[component]
fn AttackSkeleton() -> impl IntoView {
    view! {
        <div role="status" aria-label="Loading the attack">
            <div class="attack-head">
                <SkeletonBlock height="5.5rem" />
            </div>
            <div class="attack-course">
                <SkeletonBlock height="11rem" />
            </div>
            <div class="attack-columns">
                <SkeletonBlock height="36rem" />
                <SkeletonBlock height="36rem" />
            </div>
        </div>
    }
}

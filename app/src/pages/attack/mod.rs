//! The page at `/attacks/{id}`: what one bot did, why it is one, and the way to its requests.

mod breakdown;
mod detectors;
mod explore;
mod found;
mod head;
mod hits;
mod instrument;
mod outcome;
mod sessions;

use leptos::prelude::*;
use shared::{AttackDetail, AttackId, AttackStatus};

use self::breakdown::breakdown;
use self::detectors::detectors;
use self::found::Found;
use self::head::Head;
use self::hits::Hits;
use self::instrument::Instrument;
use self::outcome::outcome_cards;
use self::sessions::sessions;
use crate::api;
use crate::chart::timeline::TimelineChart;
use crate::components::{Subject, Unopened};
use crate::format::visible;
use crate::state::address::use_path_id;
use crate::state::listing::use_lists;
use crate::state::remote::{Meanwhile, use_remote};
use crate::state::title::use_title;
use crate::ui::SkeletonBlock;

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
            {move || match attack.value.get() {
                Some(attack) => view! { <Attack attack /> }.into_any(),
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

#[component]
fn Attack(
    /// The attack.
    attack: AttackDetail,
) -> impl IntoView {
    let id = attack.summary.id;
    let reaction = match attack.summary.status {
        AttackStatus::Monitoring => "attack registered".to_owned(),
        status => status.label().to_ascii_lowercase(),
    };
    view! {
        <article>
            <Head attack=attack.clone() />
            <div class="attack-course">
                <section aria-label="Requests over time">
                    <TimelineChart
                        timeline=attack.timeline.clone()
                        crossed_at=attack.crossed_at
                        reaction
                    />
                </section>
                {outcome_cards(&attack)}
            </div>
            <div class="attack-columns">
                <div class="attack-columns__left">
                    <Instrument id />
                </div>
                <div class="attack-columns__right">
                    <Found attack=attack.clone() />
                    {detectors(&attack)}
                    {breakdown(&attack)}
                    {sessions(&attack)}
                </div>
            </div>
            <Hits id several_sources=attack.summary.ip_count.gt(&1) application=attack.summary.application.clone() reason=head::reason(&attack) />
        </article>
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

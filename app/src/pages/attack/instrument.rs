//! The heatmaps of an attack, or why there are none. What is looked at stands in the address.

use std::time::Duration;

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};
use shared::{AttackId, ErrorCode, HeatmapSteps, Heatmaps};

use super::Known;
use crate::api;
use crate::chart::bubble::{HeatmapTabs, Shown};
use crate::state::address::use_address;
use crate::state::live::use_live;
use crate::state::remote::{Meanwhile, Remote, use_remote};
use crate::ui::{ProblemPanel, Show, SkeletonBlock};

/// How long what is looked at stays the same before the address says so.
const SETTLED: Duration = Duration::from_millis(150);

/// The three heatmaps.
#[component]
pub(super) fn Instrument(
    /// The attack that is *this bot*.
    id: AttackId,
    /// The attack.
    attack: Known,
    /// What is drawn.
    heatmaps: Remote<Heatmaps>,
    /// Whether it goes on.
    is_ongoing: Memo<bool>,
) -> impl IntoView {
    let (travels, live) = (StoredValue::new(false), use_live());
    // They end with the attack: what was live is asked for once more then. A past moment does
    // not change under the reader.
    let may_follow = move || {
        let was_live = heatmaps.value.read().as_ref().is_some_and(|it| it.live);
        let known = attack.read();
        let is_told = known
            .as_ref()
            .is_none_or(|known| live.tells_of_others(&known.summary));
        is_told && (is_ongoing.get() || was_live) && !travels.get_value()
    };
    let follow = Follow {
        revision: live.revision,
        may: StoredValue::new(Box::new(may_follow)),
    };
    follow.of(heatmaps);
    let missing = move || {
        Some(match heatmaps.problem.get() {
            Some(problem) if problem.code == ErrorCode::Expired => {
                view! { <NotEnoughData what="The heatmaps" /> }.into_any()
            }
            Some(problem) => {
                view! { <ProblemPanel problem on_retry=move || heatmaps.retry() /> }.into_any()
            }
            None => view! { <SkeletonBlock height="36rem" /> }.into_any(),
        })
    };
    // Made once: what comes later moves what is drawn.
    let drawn = move || {
        let first = heatmaps.value.get_untracked()?;
        Some(view! { <Drawn id first heatmaps=heatmaps.value travels follow /> }.into_any())
    };
    view! {
        <Show when=move || heatmaps.value.read().is_some() fallback=move || missing()>
            {drawn()}
        </Show>
    }
}

/// When what is drawn is asked for again.
#[derive(Clone, Copy)]
struct Follow {
    revision: RwSignal<u64>,
    may: StoredValue<Box<dyn Fn() -> bool + Send + Sync>>,
}

impl Follow {
    fn of<T: Send + Sync>(self, remote: Remote<T>) {
        remote.follow(self.revision, move || self.may.read_value()());
    }
}

/// Which steps: those of an attack's heatmaps, or those of one of their campaigns.
type Question = (AttackId, Option<AttackId>);

/// Asks for the steps that are wanted. While none are, those that came last stay.
fn use_steps(wanted: RwSignal<Option<Question>>, follow: Follow) -> RwSignal<Option<HeatmapSteps>> {
    let ask = |wanted: Option<Question>| async move {
        match wanted {
            Some((id, of)) => api::heatmap_steps(id, of).await,
            None => std::future::pending().await,
        }
    };
    let steps = use_remote(Meanwhile::Keep, move || wanted.get(), ask);
    follow.of(steps);
    steps.value
}

/// The heatmaps with what is asked for once they stand: how the bots came there, and the
/// addresses of a campaign that is unfolded.
#[component]
fn Drawn(
    id: AttackId,
    /// As they came first.
    first: Heatmaps,
    /// As they are.
    heatmaps: RwSignal<Option<Heatmaps>>,
    /// Whether a past moment is looked at.
    travels: StoredValue<bool>,
    follow: Follow,
) -> impl IntoView {
    let (navigate, address) = (use_navigate(), use_address());
    let shown = use_query_map()
        .with_untracked(|query| Shown::read(|name| query.get_str(name).map(str::to_owned)));
    let unfolded = move |shown: &Shown| shown.unfolded.map(|campaign| (id, Some(campaign)));
    let campaign = RwSignal::new(unfolded(&shown));
    let steps = use_steps(RwSignal::new(Some((id, None))), follow);
    let members = use_steps(campaign, follow);
    let latest = StoredValue::new((shown.tab, shown.all));
    travels.set_value(shown.at.is_some());
    let on_open = Callback::new(move |id: AttackId| {
        // Another bot is seen in the same way.
        let (tab, all) = latest.get_value();
        let mut target = format!("/attacks/{id}");
        let mut mark = '?';
        let kept = Shown {
            tab,
            all,
            ..Shown::default()
        };
        for (name, value) in kept.parameters() {
            if let Some(value) = value {
                target.push_str(&format!("{mark}{name}={value}"));
                mark = '&';
            }
        }
        navigate(&target, NavigateOptions::default());
    });
    let due = StoredValue::new(None::<TimeoutHandle>);
    let cancel = move || {
        if let Some(handle) = due.try_get_value().flatten() {
            handle.clear();
        }
    };
    on_cleanup(cancel);
    let on_change = Callback::new(move |shown: Shown| {
        latest.set_value((shown.tab, shown.all));
        travels.set_value(shown.at.is_some());
        if campaign.get_untracked() != unfolded(&shown) {
            campaign.set(unfolded(&shown));
        }
        cancel();
        let write = move || address.replace(&shown.parameters());
        due.set_value(set_timeout_with_handle(write, SETTLED).ok());
    });
    view! {
        <HeatmapTabs
            heatmaps=Memo::new(move |_| heatmaps.get().unwrap_or_else(|| first.clone()))
            steps
            members
            shown
            on_change
            on_open
            csv=Callback::new(move |at| {
                api::heatmaps_csv(id, campaign.get().and_then(|(_, of)| of), at)
            })
        />
    }
}

/// What stands where detail has expired.
#[component]
pub(super) fn NotEnoughData(
    /// What is gone, e.g. `The heatmaps`.
    what: &'static str,
) -> impl IntoView {
    view! {
        <div class="expired">
            <p class="expired__title">"Not enough data"</p>
            <p>
                {what}
                " of an attack are kept 31 days. The attack itself stays, with everything else on this page."
            </p>
        </div>
    }
}

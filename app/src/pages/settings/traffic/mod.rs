//! Traffic as it arrives: how much of each application is taken and rejected, from whom, and how
//! soon it shows. Asked for again while it is looked at.

mod figures;
mod senders;
mod spark;

use std::time::Duration;

use leptos::prelude::*;
use shared::{ApplicationId, IngestApplication, IngestHealth, Permission, Timestamp};

use self::figures::figures;
use self::senders::{rejects, senders};
use self::spark::spark;
use super::frame::SettingsPage;
use crate::api;
use crate::format::{day_and_minute, visible};
use crate::state::remote::{Meanwhile, Remote, use_remote};
use crate::ui::{Each, MomentAs, fetched, live};

/// How often it is asked for.
const EVERY: Duration = Duration::from_secs(2);

/// How traffic arrives, asked for again while the page is looked at.
pub(super) fn use_health() -> Remote<IngestHealth> {
    let health = use_remote(Meanwhile::Keep, || (), |()| api::ingest_health());
    health.ask_every(EVERY, || true);
    health
}

/// The page.
#[component]
pub fn TrafficPage() -> impl IntoView {
    let actions = view! {
        <a class="button button--primary" href="/settings/traffic/connect">
            "Connect a source"
        </a>
    };
    view! {
        <SettingsPage
            title="Traffic"
            needs=Permission::ApplicationsRead
            lead="What your web servers and collectors send, as it arrives. Counted since the server \
                  started; what was imported from files is not part of it."
            actions=actions.into_any()
        >
            <Arriving />
        </SettingsPage>
    }
}

/// One application at its latest.
type Known = Memo<Option<IngestApplication>>;

#[component]
fn Arriving() -> impl IntoView {
    let health = use_health();
    let ids = move || -> Vec<ApplicationId> {
        let known = health.value.read();
        let all = known.iter().flat_map(|known| &known.applications);
        all.map(|one| one.application_id).collect()
    };
    // Whether there is any, and since when there is not: what counts up does not redraw the rest.
    let since = Memo::new(move |_| {
        let known = health.value.read();
        known
            .as_ref()
            .map(|known| (known.applications.is_empty(), known.since))
    });
    fetched(health, "16rem", move || {
        let (is_empty, since) = since.get()?;
        Some(match is_empty {
            true => nothing(since),
            false => view! {
                <Each items=ids key=ToString::to_string children=move |id| application(health, id) />
            }
            .into_any(),
        })
    })
}

fn nothing(since: Timestamp) -> AnyView {
    view! {
        <div class="nothing">
            <h2>"Nothing has arrived yet"</h2>
            <p>
                "Since the server started, " <MomentAs at=since format=day_and_minute />
                ". It takes a minute to connect nginx, Caddy, a collector or a cloud: the texts to copy are ready."
            </p>
            <a class="button" href="/settings/traffic/connect">
                "Connect a source"
            </a>
        </div>
    }
    .into_any()
}

fn application(health: Remote<IngestHealth>, id: ApplicationId) -> AnyView {
    let one = Memo::new(move |_| {
        let known = health.value.read();
        let mut all = known.as_ref()?.applications.iter();
        all.find(|one| one.application_id == id).cloned()
    });
    let name = move || {
        one.with(|one| {
            one.as_ref()
                .map(|one| visible(&one.application).into_owned())
        })
    };
    let heading = format!("traffic-{id}");
    let heading_id = heading.clone();
    view! {
        <section class="arriving" aria-labelledby=heading>
            <div class="arriving__head">
                <h2 id=heading_id>{name}</h2>
                {live(move || one.with(|one| one.as_ref().map(figures::state)))}
            </div>
            <div class="arriving__now">
                {live(move || one.with(|one| one.as_ref().map(spark)))}
                {live(move || one.with(|one| one.as_ref().map(figures)))}
            </div>
            {senders(one)}
            {rejects(one)}
        </section>
    }
    .into_any()
}

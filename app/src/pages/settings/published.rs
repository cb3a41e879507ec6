//! The lists of addresses that crawlers, clouds and Tor publish: how old the copies are that the
//! server works from. Not the lists of the tenant.

use leptos::prelude::*;
use shared::AddressList;

use crate::api;
use crate::format::count_of;
use crate::state::remote::{Meanwhile, use_remote};
use crate::ui::{Clip, Moment, ProblemPanel, SkeletonBlock};

/// Where the lists stand.
#[component]
pub(super) fn Published() -> impl IntoView {
    let lists = use_remote(Meanwhile::Keep, || (), |()| api::address_lists());
    view! {
        <section aria-labelledby="published">
            <h2 id="published">"Published addresses"</h2>
            <p class="settings__lead">
                "Who says that it is a crawler is verified by the addresses that its maker publishes. \
                 The server fetches these lists once a day; without one, claims stay unverified."
            </p>
            {move || match (lists.problem.get(), lists.value.get()) {
                (Some(problem), _) => {
                    view! { <ProblemPanel problem on_retry=move || lists.retry() /> }.into_any()
                }
                (None, Some(page)) => {
                    view! {
                        <ul>{page.items.into_iter().map(row).collect_view()}</ul>
                    }
                        .into_any()
                }
                (None, None) => view! { <SkeletonBlock height="24rem" /> }.into_any(),
            }}
        </section>
    }
}

/// One list.
fn row(list: AddressList) -> AnyView {
    let of = if list.crawlers.is_empty() {
        "Addresses of this place".to_owned()
    } else {
        list.crawlers.join(", ")
    };
    let age = match list.fetched_at {
        Some(at) => view! { <Moment at /> }.into_any(),
        None => "never fetched".into_any(),
    };
    let error = list.error.map(|error| {
        let text = format!("The last try failed: {error}");
        view! { <span class="published__error"><Clip text /></span> }
    });
    view! {
        <li class="published" data-tip=list.url>
            <b>{list.name}</b>
            <span class="quiet published__of"><Clip text=of /></span>
            <span class="quiet">
                {list
                    .fetched_at
                    .map(|_| count_of(list.networks, "network", "networks"))}
            </span>
            <span>{age}</span>
            {error}
        </li>
    }
    .into_any()
}

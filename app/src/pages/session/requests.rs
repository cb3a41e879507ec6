//! The requests of a session, in order, page by page.

use leptos::prelude::*;
use shared::{SessionDetail, SessionRequest};

use super::filter::Filter;
use super::request::RequestRows;
use crate::api;
use crate::format::count_of;
use crate::state::remote::{Meanwhile, use_pages};
use crate::ui::{More, ProblemPanel, SkeletonRows};

/// The table of requests with the switch between all and the flagged ones.
#[component]
pub(super) fn Requests(
    /// The session.
    session: SessionDetail,
    /// The filter in the address.
    filter: Filter,
) -> impl IntoView {
    let id = session.summary.id;
    let requests = use_pages(
        Meanwhile::Keep,
        move || filter.to_request_filter(),
        move |question, cursor| async move {
            api::session_requests(id, &question, cursor.as_deref()).await
        },
    );
    let first = move || {
        requests.first.value.with(|page| {
            page.as_ref()
                .map(|page| page.items.clone())
                .unwrap_or_default()
        })
    };
    let is_empty = move || {
        requests
            .first
            .value
            .with(|page| page.as_ref().is_some_and(|page| page.items.is_empty()))
    };
    let stale = move || requests.first.loading.get() && requests.first.value.with(Option::is_some);
    let grouped_by = StoredValue::new(session.grouped_by);
    let row = move |request: SessionRequest| {
        let grouped_by = grouped_by.get_value();
        view! { <RequestRows request grouped_by /> }
    };
    view! {
        <section class="requests" aria-label="Requests">
            <Showing
                filter
                requests=session.summary.requests
                hits=session.summary.hits
            />
            {move || {
                requests
                    .first
                    .problem
                    .get()
                    .map(|problem| {
                        view! { <ProblemPanel problem on_retry=move || requests.first.retry() /> }
                    })
            }}
            <Show when=is_empty>
                <div class="nothing">
                    <h2>"No requests match these filters"</h2>
                    <a class="button" href=move || filter.freed()>
                        "Clear the filters"
                    </a>
                </div>
            </Show>
            <Show when=move || !is_empty()>
                <div class="list scroll" aria-busy=move || stale().to_string()>
                    <table class="table table--stack table--requests">
                        <thead>
                            <tr>
                                <th scope="col">"Time"</th>
                                <th scope="col">"Method"</th>
                                <th scope="col">"Endpoint"</th>
                                <th scope="col">"Code"</th>
                                <th scope="col" class="table__number">
                                    "Time, ms"
                                </th>
                                <th scope="col" class="table__number">
                                    "Size, bytes"
                                </th>
                                <th scope="col">"Attack"</th>
                            </tr>
                        </thead>
                        <Show
                            when=move || requests.first.value.with(Option::is_some)
                            fallback=|| view! { <SkeletonRows rows=12 columns=7 /> }
                        >
                            <For each=first key=|request| request.id children=row />
                            <For
                                each=move || requests.further.get()
                                key=|request| request.id
                                children=row
                            />
                        </Show>
                    </table>
                </div>
                <More pages=requests />
            </Show>
        </section>
    }
}

/// Which requests are shown, and the way to the others.
#[component]
fn Showing(filter: Filter, requests: u64, hits: u64) -> impl IntoView {
    let text = move || {
        if filter.attack().is_some() {
            "Requests that this attack flagged".to_owned()
        } else if filter.malicious_only() {
            format!("Malicious requests: {}", count_of(hits, "hit", "hits"))
        } else {
            format!("All {}", count_of(requests, "request", "requests"))
        }
    };
    view! {
        <div class="section-head">
            <h2>{text}</h2>
            <Show when=move || { hits > 0 || filter.malicious_only() }>
                <a
                    class="button button--small"
                    href=move || filter.showing(!filter.malicious_only())
                >
                    {move || {
                        if filter.malicious_only() {
                            "Show all requests"
                        } else {
                            "Show only malicious requests"
                        }
                    }}
                </a>
            </Show>
        </div>
    }
}

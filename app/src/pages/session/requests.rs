//! What stands above the requests of a session and what takes their place when there are none.

use leptos::prelude::*;
use shared::{SessionDetail, SessionFacets};

use super::chips::Chips;
use super::filter::Filter;
use super::list::{RequestTable, Table};
use crate::api;
use crate::format::{count, count_of};
use crate::state::remote::Remote;
use crate::ui::{Glyph, Icon, ProblemLine, Show, SkeletonBlock, press};

/// The table of requests with the switch between all and the flagged ones.
#[component]
pub(super) fn Requests(
    /// The session.
    session: SessionDetail,
    /// The filter in the address.
    filter: Filter,
    /// What the filter keeps.
    facets: Remote<SessionFacets>,
    /// The requests.
    table: Table,
) -> impl IntoView {
    let list = table.list;
    let total = move || list.total.get();
    let crossed = move || {
        let crossed = facets.value.read().as_ref()?.crossed;
        crossed.map(|crossed| {
            let id = crossed.request.to_string();
            view! {
                <button
                    class="button button--small"
                    type="button"
                    on:click=press(move || table.go_to_request(&id))
                >
                    "Where the bar was crossed"
                </button>
            }
        })
    };
    let id = session.summary.id;
    view! {
        <section class="requests" aria-label="Requests">
            <div class="section-head">
                <Showing filter table requests=session.summary.requests />
                {move || crossed()}
                <Show when=move || { session.summary.hits > 0 || filter.malicious_only() }>
                    <a
                        class="button button--small"
                        data-noscroll
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
                <a class="button button--small" href=move || api::session_csv(id, &filter.question.read()) download="" rel="external">
                    <Icon glyph=Glyph::Download />
                    "CSV"
                </a>
            </div>
            <Chips filter />
            {move || {
                list.problem
                    .get()
                    .map(|problem| view! { <ProblemLine problem on_retry=move || list.retry() /> })
            }}
            <Show when=move || total() == Some(0)>
                <div class="nothing">
                    <h2>"No requests match these filters"</h2>
                    <a class="button" href=move || filter.freed()>
                        "Clear the filters"
                    </a>
                </div>
            </Show>
            <Show when=move || total().is_none() && list.problem.read().is_none()>
                <SkeletonBlock height="36rem" />
            </Show>
            <Show when=move || total().is_some_and(|total| total > 0)>
                <RequestTable table />
            </Show>
        </section>
    }
}

/// Which requests are shown, and how many.
#[component]
fn Showing(filter: Filter, table: Table, requests: u64) -> impl IntoView {
    let text = move || {
        if !filter.malicious_only() {
            "Requests"
        } else if filter.attack().is_some() {
            "Requests that this attack flagged"
        } else {
            "Malicious requests"
        }
    };
    let shown = move || {
        let total = table.list.total.get()? as u64;
        Some(if filter.is_joined() || total == requests {
            count(total)
        } else {
            [count(total), count_of(requests, "request", "requests")].join(" of ")
        })
    };
    view! {
        <h2>{move || text()}</h2>
        <span class="quiet" role="status">
            {move || shown()}
        </span>
    }
}

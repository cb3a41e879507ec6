//! One request: a row, its details underneath once it is opened, and a heading above where a
//! day begins. Of fixed height unless open.

use std::sync::Arc;

use leptos::prelude::*;
use shared::{SessionDay, SessionRequest};

use super::detail::RequestDetail;
use super::table::Table;
use crate::format::{count, count_of, day_and_second, quantity, visible};
use crate::ui::{BotTypeLabel, Clip, MomentAs, ResponseCode, Tag, press};

/// A body of the table.
#[component]
pub(super) fn RequestRows(
    /// The place among the requests that are shown.
    place: usize,
    /// The table that it is in.
    table: Table,
) -> impl IntoView {
    let request = Memo::new(move |_| table.list.item(place).map(Same));
    let is_open = Memo::new(move |_| table.opened.read().contains(&place));
    let is = move |what: fn(&SessionRequest) -> bool| {
        let request = request.read();
        request.as_ref().is_some_and(|request| what(&request.0))
    };
    let day = move || table.day_at(place).map(|day| view! { <Day day /> });
    let tabindex = move || {
        if table.active.get() == place {
            "0"
        } else {
            "-1"
        }
    };
    let name = move || match request.get() {
        Some(Same(request)) => format!("{} {}", visible(&request.method), visible(&request.path)),
        None => "on its way".to_owned(),
    };
    view! {
        <tbody
            class="request"
            class:request--hit=move || is(|request| !request.attacks.is_empty())
            class:request--crossed=move || is(|request| request.attacks.iter().any(|it| it.crossed_bar))
            class:request--open=is_open
            class:request--target=move || table.target.get() == Some(place)
            id=format!("request-{place}")
        >
            {move || day()}
            <tr class="table__row" aria-rowindex=(place + 2).to_string()>
                <td class="request__time">
                    <button
                        class="request__toggle table__link"
                        type="button"
                        tabindex=tabindex
                        aria-expanded=move || is_open.get().to_string()
                        on:click=press(move || table.toggle(place))
                        on:focus=move |_| table.active.set(place)
                    >
                        <span class="request__arrow" aria-hidden="true" />
                        {move || {
                            request
                                .get()
                                .map(|Same(request)| {
                                    view! { <MomentAs at=request.at format=day_and_second /> }
                                })
                        }}
                        <span class="visually-hidden">{move || name()}</span>
                    </button>
                </td>
                {move || match request.get() {
                    Some(Same(request)) => cells(&request),
                    None => view! {
                        <td class="request__target" colspan="6">
                            <span class="skeleton request__skeleton" />
                        </td>
                    }
                        .into_any(),
                }}
            </tr>
            {move || {
                request
                    .get()
                    .filter(|_| is_open.get())
                    .map(|Same(request)| {
                        view! {
                            <tr>
                                <td class="request__detail" colspan="7">
                                    <RequestDetail request=(*request).clone() table />
                                </td>
                            </tr>
                        }
                    })
            }}
        </tbody>
    }
}

/// A request that equals only itself, so that nothing compares texts.
#[derive(Clone)]
struct Same(Arc<SessionRequest>);

impl PartialEq for Same {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

fn cells(request: &SessionRequest) -> AnyView {
    let target = if request.query.is_empty() {
        request.path.clone()
    } else {
        [request.path.as_str(), &request.query].join("?")
    };
    let crossed = request.attacks.iter().any(|attack| attack.crossed_bar);
    let attack = request.attacks.first().map(|attack| attack.bot_type);
    let unusual = request
        .unusual
        .iter()
        .map(|unusual| {
            view! {
                <span class="tag request__unusual" data-tip=unusual.because.clone()>
                    {unusual.reason.label()}
                </span>
            }
            .into_any()
        })
        .collect_view();
    let absent = || view! { <span class="quiet">"\u{2013}"</span> }.into_any();
    let time_ms = request
        .time_ms
        .map_or_else(absent, |ms| quantity(ms).into_any());
    let bytes = request
        .bytes
        .map_or_else(absent, |bytes| count(bytes).into_any());
    view! {
        <td class="request__method mono">{visible(&request.method).into_owned()}</td>
        <td class="request__target">
            <span class="attack__target">
                <span class="attack__path mono">
                    <Clip text=target />
                </span>
                {crossed.then(|| view! { <Tag text="crossed the bar" /> })}
                {request.blocked.then(|| view! { <Tag text="blocked" /> })}
                {unusual}
            </span>
        </td>
        <td class="request__code">
            <ResponseCode code=request.status />
        </td>
        <td class="request__took table__number">{time_ms}</td>
        <td class="request__size table__number" data-unit="bytes">{bytes}</td>
        <td class="request__attack">{attack.map(|bot_type| view! { <BotTypeLabel bot_type /> })}</td>
    }
    .into_any()
}

/// The heading above the first request of a joined day.
#[component]
fn Day(day: SessionDay) -> impl IntoView {
    // Sessions end at midnight in UTC, wherever the reader is.
    let date = day
        .started_at
        .to_string()
        .chars()
        .take(10)
        .collect::<String>();
    view! {
        <tr class="request__day">
            <th colspan="7" scope="rowgroup">
                <span class="request__day-line">
                    {date} " UTC"
                    <span class="quiet">{count_of(day.requests, "request", "requests")}</span>
                    <a href=format!("/sessions/{}", day.session)>"Open this day alone"</a>
                </span>
            </th>
        </tr>
    }
}

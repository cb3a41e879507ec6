//! One request: a row, and its details underneath once it is opened.

use leptos::prelude::*;
use shared::SessionRequest;

use super::request_detail::RequestDetail;
use crate::format::{count, day_and_second, quantity, visible};
use crate::ui::{BotTypeLabel, Clip, MomentAs, ResponseCode, Tag};

/// A body of the table: the row, and the details while it is open.
#[component]
pub(super) fn RequestRows(
    /// The request.
    request: SessionRequest,
    /// Which key grouped the session.
    grouped_by: String,
) -> impl IntoView {
    let open = RwSignal::new(false);
    let crossed = request.attacks.iter().any(|attack| attack.crossed_bar);
    let flagged = !request.attacks.is_empty();
    let target = if request.query.is_empty() {
        request.path.clone()
    } else {
        format!("{}?{}", request.path, request.query)
    };
    let name = format!("{} {}", visible(&request.method), visible(&request.path));
    let details = format!("request-{}", request.id);
    let controls = details.clone();
    let attack = request.attacks.first().map(|attack| attack.bot_type);
    let absent = || view! { <span class="quiet">"\u{2013}"</span> }.into_any();
    let time_ms = request
        .time_ms
        .map_or_else(absent, |ms| quantity(ms).into_any());
    let bytes = request
        .bytes
        .map_or_else(absent, |bytes| count(bytes).into_any());
    let (at, status, method) = (request.at, request.status, request.method.clone());
    let request = StoredValue::new(request);
    view! {
        <tbody class="request" class:request--hit=flagged class:request--open=open>
            <tr class="table__row">
                <td class="request__time">
                    <button
                        class="request__toggle table__link"
                        type="button"
                        aria-expanded=move || open.get().to_string()
                        aria-controls=controls
                        on:click=move |_| open.update(|open| *open = !*open)
                    >
                        <span class="request__arrow" aria-hidden="true" />
                        <MomentAs at format=day_and_second />
                        <span class="visually-hidden">{name}</span>
                    </button>
                </td>
                <td class="request__method mono">{visible(&method).into_owned()}</td>
                <td class="request__target">
                    <span class="attack__target">
                        <span class="attack__path mono">
                            <Clip text=target />
                        </span>
                        {crossed.then(|| view! { <Tag text="crossed the bar" /> })}
                    </span>
                </td>
                <td class="request__code">
                    <ResponseCode code=status />
                </td>
                <td class="request__took table__number">{time_ms}</td>
                <td class="request__size table__number" data-unit="bytes">{bytes}</td>
                <td class="request__attack">{attack.map(|bot_type| view! { <BotTypeLabel bot_type /> })}</td>
            </tr>
            <Show when=move || open.get()>
                <tr id=details.clone()>
                    <td class="request__detail" colspan="7">
                        <RequestDetail
                            request=request.get_value()
                            grouped_by=grouped_by.clone()
                        />
                    </td>
                </tr>
            </Show>
        </tbody>
    }
}

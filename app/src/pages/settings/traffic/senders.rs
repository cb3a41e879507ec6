//! Who sends an application's traffic, and what of it was rejected and why. What senders wrote is
//! shown as text.

use leptos::prelude::*;
use shared::{IngestApplication, IngestReject, IngestSource, RejectReason};

use super::super::field_names;
use super::super::rows::cell;
use super::Known;
use crate::format::{bytes, count, count_of};
use crate::ui::{Clip, Each, Moment, live};

/// Reasons that a field may have that is called otherwise.
const OF_A_FIELD: [RejectReason; 4] = [
    RejectReason::NotARequest,
    RejectReason::InvalidDate,
    RejectReason::InvalidStatus,
    RejectReason::NoAddress,
];

/// Who sends it.
pub(super) fn senders(one: Known) -> AnyView {
    let sources = move || one.get().map(|one| one.sources).unwrap_or_default();
    let others = move || {
        let others = one.with(|one| one.as_ref().map_or(0, |one| one.other_sources));
        (others > 0).then(|| {
            let text = format!("and {} before them", count_of(others, "other", "others"));
            view! { <p class="quiet">{text}</p> }
        })
    };
    let heads = [
        "Sender",
        "Address",
        "Format",
        "Taken",
        "Rejected",
        "Sent",
        "Last heard",
    ];
    let key = |one: &IngestSource| format!("{one:?}");
    view! {
        {table(
            "Senders",
            "table--senders",
            &heads,
            view! { <Each items=sources key children=sender /> }.into_any(),
        )}
        {live(others)}
    }
    .into_any()
}

fn sender(source: IngestSource) -> AnyView {
    let address = source.address.unwrap_or_else(|| "\u{2013}".to_owned());
    let (size, unit) = bytes(source.bytes);
    view! {
        <tr class="table__row">
            <td class="settings__name">
                <Clip text=source.sender />
            </td>
            {cell("Address", view! { <span class="mono"><Clip text=address /></span> })}
            {cell("Format", view! { <Clip text=source.format /> })}
            {cell("Taken", count(source.accepted))} {cell("Rejected", count(source.rejected))}
            {cell("Sent", format!("{size} {unit}"))}
            {cell("Last heard", view! { <Moment at=source.last_at /> })}
        </tr>
    }
    .into_any()
}

/// What was rejected; nothing while nothing was.
pub(super) fn rejects(one: Known) -> AnyView {
    let has_any =
        Memo::new(move |_| one.with(|one| one.as_ref().is_some_and(|one| !one.rejects.is_empty())));
    let content = move || {
        has_any.get().then(|| {
            let all = move || one.get().map(|one| one.rejects).unwrap_or_default();
            let heads = [
                "Rejected because",
                "How often",
                "Last",
                "The last one began",
            ];
            let key = |one: &IngestReject| format!("{one:?}");
            let rows = view! { <Each items=all key children=reject /> }.into_any();
            view! {
                {table("Rejects", "table--rejects", &heads, rows)}
                {live(move || one.get().and_then(|one| names_hint(&one)))}
            }
        })
    };
    live(content).into_any()
}

/// A way out, where what is missing may be there by another name.
fn names_hint(one: &IngestApplication) -> Option<AnyView> {
    let is_missing = one.rejects.iter().any(|reject| {
        let mut of_a_field = OF_A_FIELD.iter().map(|reason| reason.as_str());
        of_a_field.any(|reason| reason == reject.reason)
    });
    is_missing.then(|| {
        view! {
            <p class="quiet">
                "Are your fields called otherwise? "
                <a href=field_names::address(one.application_id)>"Say what they are called"</a> "."
            </p>
        }
        .into_any()
    })
}

fn reject(reject: IngestReject) -> AnyView {
    let example = view! {
        <span class="mono">
            <Clip text=reject.example />
        </span>
    };
    view! {
        <tr class="table__row">
            <td class="settings__name">
                <Clip text=reject.label />
            </td>
            {cell("How often", count(reject.count))}
            {cell("Last", view! { <Moment at=reject.last_at /> })} {cell("Example", example)}
        </tr>
    }
    .into_any()
}

fn table(
    label: &'static str,
    class: &'static str,
    heads: &[&'static str],
    rows: AnyView,
) -> AnyView {
    let heads = heads.iter().map(|name| {
        view! { <th scope="col">{*name}</th> }
    });
    view! {
        <table class=["table table--stack table--settings ", class].concat()>
            <caption class="visually-hidden">{label}</caption>
            <thead>
                <tr>{heads.collect_view()}</tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
    .into_any()
}

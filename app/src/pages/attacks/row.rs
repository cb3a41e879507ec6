//! One attack as a row of the list.

use leptos::prelude::*;
use shared::{AttackState, AttackSummary, Scope, Verification};

use crate::components::DemoTag;
use crate::format::{count, duration, visible};
use crate::ui::{BotTypeLabel, Clip, Confidence, FurtherTypes, Moment, ResponseCodes, Source, Tag};

/// A row; all of it leads to the attack.
#[component]
pub(super) fn AttackRow(
    /// The attack.
    attack: AttackSummary,
) -> impl IntoView {
    let ongoing = attack.state == AttackState::Ongoing;
    let lasted = duration(attack.ended_at.since(attack.started_at));
    let from = format!(" from {}", visible(&attack.top_ip));
    let hits_of = format!(
        "{} of {} requests",
        count(attack.hits),
        count(attack.requests)
    );
    // A claim that is checked; what nobody checked would only mislead.
    let checked = attack
        .verification
        .filter(|it| *it != Verification::Unverified);
    view! {
        <tr class="table__row">
            <td class="attack__date">
                {ongoing
                    .then(|| {
                        view! {
                            <span class="live" role="img" aria-label="going on now" />
                        }
                    })} <Moment at=attack.ended_at />
            </td>
            <td class="attack__lasted quiet">{lasted}</td>
            <td class="attack__type"><span class="attack__types">
                <a class="table__link" href=format!("/attacks/{}", attack.id)>
                    <BotTypeLabel bot_type=attack.bot_type />
                    <span class="visually-hidden">{from}</span>
                </a>
                <FurtherTypes types=attack.secondary_types />
                {(attack.scope == Scope::Cluster)
                    .then(|| view! { <Tag text=Scope::Cluster.label() /> })}
                {checked.map(|it| view! { <Tag text=it.label() /> })}
            </span></td>
            <td
                class="attack__hits table__number"
                data-tip=hits_of
                data-unit=if attack.hits == 1 { "hit" } else { "hits" }
            >
                {count(attack.hits)}
            </td>
            <td class="attack__source">
                <Source
                    ip=attack.top_ip
                    country=attack.country
                    source=attack.source
                    ip_count=attack.ip_count
                />
            </td>
            <td class="attack__target-cell">
                <span class="attack__target">
                    <span class="attack__host-and-path mono">
                        <Clip text=attack.domain />
                        <Clip text=attack.path />
                    </span>
                    <span class="attack__application">
                        <Clip text=attack.application />
                        <DemoTag id=attack.application_id />
                    </span>
                </span>
            </td>
            <td class="attack__status quiet">{attack.status.label()}</td>
            <td class="attack__codes">
                <ResponseCodes codes=attack.response_codes />
            </td>
            <td class="attack__confidence table__number">
                <Confidence percent=attack.confidence />
            </td>
        </tr>
    }
}

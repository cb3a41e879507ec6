//! The facets of a session: counts and shares that filter its requests on click.

use leptos::prelude::*;
use shared::{BotType, NamedCount, SessionFacets};

use super::filter::{Facet, Filter};
use crate::format::visible;
use crate::state::remote::Remote;
use crate::ui::{Clip, Glyph, Icon, ProblemPanel, ResponseCode, ShareRow, SkeletonBlock, Source};

/// How many entries of a facet are shown before the rest unfolds.
const SHOWN: usize = 6;

/// All facets, each a list of links.
#[component]
pub(super) fn Facets(
    /// The facets.
    facets: Remote<SessionFacets>,
    /// The filter in the address.
    filter: Filter,
) -> impl IntoView {
    let lists = move || match (facets.value.get(), facets.problem.get()) {
        (Some(facets), _) => Facet::ALL
            .map(|facet| {
                let items = items_of(&facets, facet);
                view! { <FacetList facet items filter /> }
            })
            .into_iter()
            .collect_view()
            .into_any(),
        (None, Some(problem)) => {
            view! { <ProblemPanel problem on_retry=move || facets.retry() /> }.into_any()
        }
        (None, None) => view! { <SkeletonBlock height="24rem" /> }.into_any(),
    };
    view! {
        <aside aria-label="Filter requests">
            <details class="disclosure facets" open=is_wide()>
                <summary>"Filter requests"</summary>
                <div class="facets__lists">
                    <Show when=move || filter.is_narrowed()>
                        <a class="button button--small" href=move || filter.freed()>
                            <Icon glyph=Glyph::Close />
                            "Clear the filters"
                        </a>
                    </Show>
                    {lists}
                </div>
            </details>
        </aside>
    }
}

/// Whether there is room for the facets beside the requests; on a narrow screen they unfold.
fn is_wide() -> bool {
    window()
        .match_media("(width >= 1100px)")
        .ok()
        .flatten()
        .is_some_and(|query| query.matches())
}

fn items_of(facets: &SessionFacets, facet: Facet) -> Vec<NamedCount> {
    match facet {
        Facet::AttackType => facets.attack_types.clone(),
        Facet::Ip => facets.ips.clone(),
        Facet::Method => facets.methods.clone(),
        Facet::Status => facets.response_codes.clone(),
        Facet::Template => facets.endpoints.clone(),
    }
}

#[component]
fn FacetList(facet: Facet, items: Vec<NamedCount>, filter: Filter) -> impl IntoView {
    if items.is_empty() {
        return ().into_any();
    }
    let entry = move |item: NamedCount| view! { <FacetEntry facet item filter /> };
    let mut items = items.into_iter();
    let first = items.by_ref().take(SHOWN).map(entry).collect_view();
    let rest: Vec<_> = items.collect();
    let further = rest.len();
    view! {
        <section class="facet">
            <h2>{facet.label()}</h2>
            <ul role="list">{first}</ul>
            {(further > 0)
                .then(|| {
                    view! {
                        <details class="disclosure">
                            <summary>{further} " more"</summary>
                            <ul role="list">{rest.into_iter().map(entry).collect_view()}</ul>
                        </details>
                    }
                })}
        </section>
    }
    .into_any()
}

#[component]
fn FacetEntry(facet: Facet, item: NamedCount, filter: Filter) -> impl IntoView {
    let name = StoredValue::new(item.name.clone());
    let target = move || name.with_value(|name| filter.toggled(facet, name));
    let current = move || {
        name.with_value(|name| filter.value(facet).is_some_and(|value| value == *name))
            .then_some("true")
    };
    view! {
        <li>
            <a class="facet__entry" href=target aria-current=current>
                <ShareRow amount=item.count share=item.share>
                    {match facet {
                        Facet::Ip => {
                            view! { <Source ip=item.name country=item.country source=item.source /> }
                                .into_any()
                        }
                        _ => name_of(facet, &item.name),
                    }}
                </ShareRow>
            </a>
        </li>
    }
}

fn name_of(facet: Facet, name: &str) -> AnyView {
    match facet {
        Facet::Status => {
            let code = name.parse().unwrap_or(0);
            view! { <ResponseCode code /> }.into_any()
        }
        Facet::AttackType => match name.parse::<BotType>() {
            Ok(bot_type) => bot_type.label().into_any(),
            Err(_) => visible(name).into_owned().into_any(),
        },
        Facet::Ip | Facet::Method | Facet::Template => view! {
            <span class="mono">
                <Clip text=name.to_owned() />
            </span>
        }
        .into_any(),
    }
}

//! The facets of a session: counts and shares that filter its requests on click.

use leptos::prelude::*;
use shared::{BotType, NamedCount, SessionFacets, UnusualReason};

use super::filter::{Facet, Filter};
use crate::format::visible;
use crate::state::remote::Remote;
use crate::ui::{
    Clip, Glyph, Hint, Icon, ProblemPanel, ResponseCode, ShareRow, SkeletonBlock, Source,
};

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
                <p class="facets__note quiet">
                    "Click to show only, " <Icon glyph=Glyph::Exclude /> " to exclude "
                    <Hint
                        subject="the counts"
                        text="Each list counts the requests that the filters in the other lists \
                              leave. Values of one list widen each other, different lists narrow \
                              each other."
                    />
                </p>
                <div class="facets__lists">{move || lists()}</div>
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
        Facet::AttackType => &facets.attack_types,
        Facet::Unusual => &facets.unusual,
        Facet::Ip => &facets.ips,
        Facet::Method => &facets.methods,
        Facet::Status => &facets.response_codes,
        Facet::Template => &facets.endpoints,
        Facet::User => &facets.users,
    }
    .clone()
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

/// A value: its name shows only requests with it, beside it is the way to leave them out.
#[component]
fn FacetEntry(facet: Facet, item: NamedCount, filter: Filter) -> impl IntoView {
    let name = StoredValue::new(item.name.clone());
    let target = move |excluded| filter.toggled(facet, excluded, &name.read_value());
    let current = move |excluded| {
        filter
            .has(facet, excluded, &name.read_value())
            .then_some("true")
    };
    let text = text_of(facet, &item.name);
    let exclude = ["Exclude ", &visible(&text)].concat();
    view! {
        <li class="facet__line">
            <a class="facet__entry" data-noscroll href=move || target(false) aria-current=move || current(false)>
                <span class="visually-hidden">"Show only "</span>
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
            <a
                class="facet__not"
                data-noscroll
                href=move || target(true)
                aria-current=move || current(true)
                aria-label=exclude.clone()
                data-tip=exclude
            >
                <Icon glyph=Glyph::Exclude />
            </a>
        </li>
    }
}

/// A value in words.
pub(super) fn text_of(facet: Facet, name: &str) -> String {
    match facet {
        Facet::Status if name == "0" => "none".to_owned(),
        Facet::AttackType => name
            .parse::<BotType>()
            .map_or_else(|_| name.to_owned(), |it| it.label().to_owned()),
        Facet::Unusual => name
            .parse::<UnusualReason>()
            .map_or_else(|_| name.to_owned(), |it| it.label().to_owned()),
        _ => name.to_owned(),
    }
}

fn name_of(facet: Facet, name: &str) -> AnyView {
    let text = text_of(facet, name);
    match facet {
        Facet::Status => {
            let code = name.parse().unwrap_or(0);
            view! { <ResponseCode code /> }.into_any()
        }
        Facet::AttackType | Facet::Unusual => visible(&text).into_owned().into_any(),
        Facet::Ip | Facet::Method | Facet::Template | Facet::User => view! {
            <span class="mono">
                <Clip text />
            </span>
        }
        .into_any(),
    }
}

//! The page at `/attacks`: all attacks that the search in the address finds.

mod counts;
mod row;
mod table;

use leptos::prelude::*;
use shared::ErrorCode;
use shared::search::List;

use self::counts::Counts;
use self::table::AttackTable;
use crate::api;
use crate::components::{DemoBanner, Nothing, PeriodFilter, SearchField, Subject, TypeFilter};
use crate::state::address::use_parameter;
use crate::state::live::use_live;
use crate::state::overview::use_overview;
use crate::state::remote::{Meanwhile, use_pages, use_remote};
use crate::state::search::use_search;
use crate::state::title::use_title;
use crate::state::trail::{leave_trail, use_attacks_trail};
use crate::ui::{More, ProblemPanel};

/// The list of attacks with its search and filters.
#[component]
pub fn AttacksPage() -> impl IntoView {
    use_title(|| "Attacks".to_owned());
    leave_trail(use_attacks_trail());
    let search = use_search(List::Attacks);
    let sort = use_parameter("sort");
    let overview = use_overview();
    let counts = use_remote(
        Meanwhile::Keep,
        move || search.text.get(),
        |text| async move { api::attack_counts(&text).await },
    );
    let attacks = use_pages(
        Meanwhile::Keep,
        move || (search.text.get(), sort.get()),
        |(text, sort), cursor| async move {
            api::attacks(&text, sort.as_deref(), cursor.as_deref()).await
        },
    );
    let live = use_live();
    counts.follow(live.revision, || true);
    // Who has read on stays where they are.
    let is_at_top = move || attacks.further.with_untracked(Vec::is_empty);
    attacks.first.follow(live.revision, is_at_top);
    let by_type = Signal::derive(move || {
        counts
            .value
            .with(|counts| counts.as_ref().map(|counts| counts.by_type.clone()))
    });
    let problem = move || {
        let found = attacks.first.problem.get();
        found
            .or_else(|| overview.problem.get())
            .filter(|problem| problem.code != ErrorCode::InvalidSearch)
    };
    let retry = move || {
        attacks.first.retry();
        counts.retry();
        overview.retry();
    };
    let is_empty = move || {
        attacks
            .first
            .value
            .with(|page| page.as_ref().is_some_and(|page| page.items.is_empty()))
    };
    let stale = move || attacks.first.loading.get() && attacks.first.value.with(Option::is_some);

    view! {
        <div class="page">
            <div class="page__head">
                <h1>"Attacks"</h1>
                <Counts counts=counts.value />
            </div>
            <DemoBanner />
            <div class="filters">
                <SearchField search label="Search attacks" />
                <PeriodFilter search overview=overview.value />
                <TypeFilter search counts=by_type />
            </div>
            {move || problem().map(|problem| view! { <ProblemPanel problem on_retry=retry /> })}
            <Show
                when=is_empty
                fallback=move || {
                    view! {
                        <Show when=move || {
                            attacks.first.value.with(Option::is_some)
                                || attacks.first.problem.with(Option::is_none)
                        }>
                            <div class="list" aria-busy=move || stale().to_string()>
                                <AttackTable attacks sort />
                                <More pages=attacks />
                            </div>
                        </Show>
                    }
                }
            >
                {move || {
                    overview
                        .value
                        .get()
                        .map(|overview| {
                            view! { <Nothing subject=Subject::Attacks search overview /> }
                        })
                }}
            </Show>
        </div>
    }
}

//! The page at `/attacks`: all attacks that the search in the address finds.

mod counts;
mod row;
mod table;

use leptos::prelude::*;
use shared::search::List;

use self::counts::Counts;
use self::table::AttackTable;
use crate::api::{self, Part};
use crate::components::{ActiveFilters, DemoBanner, Filters, Found, SearchField, Subject};
use crate::state::address::use_parameter;
use crate::state::arrived::follow_or_tell;
use crate::state::kept;
use crate::state::live::use_live;
use crate::state::overview::use_overview;
use crate::state::remote::{Meanwhile, use_pages, use_remote};
use crate::state::search::use_search;
use crate::state::title::use_title;
use crate::state::trail::{leave_trail, use_attacks_trail};
use crate::ui::ArrivedButton;

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
        move |(text, sort), cursor| {
            kept::as_many(cursor, move |part| {
                api::attacks(&text, sort.as_deref(), part)
            })
        },
    );
    let live = use_live();
    counts.follow(live.revision, || true);
    let arrived = follow_or_tell(
        attacks,
        live.revision,
        |attack| attack.id.to_string(),
        move || {
            let (text, sort) = (search.text.get_untracked(), sort.get_untracked());
            api::attacks(&text, sort.as_deref(), Part::default())
        },
    );
    kept::bring_back(attacks, use_attacks_trail());
    view! {
        <div class="page">
            <div class="page__head">
                <h1>"Attacks"</h1>
                <Counts counts=counts.value search />
            </div>
            <DemoBanner />
            <div class="search-bar">
                <SearchField search label="Search attacks" />
                <Filters search overview=overview.value />
            </div>
            <ActiveFilters search />
            <ArrivedButton arrived one="new attack" many="new attacks" />
            <Found
                subject=Subject::Attacks
                search
                pages=attacks
                overview
                table=move || view! { <AttackTable attacks sort /> }
            />
        </div>
    }
}

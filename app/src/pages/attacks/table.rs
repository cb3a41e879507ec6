//! The table of attacks and the order it is in.

use leptos::prelude::*;
use shared::{AttackState, AttackSummary};

use super::row::AttackRow;
use crate::state::address::use_address;
use crate::state::remote::Pages;
use crate::ui::{CONFIDENCE_EXPLAINED, Hint, PagedRows};

/// The order that the server uses unless told otherwise.
const DEFAULT_SORT: &str = "-date";

/// Attacks in rows, newest first unless sorted otherwise.
#[component]
pub(super) fn AttackTable(
    /// The attacks.
    attacks: Pages<AttackSummary>,
    /// The order in the address.
    sort: Memo<Option<String>>,
) -> impl IntoView {
    let row = |attack| view! { <AttackRow attack /> }.into_any();
    view! {
        <table class="table table--stack table--attacks">
            <caption class="visually-hidden">"Attacks"</caption>
            <thead>
                <tr>
                    <SortHeader sort key="date" label="Last seen" />
                    <th scope="col">"Lasted"</th>
                    <th scope="col">"Type"</th>
                    <SortHeader sort key="hits" label="Hits" numeric=true />
                    <th scope="col" class="attack__source">"Source"</th>
                    <th scope="col">"Target"</th>
                    <th scope="col">"Status"</th>
                    <th scope="col">"Responses"</th>
                    <SortHeader sort key="confidence" label="Confidence" numeric=true>
                        <Hint subject="confidence" text=CONFIDENCE_EXPLAINED />
                    </SortHeader>
                </tr>
            </thead>
            <PagedRows pages=attacks skeleton=(12, 9) key=state_of row />
        </table>
    }
}

/// What makes a row another one: an attack that went on.
fn state_of(attack: &AttackSummary) -> String {
    let is_ongoing = attack.state == AttackState::Ongoing;
    let (id, end, hits) = (attack.id, attack.ended_at.0, attack.hits);
    format!("{id} {end} {hits} {is_ongoing}")
}

/// The head of a column that the table can be sorted by.
#[component]
fn SortHeader(
    /// The order in the address.
    sort: Memo<Option<String>>,
    /// The column's name in the address.
    key: &'static str,
    /// What people read.
    label: &'static str,
    /// Whether the column holds numbers.
    #[prop(optional)]
    numeric: bool,
    /// What stands beside the label.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let address = use_address();
    let direction = move || {
        let sort = sort.get();
        direction_of(sort.as_deref().unwrap_or(DEFAULT_SORT), key)
    };
    let target = move || {
        let next = match direction() {
            Some(Direction::Descending) => key.to_owned(),
            Some(Direction::Ascending) | None => format!("-{key}"),
        };
        address.with(&[("sort", (next != DEFAULT_SORT).then_some(next))])
    };
    view! {
        <th
            scope="col"
            class=if numeric { "table__number" } else { "" }
            aria-sort=move || direction().map(Direction::name)
        >
            <a class="table__sort" href=target>
                {label}
                <span class="table__arrow" aria-hidden="true">
                    {move || match direction() {
                        Some(Direction::Ascending) => "\u{2191}",
                        Some(Direction::Descending) => "\u{2193}",
                        None => "",
                    }}
                </span>
            </a>
            {children.map(|children| children())}
        </th>
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Direction {
    Ascending,
    Descending,
}

impl Direction {
    /// The name that `aria-sort` takes.
    const fn name(self) -> &'static str {
        match self {
            Self::Ascending => "ascending",
            Self::Descending => "descending",
        }
    }
}

fn direction_of(sort: &str, key: &str) -> Option<Direction> {
    match sort.strip_prefix('-') {
        Some(name) if name == key => Some(Direction::Descending),
        None if sort == key => Some(Direction::Ascending),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_column_in_the_address_has_a_direction() {
        assert_eq!(direction_of("-hits", "hits"), Some(Direction::Descending));
        assert_eq!(direction_of("hits", "hits"), Some(Direction::Ascending));
        assert_eq!(direction_of("-date", "hits"), None);
    }
}

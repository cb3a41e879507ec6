//! The order of the table's rows. Pure.

use std::cmp::Ordering;

use super::model::Spot;
use crate::chart::order::ordered;

/// A column of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    Bot,
    Type,
    Confidence,
    Requests,
    X,
    Y,
    Color,
    Size,
}

/// Which column rows are sorted by, and which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sorting {
    pub column: Column,
    pub descending: bool,
}

impl Column {
    pub const ALL: [Self; 8] = [
        Self::Bot,
        Self::Type,
        Self::Confidence,
        Self::Requests,
        Self::X,
        Self::Y,
        Self::Color,
        Self::Size,
    ];

    /// Numbers are looked at from the largest, names from A.
    pub fn is_number(self) -> bool {
        !matches!(self, Self::Bot | Self::Type)
    }

    fn number(self, spot: &Spot) -> Option<f64> {
        let bubble = &spot.bubble;
        match self {
            Self::Bot | Self::Type => None,
            Self::Confidence => bubble.confidence.map(f64::from),
            Self::Requests => Some(bubble.requests as f64),
            Self::X => bubble.x,
            Self::Y => bubble.y,
            Self::Color => bubble.color,
            Self::Size => bubble.size,
        }
    }
}

impl Sorting {
    /// The sorting after the heading of `column` was pressed.
    pub fn pressed(self, column: Column) -> Self {
        Self {
            column,
            descending: if self.column == column {
                !self.descending
            } else {
                column.is_number()
            },
        }
    }
}

/// The spots in order; equals stay as they came, and what was not measured is last both ways.
pub fn sorted(spots: &[Spot], sorting: Option<Sorting>) -> Vec<&Spot> {
    let Some(Sorting { column, descending }) = sorting else {
        return spots.iter().collect();
    };
    let directed = |order: Ordering| if descending { order.reverse() } else { order };
    let compare = |one: usize, other: usize| {
        let (one, other) = (&spots[one], &spots[other]);
        match column {
            Column::Bot => directed(one.bubble.label.cmp(&other.bubble.label)),
            Column::Type => match (one.bubble.bot_type, other.bubble.bot_type) {
                (Some(one), Some(other)) => directed(one.label().cmp(other.label())),
                (one, other) => other.is_some().cmp(&one.is_some()),
            },
            number => match (number.number(one), number.number(other)) {
                (Some(one), Some(other)) => directed(one.total_cmp(&other)),
                (one, other) => other.is_some().cmp(&one.is_some()),
            },
        }
    };
    let order = ordered(spots.len(), &compare);
    order.into_iter().map(|index| &spots[index]).collect()
}

#[cfg(test)]
mod tests {
    use super::super::model::tests::{bubble, model};
    use super::*;

    fn order(sorting: Option<Sorting>) -> Vec<u64> {
        let mut unmeasured = bubble(3, 1.0, 1.0, 1.0, 1.0);
        unmeasured.y = None;
        let model = model(vec![
            bubble(0, 2.0, 5.0, 1.0, 1.0),
            bubble(1, 9.0, 7.0, 1.0, 1.0),
            bubble(2, 2.0, 6.0, 1.0, 1.0),
            unmeasured,
        ]);
        sorted(&model.spots, sorting)
            .into_iter()
            .map(|spot| spot.key.attack().unwrap().0)
            .collect()
    }

    fn by(column: Column, descending: bool) -> Option<Sorting> {
        Some(Sorting { column, descending })
    }

    #[test]
    fn without_a_column_rows_stay_by_suspicion() {
        assert_eq!(order(None), [0, 1, 2, 3]);
    }

    #[test]
    fn equals_stay_as_they_came() {
        assert_eq!(order(by(Column::X, true)), [1, 0, 2, 3]);
        assert_eq!(order(by(Column::X, false)), [3, 0, 2, 1]);
    }

    #[test]
    fn what_was_not_measured_is_last_both_ways() {
        assert_eq!(order(by(Column::Y, true)), [1, 2, 0, 3]);
        assert_eq!(order(by(Column::Y, false)), [0, 2, 1, 3]);
    }

    #[test]
    fn a_heading_pressed_twice_turns_around() {
        let first = Sorting {
            column: Column::Bot,
            descending: false,
        };
        let numbers = first.pressed(Column::X);
        assert!(numbers.descending);
        assert!(!numbers.pressed(Column::X).descending);
        assert!(!numbers.pressed(Column::Bot).descending);
    }
}

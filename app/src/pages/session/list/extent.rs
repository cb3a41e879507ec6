//! Where the rows of a long list are, in pixels, though only those in view exist. All rows are
//! of one height; a few, with details or under a heading, are higher. Pure.

use std::ops::Range;

use crate::chart::order::ordered;

/// How many rows beyond the view exist on either side, so that scrolling shows no gap.
const SPARE: usize = 12;

/// No row is lower, in pixels. How many rows exist depends on it rather than on what they turn
/// out to measure: another number would make all of them anew.
pub(crate) const LEAST_ROW: f64 = 36.0;

/// The range of existing rows moves in steps, so that not every pixel changes it.
const STEP: usize = 4;

/// The heights of all rows.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Extent {
    rows: usize,
    row: f64,
    /// By how much some rows are higher, in order of rows.
    extra: Vec<(usize, f64)>,
}

impl Extent {
    /// `rows` rows of height `row`; some are higher by what `extra` says, twice if said twice.
    pub(crate) fn new(rows: usize, row: f64, mut extra: Vec<(usize, f64)>) -> Self {
        extra.retain(|(index, _)| *index < rows);
        let extra = by_row(&extra);
        Self { rows, row, extra }
    }

    /// The height of all.
    pub(crate) fn height(&self) -> f64 {
        self.top_of(self.rows)
    }

    /// Where row `index` begins.
    pub(crate) fn top_of(&self, index: usize) -> f64 {
        let before = self.extra.iter().take_while(|(other, _)| *other < index);
        let extra: f64 = before.map(|(_, extra)| extra).sum();
        index.min(self.rows) as f64 * self.row + extra
    }

    /// The row at `offset`; beyond the ends the first or the last.
    pub(crate) fn row_at(&self, offset: f64) -> usize {
        let (mut low, mut high) = (0, self.rows.saturating_sub(1));
        while low < high {
            let middle = (low + high).div_ceil(2);
            if self.top_of(middle) <= offset {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        low
    }

    /// The rows that must exist to show `height` pixels from `offset` on: as many wherever the
    /// view is.
    pub(crate) fn existing(&self, offset: f64, height: f64) -> Range<usize> {
        if self.rows == 0 {
            return 0..0;
        }
        let in_view = (height / LEAST_ROW) as usize + 2;
        let slots = (in_view + 2 * SPARE + STEP).min(self.rows);
        let first = self.row_at(offset).saturating_sub(SPARE) / STEP * STEP;
        let first = first.min(self.rows - slots);
        first..first + slots
    }
}

/// The row of `existing` that is drawn in a slot of the table: each slot has the row of every
/// `existing.len()`th place, so that a row that comes takes the slot of the one that went.
pub(crate) fn place_in(slot: usize, existing: &Range<usize>) -> usize {
    let slots = existing.len().max(1);
    let before = existing.start % slots;
    existing.start + (slot % slots + slots - before) % slots
}

/// What some rows have, in order of rows.
pub(crate) fn by_row(of_rows: &[(usize, f64)]) -> Vec<(usize, f64)> {
    let order = ordered(of_rows.len(), &|one, other| {
        of_rows[one].0.cmp(&of_rows[other].0)
    });
    order.into_iter().map(|at| of_rows[at]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_as_high_as_its_rows() {
        let even = Extent::new(100_000, 36.0, Vec::new());
        assert_eq!(even.height(), 3_600_000.0);
        assert_eq!(even.top_of(50_000), 1_800_000.0);
        assert_eq!(even.row_at(1_800_000.0), 50_000);
        assert_eq!(even.row_at(1_799_999.0), 49_999);
        let open = Extent::new(100, 36.0, vec![(10, 300.0), (4, 40.0), (200, 9.0)]);
        assert_eq!(open.height(), 3_940.0);
        assert_eq!((open.top_of(4), open.top_of(5)), (144.0, 220.0));
        assert_eq!((open.top_of(10), open.top_of(11)), (400.0, 736.0));
        assert_eq!((open.row_at(735.0), open.row_at(736.0)), (10, 11));
    }

    #[test]
    fn every_row_is_found_where_it_begins() {
        let extent = Extent::new(
            997,
            36.5,
            vec![(0, 40.0), (7, 321.0), (7, 40.0), (996, 200.0)],
        );
        for row in 0..997 {
            assert_eq!(extent.row_at(extent.top_of(row)), row);
        }
    }

    #[test]
    fn only_rows_around_the_view_exist() {
        let extent = Extent::new(100_000, 36.0, Vec::new());
        let existing = extent.existing(1_800_000.0, 900.0);
        assert!(existing.contains(&50_000) && existing.contains(&50_025));
        assert!(existing.len() <= 60, "{existing:?}");
        assert_eq!(extent.existing(-500.0, 900.0).start, 0);
        let end = extent.existing(1e9, 900.0);
        assert_eq!((end.end, end.len()), (100_000, existing.len()));
        // A few pixels further the same rows exist, and further on as many.
        assert_eq!(extent.existing(1_800_020.0, 900.0), existing);
        assert_eq!(extent.existing(9_999.0, 900.0).len(), existing.len());
    }

    #[test]
    fn a_row_keeps_its_slot_while_the_view_moves() {
        let (here, further) = (100..150, 104..154);
        for existing in [&here, &further] {
            for place in existing.clone() {
                assert_eq!(place_in(place % 50, existing), place);
            }
        }
        // What came took the slots of what went.
        assert_eq!([place_in(0, &here), place_in(0, &further)], [100, 150]);
        assert_eq!(place_in(3, &(0..0)), 0);
    }

    #[test]
    fn nothing_exists_of_an_empty_list() {
        let empty = Extent::new(0, 36.0, vec![(0, 5.0)]);
        assert_eq!(empty.height(), 0.0);
        assert_eq!((empty.row_at(10.0), empty.existing(0.0, 900.0)), (0, 0..0));
        assert_eq!(Extent::new(3, 36.0, Vec::new()).existing(0.0, 900.0), 0..3);
    }
}

//! Partitions of a month: made before the first rows of that month are written, in a
//! transaction of their own, and dropped when retention left nothing in them.

use std::collections::BTreeSet;

use crate::store::database::connection::Transaction;
use crate::store::database::{Error, query};
use shared::Timestamp;

/// Which partitions are known to be there: table and month.
#[derive(Debug, Default)]
pub(in crate::store::database) struct Partitions {
    known: BTreeSet<(&'static str, i64)>,
    /// The connection over which that was seen; over another one nothing is known.
    connection: u64,
}

impl Partitions {
    /// Those of `wanted` that may not be there, over this connection.
    pub(in crate::store::database) fn missing(
        &mut self,
        connection: u64,
        wanted: &[(&'static str, Timestamp)],
    ) -> Vec<(&'static str, i64)> {
        if self.connection != connection {
            self.known.clear();
            self.connection = connection;
        }
        let wanted = wanted.iter().map(|(table, at)| (*table, month_of(*at)));
        let missing: BTreeSet<_> = wanted.filter(|it| !self.known.contains(it)).collect();
        missing.into_iter().collect()
    }

    /// Makes them. One that was rolled back is not known to be there.
    pub(in crate::store::database) async fn make(
        &mut self,
        mut transaction: Transaction,
        missing: Vec<(&'static str, i64)>,
    ) -> Result<(), Error> {
        for (table, month) in &missing {
            query("SELECT botscope_make_partition($1, $2)")
                .bind(*table)
                .bind(*month)
                .execute(&mut transaction)
                .await?;
        }
        transaction.commit().await?;
        self.known.extend(missing);
        Ok(())
    }

    /// Drops those of months before the one of `since` in which nothing is.
    pub(in crate::store::database) async fn drop_empty(
        &mut self,
        mut transaction: Transaction,
        since: Timestamp,
    ) -> Result<(), Error> {
        self.known.clear();
        query("SELECT botscope_drop_partitions($1)")
            .bind(month_of(since))
            .execute(&mut transaction)
            .await?;
        transaction.commit().await
    }
}

/// The month of a moment, counted from January 1970.
pub(in crate::store) fn month_of(at: Timestamp) -> i64 {
    // Days from 1 March of the year 0, whose months have lengths that repeat.
    let days = at.day() + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    (era * 400 + year_of_era - 1970) * 12 + month + 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_counted_from_january_1970() {
        let day = Timestamp::DAY;
        for (at, month) in [
            (0, 0),
            (31 * day - 1, 0),
            (31 * day, 1),
            (-1, -1),
            (1_700_000_000_000, 53 * 12 + 10),
            (1_709_164_800_000, 54 * 12 + 1),
            (1_709_251_200_000, 54 * 12 + 2),
            (1_735_689_599_999, 54 * 12 + 11),
            (1_735_689_600_000, 55 * 12),
        ] {
            assert_eq!(month_of(Timestamp(at)), month, "{at}");
        }
    }
}

//! Reading the rows of many numbers: one statement for hundreds of them, never one each.

use std::hash::Hash;

use rustc_hash::FxHashMap;

use crate::store::StoreError;
use crate::store::database::{Connection, QueryBuilder, Row};

/// Numbers a statement.
pub(super) const ROWS: usize = 256;

/// Runs the statement that `head` begins and that ends in IN (keys), so many keys at a time,
/// and collects what `read` makes of each row.
pub(super) async fn select_in<K: Eq + Hash, V>(
    connection: &mut Connection,
    head: impl Fn(&mut QueryBuilder),
    keys: &[i64],
    read: impl Fn(&Row) -> Result<(K, V), StoreError>,
) -> Result<FxHashMap<K, V>, StoreError> {
    let mut found = FxHashMap::default();
    read_in(connection, head, keys, |row| {
        let (key, value) = read(row)?;
        found.insert(key, value);
        Ok(())
    })
    .await?;
    Ok(found)
}

/// The same without collecting.
pub(super) async fn read_in(
    connection: &mut Connection,
    head: impl Fn(&mut QueryBuilder),
    keys: &[i64],
    mut read: impl FnMut(&Row) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    for chunk in keys.chunks(ROWS) {
        let mut statement = QueryBuilder::default();
        head(&mut statement);
        statement.push_in(chunk);
        // Full chunks have one text and are worth keeping prepared.
        let statement = statement.build().persistent(chunk.len() == ROWS);
        for row in &statement.fetch_all(&mut *connection).await? {
            read(row)?;
        }
    }
    Ok(())
}

/// Has a statement be of the rows of a judgement, up to where more may be asked of them.
pub(super) fn push_of(statement: &mut QueryBuilder, tenant: i64, judgement: i64) {
    statement.push(" WHERE tenant_id = ").push_bind(tenant);
    statement.push(" AND judgement = ").push_bind(judgement);
}

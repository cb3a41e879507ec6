//! Moving everything that is stored from one database into another: table by table, whatever
//! the tables are, in one transaction, each part read back and compared. Not what lies beside
//! the database: the data directory keeps its secret and its lists of addresses.

use std::collections::BTreeMap;
use std::hash::Hasher;

use shared::Timestamp;
use siphasher::sip::SipHasher13;

use super::{Store, StoreError};
use crate::store::database::{
    AssertSqlSafe, Connection, Described, Scope, Transaction, Value, insert, month_of, query,
    query_as,
};

/// Rows that are read, written and read back at a time.
const PART: usize = 1_000;

/// What became of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MovedTable {
    /// Its name.
    pub name: String,
    /// How many rows there are.
    pub rows: u64,
    /// The same for the same rows, in whatever order.
    pub checksum: u64,
}

/// A table as both databases have it.
struct Table {
    name: String,
    columns: Vec<Described>,
    /// Places of the columns that name a row, and by which it is read.
    key: Vec<usize>,
    /// Where the tenant's number stands.
    tenant: Option<usize>,
    /// The column whose months part the table in the target, where it is.
    month_of: Option<usize>,
}

impl Store {
    /// Copies everything into `target`, in which nothing may be, and tells each table once it
    /// is there. All or nothing.
    ///
    /// # Errors
    /// [`StoreError::Unsuitable`] if something is in the target, or it did not keep what it got.
    pub async fn move_into(
        &self,
        target: &Self,
        mut tell: impl FnMut(&MovedTable),
    ) -> Result<(), StoreError> {
        let mut source = self.shared.database.look(Scope::Tenant(0)).await?;
        let tables = tables(&mut source, target).await?;
        let mut writer = target.shared.database.writer().await;
        let mut wanted = Vec::new();
        for table in &tables {
            if let Some(place) = table.month_of {
                let days = days(&mut source, table, place).await?;
                let name = if table.name == "session" {
                    "session"
                } else if table.name == "attack_slice" {
                    "attack_slice"
                } else {
                    "crawler_slice"
                };
                let moments = days.into_iter().map(|day| Timestamp(day * Timestamp::DAY));
                wanted.extend(moments.map(|moment| (name, moment)));
            }
        }
        let scope = Scope::Tenant(0);
        let mut transaction = writer.begin_with_room(scope, &wanted).await?;
        if !transaction.is_empty().await? {
            return Err(StoreError::Unsuitable(
                "something is stored there already".to_owned(),
            ));
        }
        // The one that every new store begins with.
        query("DELETE FROM tenant")
            .execute(&mut transaction)
            .await?;
        for table in &tables {
            let moved = move_table(&mut source, &mut transaction, table).await?;
            tell(&moved);
        }
        Ok(transaction.commit().await?)
    }
}

/// The tables of the source, as far as the target has them: it must have all.
async fn tables(source: &mut Connection, target: &Store) -> Result<Vec<Table>, StoreError> {
    let there = target.shared.database.look(Scope::Tenant(0)).await;
    let there = there?.list_columns().await?;
    let mut by_name = BTreeMap::<String, Vec<Described>>::new();
    for column in source.list_columns().await? {
        let found = there
            .iter()
            .find(|it| (&it.table, &it.column) == (&column.table, &column.column));
        let Some(found) = found else {
            let missing = format!("it has no column {}.{}", column.table, column.column);
            return Err(StoreError::Unsuitable(missing));
        };
        let column = Described {
            kind: found.kind,
            ..column
        };
        by_name
            .entry(column.table.clone())
            .or_default()
            .push(column);
    }
    let tables = by_name.into_iter().map(|(name, columns)| {
        let place = |wanted: &str| columns.iter().position(|it| it.column == wanted);
        let mut key: Vec<usize> = (0..columns.len())
            .filter(|place| columns[*place].key > 0)
            .collect();
        key.sort_unstable_by_key(|place| columns[*place].key);
        let month_of = match name.as_str() {
            "session" => place("ended_at"),
            "attack_slice" | "crawler_slice" => place("from_at"),
            _ => None,
        };
        Table {
            tenant: place("tenant_id"),
            month_of,
            key,
            name,
            columns,
        }
    });
    Ok(tables.collect())
}

/// The days in which rows of a table are, since 1970.
async fn days(
    source: &mut Connection,
    table: &Table,
    place: usize,
) -> Result<Vec<i64>, StoreError> {
    let column = &table.columns[place].column;
    let statement = format!("SELECT DISTINCT {column} / 86400000 FROM {}", table.name);
    let rows: Vec<(i64,)> = query_as(AssertSqlSafe(statement)).fetch_all(source).await?;
    Ok(rows.into_iter().map(|(day,)| day).collect())
}

async fn move_table(
    source: &mut Connection,
    target: &mut Transaction,
    table: &Table,
) -> Result<MovedTable, StoreError> {
    let mut moved = MovedTable {
        name: table.name.clone(),
        rows: 0,
        checksum: 0,
    };
    let mut after: Option<Vec<Value>> = None;
    let mut largest = 0;
    loop {
        let rows = read(source, table, after.as_deref(), None).await?;
        let Some(last) = rows.last() else { break };
        let (first, last) = (table.key_of(&rows[0]), table.key_of(last));
        let mut by_tenant = BTreeMap::<i64, Vec<Vec<Value>>>::new();
        for row in rows {
            let tenant = table.tenant.map_or(0, |place| number(&row[place]).abs());
            if let [place] = table.key[..] {
                largest = largest.max(number(&row[place]));
            }
            by_tenant.entry(tenant).or_default().push(row);
        }
        for (tenant, rows) in by_tenant {
            target.turn_to(tenant).await?;
            write(target, table, &rows).await?;
            let back = read(target, table, Some(&first), Some(&last)).await?;
            let (wanted, found) = (checksum(&rows), checksum(&back));
            if (rows.len(), wanted) != (back.len(), found) {
                return Err(StoreError::Unsuitable(format!(
                    "rows of {} are not what was written",
                    table.name
                )));
            }
            moved.rows += rows.len() as u64;
            moved.checksum = moved.checksum.wrapping_add(wanted);
        }
        after = Some(last);
    }
    target.number_from(&table.name, largest).await?;
    Ok(moved)
}

impl Table {
    fn key_of(&self, row: &[Value]) -> Vec<Value> {
        self.key.iter().map(|place| row[*place].clone()).collect()
    }

    fn names(&self) -> String {
        let names: Vec<&str> = self.columns.iter().map(|it| it.column.as_str()).collect();
        names.join(", ")
    }
}

/// Rows in the order of their keys: the next ones after a key, or all from one to another.
async fn read(
    connection: &mut Connection,
    table: &Table,
    from: Option<&[Value]>,
    until: Option<&[Value]>,
) -> Result<Vec<Vec<Value>>, StoreError> {
    let names: Vec<&str> = table
        .key
        .iter()
        .map(|place| table.columns[*place].column.as_str())
        .collect();
    let key = names.join(", ");
    let mut statement = format!("SELECT {} FROM {}", table.names(), table.name);
    let mut values = Vec::new();
    let mut bound = |word: &str, comparison: &str, bound: &[Value]| {
        let places = (1..=bound.len()).map(|place| format!("${}", values.len() + place));
        let places = places.collect::<Vec<_>>().join(", ");
        statement.push_str(&format!(" {word} ({key}) {comparison} ({places})"));
        values.extend_from_slice(bound);
    };
    match (from, until) {
        (Some(from), Some(until)) => {
            bound("WHERE", ">=", from);
            bound("AND", "<=", until);
        }
        (Some(from), None) => bound("WHERE", ">", from),
        (None, _) => {}
    }
    statement.push_str(&format!(" ORDER BY {key}"));
    if until.is_none() {
        statement.push_str(&format!(" LIMIT {PART}"));
    }
    let mut query = query(AssertSqlSafe(statement)).persistent(true);
    for value in values {
        query = query.bind(value);
    }
    let rows = query.fetch_all(connection).await?;
    let mut read = Vec::with_capacity(rows.len());
    for row in rows {
        let values = table.columns.iter().enumerate();
        let values = values.map(|(place, column)| row.value(place, column.kind));
        read.push(values.collect::<Result<Vec<_>, _>>()?);
    }
    Ok(read)
}

async fn write(
    target: &mut Connection,
    table: &Table,
    rows: &[Vec<Value>],
) -> Result<(), StoreError> {
    let by_month = table.name == "session" && target.parts_by_month();
    let month = if by_month { ", month" } else { "" };
    let head = format!("INSERT INTO {} ({}{month})", table.name, table.names());
    insert(target, &head, "", rows, |values, row| {
        for value in row {
            values.push_bind(value.clone());
        }
        if let Some(place) = table.month_of.filter(|_| by_month) {
            values.push_bind(month_of(Timestamp(number(&row[place]))));
        }
    })
    .await
}

fn number(value: &Value) -> i64 {
    match value {
        Value::Number(Some(number)) => *number,
        _ => 0,
    }
}

/// The sum of what each row hashes to.
fn checksum(rows: &[Vec<Value>]) -> u64 {
    rows.iter().fold(0, |sum, row| {
        let mut hasher = SipHasher13::new_with_keys(0, 5);
        for value in row {
            match value {
                Value::Number(Some(number)) => {
                    hasher.write_u8(1);
                    hasher.write_i64(*number);
                }
                Value::Text(Some(text)) => write_bytes(&mut hasher, text.as_bytes()),
                Value::Bytes(Some(bytes)) => write_bytes(&mut hasher, bytes),
                _ => hasher.write_u8(0),
            }
        }
        sum.wrapping_add(hasher.finish())
    })
}

fn write_bytes(hasher: &mut SipHasher13, bytes: &[u8]) {
    hasher.write_u8(2);
    hasher.write_usize(bytes.len());
    hasher.write(bytes);
}

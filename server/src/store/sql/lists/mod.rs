//! Reading the IP lists: now, at a past moment, the history of one entry.

mod change;
mod collateral;
mod excepted;

use rustc_hash::FxHashMap;
use shared::{ApplicationId, ListEntryId, ListKind, ListState, Network, Page, Timestamp};

use super::applications::shown;
use super::{StoreError, TenantStore, small, stored};
use crate::store::database::{Connection, QueryBuilder, Row};
use crate::store::{Cursor, ListFilter, ListRow, PageRequest};

pub(super) use change::forget_history;
pub(super) use excepted::{Lapses, exceptions, follow_exceptions, mark_several};

/// The columns of a version, in the order in which [`read_version`] reads them.
const COLUMNS: &str = "SELECT number, entry, version, list, object, applications, reason, \
     expires_at, origin, author, at, action, present FROM list_version";

/// Names of the tenant's applications.
type Names = FxHashMap<ApplicationId, String>;

impl TenantStore {
    /// Entries that `filter` takes, the one changed last first.
    pub async fn list_entries(
        &self,
        filter: &ListFilter,
        page: PageRequest,
    ) -> Result<Page<ListRow>, StoreError> {
        let mut view = self.read().await?;
        let names = names(&mut view, self.tenant).await?;
        let mut statement = QueryBuilder::new(COLUMNS);
        push_filter(&mut statement, self.tenant, filter);
        if let Some(cursor) = page.cursor {
            statement.push(" AND number < ").push_bind(cursor.value);
        }
        statement.push(" ORDER BY number DESC LIMIT ");
        statement.push_bind(i64::from(page.limit) + 1);
        let mut rows = statement.build().fetch_all(&mut view).await?;
        let mut next_cursor = None;
        if rows.len() > page.limit as usize {
            rows.truncate(page.limit as usize);
            if let Some(last) = rows.last() {
                let cursor = Cursor {
                    value: last.try_get(0)?,
                    id: 0,
                };
                next_cursor = Some(cursor.to_string());
            }
        }
        let items = rows.iter().map(|row| read_version(row, &names));
        Ok(Page {
            items: items.collect::<Result<_, _>>()?,
            next_cursor,
        })
    }

    /// The version of an entry that counts.
    pub async fn find_list_entry(&self, id: ListEntryId) -> Result<Option<ListRow>, StoreError> {
        let mut history = self.list_entry_history(id).await?;
        Ok((!history.is_empty()).then(|| history.swap_remove(0)))
    }

    /// All versions of an entry, the newest first; none if it was never on a list.
    pub async fn list_entry_history(&self, id: ListEntryId) -> Result<Vec<ListRow>, StoreError> {
        let mut view = self.read().await?;
        let names = names(&mut view, self.tenant).await?;
        let mut statement = QueryBuilder::new(COLUMNS);
        statement.push(" WHERE tenant_id = ").push_bind(self.tenant);
        statement.push(" AND entry = ").push_bind(stored(id.0));
        statement.push(" ORDER BY version DESC");
        let rows = statement.build().fetch_all(&mut view).await?;
        rows.iter().map(|row| read_version(row, &names)).collect()
    }

    /// The applications with their names, by name.
    pub async fn list_application_names(&self) -> Result<Vec<(ApplicationId, String)>, StoreError> {
        let mut view = self.read().await?;
        let shown = shown(&mut view, self.tenant, &[]).await?;
        Ok(shown.into_iter().map(|one| (one.id, one.name)).collect())
    }

    /// Every entry of a list that is in force at `now`, by its object.
    pub async fn list_in_force(
        &self,
        list: ListKind,
        now: Timestamp,
    ) -> Result<Vec<ListRow>, StoreError> {
        let filter = ListFilter::of(list, now);
        let mut view = self.read().await?;
        let names = names(&mut view, self.tenant).await?;
        let mut statement = QueryBuilder::new(COLUMNS);
        push_filter(&mut statement, self.tenant, &filter);
        let rows = statement.build().fetch_all(&mut view).await?;
        let rows: Result<Vec<ListRow>, _> =
            rows.iter().map(|row| read_version(row, &names)).collect();
        let mut rows = rows?;
        rows.sort_unstable_by_key(|row| row.object);
        Ok(rows)
    }
}

fn push_filter(statement: &mut QueryBuilder, tenant: i64, filter: &ListFilter) {
    let moment = filter.at.unwrap_or(filter.now);
    statement.push(" WHERE tenant_id = ").push_bind(tenant);
    statement
        .push(" AND list = ")
        .push_bind(filter.list.as_str());
    match filter.at {
        // Whatever the clock did since: the last word counts.
        None => statement.push(" AND superseded_at IS NULL"),
        Some(at) => {
            statement.push(" AND at <= ").push_bind(at.0);
            statement.push(" AND (superseded_at IS NULL OR superseded_at > ");
            statement.push_bind(at.0).push(")")
        }
    };
    match filter.state {
        ListState::Removed => statement.push(" AND present = 0"),
        ListState::Expired => {
            statement.push(" AND present = 1 AND expires_at <= ");
            statement.push_bind(moment.0)
        }
        ListState::Active => {
            statement.push(" AND present = 1 AND (expires_at IS NULL OR expires_at > ");
            statement.push_bind(moment.0).push(")")
        }
    };
    if let Some(object) = filter.object {
        let (first, last) = object.bounds();
        statement.push(" AND first <= ").push_bind(bytes(last));
        statement.push(" AND last >= ").push_bind(bytes(first));
        // A subnet of IPv6 that is that large would take all of IPv4 along.
        let family = if object.is_v4() { "NOT LIKE" } else { "LIKE" };
        statement.push(format_args!(" AND object {family} '%:%'"));
    }
    if let Some(application) = filter.application {
        statement.push(" AND (applications IS NULL OR INSTR(applications, ");
        statement.push_bind(application.to_string()).push(") > 0)");
    }
}

/// A bound of an object as the database keeps and sorts it.
fn bytes(bits: u128) -> Vec<u8> {
    bits.to_be_bytes().to_vec()
}

async fn names(connection: &mut Connection, tenant: i64) -> Result<Names, StoreError> {
    let shown = shown(connection, tenant, &[]).await?;
    Ok(shown.into_iter().map(|one| (one.id, one.name)).collect())
}

fn read_version(row: &Row, names: &Names) -> Result<ListRow, StoreError> {
    let number: i64 = row.try_get(0)?;
    let corrupt = |column| {
        move || StoreError::Corrupt {
            table: "list_version",
            column,
            id: number.to_string(),
        }
    };
    fn read<T: std::str::FromStr>(row: &Row, column: usize) -> Result<Option<T>, StoreError> {
        Ok(row.try_get::<String>(column)?.parse().ok())
    }
    let applications = match row.try_get::<Option<String>>(5)? {
        None => None,
        Some(ids) => Some(read_applications(&ids, names).ok_or_else(corrupt("applications"))?),
    };
    Ok(ListRow {
        id: ListEntryId(row.try_get::<i64>(1)? as u64),
        version: small(row.try_get(2)?),
        list: read(row, 3)?.ok_or_else(corrupt("list"))?,
        object: read::<Network>(row, 4)?.ok_or_else(corrupt("object"))?,
        applications,
        reason: row.try_get(6)?,
        expires_at: row.try_get::<Option<i64>>(7)?.map(Timestamp),
        origin: read(row, 8)?.ok_or_else(corrupt("origin"))?,
        author: row.try_get(9)?,
        at: Timestamp(row.try_get(10)?),
        action: read(row, 11)?.ok_or_else(corrupt("action"))?,
        present: row.try_get::<i64>(12)? != 0,
    })
}

/// Identifiers with their names. An application that is gone is called by its identifier, so
/// that an entry for it alone never looks like one for all.
fn read_applications(ids: &str, names: &Names) -> Option<Vec<(ApplicationId, String)>> {
    let read = |id: &str| {
        let id: ApplicationId = id.parse().ok()?;
        let name = names.get(&id).cloned();
        Some((id, name.unwrap_or_else(|| id.to_string())))
    };
    ids.split(',').map(read).collect()
}

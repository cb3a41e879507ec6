//! Changing the IP lists: each change is another version of an entry, and all that are made
//! together are one transaction with what follows from them.

use std::hash::Hasher;

use rustc_hash::FxHashMap;
use shared::{
    ApplicationId, ListAction, ListChange, ListEntryId, ListKind, ListOrigin, ListOutcome,
    ListState, Network, Retention, Timestamp,
};
use siphasher::sip::SipHasher13;

use super::excepted::follow_exceptions;
use super::{COLUMNS, Names, bytes, names, read_version};
use crate::store::database::{Connection, QueryBuilder, Row, insert, query};
use crate::store::sql::bulk::{ROWS, select_in};
use crate::store::sql::changes::record_changes;
use crate::store::sql::{StoreError, TenantStore, stored};
use crate::store::{
    AuditRecord, ChangeKind, ListAdded, ListAuthor, ListEdit, ListRow, NewListEntry,
};

/// How long what is no longer in force is kept at most; a tenant may say shorter.
const HISTORY_MS: i64 = Retention::LONGEST.list_days as i64 * Timestamp::DAY;

/// The versions that count before a change and those that it makes.
type Versions = FxHashMap<ListEntryId, ListRow>;

impl TenantStore {
    /// Puts objects on lists. One that is there already gets the longer time and all
    /// applications together. In the order of `entries`.
    pub async fn create_list_entries(
        &self,
        entries: &[NewListEntry],
        author: ListAuthor<'_>,
    ) -> Result<Vec<ListAdded>, StoreError> {
        let ids = entries.iter().map(|entry| entry_id(self.tenant, entry));
        let ids: Vec<ListEntryId> = ids.collect();
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        let names = names(&mut transaction, self.tenant).await?;
        let before = latest(&mut transaction, self.tenant, &ids, &names).await?;
        let mut made = Versions::default();
        let mut added = Vec::with_capacity(entries.len());
        for (id, entry) in ids.iter().zip(entries) {
            let known = made.get(id).or_else(|| before.get(id));
            let (mut row, outcome) = add(*id, known, entry, author, &names);
            if outcome != ListOutcome::Unchanged {
                // An object that comes twice at once changes once.
                row.version = before.get(id).map_or(1, |known| known.version + 1);
                if !before
                    .get(id)
                    .is_some_and(|known| is_in_force(known, author.now))
                {
                    row.action = ListAction::Created;
                }
                made.insert(*id, row.clone());
            }
            added.push(ListAdded { row, outcome });
        }
        self.store_versions(&mut transaction, &before, made, author)
            .await?;
        self.settle(transaction).await?;
        self.shared.lapses.forget(self.tenant);
        Ok(added)
    }

    /// Changes an entry that is in force; `None` if there is none.
    pub async fn update_list_entry(
        &self,
        id: ListEntryId,
        edit: &ListEdit,
        author: ListAuthor<'_>,
    ) -> Result<Option<ListAdded>, StoreError> {
        let change = |known: &ListRow, names: &Names| {
            let mut row = known.clone();
            if let Some(applications) = &edit.applications {
                row.applications = with_names(applications.as_deref(), names);
            }
            if let Some(reason) = &edit.reason {
                row.reason.clone_from(reason);
            }
            if let Some(expires_at) = edit.expires_at {
                row.expires_at = expires_at;
            }
            row.action = ListAction::Changed;
            row
        };
        self.change_one(id, author, change).await
    }

    /// Takes an entry that is in force off its list; `None` if there is none.
    pub async fn remove_list_entry(
        &self,
        id: ListEntryId,
        author: ListAuthor<'_>,
    ) -> Result<Option<ListAdded>, StoreError> {
        let remove = |known: &ListRow, _: &Names| ListRow {
            present: false,
            action: ListAction::Removed,
            ..known.clone()
        };
        self.change_one(id, author, remove).await
    }

    async fn change_one(
        &self,
        id: ListEntryId,
        author: ListAuthor<'_>,
        change: impl Fn(&ListRow, &Names) -> ListRow,
    ) -> Result<Option<ListAdded>, StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        let names = names(&mut transaction, self.tenant).await?;
        let before = latest(&mut transaction, self.tenant, &[id], &names).await?;
        let Some(known) = before.get(&id).filter(|row| is_in_force(row, author.now)) else {
            return Ok(None);
        };
        let mut row = change(known, &names);
        if says_the_same(known, &row) {
            let (row, outcome) = (known.clone(), ListOutcome::Unchanged);
            return Ok(Some(ListAdded { row, outcome }));
        }
        sign(&mut row, known.version + 1, author);
        let made = Versions::from_iter([(id, row.clone())]);
        self.store_versions(&mut transaction, &before, made, author)
            .await?;
        self.settle(transaction).await?;
        self.shared.lapses.forget(self.tenant);
        Ok(Some(ListAdded {
            row,
            outcome: ListOutcome::Changed,
        }))
    }

    /// Undoes changes, each the last of its entry: what was before counts again. Undoing that
    /// again brings the change back. All or none; `None` if one of the entries is unknown.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if one was changed again since.
    pub async fn undo_list_changes(
        &self,
        changes: &[ListChange],
        author: ListAuthor<'_>,
    ) -> Result<Option<Vec<ListAdded>>, StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        let names = names(&mut transaction, self.tenant).await?;
        let ids: Vec<ListEntryId> = changes.iter().map(|change| change.id).collect();
        let last = latest(&mut transaction, self.tenant, &ids, &names).await?;
        let all = versions(&mut transaction, self.tenant, &ids, &names, "").await?;
        let mut made = Versions::default();
        let mut undone = Vec::with_capacity(changes.len());
        for change in changes {
            let Some(known) = last.get(&change.id) else {
                return Ok(None);
            };
            if known.version != change.version {
                return Err(StoreError::Conflict {
                    constraint: "the entry was changed again since; its history says how",
                });
            }
            let mut row = match all.get(&(change.id, known.version - 1)) {
                Some(earlier) => earlier.clone(),
                // It was not on the list.
                None => ListRow {
                    present: false,
                    ..known.clone()
                },
            };
            row.action = ListAction::Undone;
            row.at = known.at;
            sign(&mut row, known.version + 1, author);
            made.insert(change.id, row.clone());
            undone.push(ListAdded {
                row,
                outcome: ListOutcome::Changed,
            });
        }
        self.store_versions(&mut transaction, &last, made, author)
            .await?;
        self.settle(transaction).await?;
        self.shared.lapses.forget(self.tenant);
        Ok(Some(undone))
    }

    /// Writes the versions and does what follows from them.
    async fn store_versions(
        &self,
        connection: &mut Connection,
        before: &Versions,
        made: Versions,
        author: ListAuthor<'_>,
    ) -> Result<(), StoreError> {
        let mut made: Vec<ListRow> = made.into_values().collect();
        if made.is_empty() {
            return Ok(());
        }
        made.sort_unstable_by_key(|row| row.object);
        write_versions(connection, self.tenant, &made, author.now).await?;
        let records = made
            .iter()
            .map(|row| logged(before.get(&row.id), row, author.now));
        self.audit(connection, author.now, records.collect())
            .await?;
        let is_exception = |row: &&ListRow| row.list == ListKind::Exception;
        let exceptions: Vec<&ListRow> = made.iter().filter(is_exception).collect();
        if !exceptions.is_empty() {
            let names = names(connection, self.tenant).await?;
            let gone = automatic_denials(connection, self.tenant, &exceptions, author, &names);
            let gone = gone.await?;
            write_versions(connection, self.tenant, &gone, author.now).await?;
            let records = gone.iter().map(|row| logged(None, row, author.now));
            self.audit(connection, author.now, records.collect())
                .await?;
            follow_exceptions(connection, self.tenant).await?;
        }
        let lists = [ListKind::Deny, ListKind::Exception];
        let changed = lists
            .iter()
            .filter(|list| made.iter().any(|row| row.list == **list));
        let changes: Vec<_> = changed
            .map(|list| (ChangeKind::List, *list as u64))
            .collect();
        record_changes(connection, self.tenant, &changes).await?;
        forget_history(connection, self.tenant, author.now.plus(-HISTORY_MS)).await
    }
}

/// What the audit log says of a version.
fn logged(before: Option<&ListRow>, row: &ListRow, now: Timestamp) -> AuditRecord {
    let action = match row.action {
        ListAction::Created => "list_entry.create",
        ListAction::Changed => "list_entry.change",
        ListAction::Removed => "list_entry.remove",
        ListAction::Undone => "list_entry.undo",
    };
    let applications = |row: &ListRow| {
        row.applications.as_ref().map(|some| {
            let names = some.iter().map(|(_, name)| name.as_str());
            names.collect::<Vec<_>>().join(", ")
        })
    };
    let before = before.filter(|row| is_in_force(row, now));
    let after = Some(row).filter(|row| row.present);
    let ends = |row: &ListRow| match row.expires_at {
        Some(at) => at.to_string(),
        None => "never".to_owned(),
    };
    AuditRecord::new(action, format!("{} {}", row.list.label(), row.object))
        .field("ends", before.map(ends), after.map(ends))
        .field(
            "applications",
            before.and_then(applications),
            after.and_then(applications),
        )
        .field(
            "reason",
            before
                .map(|row| &row.reason)
                .filter(|text| !text.is_empty()),
            after.map(|row| &row.reason).filter(|text| !text.is_empty()),
        )
}

/// The same object on the same list is the same entry.
fn entry_id(tenant: i64, entry: &NewListEntry) -> ListEntryId {
    let mut hasher = SipHasher13::new_with_keys(0, 4);
    hasher.write_i64(tenant);
    hasher.write(entry.list.as_str().as_bytes());
    hasher.write(entry.object.to_string().as_bytes());
    ListEntryId(hasher.finish())
}

fn is_in_force(row: &ListRow, now: Timestamp) -> bool {
    row.state(now) == ListState::Active
}

fn sign(row: &mut ListRow, version: u32, author: ListAuthor<'_>) {
    // Time goes forward within an entry, whatever the clock does.
    row.at = author.now.max(row.at);
    row.version = version;
    author.name.clone_into(&mut row.author);
}

fn says_the_same(one: &ListRow, other: &ListRow) -> bool {
    let said = |row: &ListRow| {
        let ids = row.applications.clone();
        (
            ids,
            row.reason.clone(),
            row.expires_at,
            row.present,
            row.origin,
        )
    };
    said(one) == said(other)
}

/// What `entry` makes of what is `known` of its object.
fn add(
    id: ListEntryId,
    known: Option<&ListRow>,
    entry: &NewListEntry,
    author: ListAuthor<'_>,
    names: &Names,
) -> (ListRow, ListOutcome) {
    let mut row = ListRow {
        id,
        version: 1,
        list: entry.list,
        object: entry.object,
        applications: with_names(entry.applications.as_deref(), names),
        reason: entry.reason.clone(),
        expires_at: entry.expires_at,
        origin: author.origin,
        author: author.name.to_owned(),
        at: author.now,
        action: ListAction::Created,
        present: true,
    };
    let Some(known) = known else {
        return (row, ListOutcome::Created);
    };
    row.at = row.at.max(known.at);
    if !is_in_force(known, author.now) {
        return (row, ListOutcome::Created);
    }
    row.applications = known
        .applications
        .as_ref()
        .zip(row.applications)
        .map(|(known, new)| union(known, new));
    row.expires_at = known.expires_at.zip(row.expires_at).map(|(a, b)| a.max(b));
    if row.reason.is_empty() {
        row.reason.clone_from(&known.reason);
    }
    // What a person decided stays a person's.
    if known.origin == ListOrigin::Manual {
        row.origin = ListOrigin::Manual;
    }
    row.action = ListAction::Changed;
    if says_the_same(known, &row) {
        return (known.clone(), ListOutcome::Unchanged);
    }
    (row, ListOutcome::Changed)
}

fn union(
    known: &[(ApplicationId, String)],
    new: Vec<(ApplicationId, String)>,
) -> Vec<(ApplicationId, String)> {
    let mut all = [known, &new].concat();
    all.sort_unstable();
    all.dedup_by_key(|(id, _)| *id);
    all
}

fn with_names(
    ids: Option<&[ApplicationId]>,
    names: &Names,
) -> Option<Vec<(ApplicationId, String)>> {
    let named = |id: &ApplicationId| {
        let name = names.get(id).cloned().unwrap_or_else(|| id.to_string());
        (*id, name)
    };
    ids.map(|ids| union(&[], ids.iter().map(named).collect()))
}

/// The versions that count of these entries.
async fn latest(
    connection: &mut Connection,
    tenant: i64,
    ids: &[ListEntryId],
    names: &Names,
) -> Result<Versions, StoreError> {
    let current = " AND superseded_at IS NULL";
    let found = versions(connection, tenant, ids, names, current).await?;
    Ok(found.into_iter().map(|((id, _), row)| (id, row)).collect())
}

async fn versions(
    connection: &mut Connection,
    tenant: i64,
    ids: &[ListEntryId],
    names: &Names,
    condition: &'static str,
) -> Result<FxHashMap<(ListEntryId, u32), ListRow>, StoreError> {
    let mut keys: Vec<i64> = ids.iter().map(|id| stored(id.0)).collect();
    keys.sort_unstable();
    keys.dedup();
    select_in(
        connection,
        |statement| {
            statement.push(COLUMNS).push(" WHERE tenant_id = ");
            statement.push_bind(tenant).push(condition);
            statement.push(" AND entry");
        },
        &keys,
        |row| {
            let version = read_version(row, names)?;
            Ok(((version.id, version.version), version))
        },
    )
    .await
}

async fn write_versions(
    connection: &mut Connection,
    tenant: i64,
    made: &[ListRow],
    now: Timestamp,
) -> Result<(), StoreError> {
    for chunk in made.chunks(ROWS) {
        let keys: Vec<i64> = chunk.iter().map(|row| stored(row.id.0)).collect();
        // Never before it began.
        let mut statement =
            QueryBuilder::new("UPDATE list_version SET superseded_at = CASE WHEN at > ");
        statement.push_bind(now.0).push(" THEN at ELSE ");
        statement.push_bind(now.0).push(" END WHERE tenant_id = ");
        statement.push_bind(tenant);
        statement.push(" AND superseded_at IS NULL AND entry");
        statement.push_in(&keys);
        statement
            .build()
            .persistent(false)
            .execute(&mut *connection)
            .await?;
    }
    insert(
        connection,
        "INSERT INTO list_version (tenant_id, entry, version, list, object, first, last,
         applications, reason, expires_at, origin, author, at, action, present, lapsed)",
        "",
        made,
        |values, row| {
            let (first, last) = row.object.bounds();
            let ids = row.applications.as_ref().map(|applications| {
                let ids = applications.iter().map(|(id, _)| id.to_string());
                ids.collect::<Vec<_>>().join(",")
            });
            values
                .push_bind(tenant)
                .push_bind(stored(row.id.0))
                .push_bind(i64::from(row.version))
                .push_bind(row.list.as_str())
                .push_bind(row.object.to_string())
                .push_bind(bytes(first))
                .push_bind(bytes(last))
                .push_bind(ids)
                .push_bind(row.reason.as_str())
                .push_bind(row.expires_at.map(|at| at.0))
                .push_bind(row.origin.as_str())
                .push_bind(row.author.as_str())
                .push_bind(row.at.0)
                .push_bind(row.action.as_str())
                .push_bind(i64::from(row.present))
                .push_bind(i64::from(row.state(now) == ListState::Expired));
        },
    )
    .await
}

/// What profiles put on the deny list and an exception in force covers, as removed.
async fn automatic_denials(
    connection: &mut Connection,
    tenant: i64,
    exceptions: &[&ListRow],
    author: ListAuthor<'_>,
    names: &Names,
) -> Result<Vec<ListRow>, StoreError> {
    let mut statement = QueryBuilder::new(COLUMNS);
    statement.push(" WHERE tenant_id = ").push_bind(tenant);
    statement.push(" AND list = 'deny' AND origin = 'automatic' AND present = 1");
    statement.push(" AND superseded_at IS NULL");
    let rows = statement.build().fetch_all(connection).await?;
    let mut gone = Vec::new();
    for row in &rows {
        let mut row = read_version(row, names)?;
        let is_excepted = exceptions.iter().any(|exception| {
            is_in_force(exception, author.now)
                && exception.object.covers(row.object)
                && covers_applications(exception, &row)
        });
        if is_excepted && is_in_force(&row, author.now) {
            row.present = false;
            row.action = ListAction::Removed;
            let version = row.version + 1;
            sign(&mut row, version, author);
            gone.push(row);
        }
    }
    Ok(gone)
}

/// Whether `exception` holds for every application that `row` holds for.
fn covers_applications(exception: &ListRow, row: &ListRow) -> bool {
    match (&exception.applications, &row.applications) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(_), Some(some)) => some.iter().all(|(id, _)| exception.holds_for(*id)),
    }
}

/// Removes what has not been in force since `since`.
pub(in crate::store::sql) async fn forget_history(
    connection: &mut Connection,
    tenant: i64,
    since: Timestamp,
) -> Result<(), StoreError> {
    query(
        "DELETE FROM list_version WHERE tenant_id = $1 AND (superseded_at < $2
             OR superseded_at IS NULL AND (present = 0 AND at < $2 OR expires_at < $2))",
    )
    .bind(tenant)
    .bind(since.0)
    .execute(connection)
    .await?;
    Ok(())
}

/// The object of a row, for those who read columns themselves.
pub(super) fn read_object(row: &Row, column: usize) -> Result<Network, StoreError> {
    let text: String = row.try_get(column)?;
    text.parse().map_err(|_| StoreError::Corrupt {
        table: "list_version",
        column: "object",
        id: text,
    })
}

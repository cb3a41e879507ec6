//! The audit log: added to in the transaction of what is logged, read, and checked.

use data_encoding::HEXLOWER;
use shared::{AccountId, AuditChain, AuditChange, AuditEntry, Page, Retention, Timestamp};

use super::{StoreError, TenantStore, corrupt, count, stored};
use crate::store::audit::{NO_HASH, chained, content_hash};
use crate::store::bytes::Malformed;
use crate::store::database::{Connection, QueryBuilder, Row, insert, query, query_as};
use crate::store::{AuditFilter, AuditRecord, Cursor, PageRequest};

/// How long entries are kept at most; a tenant may say shorter.
const KEPT_MS: i64 = Retention::LONGEST.audit_days as i64 * Timestamp::DAY;
/// Entries that are read at once when the log is checked.
const CHUNK: i64 = 1_000;

const COLUMNS: &str = "SELECT seq, at, actor, account, action, object, changes, address,
    salt, content_hash, hash FROM audit_entry WHERE tenant_id = ";

/// An entry as it is stored.
struct Stored {
    entry: AuditEntry,
    salt: Option<Vec<u8>>,
    content_hash: Vec<u8>,
    hash: Vec<u8>,
}

impl TenantStore {
    /// Logs what the store itself does not see: a sign-in, an attempt of one.
    pub async fn record(&self, record: AuditRecord, now: Timestamp) -> Result<(), StoreError> {
        let mut writer = self.shared.database.writer().await;
        let mut transaction = writer.begin(self.scope()).await?;
        self.audit(&mut transaction, now, vec![record]).await?;
        self.settle(transaction).await?;
        Ok(())
    }

    /// Logs what the transaction of `connection` does, in the name of whoever has this handle.
    pub(super) async fn audit(
        &self,
        connection: &mut Connection,
        now: Timestamp,
        records: Vec<AuditRecord>,
    ) -> Result<(), StoreError> {
        if records.is_empty() {
            return Ok(());
        }
        let added = records.len() as i64;
        let (last, before): (i64, Vec<u8>) = query_as(
            "INSERT INTO audit_counter (tenant_id, seq, hash, kept_from, kept_hash)
             VALUES ($1, $2, $3, 1, $3)
             ON CONFLICT (tenant_id) DO UPDATE SET seq = audit_counter.seq + excluded.seq
             RETURNING seq, hash",
        )
        .bind(self.tenant)
        .bind(added)
        .bind(NO_HASH.as_slice())
        .fetch_one(&mut *connection)
        .await?;
        let mut hash = before;
        let mut entries = Vec::with_capacity(records.len());
        for (seq, record) in (last - added + 1..).zip(records) {
            let entry = AuditEntry {
                seq: count(seq),
                at: now,
                actor: self.author.name.to_string(),
                account_id: self.author.account_id,
                action: record.action.to_owned(),
                object: record.object,
                changes: record.changes,
                address: self
                    .author
                    .address
                    .map(|address| address.to_canonical().to_string()),
            };
            let salt = salt()?;
            let content = content_hash(self.tenant, &entry, &salt);
            hash = chained(&hash, &content).to_vec();
            entries.push(Stored {
                entry,
                salt: Some(salt),
                content_hash: content.to_vec(),
                hash: hash.clone(),
            });
        }
        write(connection, self.tenant, &entries).await?;
        query("UPDATE audit_counter SET hash = $1 WHERE tenant_id = $2")
            .bind(hash)
            .bind(self.tenant)
            .execute(&mut *connection)
            .await?;
        self.forget_audit(connection, now.plus(-KEPT_MS)).await
    }

    /// Removes the entries that are older than `since`.
    pub(super) async fn forget_audit(
        &self,
        connection: &mut Connection,
        since: Timestamp,
    ) -> Result<(), StoreError> {
        let over: Option<(i64, Vec<u8>)> = query_as(
            "SELECT seq, hash FROM audit_entry WHERE tenant_id = $1 AND at < $2
             ORDER BY at DESC, seq DESC LIMIT 1",
        )
        .bind(self.tenant)
        .bind(since.0)
        .fetch_optional(&mut *connection)
        .await?;
        let Some((seq, hash)) = over else {
            return Ok(());
        };
        query("UPDATE audit_counter SET kept_from = $1, kept_hash = $2 WHERE tenant_id = $3")
            .bind(seq + 1)
            .bind(hash)
            .bind(self.tenant)
            .execute(&mut *connection)
            .await?;
        query("DELETE FROM audit_entry WHERE tenant_id = $1 AND seq <= $2")
            .bind(self.tenant)
            .bind(seq)
            .execute(&mut *connection)
            .await?;
        Ok(())
    }

    /// The entries of a filter, newest first.
    pub async fn list_audit(
        &self,
        filter: &AuditFilter,
        page: PageRequest,
    ) -> Result<Page<AuditEntry>, StoreError> {
        let mut statement = QueryBuilder::new(COLUMNS);
        statement.push_bind(self.tenant);
        if let Some(cursor) = page.cursor {
            statement.push(" AND seq < ").push_bind(cursor.value);
        }
        if let Some(from) = filter.from {
            statement.push(" AND at >= ").push_bind(from.0);
        }
        if let Some(until) = filter.until {
            statement.push(" AND at < ").push_bind(until.0);
        }
        if let Some(actor) = &filter.actor {
            statement.push(" AND actor = ").push_bind(actor.clone());
        }
        if let Some(action) = &filter.action {
            statement.push(" AND (action = ").push_bind(action.clone());
            statement.push(" OR action LIKE ");
            statement.push_bind(format!("{}.%", literally(action)));
            statement.push(" ESCAPE '\\')");
        }
        if let Some(text) = &filter.text {
            // As LOWER has it, of SQLite and of texts that PostgreSQL sorts by their bytes.
            let pattern = format!("%{}%", literally(&text.to_ascii_lowercase()));
            statement.push(" AND (");
            let said = ["actor", "action", "object", "changes", "address"];
            for (i, column) in said.into_iter().enumerate() {
                statement.push(if i == 0 { "LOWER(" } else { " OR LOWER(" });
                statement.push(column).push(") LIKE ");
                statement.push_bind(pattern.clone()).push(" ESCAPE '\\'");
            }
            statement.push(")");
        }
        statement.push(" ORDER BY seq DESC LIMIT ");
        statement.push_bind(i64::from(page.limit) + 1);
        let rows = statement
            .build()
            .fetch_all(&mut *self.look().await?)
            .await?;
        let has_more = rows.len() > page.limit as usize;
        let mut items = Vec::with_capacity(rows.len());
        for row in rows.iter().take(page.limit as usize) {
            items.push(read(row)?.entry);
        }
        let last = items.last().filter(|_| has_more);
        Ok(Page {
            next_cursor: last.map(|entry| {
                let (value, id) = (entry.seq as i64, 0);
                Cursor { value, id }.to_string()
            }),
            items,
        })
    }

    /// Whether every entry is as it was written and none is missing.
    pub async fn verify_audit(&self) -> Result<AuditChain, StoreError> {
        let mut view = self.read().await?;
        let counter: Option<(i64, Vec<u8>, i64, Vec<u8>)> = query_as(
            "SELECT seq, hash, kept_from, kept_hash FROM audit_counter WHERE tenant_id = $1",
        )
        .bind(self.tenant)
        .fetch_optional(&mut view)
        .await?;
        let empty = || (0, NO_HASH.to_vec(), 1, NO_HASH.to_vec());
        let (last, last_hash, kept_from, mut hash) = counter.unwrap_or_else(empty);
        let mut chain = AuditChain {
            holds: true,
            first: count(kept_from),
            last: count(last),
            hash: HEXLOWER.encode(&last_hash),
            erased: 0,
            broken_at: None,
        };
        let mut next = kept_from;
        loop {
            let mut statement = QueryBuilder::new(COLUMNS);
            statement.push_bind(self.tenant);
            statement.push(" AND seq >= ").push_bind(next);
            statement.push(" ORDER BY seq LIMIT ").push_bind(CHUNK);
            let rows = statement.build().fetch_all(&mut view).await?;
            for row in &rows {
                let stored = read(row)?;
                hash = chained(&hash, &stored.content_hash).to_vec();
                let says = match &stored.salt {
                    Some(salt) => {
                        content_hash(self.tenant, &stored.entry, salt)[..] == stored.content_hash
                    }
                    None => {
                        chain.erased += 1;
                        // What was erased says nothing; whatever else stands there was put there.
                        let entry = &stored.entry;
                        entry.object.is_empty()
                            && entry.changes.is_empty()
                            && entry.address.is_none()
                    }
                };
                if stored.entry.seq as i64 != next || !says || hash != stored.hash {
                    return Ok(broken(chain, next));
                }
                next += 1;
            }
            if rows.len() < CHUNK as usize {
                break;
            }
        }
        if next != last + 1 || hash != last_hash {
            return Ok(broken(chain, next));
        }
        Ok(chain)
    }
}

fn broken(chain: AuditChain, at: i64) -> AuditChain {
    AuditChain {
        holds: false,
        broken_at: Some(count(at)),
        ..chain
    }
}

async fn write(
    connection: &mut Connection,
    tenant: i64,
    entries: &[Stored],
) -> Result<(), StoreError> {
    insert(
        connection,
        "INSERT INTO audit_entry (tenant_id, seq, at, actor, account, action, object, changes,
                                  address, salt, content_hash, hash)",
        "",
        entries,
        |values, stored| {
            let entry = &stored.entry;
            let changes = serde_json::to_string(&entry.changes);
            values
                .push_bind(tenant)
                .push_bind(entry.seq as i64)
                .push_bind(entry.at.0)
                .push_bind(entry.actor.clone())
                .push_bind(entry.account_id.map(|id| self::stored(id.0)))
                .push_bind(entry.action.clone())
                .push_bind(entry.object.clone())
                .push_bind(changes.expect("plain data can always be written"))
                .push_bind(entry.address.clone())
                .push_bind(stored.salt.clone())
                .push_bind(stored.content_hash.clone())
                .push_bind(stored.hash.clone());
        },
    )
    .await
}

fn read(row: &Row) -> Result<Stored, StoreError> {
    let seq: i64 = row.try_get(0)?;
    let changes: String = row.try_get(6)?;
    let changes: Result<Vec<AuditChange>, Malformed> =
        serde_json::from_str(&changes).map_err(|_| Malformed);
    Ok(Stored {
        entry: AuditEntry {
            seq: count(seq),
            at: Timestamp(row.try_get(1)?),
            actor: row.try_get(2)?,
            account_id: row
                .try_get::<Option<i64>>(3)?
                .map(|id| AccountId(id as u64)),
            action: row.try_get(4)?,
            object: row.try_get(5)?,
            changes: changes.map_err(corrupt("audit_entry", "changes", seq))?,
            address: row.try_get(7)?,
        },
        salt: row.try_get(8)?,
        content_hash: row.try_get(9)?,
        hash: row.try_get(10)?,
    })
}

/// Makes hashes of short texts say nothing once the text is gone.
fn salt() -> Result<Vec<u8>, StoreError> {
    let mut salt = vec![0; 16];
    let filled = getrandom::fill(&mut salt);
    filled.map_err(StoreError::Random)?;
    Ok(salt)
}

/// A pattern of LIKE for exactly this text.
fn literally(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

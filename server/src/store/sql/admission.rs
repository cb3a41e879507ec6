//! How far the log of what was admitted is committed, in the transaction of what it led to: what
//! is in both is known after a crash, and what a sender sends again is recognised.

use shared::{ApplicationId, Timestamp};

use super::{Malformed, StoreError, TenantStore, corrupt, count, stored, stored_count};
use crate::store::database::{Connection, query, query_as};
use crate::store::{Admission, AdmittedBatch, Commitment};

/// How long a batch that was committed is recognised.
const RECOGNISED_MS: i64 = 2 * Timestamp::HOUR;

/// How many commits' batches one commit forgets, at most.
const FORGOTTEN_ROWS: i64 = 16;

/// Bytes of one batch: identifier, accepted, rejected.
const BATCH_BYTES: usize = 24;

/// The most batches that are read back; of more only the newest are recognised.
const MAX_BATCHES: usize = 65_536;

impl TenantStore {
    /// How far the log `log` is committed for an application.
    pub async fn find_commitment(
        &self,
        application: ApplicationId,
        log: u64,
    ) -> Result<Commitment, StoreError> {
        let rows: Vec<(i64, Vec<u8>)> = query_as(
            "SELECT d.position, d.batches
             FROM admission d JOIN application a ON a.number = d.application
             WHERE d.tenant_id = $1 AND a.tenant_id = $1 AND a.id = $2 AND d.log = $3
             ORDER BY d.position DESC",
        )
        .bind(self.tenant)
        .bind(stored(application.0))
        .bind(stored(log))
        .fetch_all(&mut *self.look().await?)
        .await?;
        let mut found = Commitment::default();
        for (position, batches) in rows {
            found.position = found.position.max(count(position));
            if batches.len() % BATCH_BYTES != 0 {
                return Err(corrupt("admission", "batches", position)(Malformed));
            }
            let room = MAX_BATCHES - found.batches.len();
            let batches = batches.chunks_exact(BATCH_BYTES).rev().take(room);
            found.batches.extend(batches.map(read_batch));
        }
        found.batches.reverse();
        Ok(found)
    }
}

pub(super) async fn write_admission(
    connection: &mut Connection,
    tenant: i64,
    application: i64,
    admission: &Admission,
) -> Result<(), StoreError> {
    let log = stored(admission.log);
    // Of the oldest some at a time: all of the last hours are read by no commit.
    query(
        "DELETE FROM admission
         WHERE tenant_id = $1 AND application = $2 AND log = $3 AND at < $4 AND position IN
             (SELECT position FROM admission
              WHERE tenant_id = $1 AND application = $2 AND log = $3 ORDER BY position LIMIT $5)",
    )
    .bind(tenant)
    .bind(application)
    .bind(log)
    .bind(admission.at.0 - RECOGNISED_MS)
    .bind(FORGOTTEN_ROWS)
    .execute(&mut *connection)
    .await?;
    // The last one only said how far that was.
    query(
        "DELETE FROM admission
         WHERE tenant_id = $1 AND application = $2 AND log = $3 AND batches = $4 AND position =
             (SELECT MAX(position) FROM admission
              WHERE tenant_id = $1 AND application = $2 AND log = $3)",
    )
    .bind(tenant)
    .bind(application)
    .bind(log)
    .bind(Vec::<u8>::new())
    .execute(&mut *connection)
    .await?;
    query(
        "INSERT INTO admission (tenant_id, application, log, position, at, batches)
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(tenant)
    .bind(application)
    .bind(log)
    .bind(stored_count(admission.position))
    .bind(admission.at.0)
    .bind(write_batches(&admission.batches))
    .execute(connection)
    .await?;
    Ok(())
}

fn write_batches(batches: &[AdmittedBatch]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(batches.len() * BATCH_BYTES);
    for batch in batches {
        bytes.extend_from_slice(&batch.id);
        bytes.extend_from_slice(&batch.accepted.to_le_bytes());
        bytes.extend_from_slice(&batch.rejected.to_le_bytes());
    }
    bytes
}

fn read_batch(bytes: &[u8]) -> AdmittedBatch {
    let number = |at: usize| {
        let four = bytes[at..at + 4].try_into().expect("four bytes");
        u32::from_le_bytes(four)
    };
    AdmittedBatch {
        id: bytes[..16].try_into().expect("sixteen bytes"),
        accepted: number(16),
        rejected: number(20),
    }
}

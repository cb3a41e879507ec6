//! Writing a [`Commit`]: one transaction, in the order in which rows refer to each other. Most of a
//! snapshot comes before it; see `snapshot`.

use std::time::{Duration, Instant};

use engine::Effects;
use shared::{ApplicationId, AttackId, Timestamp};

use super::admission::write_admission;
use super::changes::record_changes;
use super::effects::{Target, remove_provisional, write_effects};
use super::numbers::{KnownNumbers, Numbers};
use super::snapshot::write_snapshot;
use super::{StoreError, TenantStore, stored, stored_count};
use crate::auth::random_id;
use crate::store::database::{Connection, insert, query, query_as};
use crate::store::{ChangeKind, Commit, Committed, EncodedSegment, JudgementKey, SourceProgress};
use crate::telemetry::metrics;

/// How many hosts an application keeps count of; whoever invents hosts fills no disk.
const HOSTS: i64 = 1000;

impl TenantStore {
    /// Stores all of `commit`, or nothing that shows. Durable when it returns, unless
    /// [`Store::defer_sync`](super::Store::defer_sync) put that off.
    pub async fn commit(&self, commit: Commit) -> Result<Committed, StoreError> {
        let mark = CommitMark::random()?;
        let mut unsettled = None;
        for pause_ms in PAUSES_MS {
            match self.try_commit(&commit, mark, &mut unsettled).await {
                Err(StoreError::Unreachable(error)) => {
                    tracing::warn!(%error, "the database cannot be reached; a commit waits");
                    tokio::time::sleep(Duration::from_millis(pause_ms)).await;
                }
                done => return done,
            }
        }
        self.try_commit(&commit, mark, &mut unsettled).await
    }

    /// The same once. Where the connection breaks at the end, `unsettled` holds what was
    /// written, perhaps: the next try finds out by the mark whether it was.
    pub(in crate::store) async fn try_commit(
        &self,
        commit: &Commit,
        mark: CommitMark,
        unsettled: &mut Option<Committed>,
    ) -> Result<Committed, StoreError> {
        if let Some(snapshot) = &commit.snapshot {
            self.write_most_of_snapshot(commit, snapshot).await?;
        }
        let mut writer = self.shared.database.writer().await;
        let started = Instant::now();
        let said = || std::iter::once(&commit.effects).chain(&commit.preview);
        let wanted = said().flat_map(moments).collect::<Vec<_>>();
        let mut transaction = writer.begin_with_room(self.scope(), &wanted).await?;
        if let Some(committed) = unsettled
            && find_mark(&mut transaction, self.tenant, commit).await? == Some(mark)
        {
            return Ok(*committed);
        }
        let known = &self.shared.numbers;
        let (committed, revision, numbers) =
            write(&mut transaction, self.tenant, commit, mark, known).await?;
        *unsettled = Some(committed);
        self.settle(transaction).await?;
        known.keep(commit.judgement.number, mark, numbers);
        let took = started.elapsed();
        metrics().store.commits.observe(took.as_secs_f64());
        // A commit takes two revisions.
        self.follow_commit(&mut writer, commit, revision - 2, revision)
            .await;
        Ok(committed)
    }
}

/// How long to wait between tries while the database cannot be reached: a restart of it, some
/// two minutes. Trying takes its own time besides.
const PAUSES_MS: [u64; 16] = [
    100, 200, 500, 1_000, 2_000, 3_000, 5_000, 5_000, 10_000, 10_000, 10_000, 10_000, 10_000,
    10_000, 10_000, 10_000,
];

/// Of when the rows are that grow with time.
fn moments(effects: &Effects) -> impl Iterator<Item = (&'static str, Timestamp)> {
    let sessions = effects.sessions.iter().map(|it| ("session", it.ended_at));
    let attacks = effects.attack_slices.iter();
    let attacks = attacks.map(|(_, slice)| ("attack_slice", slice.from));
    let crawlers = effects.crawler_slices.iter();
    sessions
        .chain(attacks)
        .chain(crawlers.map(|(_, slice)| ("crawler_slice", slice.from)))
}

/// Names one commit, however often it is tried. What else tells commits apart is no proof:
/// retention counts revisions too, and two commits may end at one position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) struct CommitMark(i64);

impl CommitMark {
    pub(in crate::store) fn random() -> Result<Self, StoreError> {
        let random = random_id().map_err(StoreError::Random)?;
        Ok(Self(stored(random)))
    }
}

/// The mark of the last commit to the judgement. It is this one's if this one was written: there
/// is one writer of an application at a time.
async fn find_mark(
    connection: &mut Connection,
    tenant: i64,
    commit: &Commit,
) -> Result<Option<CommitMark>, StoreError> {
    let row: Option<(i64,)> =
        query_as("SELECT commit_mark FROM judgement WHERE tenant_id = $1 AND number = $2")
            .bind(tenant)
            .bind(commit.judgement.number)
            .fetch_optional(connection)
            .await?;
    Ok(row.map(|(mark,)| CommitMark(mark)))
}

async fn write(
    connection: &mut Connection,
    tenant: i64,
    commit: &Commit,
    mark: CommitMark,
    known: &KnownNumbers,
) -> Result<(Committed, i64, Numbers), StoreError> {
    let (application, last) = check(connection, tenant, commit).await?;
    let judgement = commit.judgement;
    let mut numbers = known.take(judgement.number, last);
    remove_provisional(connection, tenant, judgement.number).await?;
    write_sources(connection, tenant, judgement, &commit.sources).await?;
    if let Some(admission) = &commit.admission {
        write_admission(connection, tenant, judgement.application, admission).await?;
    }
    let is_live = commit.judged_until.is_some();
    write_segments(connection, tenant, judgement, &commit.segments, is_live).await?;
    let (revision,): (i64,) = query_as(
        "UPDATE judgement SET position = $1, revision = revision + 2, late = late + $4,
             judged_until = COALESCE($5, judged_until), commit_mark = $6
         WHERE tenant_id = $2 AND number = $3 RETURNING revision",
    )
    .bind(stored(commit.position))
    .bind(tenant)
    .bind(judgement.number)
    .bind(stored_count(commit.effects.late))
    .bind(commit.judged_until.map(|at| at.0))
    .bind(mark.0)
    .fetch_one(&mut *connection)
    .await?;
    let mut target = Target {
        tenant,
        judgement: judgement.number,
        provisional: 0,
    };
    let effects = &commit.effects;
    write_effects(connection, target, effects, revision - 1, &mut numbers).await?;
    if let Some(preview) = &commit.preview {
        target.provisional = 1;
        write_effects(connection, target, preview, revision, &mut numbers).await?;
    }
    if let Some(snapshot) = &commit.snapshot {
        write_snapshot(connection, tenant, commit, snapshot).await?;
    }
    let previewed = commit.preview.iter().flat_map(|preview| &preview.attacks);
    let attacks = commit.effects.attacks.iter().chain(previewed);
    let mut changes: Vec<_> = attacks
        .map(|attack| (ChangeKind::Attack, attack.id))
        .collect();
    changes.push((ChangeKind::Application, AttackId(application.0)));
    let changes: Vec<_> = changes.into_iter().map(|(kind, id)| (kind, id.0)).collect();
    let seq = record_changes(connection, tenant, &changes).await?;
    Ok((Committed { seq }, revision, numbers))
}

/// The judgement is the tenant's, and does not go backwards. Returns its application and the mark
/// of its last commit.
pub(super) async fn check(
    connection: &mut Connection,
    tenant: i64,
    commit: &Commit,
) -> Result<(ApplicationId, CommitMark), StoreError> {
    let found: Option<(i64, i64, i64)> = query_as(
        "SELECT a.id, j.position, j.commit_mark
         FROM judgement j JOIN application a ON a.number = j.application
         WHERE j.tenant_id = $1 AND a.tenant_id = $1 AND j.number = $2 AND j.application = $3",
    )
    .bind(tenant)
    .bind(commit.judgement.number)
    .bind(commit.judgement.application)
    .fetch_optional(connection)
    .await?;
    let Some((application, position, last)) = found else {
        return Err(StoreError::Conflict {
            constraint: "the judgement is one of the tenant's",
        });
    };
    if stored(commit.position) < position {
        return Err(StoreError::Conflict {
            constraint: "a judgement goes forward",
        });
    }
    Ok((ApplicationId(application as u64), CommitMark(last)))
}

async fn write_sources(
    connection: &mut Connection,
    tenant: i64,
    judgement: JudgementKey,
    sources: &[SourceProgress],
) -> Result<(), StoreError> {
    insert(
        connection,
        "INSERT INTO source
         (tenant_id, application, fingerprint, prefix_bytes, name, bytes, lines)",
        "ON CONFLICT (application, fingerprint, prefix_bytes) DO UPDATE
         SET name = excluded.name, bytes = excluded.bytes, lines = excluded.lines",
        sources,
        |values, source| {
            values
                .push_bind(tenant)
                .push_bind(judgement.application)
                .push_bind(stored(source.fingerprint))
                .push_bind(stored_count(source.prefix_bytes))
                .push_bind(source.name.as_str())
                .push_bind(stored_count(source.bytes))
                .push_bind(stored_count(source.lines));
        },
    )
    .await
}

async fn write_segments(
    connection: &mut Connection,
    tenant: i64,
    judgement: JudgementKey,
    segments: &[EncodedSegment],
    is_live: bool,
) -> Result<(), StoreError> {
    if segments.is_empty() {
        return Ok(());
    }
    let (grown, new): (Vec<_>, Vec<_>) = segments
        .iter()
        .partition(|segment| segment.added < segment.rows);
    for segment in grown {
        grow_segment(connection, tenant, judgement, segment).await?;
    }
    insert(
        connection,
        "INSERT INTO segment (tenant_id, application, number, kind, min_at, max_at, rows, bytes)",
        "",
        &new,
        |values, segment| {
            values
                .push_bind(tenant)
                .push_bind(judgement.application)
                .push_bind(stored(segment.number))
                .push_bind(segment.kind.map(|kind| kind as i64))
                .push_bind(segment.min_at)
                .push_bind(segment.max_at)
                .push_bind(i64::from(segment.rows))
                .push_bind(segment.bytes.as_slice());
        },
    )
    .await?;
    let filled = || segments.iter().filter(|segment| segment.rows > 0);
    let requests = filled()
        .map(|segment| i64::from(segment.added))
        .sum::<i64>();
    // Live begins after what was imported, however old its first request says it is.
    query(
        "UPDATE application SET requests = requests + $1,
             live_since = CASE WHEN $6 = 0 OR live_since IS NOT NULL THEN live_since
                 WHEN last_request_at >= $2 THEN last_request_at + 1 ELSE $2 END,
             first_request_at = CASE WHEN first_request_at <= $2 THEN first_request_at
                 ELSE COALESCE($2, first_request_at) END,
             last_request_at = CASE WHEN last_request_at >= $3 THEN last_request_at
                 ELSE COALESCE($3, last_request_at) END
         WHERE tenant_id = $4 AND number = $5",
    )
    .bind(requests)
    .bind(filled().map(|segment| segment.min_at).min())
    .bind(filled().map(|segment| segment.max_at).max())
    .bind(tenant)
    .bind(judgement.application)
    .bind(i64::from(is_live))
    .execute(&mut *connection)
    .await?;
    write_hosts(connection, tenant, judgement, segments).await
}

/// Replaces a stored segment by itself with more rows.
async fn grow_segment(
    connection: &mut Connection,
    tenant: i64,
    judgement: JudgementKey,
    segment: &EncodedSegment,
) -> Result<(), StoreError> {
    let grown = query(
        "UPDATE segment SET min_at = $1, max_at = $2, rows = $3, bytes = $4
         WHERE tenant_id = $5 AND application = $6 AND number = $7 AND rows = $8",
    )
    .bind(segment.min_at)
    .bind(segment.max_at)
    .bind(i64::from(segment.rows))
    .bind(segment.bytes.as_slice())
    .bind(tenant)
    .bind(judgement.application)
    .bind(stored(segment.number))
    .bind(i64::from(segment.rows - segment.added))
    .execute(connection)
    .await?;
    if grown.rows_affected() == 0 {
        return Err(StoreError::Conflict {
            constraint: "a segment grows by what comes after its last row",
        });
    }
    Ok(())
}

async fn write_hosts(
    connection: &mut Connection,
    tenant: i64,
    judgement: JudgementKey,
    segments: &[EncodedSegment],
) -> Result<(), StoreError> {
    let mut hosts = std::collections::BTreeMap::<&str, u64>::new();
    for (host, requests) in segments.iter().flat_map(|segment| &segment.hosts) {
        *hosts.entry(host).or_default() += requests;
    }
    let hosts: Vec<_> = hosts.into_iter().collect();
    insert(
        connection,
        "INSERT INTO host (tenant_id, application, name, requests)",
        "ON CONFLICT (application, name) DO UPDATE SET requests = host.requests + excluded.requests",
        &hosts,
        |values, (name, requests)| {
            values
                .push_bind(tenant)
                .push_bind(judgement.application)
                .push_bind(*name)
                .push_bind(stored_count(*requests));
        },
    )
    .await?;
    query(
        "DELETE FROM host WHERE tenant_id = $1 AND application = $2 AND name NOT IN (
             SELECT name FROM host WHERE tenant_id = $1 AND application = $2
             ORDER BY requests DESC, name LIMIT $3)",
    )
    .bind(tenant)
    .bind(judgement.application)
    .bind(HOSTS)
    .execute(connection)
    .await?;
    Ok(())
}

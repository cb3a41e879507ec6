//! Reading slices: what the bots and the named crawlers of an application did in a window.

use std::collections::BTreeMap;

use engine::{HeatmapNormals, Slice};
use shared::{ApplicationId, AttackId, Timestamp, Verification};

use super::attacks::read_record;
use super::{StoreError, TenantStore, corrupt, stored};
use crate::store::database::query_as;
use crate::store::pack::{decode_crawler_row, decode_plain};
use crate::store::{AttackSlices, CrawlerSlices, Period};

/// No row of slices of crawlers spans more. Bounds where to look for one. (An attack's first slice
/// holds all that its bot did before it was noticed, so it may be of any length.)
const LONGEST: i64 = Timestamp::DAY;

impl TenantStore {
    /// The attacks on an application that were going on in `window`, with their slices that
    /// overlap it: those that are listed, and `this` also if its actor is excepted. By
    /// identifier.
    pub async fn list_attack_slices(
        &self,
        application: ApplicationId,
        this: Option<AttackId>,
        window: Period,
    ) -> Result<Vec<AttackSlices>, StoreError> {
        let Some(judgement) = self.find_judgement(application).await? else {
            return Ok(Vec::new());
        };
        let this = this.map(|id| stored(id.0));
        let mut view = self.read().await?;
        let attacks: Vec<(i64, i64, Vec<u8>)> = query_as(
            "SELECT number, id, record FROM attack
             WHERE tenant_id = $1 AND judgement = $2 AND ended_at >= $3 AND started_at <= $4
               AND (excepted = 0 OR id = $5)
             ORDER BY id",
        )
        .bind(self.tenant)
        .bind(judgement.number)
        .bind(window.from.0)
        .bind(window.until.0)
        .bind(this)
        .fetch_all(&mut view)
        .await?;
        let rows: Vec<(i64, Vec<u8>)> = query_as(
            "SELECT s.attack, s.slice FROM attack a
             JOIN attack_slice s ON s.judgement = a.judgement AND s.attack = a.number
             WHERE a.tenant_id = $1 AND s.tenant_id = $1 AND a.judgement = $2
               AND a.ended_at >= $3 AND a.started_at <= $4 AND (a.excepted = 0 OR a.id = $5)
               AND s.from_at <= $4 AND s.until_at >= $3
             ORDER BY s.attack, s.from_at",
        )
        .bind(self.tenant)
        .bind(judgement.number)
        .bind(window.from.0)
        .bind(window.until.0)
        .bind(this)
        .fetch_all(&mut view)
        .await?;
        let mut slices = rustc_hash::FxHashMap::<i64, Vec<Slice>>::default();
        for (attack, slice) in rows {
            let slice = decode_plain(&slice).map_err(corrupt("attack_slice", "slice", attack))?;
            slices.entry(attack).or_default().push(slice);
        }
        let mut found = Vec::with_capacity(attacks.len());
        for (number, id, record) in attacks {
            let record = read_record(id, &record)?;
            found.push(AttackSlices {
                id: AttackId(id as u64),
                scope: record.scope,
                suspicion: record.suspicion,
                top_address: record
                    .addresses
                    .first()
                    .map(|top| top.0)
                    .unwrap_or_default(),
                address_count: record.address_count,
                closed: record.closed,
                voted: record.voted(),
                types: record.types,
                slices: slices.remove(&number).unwrap_or_default(),
            });
        }
        Ok(found)
    }

    /// What is normal for an application, for what the heatmaps show; the documented defaults
    /// before anything is learned.
    pub async fn find_normals(
        &self,
        application: ApplicationId,
    ) -> Result<HeatmapNormals, StoreError> {
        let row: Option<(Option<Vec<u8>>,)> = query_as(
            "SELECT j.normals FROM application a JOIN judgement j ON j.number = a.judgement
             WHERE a.tenant_id = $1 AND j.tenant_id = $1 AND a.id = $2",
        )
        .bind(self.tenant)
        .bind(stored(application.0))
        .fetch_optional(&mut *self.look().await?)
        .await?;
        match row.and_then(|(normals,)| normals) {
            None => Ok(HeatmapNormals::default()),
            Some(normals) => {
                decode_plain(&normals).map_err(corrupt("judgement", "normals", application))
            }
        }
    }

    /// The crawlers that name themselves, with their slices that overlap `window`. By name.
    pub async fn list_crawler_slices(
        &self,
        application: ApplicationId,
        window: Period,
    ) -> Result<Vec<CrawlerSlices>, StoreError> {
        let rows: Vec<(i64, String, Vec<u8>)> = query_as(
            "SELECT c.from_at, c.name, c.slice FROM application a
             JOIN crawler_slice c ON c.judgement = a.judgement
             WHERE a.tenant_id = $1 AND c.tenant_id = $1 AND a.id = $2
               AND c.from_at >= $3 AND c.from_at <= $4 AND c.until_at >= $5
             ORDER BY c.from_at",
        )
        .bind(self.tenant)
        .bind(stored(application.0))
        .bind(window.from.plus(-LONGEST).0)
        .bind(window.until.0)
        .bind(window.from.0)
        .fetch_all(&mut *self.look().await?)
        .await?;
        let mut slices = BTreeMap::<String, BTreeMap<Timestamp, Slice>>::new();
        for (from_at, first, row) in rows {
            let row = decode_crawler_row(first, &row);
            for (name, slice) in row.map_err(corrupt("crawler_slice", "slice", from_at))? {
                if slice.from <= window.until && slice.until >= window.from {
                    slices.entry(name).or_default().insert(slice.from, slice);
                }
            }
        }
        let crawlers = slices.into_iter().map(|(name, slices)| CrawlerSlices {
            name,
            verification: Verification::Unverified,
            slices: slices.into_values().collect(),
        });
        let mut found: Vec<CrawlerSlices> = crawlers.collect();
        if let Some(judgement) = self.find_judgement(application).await? {
            self.verify_crawlers(judgement.number, window, &mut found)
                .await?;
        }
        Ok(found)
    }
}

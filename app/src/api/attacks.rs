//! The routes of attacks: their list, and of one its hits and heatmaps.

use shared::{
    AttackCounts, AttackDetail, AttackId, AttackSummary, HeatmapSteps, Heatmaps, Hit, Page,
    Timestamp,
};

use super::{Answer, Params, Part, get, non_empty};
use crate::format::zone;

/// One page of the attacks that `q` finds, in the order of `sort`.
pub fn attacks(
    q: &str,
    sort: Option<&str>,
    part: Part,
) -> impl Future<Output = Answer<Page<AttackSummary>>> + use<> {
    let zone = zone::minutes_east().to_string();
    let limit = part.limit();
    let params: Params = &[
        ("q", non_empty(q)),
        ("sort", sort),
        ("cursor", part.cursor.as_deref()),
        ("limit", limit.as_deref()),
        ("zone", Some(&zone)),
    ];
    get("attacks", params)
}

/// How many attacks `q` finds, in all and per type.
pub fn attack_counts(q: &str) -> impl Future<Output = Answer<AttackCounts>> {
    let zone = zone::minutes_east().to_string();
    get(
        "attacks/counts",
        &[("q", non_empty(q)), ("zone", Some(&zone))],
    )
}

/// One attack, whole.
pub fn attack(id: AttackId) -> impl Future<Output = Answer<AttackDetail>> {
    get(&format!("attacks/{id}"), &[])
}

/// One page of an attack's hits.
pub fn hits(id: AttackId, cursor: Option<&str>) -> impl Future<Output = Answer<Page<Hit>>> {
    get(&format!("attacks/{id}/hits"), &[("cursor", cursor)])
}

/// Where all of an attack's hits can be downloaded.
pub fn hits_csv(id: AttackId) -> String {
    format!("/api/v1/attacks/{id}/hits.csv")
}

/// The three heatmaps of an attack.
pub fn heatmaps(id: AttackId) -> impl Future<Output = Answer<Heatmaps>> {
    get(&format!("attacks/{id}/heatmaps"), &[])
}

/// How the bots of an attack's heatmaps came to where they are; with `of`, the addresses of
/// that campaign.
pub fn heatmap_steps(
    id: AttackId,
    of: Option<AttackId>,
) -> impl Future<Output = Answer<HeatmapSteps>> {
    let of = of.map(|of| of.to_string());
    get(
        &format!("attacks/{id}/heatmaps/steps"),
        &[("of", of.as_deref())],
    )
}

/// Where the data of an attack's heatmaps can be downloaded, as they were at a moment; with `of`,
/// also those of that campaign's addresses.
pub fn heatmaps_csv(id: AttackId, of: Option<AttackId>, at: Option<Timestamp>) -> String {
    let mut csv = format!("/api/v1/attacks/{id}/heatmaps.csv?");
    if let Some(of) = of {
        csv.push_str(&format!("of={of}&"));
    }
    if let Some(at) = at {
        csv.push_str(&format!("at={at}"));
    }
    csv
}

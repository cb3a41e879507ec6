//! What was learned of an application: how far its normals are its own, and how they move.

use serde::{Deserialize, Serialize};

use crate::{DetectorKind, Direction, Timestamp};

/// What was learned of an application.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LearningState {
    /// Unsuspected actors that the normals were learned from.
    pub actors: u64,
    /// Hours of traffic behind it.
    pub hours: u32,
    /// From 0 (documented defaults only) to 100 (only learned).
    pub percent: u8,
    /// The last request of the last of these actors; absent before the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_lesson_at: Option<Timestamp>,
    /// Unsuspected sessions that the model of how people move was learned from.
    pub sessions: u64,
    /// The anomaly model; absent before enough actors were seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anomaly_model: Option<LearnedModel>,
    /// The normal of every detector that has one.
    pub normals: Vec<LearnedNormal>,
}

/// A version of the anomaly model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LearnedModel {
    /// The first is 1.
    pub number: u32,
    /// When it was trained.
    pub trained_at: Timestamp,
    /// From how many actors.
    pub actors: u64,
}

/// A detector's normal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LearnedNormal {
    /// The detector.
    pub detector: DetectorKind,
    /// The threshold at which it votes.
    pub normal: f64,
    /// What that is before anything is learned.
    pub default: f64,
    /// The unit of both; empty for a share.
    pub unit: String,
    /// On which side of it a value is abnormal.
    pub direction: Direction,
    /// How much of it is learned: 0 for the default.
    pub percent: u8,
    /// From how many actors.
    pub actors: u64,
    /// How many times as large it is as seven days before; absent if it was not known then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drift: Option<f64>,
}

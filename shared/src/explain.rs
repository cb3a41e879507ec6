//! A verdict with everything it was made of, and whether it can be made again. Only what is
//! shown: the engine makes it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::vocabulary::vocabulary;
use crate::{
    AttackId, BotType, Contribution, DetectorKind, DetectorResult, Sensitivity, UnknownName,
};

vocabulary! {
    /// What became of the share of votes on its way to a confidence.
    ConfidenceRule ("confidence rule") {
        /// The confidence is the share of votes times the weight of the evidence.
        Counted = "counted", "as counted";
        /// One finding is enough: it sets the least that the confidence can be.
        Decisive = "decisive", "one finding is decisive";
        /// Too few independent families of behaviour voted.
        OneFamily = "one_family", "votes of one family alone do not count";
        /// What makes it this type and no other did not vote.
        NotEssential = "not_essential", "what this type cannot do without did not vote";
        /// Automation that says what it is may be regular and repetitive.
        Excused = "excused", "automation that says what it is may do this";
        /// No higher than that of a narrower type.
        Narrower = "narrower", "no higher than a narrower type";
    }
}

vocabulary! {
    /// What came of judging stored requests again.
    ReproductionOutcome ("outcome of a reproduction") {
        /// The same verdict, to the last digit.
        Reproduced = "reproduced", "Reproduced";
        /// Another verdict; `differences` says where.
        Differs = "differs", "Differs";
        /// Requests that it rests on are no longer stored.
        Expired = "expired", "Its requests have expired";
        /// It is about to be judged again: older requests came, or settings changed.
        Outdated = "outdated", "About to be judged again";
        /// There are more requests than can be judged again in the time that an answer has.
        Unfinished = "unfinished", "Not finished in time";
    }
}

/// A verdict with everything it was made of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Explanation {
    /// The attack.
    pub attack_id: AttackId,
    /// The application it was aimed at.
    pub application: String,
    /// The version of the engine that judged.
    pub engine_version: String,
    /// The version of the application's anomaly model, if one was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_version: Option<u32>,
    /// How sensitive the profile is, if its bar is one of the usual ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sensitivity: Option<Sensitivity>,
    /// The bar in percent.
    pub bar: u8,
    /// Of how many requests the verdict is. The attack may have gone on since.
    pub requests: u64,
    /// Every detector, those that voted first.
    pub detectors: Vec<ExplainedDetector>,
    /// How the confidence of each type came about, the primary type first.
    pub types: Vec<ExplainedType>,
    /// What the anomaly model found unusual, most first; none where no model was asked.
    pub contributions: Vec<Contribution>,
    /// What came of judging the stored requests again, if that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reproduction: Option<Reproduction>,
}

/// A detector's result with where its numbers come from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExplainedDetector {
    /// What it found.
    #[cfg_attr(not(target_family = "wasm"), serde(flatten))]
    #[cfg_attr(target_family = "wasm", serde(rename = ""))]
    pub result: DetectorResult,
    /// The family of behaviour that it belongs to.
    pub family: String,
    /// The normal before anything is learned, if this is the engine that judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_normal: Option<f64>,
    /// How much of the normal is learned, 0 to 100.
    pub learned_percent: u8,
    /// From how many actors.
    pub learned_actors: u64,
    /// How much it counts for each type that it counts for, if this is the engine that judged.
    pub weights: Vec<TypeWeight>,
    /// The type for which its finding alone is enough.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decisive_for: Option<BotType>,
}

/// How much a detector counts for a type.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TypeWeight {
    /// The type.
    pub bot_type: BotType,
    /// The weight.
    pub weight: f64,
}

/// How the confidence of a type came about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExplainedType {
    /// The type.
    pub bot_type: BotType,
    /// 0 to 100, not rounded.
    pub confidence: f64,
    /// What became of the share of votes.
    pub rule: ConfidenceRule,
    /// Σ weight × vote.
    pub votes: f64,
    /// Σ weight.
    pub weights: f64,
    /// What was summed up.
    pub terms: Vec<ExplainedTerm>,
    /// The same written out, a line a step.
    pub steps: Vec<String>,
}

/// One term of a confidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ExplainedTerm {
    /// The detector.
    pub detector: DetectorKind,
    /// Weight × vote.
    pub votes: f64,
    /// How much it counted in all.
    pub weight: f64,
}

/// What came of judging the stored requests again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reproduction {
    /// In a word.
    pub outcome: ReproductionOutcome,
    /// In a sentence.
    pub detail: String,
    /// The version of the engine that judged again.
    pub engine_version: String,
    /// How many requests were judged again.
    pub requests: u64,
    /// How long it took.
    pub duration_ms: u64,
    /// Where the verdict is another one; empty if it is the same.
    pub differences: Vec<Difference>,
}

/// One number or text that is another one now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Difference {
    /// What.
    pub field: String,
    /// As it is stored.
    pub stored: String,
    /// As it was found again.
    pub recomputed: String,
}

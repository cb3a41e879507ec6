//! How a verdict came about, as far as the page shows it.

use serde::Deserialize;
use shared::{AttackId, BotType, Contribution, ExplainedDetector, Reproduction};

use super::{Answer, get};

/// Of a [`shared::Explanation`] what is shown.
#[derive(Debug, Clone, Deserialize)]
pub struct Explained {
    /// The version of the engine that judged.
    pub engine_version: String,
    /// The version of the application's anomaly model, if one was asked.
    #[serde(default)]
    pub model_version: Option<u32>,
    /// Of how many requests the verdict is.
    pub requests: u64,
    /// Every detector.
    pub detectors: Vec<ExplainedDetector>,
    /// The arithmetic of each type.
    pub types: Vec<ExplainedSteps>,
    /// What the anomaly model found unusual.
    pub contributions: Vec<Contribution>,
    /// What came of judging again.
    #[serde(default)]
    pub reproduction: Option<Reproduction>,
}

/// How the confidence of a type came about.
#[derive(Debug, Clone, Deserialize)]
pub struct ExplainedSteps {
    /// The type.
    pub bot_type: BotType,
    /// A line a step.
    pub steps: Vec<String>,
}

/// Every number of an attack's verdict; with `reproduce`, whether it comes out again.
pub fn explain(id: AttackId, reproduce: bool) -> impl Future<Output = Answer<Explained>> {
    let reproduce = reproduce.then_some("true");
    get(
        &format!("attacks/{id}/explain"),
        &[("reproduce", reproduce)],
    )
}

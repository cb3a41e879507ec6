//! The three heatmaps of an attack: what each dimension means, its scale, and the bubbles.
//! Values only; where a bubble sits on the screen is the console's to compute.

use serde::{Deserialize, Serialize};

use crate::{AttackId, BotType, Scope, Timestamp, Verification};

/// The three heatmaps of one attack.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Heatmaps {
    /// The attack that is *this bot*.
    pub attack_id: AttackId,
    /// The application's name.
    pub application: String,
    /// The beginning of the window: 24 hours before its end.
    pub window_from: Timestamp,
    /// The end of the window: the attack's last request.
    pub window_until: Timestamp,
    /// Whether the attack is ongoing, so that the picture still moves.
    pub live: bool,
    /// How many bots attacked the application in the window, this one included.
    pub bots_total: u32,
    /// How many of them are drawn.
    pub bots_shown: u32,
    /// Speed, regularity, repetition.
    pub performance: Heatmap,
    /// Surprise, sensitive endpoints, number of detectors.
    pub behavior: Heatmap,
    /// Errors, unsafe methods, breadth.
    pub http_errors: Heatmap,
}

/// One heatmap: four dimensions and the same bubbles as the others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Heatmap {
    /// Left to right.
    pub x: Dimension,
    /// Bottom to top.
    pub y: Dimension,
    /// Ash to red.
    pub color: Dimension,
    /// Small to big.
    pub size: Dimension,
    /// The bubbles: *this bot* first, then the most suspicious, then reference bubbles.
    pub bubbles: Vec<Bubble>,
}

/// What one visual channel of a heatmap shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Dimension {
    /// The name of the quantity, e.g. `rps`.
    pub name: String,
    /// What people read, e.g. `Requests per second`.
    pub label: String,
    /// The unit, e.g. `requests/s`; empty for a share or a plain count.
    pub unit: String,
    /// One sentence: what it measures and what a high value means.
    pub explanation: String,
    /// The application's normal: scales of colour and size begin here; the shaded region of
    /// the axes ends here.
    pub normal: f64,
    /// Where a scale of colour or size is full; for the axes, informative only.
    pub full: f64,
    /// How a value maps between `normal` (0) and `full` (1).
    pub scale: Scale,
}

/// How values map to positions, sizes and colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// In equal steps of log₂ from normal to 32 × normal.
    Log2,
    /// In equal steps from 0 to 1 (scores).
    Linear,
}

/// One bot, or a named crawler for reference. A value that could not be measured is absent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Bubble {
    /// The attack behind it; absent for a reference bubble.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attack_id: Option<AttackId>,
    /// What it is called: an address, a campaign's name, a crawler's name.
    pub label: String,
    /// Whether it is *this bot*.
    pub this_bot: bool,
    /// The bot's primary type; absent for a reference bubble.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bot_type: Option<BotType>,
    /// Whether its attack belongs to one client, one address or a campaign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    /// 0 to 100; absent for a reference bubble.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<u8>,
    /// For a reference bubble: whether the crawler is who it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification: Option<Verification>,
    /// Requests in the window.
    pub requests: u64,
    /// Position on x.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub x: Option<f64>,
    /// Position on y.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub y: Option<f64>,
    /// Colour value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<f64>,
    /// Size value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<f64>,
}

/// How the bots of an attack's heatmaps came to where they are, for a picture of any moment:
/// at a moment, a bot stands where its last step up to it says, and one without is not there
/// yet. Values are over the requests from the beginning of the window up to the step. Of a
/// campaign, the same of its addresses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HeatmapSteps {
    /// The attack that is *this bot*; the campaign whose addresses these are.
    pub attack_id: AttackId,
    /// The beginning of the window.
    pub window_from: Timestamp,
    /// The end of the window.
    pub window_until: Timestamp,
    /// What the values of a step are, in their order: `requests`, then names of dimensions.
    pub dimensions: Vec<String>,
    /// Requests of *this bot* or of the addresses that are told, in 288 equal parts of the
    /// window.
    pub activity: Vec<u32>,
    /// How many bots, or addresses, had requests in the window.
    pub bots_total: u32,
    /// Whether all requests of a campaign in the window were read; else only the newest.
    pub complete: bool,
    /// The same bots and crawlers as in the heatmaps, in the same order; of a campaign at most
    /// 30 addresses, those with the most requests first.
    pub bots: Vec<BotSteps>,
}

/// The steps of one bot, of a named crawler, or of one address of a campaign.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BotSteps {
    /// The attack behind it; absent for a crawler and for an address of a campaign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attack_id: Option<AttackId>,
    /// What it is called.
    pub label: String,
    /// For a crawler: whether it is who it says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification: Option<Verification>,
    /// When each step was reached, in seconds after the beginning of the window, ascending.
    pub at: Vec<u32>,
    /// The values at each step, in the order of `dimensions`; absent where not measured.
    pub values: Vec<Vec<Option<f64>>>,
}

//! Botscope's judgement: a pure, deterministic state machine over event time. Requests in,
//! sessions and attacks out. No clock, no input or output, no randomness, no verdict that
//! depends on the order of a hash map.

mod actor;
mod addresses;
mod anomaly;
mod attack;
pub mod attribute;
mod baseline;
mod detectors;
mod directory;
mod drift;
mod driven;
mod effects;
mod engine;
mod event;
mod features;
mod heatmaps;
mod input;
mod judge;
mod memory;
mod model;
mod origins;
mod reckoning;
mod request;
mod resting;
mod room;
mod seldom;
mod session;
mod shape;
mod slice;
mod timeline;
mod trace;
mod varint;
mod welcome;

pub use detectors::{Family, Spec, spec};
pub use effects::*;
pub use engine::{Engine, EngineConfig, SnapshotError, VERSION};
pub use event::{MethodId, MethodSet};
pub use features::{Bursts, EndpointCounts, Gaps, Step, Variants};
pub use heatmaps::{
    Bot, Crawler, DIMENSIONS, Member, MemberRequests, Window, heatmap_steps, heatmaps, member_steps,
};
pub use input::*;
pub use origins::{OriginCheck, Origins, Published, is_somebodys, origin_name, verify_all};
pub use reckoning::{DECISIVE_FLOOR, EVIDENCE_HALF, ReckonedTerm, Reckoning, weight};
pub use request::*;
pub use session::SESSION_GAP_MS;
pub use slice::*;
pub use timeline::Timeline;

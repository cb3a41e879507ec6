//! The three bubble heatmaps of an attack. `tab` says what they are, `model` what one shows,
//! `layout` and `label` where on the screen, `motion` how it gets there, `pointer` and `cursor`
//! what is under the hand; the rest draws.

pub mod card;
pub mod cursor;
pub mod figure;
pub mod label;
pub mod layout;
pub mod legend_view;
pub mod model;
pub mod motion;
pub mod plot;
pub mod sort;
pub mod tab;
pub mod table;
pub mod tabs;
pub mod text;

pub use tabs::HeatmapTabs;

//! The three bubble heatmaps of an attack. `tab` says what they are, `model` what one shows,
//! `layout`, `names` and `label` where on the screen, `motion` how it gets there, `cursor` what is
//! under the hand and `input` what the hand does; the rest draws.

pub mod card;
pub mod cursor;
pub mod disc;
pub mod figure;
pub mod ground;
pub mod input;
pub mod label;
pub mod layout;
pub mod legend_view;
pub mod model;
pub mod motion;
pub mod names;
pub mod plot;
pub mod sort;
pub mod tab;
pub mod table;
pub mod tabs;
pub mod text;

pub use tabs::HeatmapTabs;

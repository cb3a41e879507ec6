//! The three bubble heatmaps of an attack. `tab` says what they are, `travel` how they were at a
//! moment and `course` when something changed, `model` what one shows, `layout`, `names` and
//! `label` where on the screen, `motion` how it gets there, `cursor` what is under the hand and
//! `input` what the hand does; `shown` is what a link restores; the rest draws.

pub mod card;
pub mod compare;
pub mod course;
pub mod cursor;
pub mod disc;
pub mod export;
pub mod figure;
mod fonts;
pub mod ground;
pub mod input;
pub mod label;
pub mod layout;
pub mod legend_view;
pub mod model;
pub mod motion;
pub mod names;
pub mod plot;
pub mod reading;
pub mod shown;
pub mod sort;
pub mod state;
pub mod tab;
pub mod table;
pub mod tabs;
pub mod text;
pub mod timebar;
pub mod tools;
pub mod travel;

pub use shown::Shown;
pub use tabs::HeatmapTabs;

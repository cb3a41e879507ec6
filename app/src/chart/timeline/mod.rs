//! Requests over time, stacked by response status, with hits and the crossing of the bar
//! marked: model → layout (pure) → view.

mod layout;
mod model;
mod ticks;
mod view;

pub use view::{Marked, TimelineChart};

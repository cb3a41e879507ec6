//! Small components without knowledge of pages: what they show they are given.

mod icon;
mod theme_switch;

pub use icon::*;
pub use theme_switch::*;

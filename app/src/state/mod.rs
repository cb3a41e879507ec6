//! What the pages share: the address as state, remote data, the clock, the theme. No markup.

pub mod address;
pub mod arrived;
pub mod clock;
pub mod confirm;
pub mod effect;
pub mod kept;
pub mod listing;
pub mod live;
pub mod me;
pub mod overview;
pub mod period;
pub mod program;
pub mod remote;
pub mod search;
pub mod sending;
pub mod theme;
pub mod title;
pub mod toast;
pub mod trail;
mod turn;
pub mod values;

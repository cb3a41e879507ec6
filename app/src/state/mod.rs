//! What the pages share: the address as state, remote data, the theme. No markup.

pub mod theme;
pub mod title;

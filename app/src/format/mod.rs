//! Values as people read them: numbers, shares, sizes, durations, moments, hostile text. Rules
//! are pure; what only the browser knows (locale, time zone) sits in `intl` and `zone`.

mod heat;
mod intl;
mod moment;
mod number;
mod place;
mod text;
pub mod zone;

pub use heat::*;
pub use moment::*;
pub use number::*;
pub use place::*;
pub use text::*;

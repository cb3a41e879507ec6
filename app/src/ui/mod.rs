//! Small components without knowledge of pages: what they show they are given.

mod bot_type;
mod clip;
mod confidence;
mod copy;
mod dialog;
mod hint;
mod icon;
mod more;
mod problem;
mod response_code;
mod share;
mod skeleton;
mod source;
mod tag;
mod theme_switch;
mod time;
mod tip;
mod toast;

pub use bot_type::*;
pub use clip::*;
pub use confidence::*;
pub use copy::*;
pub use dialog::*;
pub use hint::*;
pub use icon::*;
pub use more::*;
pub use problem::*;
pub use response_code::*;
pub use share::*;
pub use skeleton::*;
pub use source::*;
pub use tag::*;
pub use theme_switch::*;
pub use time::*;
pub use tip::*;
pub use toast::*;

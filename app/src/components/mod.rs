//! Parts that several pages share and that know the console's state: the search with its
//! filters, what to say when nothing was found, and the sheet of keys.

mod account_menu;
mod amount;
mod demo;
mod filters;
mod found;
mod hearing;
mod help;
mod listing;
mod nothing;
mod permitted;
mod search_field;
mod sender;
mod unopened;

pub use account_menu::*;
pub use amount::*;
pub use demo::*;
pub use filters::*;
pub use found::*;
pub use hearing::*;
pub use help::*;
pub use listing::*;
pub use nothing::*;
pub use permitted::*;
pub use search_field::*;
pub use sender::*;
pub use unopened::*;

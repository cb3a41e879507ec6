//! Parts that several pages share and that know the console's state: the search with its
//! filters, what to say when nothing was found, and the sheet of keys.

mod amount;
mod demo;
mod filters;
mod found;
mod help;
mod listing;
mod nothing;
mod search_field;
mod sender;
mod unopened;

pub use amount::*;
pub use demo::*;
pub use filters::*;
pub use found::*;
pub use help::*;
pub use listing::*;
pub use nothing::*;
pub use search_field::*;
pub use sender::*;
pub use unopened::*;

//! Parts that several pages share and that know the console's state: the search with its
//! filters, what to say when nothing was found, and the sheet of keys.

mod demo;
mod help;
mod listing;
mod nothing;
mod period_filter;
mod search_field;
mod type_filter;
mod unopened;

pub use demo::*;
pub use help::*;
pub use listing::*;
pub use nothing::*;
pub use period_filter::*;
pub use search_field::*;
pub use type_filter::*;
pub use unopened::*;

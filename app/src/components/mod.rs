//! Parts that several pages share and that know the console's state: the search with its
//! filters, and what to say when nothing was found.

mod nothing;
mod period_filter;
mod search_field;
mod type_filter;
mod unopened;

pub use nothing::*;
pub use period_filter::*;
pub use search_field::*;
pub use type_filter::*;
pub use unopened::*;

//! The requests of a session, however many: a table of which only the rows in view exist, over
//! chunks that come when they are needed.

mod chunks;
mod detail;
mod extent;
mod row;
mod state;
mod table;
mod view;

pub(super) use state::use_list;
pub(super) use table::{Table, use_table};
pub(super) use view::RequestTable;

//! The data model that the console and the server share: identifiers, vocabulary, and the
//! bodies of the JSON API. Pure data and pure functions; no input or output, no clock.

mod address_list;
mod application;
mod attack;
mod explain;
mod heatmap;
mod id;
mod job;
mod learning;
mod lifetime;
mod list;
mod live;
mod nearest;
mod network;
mod page;
mod problem;
pub mod search;
mod session;
mod settings;
mod timestamp;
mod token;
mod values;
mod vocabulary;

pub use address_list::AddressList;
pub use application::*;
pub use attack::*;
pub use explain::*;
pub use heatmap::*;
pub use id::*;
pub use job::*;
pub use learning::*;
pub use lifetime::*;
pub use list::*;
pub use live::*;
pub use network::*;
pub use page::*;
pub use problem::*;
pub use session::*;
pub use settings::*;
pub use timestamp::*;
pub use token::*;
pub use values::*;
pub use vocabulary::*;

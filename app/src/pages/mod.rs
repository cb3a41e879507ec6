//! The pages, one module each. A page reads the address, fetches, and arranges components.

mod attack;
mod attacks;
mod lists;
mod not_found;
mod session;
mod sessions;
mod settings;

pub use attack::*;
pub use attacks::*;
pub use lists::ListsPage;
pub use not_found::*;
pub use session::*;
pub use sessions::*;
pub use settings::*;

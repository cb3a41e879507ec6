//! Putting an address on a list, from wherever it is shown: the buttons, the one dialog of the
//! console, and what the lists say of an address.

mod buttons;
mod dialog;
mod form;
mod marks;
mod question;

pub use buttons::{ListButtons, ListIconButton};
pub use dialog::ListDialog;
pub use marks::{ListMarks, until};
pub use question::Questions;

/// What denying does so far.
pub const NOT_ENFORCED: &str = "Recorded; nothing enforces this yet.";

//! What may go on an IP list and how its entries are told: the same for the API and the command
//! line. Not the lists themselves: those are in `store`.

mod check;
mod questions;
pub(crate) mod shown;

pub(crate) use check::*;
pub(crate) use questions::questions;

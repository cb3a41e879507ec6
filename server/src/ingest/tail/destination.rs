//! Where batches go, and what it says of them.

use std::future::Future;
use std::path::Path;
use std::time::Duration;

/// A batch on its way.
#[derive(Debug, Clone, Copy)]
pub struct Delivery<'d> {
    /// The file that it is of.
    pub path: &'d Path,
    /// What it is called: the same again whenever it is sent again.
    pub name: &'d str,
    /// What goes in front of the lines.
    pub head: &'d [u8],
    /// The lines.
    pub lines: &'d [u8],
}

impl Delivery<'_> {
    /// All of it. Whatever a line begins with, what it begins with is not taken for a packed body.
    #[must_use]
    pub fn body(&self) -> Vec<u8> {
        let is_text = self.lines.first().is_some_and(u8::is_ascii_graphic);
        let first: &[u8] = if is_text { b"" } else { b"\n" };
        [first, self.head, self.lines].concat()
    }
}

/// What became of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It is safe there.
    Taken(Received),
    /// It is too large to be taken at once.
    TooLarge,
    /// Not now; after so long, if that was said.
    Later(Option<Duration>, String),
    /// Not like this: somebody has to change something.
    Refused(String),
}

/// How much of a batch became requests.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Received {
    /// Lines that became requests.
    pub accepted: u64,
    /// Those that did not.
    pub rejected: u64,
    /// Some of these.
    pub errors: Vec<Rejected>,
}

/// A line that is no request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejected {
    /// Why.
    pub reason: String,
    /// How it begins.
    pub example: String,
}

/// Where batches go.
pub trait Destination {
    /// Sends a batch and returns when it is known what became of it.
    fn send(&mut self, delivery: Delivery<'_>) -> impl Future<Output = Answer> + Send;
}

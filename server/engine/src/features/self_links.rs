//! Self-links: how often a page was asked for by a link on that same page. People hardly follow
//! one; a program that picks any link of a page does. (A page that is loaded again names the page
//! before it, not itself.)

use serde::{Deserialize, Serialize};

use crate::event::Event;

/// Pages asked for by a link on themselves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SelfLinks {
    /// How many.
    pub count: u32,
    /// Whether the last request changed something: what is shown after a form was sent names the
    /// page of the form.
    after_change: bool,
}

impl SelfLinks {
    /// Counts one request that is for no file.
    pub(crate) fn add(&mut self, event: &Event) {
        let counts = event.has(Event::SELF_LINK) && !self.after_change;
        self.count += u32::from(counts);
        self.after_change = event.has(Event::UNSAFE);
    }

    /// Adds another client's.
    pub(crate) fn merge(&mut self, other: Self) {
        self.count += other.count;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_shown_after_a_form_was_sent_is_no_self_link() {
        let mut links = SelfLinks::default();
        for flags in [
            Event::SELF_LINK,
            Event::UNSAFE,
            Event::SELF_LINK,
            0,
            Event::SELF_LINK,
        ] {
            let mut event = Event::example(0);
            event.flags = flags;
            links.add(&event);
        }
        assert_eq!(links.count, 2);
    }
}

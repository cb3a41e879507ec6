//! Whose turn it is when something is asked again and again: one answer on its way at a time, and
//! once more afterwards if something changed meanwhile. Whoever asked anew with each change, and
//! dropped the answer before, would get none where things change faster than the server answers.

/// Whether an answer is on its way, and whether to ask once more after it.
#[derive(Debug, Default)]
pub(super) struct Turn {
    on_way: bool,
    once_more: bool,
}

impl Turn {
    /// Whether to ask now; if not, the answer that is on its way says so when it [ends](Self::end).
    pub(super) fn take(&mut self) -> bool {
        self.once_more = self.on_way;
        !std::mem::replace(&mut self.on_way, true)
    }

    /// Asks whatever is on its way: that answer is not wanted any more.
    pub(super) fn take_anyway(&mut self) {
        *self = Self {
            on_way: true,
            once_more: false,
        };
    }

    /// The answer is there. Whether to ask once more.
    pub(super) fn end(&mut self) -> bool {
        std::mem::take(self).once_more
    }

    /// Whether an answer is on its way.
    pub(super) fn is_on_way(&self) -> bool {
        self.on_way
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_fast_things_change_every_answer_comes_and_the_last_change_is_asked_for() {
        let mut turn = Turn::default();
        let mut asked_at = Vec::new();
        let mut comes_at = None;
        // An answer takes five ticks; something changes with each tick up to the twelfth.
        for tick in 0..40 {
            let mut asks = false;
            if comes_at == Some(tick) {
                comes_at = None;
                asks = turn.end() && turn.take();
            }
            asks |= tick <= 12 && turn.take();
            if asks {
                assert_eq!(comes_at, None, "one at a time");
                asked_at.push(tick);
                comes_at = Some(tick + 5);
            }
        }
        assert_eq!(asked_at, [0, 5, 10, 15]);
        assert!(!turn.is_on_way());
    }

    #[test]
    fn another_question_is_asked_at_once_and_tells_what_changed_before_it() {
        let mut turn = Turn::default();
        assert!(turn.take());
        assert!(!turn.take());
        turn.take_anyway();
        assert!(turn.is_on_way());
        assert!(!turn.end());
    }
}

//! A position in a search text. Knows characters, not the language.

use super::SearchError;

/// Reads a text character by character.
pub(super) struct Cursor {
    chars: Vec<char>,
    at: usize,
}

impl Cursor {
    pub(super) fn new(text: &str) -> Self {
        Self {
            chars: text.chars().collect(),
            at: 0,
        }
    }

    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// Whether a character stands at a position that was passed.
    pub(super) fn is_at(&self, position: usize, character: char) -> bool {
        self.chars.get(position) == Some(&character)
    }

    pub(super) fn rewind(&mut self, position: usize) {
        self.at = position;
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.peek_at(0)
    }

    /// The character `ahead` of the next one.
    pub(super) fn peek_at(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += 1;
        Some(next)
    }

    /// Steps over `expected` if it is next.
    pub(super) fn take(&mut self, expected: char) -> bool {
        let found = self.peek() == Some(expected);
        self.at += usize::from(found);
        found
    }

    /// Steps over the characters that `accept` takes and returns them.
    pub(super) fn take_while(&mut self, accept: impl Fn(char) -> bool) -> String {
        let mut taken = String::new();
        while let Some(next) = self.peek().filter(|next| accept(*next)) {
            taken.push(next);
            self.at += 1;
        }
        taken
    }

    pub(super) fn skip_spaces(&mut self) {
        while self.peek().is_some_and(char::is_whitespace) {
            self.at += 1;
        }
    }

    /// Everything up to the next space.
    pub(super) fn take_word(&mut self) -> String {
        self.take_while(|c| !c.is_whitespace())
    }

    /// Exactly `count` decimal digits; stays where it is if there are fewer.
    pub(super) fn take_digits(&mut self, count: usize) -> Option<u32> {
        let mut value = 0;
        for ahead in 0..count {
            value = value * 10 + self.peek_at(ahead)?.to_digit(10)?;
        }
        self.at += count;
        Some(value)
    }

    /// An error about the characters from `start` to here.
    pub(super) fn error_since(&self, start: usize, message: impl Into<String>) -> SearchError {
        error(start, self.at - start, message)
    }

    /// An error about the next character, or about what is missing at the end.
    pub(super) fn error_here(&self, message: impl Into<String>) -> SearchError {
        error(self.at, usize::from(self.peek().is_some()), message)
    }
}

/// An error about `len` characters from `position` on.
pub(super) fn error(position: usize, len: usize, message: impl Into<String>) -> SearchError {
    SearchError {
        message: message.into(),
        position: u32::try_from(position).unwrap_or(u32::MAX),
        len: u32::try_from(len).unwrap_or(u32::MAX),
        meant: None,
    }
}

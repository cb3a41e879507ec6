//! What a body is, seen from its bytes, and its records one by one: JSON objects in an array, on
//! lines or one after another, in any mixture, or lines of any log. Nothing is copied, time is
//! linear, and a broken record ends where the next one begins. Not what a record says, and not
//! whether its JSON is valid.

use super::json::{End, find_array, find_end, find_string_end};
use crate::ingest::reject::RejectReason;
use crate::ingest::source::MAX_LINE_BYTES;

/// How many objects that never end are looked for to the end of the body. After that records
/// end with their lines, so that a body of such objects takes linear time.
const MAX_FRUITLESS: u64 = 3;

/// How much of what is broken is shown.
const EXAMPLE_BYTES: usize = 1_024;

/// Something of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'b> {
    /// An object, or a line.
    Record(&'b [u8]),
    /// A text of a JSON array, with its quotes and escapes: a line of a log.
    Text(&'b [u8]),
    /// An object with one array of objects in it: a record, or what is around records.
    Envelope {
        whole: &'b [u8],
        /// What follows the array's `[`, up to its `]`.
        inside: &'b [u8],
    },
    /// What is no record, with its beginning.
    Broken(RejectReason, &'b [u8]),
}

/// The records of a body.
pub(super) struct Pieces<'b> {
    body: &'b [u8],
    at: usize,
    /// Where the line ends that was looked at last; it may lie before `at`.
    line_end: Option<usize>,
    is_in_array: bool,
    /// Whether the end of the body is the end of the array.
    is_array_whole: bool,
    /// How many objects had no end.
    fruitless: u64,
}

impl<'b> Pieces<'b> {
    pub(super) fn of_body(body: &'b [u8]) -> Self {
        let at = if body.starts_with(b"\xef\xbb\xbf") {
            3
        } else {
            0
        };
        Self {
            body,
            at,
            line_end: None,
            is_in_array: false,
            is_array_whole: false,
            fruitless: 0,
        }
    }

    /// Those of what is inside an array.
    pub(super) fn of_array(inside: &'b [u8]) -> Self {
        Self {
            is_in_array: true,
            is_array_whole: true,
            ..Self::of_body(inside)
        }
    }

    fn rest(&self) -> &'b [u8] {
        &self.body[self.at..]
    }

    /// Up to the end of the line, without its line break.
    fn line(&mut self) -> &'b [u8] {
        let end = match self.line_end {
            Some(end) if end >= self.at => end,
            _ => {
                let found = memchr::memchr(b'\n', self.rest());
                found.map_or(self.body.len(), |length| self.at + length)
            }
        };
        self.line_end = Some(end);
        &self.body[self.at..end]
    }

    fn skip_separators(&mut self) {
        let is_separator =
            |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b',' | 0x0b | 0x1e);
        let rest = self.rest();
        self.at += rest
            .iter()
            .position(|byte| !is_separator(byte))
            .unwrap_or(rest.len());
    }

    fn take_object(&mut self) -> Option<Piece<'b>> {
        let line = self.line();
        if is_flat(line) {
            return Some(self.take_record(line.trim_ascii_end().len()));
        }
        let is_by_line = self.fruitless >= MAX_FRUITLESS;
        let searched = if is_by_line { line } else { self.rest() };
        match find_end(searched) {
            End::At(length) => Some(self.take_record(length)),
            End::InText(length) => {
                // No JSON has a line break in a text, so a record ends here that was cut off.
                Some(self.take_broken(RejectReason::InvalidJson, length))
            }
            End::Missing => {
                self.fruitless += 1;
                if !is_by_line
                    && let Some(array) = find_array(searched)
                    && array.is_only
                    && array.end == searched.len()
                {
                    // An envelope that was cut off: what it holds is whole up to there.
                    self.at += array.start;
                    self.is_in_array = true;
                    return None;
                }
                let is_last = line.len() == self.rest().len()
                    || self.is_in_array && !is_by_line && !has_object_line(&searched[line.len()..]);
                if is_last {
                    self.is_in_array = false;
                    return Some(self.take_broken(RejectReason::CutOff, searched.len()));
                }
                Some(self.take_broken(RejectReason::InvalidJson, line.len()))
            }
        }
    }

    fn take_record(&mut self, length: usize) -> Piece<'b> {
        let whole = &self.rest()[..length];
        self.at += length;
        match find_array(whole) {
            Some(array) if array.is_only => Piece::Envelope {
                whole,
                inside: &whole[array.start..array.end],
            },
            _ if length > MAX_LINE_BYTES => {
                Piece::Broken(RejectReason::TooLong, &whole[..EXAMPLE_BYTES])
            }
            _ => Piece::Record(whole),
        }
    }

    fn take_broken(&mut self, reason: RejectReason, length: usize) -> Piece<'b> {
        let whole = &self.rest()[..length];
        self.at += length;
        Piece::Broken(reason, &whole[..length.min(EXAMPLE_BYTES)])
    }

    fn take_text(&mut self) -> Piece<'b> {
        let rest = self.rest();
        match find_string_end(&rest[1..]) {
            End::At(length) if length + 1 > MAX_LINE_BYTES => {
                self.take_broken(RejectReason::TooLong, length + 1)
            }
            End::At(length) => {
                self.at += length + 1;
                Piece::Text(&rest[..=length])
            }
            End::InText(length) => self.take_broken(RejectReason::InvalidJson, length + 1),
            End::Missing => {
                self.is_in_array = false;
                self.take_broken(RejectReason::CutOff, rest.len())
            }
        }
    }

    fn take_line(&mut self) -> Piece<'b> {
        let line = self.line();
        if line.len() > MAX_LINE_BYTES {
            return self.take_broken(RejectReason::TooLong, line.len());
        }
        self.at += line.len();
        Piece::Record(line.trim_ascii_end())
    }

    /// What is neither an object nor a text, in an array of them.
    fn take_other(&mut self) -> Piece<'b> {
        let rest = self.rest();
        let is_end = |byte: &u8| matches!(byte, b',' | b']' | b'{' | b'\n');
        let length = rest.iter().position(is_end).unwrap_or(rest.len());
        self.take_broken(RejectReason::InvalidJson, length)
    }

    fn next_in_array(&mut self) -> Option<Piece<'b>> {
        match self.rest().first() {
            Some(b'{') => self.take_object(),
            Some(b'"') => Some(self.take_text()),
            Some(b']') => {
                self.at += 1;
                self.is_in_array = false;
                None
            }
            Some(_) => Some(self.take_other()),
            None => {
                self.is_in_array = false;
                (!self.is_array_whole).then_some(Piece::Broken(RejectReason::CutOff, b""))
            }
        }
    }
}

impl<'b> Iterator for Pieces<'b> {
    type Item = Piece<'b>;

    fn next(&mut self) -> Option<Piece<'b>> {
        loop {
            self.skip_separators();
            if self.is_in_array {
                if let Some(piece) = self.next_in_array() {
                    return Some(piece);
                }
                continue;
            }
            match self.rest() {
                [] => return None,
                [b'{', ..] => {
                    if let Some(piece) = self.take_object() {
                        return Some(piece);
                    }
                }
                [b'[', inside @ ..] if is_array(inside) => {
                    self.at += 1;
                    self.is_in_array = true;
                }
                // What is left of an envelope after its array.
                [b'}' | b']', ..] => self.at += 1,
                _ => return Some(self.take_line()),
            }
        }
    }
}

/// Whether the line is one object without any object or brace in it: then it ends where the line
/// does, and nothing more needs to be looked at.
fn is_flat(line: &[u8]) -> bool {
    let Some(end) = memchr::memchr(b'}', line) else {
        return false;
    };
    line[end + 1..].iter().all(u8::is_ascii_whitespace)
        && memchr::memchr(b'{', &line[1..end]).is_none()
}

/// Whether a line of `text` begins with an object.
fn has_object_line(text: &[u8]) -> bool {
    memchr::memchr_iter(b'\n', text).any(|at| text[at..].trim_ascii_start().starts_with(b"{"))
}

/// Whether what follows a `[` makes it an array of records; other logs begin with a date in
/// brackets.
fn is_array(inside: &[u8]) -> bool {
    let first = inside.iter().find(|byte| !byte.is_ascii_whitespace());
    matches!(first, None | Some(b'{' | b'"' | b']'))
}

#[cfg(test)]
mod tests;

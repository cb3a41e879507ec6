//! Where messages end in a stream (RFC 6587): by their length in front of them, or by a line
//! break after them, each message as it likes. Bounded whatever comes.

use super::MAX_MESSAGE_BYTES;

/// How much of a message that is too long is kept as an example.
const EXAMPLE_BYTES: usize = 256;

/// How many digits a length may have.
const MAX_DIGITS: usize = 9;

/// What was found in a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// A message.
    Message(Vec<u8>),
    /// The beginning of one that is too long.
    TooLong(Vec<u8>),
}

/// Finds the messages of one stream.
#[derive(Debug, Default)]
pub struct Framer {
    /// What is not a whole message yet.
    buffer: Vec<u8>,
    skip: Skip,
}

/// What is left out of what comes.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Skip {
    #[default]
    Nothing,
    Bytes(usize),
    Line,
}

/// What the buffer begins with.
enum Begin {
    /// A message of so many bytes, after so many that say so.
    Counted { head: usize, length: usize },
    /// A message that ends with its line.
    Line,
    /// Too little to tell.
    Unknown,
}

impl Framer {
    /// Takes what came, and returns the messages that end in it.
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Frame> {
        self.buffer.extend_from_slice(bytes);
        let mut frames = Vec::new();
        let mut at = 0;
        while let Some(length) = self.take(at, &mut frames) {
            at += length;
        }
        self.buffer.drain(..at);
        frames
    }

    /// The message that the stream ended in.
    #[must_use]
    pub fn finish(mut self) -> Option<Frame> {
        if self.skip != Skip::Nothing {
            return None;
        }
        let begins = begin(&self.buffer);
        if let Begin::Counted { head, .. } = begins {
            self.buffer.drain(..head);
        }
        message(&self.buffer)
    }

    /// Takes one step from `at` on; returns how far it leads, or `None` if more must come first.
    fn take(&mut self, at: usize, frames: &mut Vec<Frame>) -> Option<usize> {
        let rest = &self.buffer[at..];
        if rest.is_empty() {
            return None;
        }
        match self.skip {
            Skip::Nothing => {}
            Skip::Bytes(count) => {
                let skipped = count.min(rest.len());
                let left = count - skipped;
                self.skip = match left {
                    0 => Skip::Nothing,
                    _ => Skip::Bytes(left),
                };
                return Some(skipped);
            }
            Skip::Line => {
                let end = memchr::memchr(b'\n', rest);
                if end.is_some() {
                    self.skip = Skip::Nothing;
                }
                return Some(end.map_or(rest.len(), |end| end + 1));
            }
        }
        if is_separator(rest[0]) {
            let end = rest.iter().position(|byte| !is_separator(*byte));
            return Some(end.unwrap_or(rest.len()));
        }
        match begin(rest) {
            Begin::Unknown => None,
            Begin::Counted { head, length } if length > MAX_MESSAGE_BYTES => {
                frames.push(too_long(&rest[head..]));
                self.skip = Skip::Bytes(length);
                Some(head)
            }
            Begin::Counted { head, length } => {
                let whole = rest.get(head..head + length)?;
                frames.extend(message(whole));
                Some(head + length)
            }
            Begin::Line => match memchr::memchr(b'\n', rest) {
                Some(end) if end <= MAX_MESSAGE_BYTES => {
                    frames.extend(message(&rest[..end]));
                    Some(end + 1)
                }
                None if rest.len() <= MAX_MESSAGE_BYTES => None,
                _ => {
                    frames.push(too_long(rest));
                    self.skip = Skip::Line;
                    Some(EXAMPLE_BYTES)
                }
            },
        }
    }
}

/// `123 <34>…` counts; `192.0.2.1 - - …` and `2026-03-01T…`, and whatever does not begin with a
/// digit, ends with its line.
fn begin(bytes: &[u8]) -> Begin {
    let is_no_digit = |byte: &u8| !byte.is_ascii_digit();
    let digits = bytes.iter().position(is_no_digit).unwrap_or(bytes.len());
    if digits == 0 || digits > MAX_DIGITS || bytes[0] == b'0' {
        return Begin::Line;
    }
    match &bytes[digits..] {
        [] | [b' '] => Begin::Unknown,
        [b' ', b'<', ..] => {
            let length = bytes[..digits]
                .iter()
                .fold(0, |length, digit| length * 10 + usize::from(digit - b'0'));
            Begin::Counted {
                head: digits + 1,
                length,
            }
        }
        _ => Begin::Line,
    }
}

/// What may stand between messages.
fn is_separator(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0
}

fn message(bytes: &[u8]) -> Option<Frame> {
    let is_inside = |byte: &u8| !is_separator(*byte);
    let start = bytes.iter().position(is_inside)?;
    let end = bytes.iter().rposition(is_inside)?;
    Some(Frame::Message(bytes[start..=end].to_vec()))
}

fn too_long(bytes: &[u8]) -> Frame {
    Frame::TooLong(bytes[..bytes.len().min(EXAMPLE_BYTES)].to_vec())
}

impl Frame {
    /// A datagram, which is one message; `None` if there is nothing in it.
    #[must_use]
    pub fn of_datagram(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > MAX_MESSAGE_BYTES {
            return Some(too_long(bytes));
        }
        message(bytes)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What comes of a stream that arrives in steps of so many bytes.
    fn read(stream: &[u8], step: usize) -> Vec<Frame> {
        let mut framer = Framer::default();
        let mut frames = Vec::new();
        for bytes in stream.chunks(step.max(1)) {
            frames.extend(framer.push(bytes));
            assert!(framer.buffer.len() <= MAX_MESSAGE_BYTES + MAX_DIGITS + 1 + step);
        }
        frames.extend(framer.finish());
        frames
    }

    #[track_caller]
    fn check(stream: &str, expected: &[&str]) {
        for step in [1, 3, 1_000] {
            let frames = read(stream.as_bytes(), step);
            let expected = expected.iter().map(|text| text.as_bytes().to_vec());
            let expected: Vec<_> = expected.map(Frame::Message).collect();
            assert_eq!(frames, expected, "{stream:?} by {step}");
        }
    }

    #[test]
    fn messages_end_by_their_length_or_their_line() {
        check("<34>a\n<34>b\r\n\n<34>c", &["<34>a", "<34>b", "<34>c"]);
        check(
            "5 <34>a6 <34>\nb7 <34>c\n\0",
            &["<34>a", "<34>\nb", "<34>c"],
        );
        check("<34>a\n5 <34>b<34>c\n", &["<34>a", "<34>b", "<34>c"]);
        check(
            "192.0.2.7 - - [x] \"GET /\"\n",
            &["192.0.2.7 - - [x] \"GET /\""],
        );
        check(
            "2026-03-01T10:00:00Z a\n12 34\n",
            &["2026-03-01T10:00:00Z a", "12 34"],
        );
        check("9 <34>cut", &["<34>cut"]);
        check("\n \0\r\n", &[]);
    }

    #[test]
    fn what_is_too_long_is_left_out_and_the_next_message_is_read() {
        let long = "x".repeat(MAX_MESSAGE_BYTES + 1);
        let whole = "y".repeat(MAX_MESSAGE_BYTES - 4);
        let streams = [
            format!("<34>{long}\n<34>{whole}\n"),
            format!(
                "{} <34>{long}{MAX_MESSAGE_BYTES} <34>{whole}",
                long.len() + 4
            ),
        ];
        for stream in streams {
            for step in [1_000, 16 * 1024, 1024 * 1024] {
                let frames = read(stream.as_bytes(), step);
                assert!(matches!(&frames[0], Frame::TooLong(begin) if begin.starts_with(b"<34>x")));
                assert_eq!(
                    frames[1],
                    Frame::Message(format!("<34>{whole}").into_bytes())
                );
                assert_eq!(frames.len(), 2);
            }
        }
        assert!(read(b"999999999 <34>a\n", 4).len() == 1);
    }

    proptest! {
        #[test]
        fn messages_arrive_whole_however_they_are_framed_and_cut(
            messages in proptest::collection::vec(("<[0-9]{1,3}>[a-z {}\"]{0,40}[a-z]", any::<bool>()), 0..20),
            step in 1usize..60,
        ) {
            let mut stream = String::new();
            for (message, is_counted) in &messages {
                let framed = if *is_counted {
                    format!("{} {message}", message.len())
                } else {
                    format!("{message}\n")
                };
                stream.push_str(&framed);
            }
            let expected = messages.iter().map(|(message, _)| message.clone().into_bytes());
            let expected: Vec<_> = expected.map(Frame::Message).collect();
            prop_assert_eq!(read(stream.as_bytes(), step), expected);
        }

        #[test]
        fn any_bytes_are_survived_and_their_cuts_change_nothing(
            bytes in proptest::collection::vec(prop_oneof![Just(b'\n'), Just(b' '), Just(b'<'), b'0'..=b'9', any::<u8>()], 0..300),
            step in 1usize..40,
        ) {
            prop_assert_eq!(read(&bytes, step), read(&bytes, 1_000));
        }
    }
}

//! Where the next page of a list begins: after one row, named by its sort value and its
//! identifier. Opaque to clients.

use std::fmt;
use std::str::FromStr;

use shared::RequestId;

/// The last row of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    pub(crate) value: i64,
    pub(crate) id: u64,
}

/// A text that is no cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a cursor that an earlier page gave")]
pub struct InvalidCursor;

impl Cursor {
    /// The cursor after a request at `at`. A segment has fewer than 2^20 rows.
    pub(crate) fn of_request(at: i64, id: RequestId) -> Self {
        Self {
            value: at,
            id: id.segment << 20 | u64::from(id.row),
        }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}.{:x}", self.value as u64, self.id)
    }
}

impl FromStr for Cursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let number = |digits: &str| {
            let valid = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            valid
                .then(|| u64::from_str_radix(digits, 16).ok())
                .flatten()
                .ok_or(InvalidCursor)
        };
        let (value, id) = text.split_once('.').ok_or(InvalidCursor)?;
        Ok(Self {
            value: number(value)? as i64,
            id: number(id)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_survives_its_text_and_nonsense_is_refused() {
        for (value, id) in [(0, 0), (-1, u64::MAX), (i64::MAX, 7)] {
            let cursor = Cursor { value, id };
            assert_eq!(cursor.to_string().parse(), Ok(cursor));
        }
        for text in [
            "",
            ".",
            "1",
            "1.",
            "x.1",
            "+1.1",
            "1.1.1",
            "11111111111111111.1",
        ] {
            assert_eq!(text.parse::<Cursor>(), Err(InvalidCursor), "{text}");
        }
    }
}

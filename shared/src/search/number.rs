//! Numbers in a search: `200`, `400-499`, `500+`, `>100`, `<=3`. Not the number of addresses,
//! which stands behind `ip:`.

use std::fmt;

/// Which numbers a search asks for, in the words it asks with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NumberRange {
    /// `200`.
    Exactly(u64),
    /// `400-499`, both ends included, in order.
    Between(u64, u64),
    /// `500+` or `>=500`.
    AtLeast(u64),
    /// `>100`.
    MoreThan(u64),
    /// `<=3`.
    AtMost(u64),
    /// `<3`; never 0.
    LessThan(u64),
}

/// What is wrong with a text that should say which numbers, and from which character on.
pub(super) struct Invalid {
    pub(super) message: String,
    pub(super) offset: usize,
}

impl NumberRange {
    /// The lowest and the highest number asked for.
    #[must_use]
    pub const fn bounds(self) -> (u64, u64) {
        match self {
            Self::Exactly(number) => (number, number),
            Self::Between(first, last) => (first, last),
            Self::AtLeast(first) => (first, u64::MAX),
            Self::MoreThan(below) => (below.saturating_add(1), u64::MAX),
            Self::AtMost(last) => (0, last),
            Self::LessThan(above) => (0, above.saturating_sub(1)),
        }
    }

    /// Whether `number` is one of those asked for.
    #[must_use]
    pub fn contains(self, number: u64) -> bool {
        let (first, last) = self.bounds();
        (first..=last).contains(&number)
    }

    /// Reads a range of numbers up to `most`.
    pub(super) fn parse(text: &str, most: u64) -> Result<Self, Invalid> {
        let number = |digits: &str, offset| parse_number(digits, offset, most);
        if let Some(digits) = text.strip_prefix(">=") {
            return number(digits, 2).map(Self::AtLeast);
        }
        if let Some(digits) = text.strip_prefix("<=") {
            return number(digits, 2).map(Self::AtMost);
        }
        if let Some(digits) = text.strip_prefix('>') {
            return number(digits, 1).map(Self::MoreThan);
        }
        if let Some(digits) = text.strip_prefix('<') {
            return match number(digits, 1)? {
                0 => Err(invalid("nothing is less than 0", 1)),
                above => Ok(Self::LessThan(above)),
            };
        }
        if let Some(digits) = text.strip_suffix('+') {
            return number(digits, 0).map(Self::AtLeast);
        }
        let Some((first_text, last_text)) = text.split_once('-') else {
            return number(text, 0).map(Self::Exactly);
        };
        let offset = first_text.chars().count() + 1;
        let (first, last) = (number(first_text, 0)?, number(last_text, offset)?);
        if last < first {
            return Err(invalid("the range ends before it begins", offset));
        }
        Ok(Self::Between(first, last))
    }
}

fn parse_number(digits: &str, offset: usize, most: u64) -> Result<u64, Invalid> {
    // A sign before it would be taken for part of the number.
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits
        .parse()
        .ok()
        .filter(|number| plain && *number <= most)
        .ok_or_else(|| {
            let forms = "as 200, 400-499, 500+, >100, >=100, <100 or <=100";
            invalid(
                &format!("expected numbers from 0 to {most} {forms}"),
                offset,
            )
        })
}

fn invalid(message: &str, offset: usize) -> Invalid {
    Invalid {
        message: message.to_owned(),
        offset,
    }
}

impl fmt::Display for NumberRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exactly(number) => write!(f, "{number}"),
            Self::Between(first, last) => write!(f, "{first}-{last}"),
            Self::AtLeast(first) => write!(f, "{first}+"),
            Self::MoreThan(below) => write!(f, ">{below}"),
            Self::AtMost(last) => write!(f, "<={last}"),
            Self::LessThan(above) => write!(f, "<{above}"),
        }
    }
}

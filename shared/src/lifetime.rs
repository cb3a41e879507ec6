//! How long something holds: from five minutes to forever.

use std::fmt;
use std::str::FromStr;

use crate::Timestamp;

/// How long something holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lifetime {
    /// So many milliseconds.
    For(i64),
    /// Until it is taken away.
    Forever,
}

/// What is wrong with a text that should say how long.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no duration from 5m to 3650d, such as 5m, 24h or 7d, nor `forever`")]
pub struct InvalidLifetime(pub String);

impl Lifetime {
    /// The shortest.
    pub const SHORTEST_MS: i64 = 5 * Timestamp::MINUTE;
    /// The longest that is not forever.
    pub const LONGEST_MS: i64 = 3_650 * Timestamp::DAY;

    /// When it ends if it begins at `now`; `None` for never.
    #[must_use]
    pub fn ends_at(self, now: Timestamp) -> Option<Timestamp> {
        match self {
            Self::For(ms) => Some(now.plus(ms)),
            Self::Forever => None,
        }
    }
}

impl FromStr for Lifetime {
    type Err = InvalidLifetime;

    fn from_str(text: &str) -> Result<Self, InvalidLifetime> {
        let invalid = || InvalidLifetime(text.chars().take(40).collect());
        let text = text.trim();
        if text.eq_ignore_ascii_case("forever") {
            return Ok(Self::Forever);
        }
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let number: i64 = number.parse().map_err(|_| invalid())?;
        let unit = match unit.trim() {
            "m" | "min" => Timestamp::MINUTE,
            "h" => Timestamp::HOUR,
            "d" => Timestamp::DAY,
            "w" => 7 * Timestamp::DAY,
            _ => return Err(invalid()),
        };
        number
            .checked_mul(unit)
            .filter(|ms| (Self::SHORTEST_MS..=Self::LONGEST_MS).contains(ms))
            .map(Self::For)
            .ok_or_else(invalid)
    }
}

impl fmt::Display for Lifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Forever => f.write_str("forever"),
            Self::For(ms) if ms % Timestamp::DAY == 0 => write!(f, "{}d", ms / Timestamp::DAY),
            Self::For(ms) if ms % Timestamp::HOUR == 0 => write!(f, "{}h", ms / Timestamp::HOUR),
            Self::For(ms) => write!(f, "{}m", ms / Timestamp::MINUTE),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_a_number_with_its_unit() {
        let check = |text: &str, expected: &str| {
            assert_eq!(text.parse::<Lifetime>().unwrap().to_string(), expected);
        };
        check("5m", "5m");
        check("90 min", "90m");
        check("24h", "1d");
        check("36h", "36h");
        check("2w", "14d");
        check("Forever", "forever");
        for text in [
            "",
            "5",
            "4m",
            "m",
            "-5m",
            "1y",
            "3651d",
            "99999999999999999999d",
            "5m5m",
            "٥m",
        ] {
            assert!(text.parse::<Lifetime>().is_err(), "{text}");
        }
    }
}

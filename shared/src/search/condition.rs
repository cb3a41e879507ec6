//! The single terms of a search: what each asks for, and how it is written.

use std::fmt;

use super::address::AddressTerm;
use super::key::Key;
use super::number::NumberRange;
use super::pattern::Pattern;
use crate::{
    AttackId, AttackStatus, BotType, DetectorKind, OutcomeKind, RequestId, SessionId, UnknownName,
    Verification,
};

/// One term of a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// Whether it must not hold.
    pub negated: bool,
    /// What it asks for.
    pub condition: Condition,
}

/// What a term asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// This type, primary or secondary.
    Type(BotType),
    /// This status.
    Status(AttackStatus),
    /// An actor on the exception list.
    Excepted,
    /// Going on right now.
    Ongoing,
    /// Part of an attack.
    Bot,
    /// An address.
    Address(AddressTerm),
    /// At least so many addresses.
    AddressCount(u32),
    /// A response status.
    StatusCode(NumberRange),
    /// So many hits.
    Hits(NumberRange),
    /// So much confidence, in percent.
    Confidence(NumberRange),
    /// A text under one of the keys whose values are texts.
    Text(Key, Pattern),
    /// A detector that voted.
    Detector(DetectorKind),
    /// How far a claim of being a known crawler was checked.
    Verified(Verification),
    /// What the bot got.
    Outcome(OutcomeKind),
    /// This session.
    Session(SessionId),
    /// This attack.
    Attack(AttackId),
    /// This campaign; any, if none is named.
    Campaign(Option<AttackId>),
    /// This request.
    Request(RequestId),
}

impl Condition {
    /// Under which key it stands.
    #[must_use]
    pub const fn key(&self) -> Key {
        match self {
            Self::Type(_) => Key::Type,
            Self::Status(_) => Key::Status,
            Self::Excepted => Key::Excepted,
            Self::Ongoing => Key::Ongoing,
            Self::Bot => Key::Bot,
            Self::Address(_) => Key::Address,
            Self::AddressCount(_) => Key::AddressCount,
            Self::StatusCode(_) => Key::StatusCode,
            Self::Hits(_) => Key::Hits,
            Self::Confidence(_) => Key::Confidence,
            Self::Text(key, _) => *key,
            Self::Detector(_) => Key::Detector,
            Self::Verified(_) => Key::Verified,
            Self::Outcome(_) => Key::Outcome,
            Self::Session(_) => Key::Session,
            Self::Attack(_) => Key::Attack,
            Self::Campaign(_) => Key::Campaign,
            Self::Request(_) => Key::Request,
        }
    }

    /// What asks for exactly `value` under `key`; wildcards in it are ordinary characters. The
    /// way back from [`Condition::value`], for filters. Absent if the key has no such value.
    #[must_use]
    pub fn of(key: Key, value: &str) -> Option<Self> {
        match key {
            Key::Country
            | Key::Source
            | Key::Method
            | Key::Domain
            | Key::Url
            | Key::Application
            | Key::UserAgent
            | Key::User
            | Key::Role => (!value.is_empty()).then(|| Self::Text(key, Pattern::literal(value))),
            _ => Self::read(key, value).ok(),
        }
    }

    /// Reads the value of a key whose values are no texts.
    pub(super) fn read(key: Key, value: &str) -> Result<Self, Invalid> {
        let numbers =
            |most| NumberRange::parse(value, most).map_err(|e| Invalid::at(e.message, e.offset));
        match key {
            Key::Type => named(value).map(Self::Type),
            Key::Status => named(value).map(Self::Status),
            Key::Excepted => word(value, Self::Excepted),
            Key::Ongoing => word(value, Self::Ongoing),
            Key::Bot => word(value, Self::Bot),
            Key::AddressCount => read_count(value),
            Key::Address => match value.ends_with('+') {
                true => read_count(value),
                false => AddressTerm::parse(value)
                    .map(Self::Address)
                    .map_err(|e| Invalid::at(e.message, e.offset)),
            },
            Key::StatusCode => match class_of_codes(value) {
                Some(class) => Ok(Self::StatusCode(class)),
                None => numbers(999).map(Self::StatusCode),
            },
            Key::Hits => numbers(999_999_999_999).map(Self::Hits),
            Key::Confidence => numbers(100).map(Self::Confidence),
            Key::Detector => named(value).map(Self::Detector),
            Key::Verified => named(value).map(Self::Verified),
            Key::Outcome => named(value).map(Self::Outcome),
            Key::Session => identified(value).map(Self::Session),
            Key::Attack => identified(value).map(Self::Attack),
            Key::Campaign if value == "*" => Ok(Self::Campaign(None)),
            Key::Campaign => identified(value).map(|id| Self::Campaign(Some(id))),
            Key::Request => identified(value).map(Self::Request),
            Key::Country
            | Key::Source
            | Key::Method
            | Key::Domain
            | Key::Url
            | Key::Application
            | Key::UserAgent
            | Key::User
            | Key::Role => Ok(Self::Text(key, Pattern::literal(value))),
        }
    }

    /// What stands behind the key, without quotes: what filters show and compare.
    #[must_use]
    pub fn value(&self) -> String {
        match self {
            Self::Text(_, pattern) => match pattern.as_literal() {
                Some(text) => text,
                None => pattern.to_string(),
            },
            Self::Type(value) => value.to_string(),
            Self::Status(value) => value.to_string(),
            Self::Excepted | Self::Ongoing | Self::Bot => self.key().to_string(),
            Self::Address(value) => value.to_string(),
            Self::AddressCount(count) => format!("{count}+"),
            Self::StatusCode(range) | Self::Hits(range) | Self::Confidence(range) => {
                range.to_string()
            }
            Self::Detector(value) => value.to_string(),
            Self::Verified(value) => value.to_string(),
            Self::Outcome(value) => value.to_string(),
            Self::Session(id) => id.to_string(),
            Self::Attack(id) | Self::Campaign(Some(id)) => id.to_string(),
            Self::Campaign(None) => "*".to_owned(),
            Self::Request(id) => id.to_string(),
        }
    }
}

/// What is wrong with a value, and from which of its characters on.
pub(super) struct Invalid {
    pub(super) message: String,
    pub(super) offset: usize,
    /// The value that was meant, most likely.
    pub(super) meant: Option<&'static str>,
}

impl Invalid {
    fn at(message: String, offset: usize) -> Self {
        Self {
            message,
            offset,
            meant: None,
        }
    }
}

impl From<UnknownName> for Invalid {
    fn from(unknown: UnknownName) -> Self {
        let meant = unknown.meant;
        Self {
            meant,
            ..Self::at(unknown.to_string(), 0)
        }
    }
}

fn named<T: std::str::FromStr<Err = UnknownName>>(value: &str) -> Result<T, Invalid> {
    value.parse().map_err(Invalid::from)
}

fn identified<T: std::str::FromStr>(value: &str) -> Result<T, Invalid>
where
    T::Err: fmt::Display,
{
    value
        .parse()
        .map_err(|error: T::Err| Invalid::at(error.to_string(), 0))
}

/// The hundred codes of `5xx`.
fn class_of_codes(value: &str) -> Option<NumberRange> {
    let (class, rest) = value.split_at_checked(1)?;
    let class: u64 = class.parse().ok().filter(|class| *class > 0)?;
    let (first, is_class) = (class * 100, rest.eq_ignore_ascii_case("xx"));
    is_class.then_some(NumberRange::Between(first, first + 99))
}

fn word(value: &str, condition: Condition) -> Result<Condition, Invalid> {
    if value.eq_ignore_ascii_case(condition.key().as_str()) {
        return Ok(condition);
    }
    Err(Invalid::at(format!("expected `{}`", condition.key()), 0))
}

fn read_count(value: &str) -> Result<Condition, Invalid> {
    value
        .strip_suffix('+')
        .and_then(|count| count.parse::<u32>().ok())
        .filter(|count| *count > 0 && value.starts_with(|c: char| c.is_ascii_digit()))
        .map(Condition::AddressCount)
        .ok_or_else(|| {
            let message = "expected a number of addresses such as ip:100+";
            Invalid::at(message.to_owned(), 0)
        })
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.negated {
            f.write_str("!")?;
        }
        self.condition.fmt(f)
    }
}

/// As it is written in a search.
impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(key, pattern) => {
                write!(f, "{key}:")?;
                pattern.write(f)
            }
            Self::AddressCount(count) => write!(f, "ip:{count}+"),
            other if other.key().is_word() => f.write_str(&other.value()),
            other => write!(f, "{}:{}", other.key(), other.value()),
        }
    }
}

//! Identifiers. Each is a number of its own type; in JSON and in addresses they are sixteen
//! hexadecimal digits (a number would lose its low bits in a browser). Formats that nobody reads
//! hold the number.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// What is wrong with a text that should be an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an identifier: expected 1 to 16 hexadecimal digits")]
pub struct InvalidId(pub String);

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:016x}", self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({:016x})"), self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let valid = (1..=16).contains(&text.len())
                    && text.bytes().all(|b| b.is_ascii_hexdigit());
                valid
                    .then(|| u64::from_str_radix(text, 16).ok())
                    .flatten()
                    .map(Self)
                    .ok_or_else(|| InvalidId(text.chars().take(40).collect()))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if serializer.is_human_readable() {
                    serializer.collect_str(self)
                } else {
                    self.0.serialize(serializer)
                }
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                if !deserializer.is_human_readable() {
                    return u64::deserialize(deserializer).map(Self);
                }
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(de::Error::custom)
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .pattern(Some("^[0-9a-fA-F]{1,16}$"))
                    .into()
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {}
    };
}

id! {
    /// An organisation. Owns everything else; nothing crosses tenants.
    TenantId
}
id! {
    /// One protected API of a tenant.
    ApplicationId
}
id! {
    /// What one bot did to one application. Derived from the bot and its first request, so
    /// that a replay or a new judgement of the same requests gives the same identifier.
    AttackId
}
id! {
    /// The requests of one user journey. Derived from the session key and its first request.
    SessionId
}
id! {
    /// Work that goes on in the background.
    JobId
}

id! {
    /// An object on a list. Derived from the list and the object, so that the same object is
    /// never twice on a list.
    ListEntryId
}

/// One stored request: a segment and a row in it. Written `SEGMENT-ROW`, both decimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId {
    /// The segment's number, unique in an installation's application.
    pub segment: u64,
    /// The row inside the segment, from 0.
    pub row: u32,
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.segment, self.row)
    }
}

impl FromStr for RequestId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let invalid = || InvalidId(text.chars().take(40).collect());
        let (segment, row) = text.split_once('-').ok_or_else(invalid)?;
        Ok(Self {
            segment: segment.parse().map_err(|_| invalid())?,
            row: row.parse().map_err(|_| invalid())?,
        })
    }
}

impl Serialize for RequestId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            (self.segment, self.row).serialize(serializer)
        }
    }
}

impl<'de> Deserialize<'de> for RequestId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if !deserializer.is_human_readable() {
            let (segment, row) = <(u64, u32)>::deserialize(deserializer)?;
            return Ok(Self { segment, row });
        }
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for RequestId {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .pattern(Some("^[0-9]+-[0-9]+$"))
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for RequestId {}

id! {
    /// One API token of a tenant.
    TokenId
}
id! {
    /// A person who may sign in.
    AccountId
}
id! {
    /// A signed-in account in one browser. Says nothing of its cookie.
    LoginId
}
id! {
    /// Somebody who may become a member.
    InvitationId
}
id! {
    /// One deletion of somebody's traces.
    ErasureId
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_survives_the_round_trip_through_json() {
        let id = AttackId(0x0123_4567_89ab_cdef);
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(json, "\"0123456789abcdef\"");
        assert_eq!(serde_json::from_str::<AttackId>(&json).unwrap(), id);
    }

    #[test]
    fn nonsense_is_not_an_identifier() {
        for text in ["", "xyz", "00112233445566778", "+1", "../etc"] {
            assert!(text.parse::<SessionId>().is_err(), "{text}");
        }
        assert!("12".parse::<RequestId>().is_err());
        assert_eq!(
            "12-7".parse(),
            Ok(RequestId {
                segment: 12,
                row: 7
            })
        );
    }
}

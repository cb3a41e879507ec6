//! The keys of the search language, and in which of the two lists each means something.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::vocabulary::{UnknownName, vocabulary};

/// Which list a text searches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum List {
    /// The attacks.
    Attacks,
    /// The API sessions.
    Sessions,
}

impl List {
    /// What it lists.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Attacks => "attacks",
            Self::Sessions => "sessions",
        }
    }
}

vocabulary! {
    /// By what can be searched. The order is that of a search's text.
    Key ("key") {
        /// The attack types, words of their own.
        Type = "type", "Type";
        /// What became of an attack's requests, words of their own.
        Status = "status", "Status";
        /// The word for attacks of actors on the exception list.
        Excepted = "excepted", "Excepted";
        /// The word for attacks that are going on right now.
        Ongoing = "ongoing", "Right now";
        /// The word for sessions that are part of an attack.
        Bot = "bot", "Bot";
        /// Addresses.
        Address = "ip", "IP";
        /// How many addresses, `ip:100+`.
        AddressCount = "ip_count", "Number of IPs";
        /// Country of an address.
        Country = "country", "Country";
        /// What kind of network an address belongs to.
        Source = "source", "Source type";
        /// Response statuses.
        StatusCode = "statuscode", "Response code";
        /// Methods.
        Method = "method", "Method";
        /// Number of hits.
        Hits = "hits", "Hits";
        /// Confidence in percent.
        Confidence = "confidence", "Confidence";
        /// Hosts.
        Domain = "domain", "Domain";
        /// URL templates.
        Url = "url", "URL";
        /// Names of applications.
        Application = "app", "Application";
        /// Part of a user agent.
        UserAgent = "ua", "User agent";
        /// Detectors that voted.
        Detector = "detector", "Detector";
        /// Signed-in users.
        User = "user", "User";
        /// Roles of signed-in users.
        Role = "role", "Role";
        /// Sessions by identifier.
        Session = "session", "Session";
        /// Attacks by identifier.
        Attack = "attack", "Attack";
        /// Campaigns by identifier.
        Campaign = "campaign", "Campaign";
        /// How far a claim of being a known crawler was checked.
        Verified = "verified", "Verified";
        /// What a bot got.
        Outcome = "outcome", "Outcome";
        /// Requests by identifier.
        Request = "request_id", "Request";
    }
}

impl Key {
    /// Whether `list` can be searched by it.
    #[must_use]
    pub const fn is_of(self, list: List) -> bool {
        match self {
            Self::AddressCount => matches!(list, List::Attacks),
            Self::Bot | Self::User | Self::Role => matches!(list, List::Sessions),
            _ => true,
        }
    }

    /// Whether its values stand in a search without the key before them.
    #[must_use]
    pub const fn is_word(self) -> bool {
        matches!(
            self,
            Self::Type | Self::Status | Self::Excepted | Self::Ongoing | Self::Bot
        )
    }

    /// Whether its value names one thing, which is meant whenever it was.
    #[must_use]
    pub const fn is_identifier(self) -> bool {
        matches!(
            self,
            Self::Session | Self::Attack | Self::Campaign | Self::Request
        )
    }
}

//! The closed sets of the product's vocabulary, each with its wire name and its label.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::nearest::nearest;

/// A text that names no member of a closed set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct UnknownName {
    /// The text.
    pub text: String,
    /// What it should have named.
    pub set: &'static str,
    /// The names there are.
    pub known: &'static [&'static str],
    /// The one that was meant, most likely.
    pub meant: Option<&'static str>,
}

impl UnknownName {
    pub(crate) fn new(text: &str, set: &'static str, known: &'static [&'static str]) -> Self {
        Self {
            text: text.chars().take(40).collect(),
            set,
            known,
            meant: nearest(text, known),
        }
    }
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { text, set, .. } = self;
        match self.meant {
            Some(meant) => write!(f, "`{text}` is no {set}; did you mean `{meant}`?"),
            None => write!(f, "`{text}` is no {set}; one of: {}", self.known.join(", ")),
        }
    }
}

macro_rules! vocabulary {
    ($(#[$doc:meta])* $name:ident ($set:literal) { $($(#[$vdoc:meta])* $variant:ident = $wire:literal, $label:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $wire)] $variant,)+
        }

        impl $name {
            /// All of them, in the order they are shown.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name in JSON, SQL, addresses and the search language.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $wire),+ }
            }

            /// The name that people read.
            #[must_use]
            pub const fn label(self) -> &'static str {
                match self { $(Self::$variant => $label),+ }
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                let members = [$(concat!("`", $wire, "` ", $label)),+];
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .enum_values(Some([$($wire),+]))
                    .description(Some(members.join(", ")))
                    .into()
            }
        }

        #[cfg(feature = "openapi")]
        impl utoipa::ToSchema for $name {}

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownName;

            fn from_str(text: &str) -> Result<Self, UnknownName> {
                Self::ALL
                    .iter()
                    .copied()
                    .find(|member| member.as_str().eq_ignore_ascii_case(text))
                    .ok_or_else(|| UnknownName::new(text, $set, &[$($wire),+]))
            }
        }
    };
}
pub(crate) use vocabulary;

vocabulary! {
    /// What a bot is after; also the type of its attack.
    BotType ("attack type") {
        /// Automation that fits no narrower type.
        ApiAbuse = "api_abuse", "Suspicious API activity";
        /// Guessing passwords or trying stolen credentials.
        AccountTakeover = "account_takeover", "Account takeover";
        /// Copying content.
        Scraping = "scraping", "Scraping";
        /// Looking for vulnerabilities.
        SecurityCrawlers = "security_crawlers", "Security crawlers";
        /// Making the application spend more than it should.
        ResourceConsumption = "resource_consumption", "Unrestricted resource consumption";
    }
}

vocabulary! {
    /// One named test of one behaviour.
    DetectorKind ("detector") {
        /// Class of the user agent.
        BadUserAgent = "bad_user_agent", "Bad user-agent";
        /// Claims to be a known crawler, and its source is not the maker's.
        SpoofedCrawler = "spoofed_crawler", "Spoofed crawler";
        /// Age of the claimed browser.
        OutdatedBrowser = "outdated_browser", "Outdated browser";
        /// Most requests in any 60 s.
        RequestRate = "request_rate", "Request rate";
        /// Spread of the gaps between bursts: 1 − scheduled requests.
        RequestInterval = "request_interval", "Request interval";
        /// Expected distinct endpoints in 50 requests, over 50.
        RequestUniqueness = "request_uniqueness", "Request uniqueness";
        /// Distinct endpoints touched, breadth first.
        WideScope = "wide_scope", "Wide scope";
        /// Requests varying the parameters of one endpoint.
        QueryAbuse = "query_abuse", "Query abuse";
        /// Surprise under the application's learned model, bits per request.
        SuspiciousBehavior = "suspicious_behavior", "Suspicious behaviour score";
        /// Weight of critical and sensitive endpoints.
        BusinessLogic = "business_logic", "Business logic score";
        /// Requests that only a scanner makes.
        ExploitProbing = "exploit_probing", "Exploit probing";
        /// 4xx and 5xx among the responses.
        ErrorRate = "error_rate", "Error rate";
        /// Authentication requests.
        AuthenticationAbuse = "authentication_abuse", "Authentication abuse";
        /// Identities tried from one source.
        CredentialStuffing = "credential_stuffing", "Credential stuffing";
        /// Sources alike with isolated attempts and nothing else.
        LowFrequencyStuffing = "low_frequency_stuffing", "Low-frequency credential stuffing";
        /// Stretches of five minutes with failed attempts.
        PersistentAto = "persistent_ato", "Persistent ATO";
        /// Addresses behind one client, or behind clients alike.
        IpRotation = "ip_rotation", "IP rotation";
        /// Short sessions from one source.
        SessionRotation = "session_rotation", "Session rotation";
        /// Mean time until its responses were sent.
        ResponseTime = "response_time", "Response time anomaly";
        /// Request bytes.
        RequestConsumption = "request_consumption", "Excessive request consumption";
        /// Response bytes.
        ResponseConsumption = "response_consumption", "Excessive response consumption";
        /// How unlike the application's other actors it is, over all that is measured.
        AnomalyModel = "anomaly_model", "Anomaly model";
    }
}

vocabulary! {
    /// Who is judged.
    Scope ("scope") {
        /// A session key, else address and user agent.
        Client = "client", "Client";
        /// An IPv4 address or the /64 of an IPv6 address.
        Address = "address", "Address";
        /// Clients alike across addresses.
        Cluster = "cluster", "Campaign";
    }
}

vocabulary! {
    /// What became of an attack's requests.
    AttackStatus ("status") {
        /// Nothing shows that requests were stopped.
        Monitoring = "monitoring", "Monitoring";
        /// Requests were stopped.
        Blocked = "blocked", "Blocked";
        /// Some requests were stopped.
        PartiallyBlocked = "partially_blocked", "Partially blocked";
    }
}

vocabulary! {
    /// What a profile does with a bot.
    Reaction ("reaction") {
        /// The type is not looked for.
        Disabled = "disabled", "Disabled";
        /// The attack is recorded.
        RegisterAttack = "register_attack", "Register attack";
    }
}

vocabulary! {
    /// Where an attack's life stands.
    AttackState ("attack state") {
        /// Requests may still come.
        Ongoing = "ongoing", "Ongoing";
        /// Silent for long enough.
        Closed = "closed", "Closed";
    }
}

vocabulary! {
    /// What an endpoint is for.
    EndpointTag ("endpoint tag") {
        /// Administration, secrets, configuration.
        Sensitive = "sensitive", "Sensitive";
        /// Signing in, up, out; tokens; passwords.
        Authentication = "authentication", "Authentication";
        /// Money, orders, accounts.
        BusinessCritical = "business_critical", "Business-critical";
        /// Files that do not change with the user.
        Static = "static", "Static";
        /// Asks whether the service lives.
        HealthCheck = "health_check", "Health check";
    }
}

vocabulary! {
    /// What a user agent says of its sender.
    UserAgentClass ("user-agent class") {
        /// A browser that people use.
        Browser = "browser", "Browser";
        /// A crawler that names itself.
        Crawler = "crawler", "Crawler";
        /// A tool that copies sites.
        Scraper = "scraper", "Scraper";
        /// A library of a programming language, or a command-line client.
        HttpLibrary = "http_library", "HTTP library";
        /// A tool that looks for vulnerabilities.
        SecurityScanner = "security_scanner", "Security scanner";
        /// A browser without a window.
        Headless = "headless", "Headless browser";
        /// A feed reader, monitor, link preview or other useful automation that names itself.
        Automation = "automation", "Automation";
        /// An application on a phone or desktop that is not a browser.
        NativeApp = "native_app", "App";
        /// No user agent.
        Empty = "empty", "Empty";
        /// Contradicts itself.
        Inconsistent = "inconsistent", "Inconsistent";
        /// Nothing known.
        Unknown = "unknown", "Unknown";
    }
}

vocabulary! {
    /// What automation that is no attack is for.
    Purpose ("purpose") {
        /// Crawls for a search engine.
        SearchEngine = "search_engine", "Search engine";
        /// Collects what language models are trained on.
        AiTraining = "ai_training", "AI training";
        /// Crawls for the search of an AI maker.
        AiSearch = "ai_search", "AI search";
        /// Fetches what somebody asked an assistant about.
        AiAssistant = "ai_assistant", "AI assistant";
        /// Crawls for search-engine optimisers, advertisers and market researchers.
        Marketing = "marketing", "Marketing";
        /// Crawls for archives and research.
        Archive = "archive", "Archive";
        /// Shows what is behind a link that somebody posted.
        LinkPreview = "link_preview", "Link preview";
        /// Reads feeds for its users.
        FeedReader = "feed_reader", "Feed reader";
        /// Asks from outside whether the site is up, and how fast.
        UptimeMonitor = "uptime_monitor", "Uptime monitor";
        /// Asks from inside whether a server lives: load balancers, orchestrators.
        HealthCheck = "health_check", "Health check";
        /// Tells the application what happened elsewhere.
        Webhook = "webhook", "Webhook";
        /// The site's own scheduled calls, and those of services that belong to it.
        Site = "site", "Site's own calls";
        /// Tests pages or loads them on purpose.
        Testing = "testing", "Testing";
    }
}

vocabulary! {
    /// How far a claim of being a known crawler was checked.
    Verification ("verification") {
        /// The source is the maker's.
        Verified = "verified", "Verified";
        /// The source is not the maker's.
        Spoofed = "spoofed", "Spoofed";
        /// Not checked.
        Unverified = "unverified", "Unverified";
    }
}

vocabulary! {
    /// What a bot got out of its attack, as far as the search asks.
    OutcomeKind ("outcome") {
        /// Sign-ins that likely succeeded.
        SignedIn = "signed_in", "Signed in";
        /// Sensitive endpoints that answered 2xx.
        SensitiveAnswered = "sensitive_answered", "Sensitive endpoint answered";
        /// Neither.
        Nothing = "nothing", "Nothing";
    }
}

vocabulary! {
    /// Why a request of a session is unusual.
    UnusualReason ("reason") {
        /// Hardly any unsuspected session asks for its endpoint.
        RareEndpoint = "rare_endpoint", "Rare endpoint";
        /// The endpoint answered otherwise nearly every other time in the session.
        OddStatus = "odd_status", "Odd answer";
        /// Hardly any unsuspected session goes there from where this one was.
        OddStep = "odd_step", "Odd step";
    }
}

vocabulary! {
    /// On which side of its normal a detector's value is abnormal.
    Direction ("direction") {
        /// Larger is worse.
        Above = "above", "above";
        /// Smaller is worse.
        Below = "below", "below";
        /// The value is a class, not a number.
        Category = "category", "category";
    }
}

vocabulary! {
    /// A list of the tenant's.
    ListKind ("list") {
        /// Who is let through whatever happens; for later.
        Allow = "allow", "Allow list";
        /// Who is kept out.
        Deny = "deny", "Deny list";
        /// Who is slowed down; for later.
        Gray = "gray", "Gray list";
        /// Who must never be judged a bot.
        Exception = "exception", "Exception list";
    }
}

vocabulary! {
    /// Who put an entry on a list.
    ListOrigin ("origin") {
        /// A person.
        Manual = "manual", "Manual";
        /// A profile.
        Automatic = "automatic", "Automatic";
    }
}

vocabulary! {
    /// What made a version of an entry.
    ListAction ("action") {
        /// It was put on the list.
        Created = "created", "Added";
        /// Its time, reason or applications changed.
        Changed = "changed", "Changed";
        /// It was taken off the list.
        Removed = "removed", "Removed";
        /// The change before was undone.
        Undone = "undone", "Undone";
    }
}

vocabulary! {
    /// Where an entry stands at a moment.
    ListState ("state") {
        /// In force.
        Active = "active", "In force";
        /// Its time is over.
        Expired = "expired", "Expired";
        /// It was taken off the list.
        Removed = "removed", "Removed";
    }
}

vocabulary! {
    /// What became of an object that was to be added to a list.
    ListOutcome ("outcome") {
        /// It is new on the list.
        Created = "created", "Added";
        /// It was there and has more time or more applications now.
        Changed = "changed", "Changed";
        /// It was there with all that was asked for.
        Unchanged = "unchanged", "Unchanged";
    }
}

impl AttackStatus {
    /// The status of an attack of which so many of so many requests were stopped.
    #[must_use]
    pub const fn of(blocked: u64, requests: u64) -> Self {
        match blocked {
            0 => Self::Monitoring,
            all if all >= requests => Self::Blocked,
            _ => Self::PartiallyBlocked,
        }
    }
}

/// From which confidence on an actor counts as a bot, in percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Sensitivity {
    /// 40: more bots, more mistakes.
    Paranoid,
    /// 60.
    Normal,
    /// 80: fewer mistakes, fewer bots.
    SafeMode,
}

impl Sensitivity {
    /// The bar in percent.
    #[must_use]
    pub const fn bar(self) -> u8 {
        match self {
            Self::Paranoid => 40,
            Self::Normal => 60,
            Self::SafeMode => 80,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back_in_any_case() {
        for bot_type in BotType::ALL {
            assert_eq!(bot_type.as_str().to_uppercase().parse(), Ok(*bot_type));
            let json = serde_json::to_string(bot_type).unwrap();
            assert_eq!(json, format!("\"{bot_type}\""));
        }
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_known_ones() {
        let error = "ddos".parse::<BotType>().unwrap_err().to_string();
        assert!(error.contains("`ddos` is no attack type"), "{error}");
        assert!(error.contains("account_takeover"), "{error}");
    }

    #[test]
    fn a_mistyped_name_is_answered_with_the_one_that_was_meant() {
        let error = "request_rat".parse::<DetectorKind>().unwrap_err();
        assert_eq!(error.meant, Some("request_rate"));
        assert_eq!(
            error.to_string(),
            "`request_rat` is no detector; did you mean `request_rate`?"
        );
    }
}

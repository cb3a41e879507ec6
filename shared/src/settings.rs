//! What an application is told about its requests: where their session key, user and role
//! stand. Not how a log spells it: that is decoding's business.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{ApplicationId, Job};

/// How many sources one list takes.
pub const MAX_SOURCES: usize = 8;

/// The longest name of a field, header, cookie or parameter, in bytes.
pub const MAX_SOURCE_NAME: usize = 64;

/// Where a value stands in a request. Written `cookie:sid`, `field:user.id`, `bearer`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum KeySource {
    /// Wherever its usual names say: what happens when nothing is set.
    Auto,
    /// The log's own field for the signed-in user.
    User,
    /// The token of `Authorization: Bearer`, as a keyed hash.
    Bearer,
    /// A field of a JSON log; dots reach into objects.
    Field(String),
    /// A request header that the log has.
    Header(String),
    /// A cookie.
    Cookie(String),
    /// A parameter of the query.
    Query(String),
}

/// What is wrong with a text that should be a source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSource {
    /// None of the kinds.
    #[error(
        "`{0}` is no source; one of: auto, user, bearer, field:NAME, header:NAME, cookie:NAME, \
         query:NAME"
    )]
    Kind(String),
    /// The name cannot be one.
    #[error("`{0}` needs a name of 1 to 64 letters, digits and signs, without spaces, , and =")]
    Name(String),
}

impl KeySource {
    /// The kind's word, and the name where it has one.
    #[must_use]
    pub fn parts(&self) -> (&'static str, Option<&str>) {
        match self {
            Self::Auto => ("auto", None),
            Self::User => ("user", None),
            Self::Bearer => ("bearer", None),
            Self::Field(name) => ("field", Some(name)),
            Self::Header(name) => ("header", Some(name)),
            Self::Cookie(name) => ("cookie", Some(name)),
            Self::Query(name) => ("query", Some(name)),
        }
    }
}

impl fmt::Display for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, name) = self.parts();
        f.write_str(kind)?;
        match name {
            Some(name) => write!(f, ":{name}"),
            None => Ok(()),
        }
    }
}

impl FromStr for KeySource {
    type Err = InvalidSource;

    fn from_str(text: &str) -> Result<Self, InvalidSource> {
        let text = text.trim();
        let shown = || text.chars().take(MAX_SOURCE_NAME).collect();
        let (kind, name) = text.split_once(':').unwrap_or((text, ""));
        let plain = match kind {
            "auto" => Some(Self::Auto),
            "user" => Some(Self::User),
            "bearer" => Some(Self::Bearer),
            _ => None,
        };
        if let Some(plain) = plain.filter(|_| kind == text) {
            return Ok(plain);
        }
        let named: fn(String) -> Self = match kind {
            "field" => Self::Field,
            "header" => |name| Self::Header(name.to_ascii_lowercase()),
            "cookie" => Self::Cookie,
            "query" => Self::Query,
            _ => return Err(InvalidSource::Kind(shown())),
        };
        if !is_name(name) {
            return Err(InvalidSource::Name(shown()));
        }
        Ok(named(name.to_owned()))
    }
}

/// How many dots a name may have: each may reach into an object.
const MAX_DOTS: usize = 4;

/// Whether a field, header, cookie or parameter of this name can be a source.
#[must_use]
pub fn is_name(name: &str) -> bool {
    (1..=MAX_SOURCE_NAME).contains(&name.len())
        && name.bytes().filter(|byte| *byte == b'.').count() <= MAX_DOTS
        && name
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b',' | b'=' | b'~'))
}

impl TryFrom<String> for KeySource {
    type Error = InvalidSource;

    fn try_from(text: String) -> Result<Self, InvalidSource> {
        text.parse()
    }
}

impl From<KeySource> for String {
    fn from(source: KeySource) -> Self {
        source.to_string()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::PartialSchema for KeySource {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        utoipa::openapi::ObjectBuilder::new()
            .schema_type(utoipa::openapi::schema::Type::String)
            .pattern(Some(
                "^(auto|user|bearer|(field|header|cookie|query):[!-~]{1,64})$",
            ))
            .into()
    }
}

#[cfg(feature = "openapi")]
impl utoipa::ToSchema for KeySource {}

/// Where session key, user and role of an application's requests stand: of each list, the
/// first source that a request has counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ApplicationSettings {
    /// Of the session key. A request that has none of them is grouped by address and user
    /// agent.
    pub session_key: Vec<KeySource>,
    /// Of the signed-in user.
    pub user: Vec<KeySource>,
    /// Of the user's role.
    pub role: Vec<KeySource>,
}

impl Default for ApplicationSettings {
    fn default() -> Self {
        Self {
            session_key: vec![KeySource::Auto],
            user: vec![KeySource::Auto],
            role: vec![KeySource::Auto],
        }
    }
}

impl ApplicationSettings {
    /// The lists, each under its name.
    #[must_use]
    pub fn lists(&self) -> [(KeyPurpose, &[KeySource]); 3] {
        KeyPurpose::ALL.map(|purpose| (purpose, self.list(purpose)))
    }

    /// The list of one purpose.
    #[must_use]
    pub fn list(&self, purpose: KeyPurpose) -> &[KeySource] {
        match purpose {
            KeyPurpose::SessionKey => &self.session_key,
            KeyPurpose::User => &self.user,
            KeyPurpose::Role => &self.role,
        }
    }

    /// The list of one purpose, to change it.
    pub fn list_mut(&mut self, purpose: KeyPurpose) -> &mut Vec<KeySource> {
        match purpose {
            KeyPurpose::SessionKey => &mut self.session_key,
            KeyPurpose::User => &mut self.user,
            KeyPurpose::Role => &mut self.role,
        }
    }

    /// The list that cannot be taken, and why: it is too long, or names a source twice.
    #[must_use]
    pub fn fault(&self) -> Option<(KeyPurpose, String)> {
        for (purpose, list) in self.lists() {
            if list.len() > MAX_SOURCES {
                return Some((purpose, format!("at most {MAX_SOURCES} sources")));
            }
            let mut rest = list.iter();
            while let Some(source) = rest.next() {
                if rest.as_slice().contains(source) {
                    return Some((purpose, format!("`{source}` is named twice")));
                }
            }
        }
        None
    }
}

/// What a source is used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum KeyPurpose {
    /// Groups requests into sessions.
    SessionKey,
    /// Says who is signed in.
    User,
    /// Says what they may do.
    Role,
}

impl KeyPurpose {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::SessionKey, Self::User, Self::Role];

    /// Its name in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SessionKey => "session_key",
            Self::User => "user",
            Self::Role => "role",
        }
    }

    /// What people call it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::SessionKey => "session key",
            Self::User => "user",
            Self::Role => "role",
        }
    }
}

/// A source that looks as if it were of use, found in an application's stored requests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeyCandidate {
    /// Where it stands.
    pub source: KeySource,
    /// What it looks like.
    pub purpose: KeyPurpose,
    /// Requests that have it.
    pub requests: u64,
    /// Their part of all requests looked at, from 0 to 1.
    pub share: f64,
    /// How many different values.
    pub values: u64,
    /// Values that came from more than one address.
    pub values_of_many_ips: u64,
    /// Whether `auto` takes it already.
    pub recognised: bool,
}

/// What was found in an application's stored requests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeyCandidates {
    /// The stored requests that were looked at: the newest million at most.
    pub examined: u64,
    /// The best of each purpose first.
    pub candidates: Vec<KeyCandidate>,
}

/// An application's settings.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SettingsDetail {
    /// The application.
    pub application_id: ApplicationId,
    /// Its name.
    pub application: String,
    /// What is set.
    pub settings: ApplicationSettings,
    /// The fields, headers and cookies that are kept of each request so that they can be
    /// sources. Others can be named as well, and count from the next import.
    pub kept: Vec<KeySource>,
    /// The newest job that judges this application again; absent if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<Job>,
}

/// What came of settings that were sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SettingsSaved {
    /// As they are set now.
    pub settings: ApplicationSettings,
    /// As they were before.
    pub former: ApplicationSettings,
    /// Judges the application again; absent if nothing has to be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<Job>,
}

/// What the fields of requests that are sent for an application are called, where that is not what
/// they are usually called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct FieldNames {
    /// `field=name`, with commas between: `ip=client.addr,time=at`. A dot reaches into an object; an
    /// empty name says that there is no such field.
    pub map: String,
}

impl FieldNames {
    /// The longest map, in bytes.
    pub const MAX_BYTES: usize = 2_000;
}

/// What settings would come to, counted over the stored requests.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SettingsPreview {
    /// The stored requests that were looked at: the newest million at most.
    pub examined: u64,
    /// The sessions that they would make.
    pub sessions: u64,
    /// The requests that a session key would group.
    pub keyed: u64,
    /// The requests that would have a user.
    pub with_user: u64,
    /// The requests that would have a role.
    pub with_role: u64,
    /// Per source of the session key, in their order: requests that it would group.
    pub by_source: Vec<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_written_as_it_is_read() {
        for text in [
            "auto",
            "user",
            "bearer",
            "field:user.id",
            "header:x-session-id",
            "cookie:PHPSESSID",
            "query:sid",
            "field:a:b",
        ] {
            let source: KeySource = text.parse().unwrap();
            assert_eq!(source.to_string(), text);
            let json = serde_json::to_string(&source).unwrap();
            assert_eq!(serde_json::from_str::<KeySource>(&json).unwrap(), source);
        }
        let header: KeySource = " header:X-Session-Id ".parse().unwrap();
        assert_eq!(header, KeySource::Header("x-session-id".to_owned()));
    }

    #[test]
    fn nonsense_is_no_source() {
        for text in [
            "",
            "sid",
            "cookie",
            "cookie:",
            "cookie:a b",
            "cookie:a,b",
            "field:a=b",
            "field:a\nb",
            "field:é",
            "field:a.a.a.a.a.a",
            "auto:x",
            "Cookie:sid",
            &format!("field:{}", "x".repeat(65)),
        ] {
            assert!(text.parse::<KeySource>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_list_names_a_source_once_and_is_short() {
        let mut settings = ApplicationSettings::default();
        assert_eq!(settings.fault(), None);
        settings.user = vec![KeySource::User, KeySource::Bearer, KeySource::User];
        let (purpose, why) = settings.fault().unwrap();
        assert_eq!(
            (purpose, why.as_str()),
            (KeyPurpose::User, "`user` is named twice")
        );
        settings.user = (0..9)
            .map(|number| KeySource::Field(number.to_string()))
            .collect();
        assert!(settings.fault().unwrap().1.contains("at most 8"));
    }
}

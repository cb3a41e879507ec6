//! Which further fields, headers and cookies of a JSON log are kept, so that they can name
//! sessions, users and roles: those called so, and those whose values come again and look like
//! keys. A handful, chosen from the first lines. Not whether they are used: an application's
//! settings say that.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use shared::{KeyPurpose, KeySource, is_name};

use super::field_map::FieldMap;
use super::names::{Field, HEADER_PREFIXES, KEPT_HEADERS};
use super::row::{find_bearer, split_cookies};
use crate::ingest::normalize::{SESSION_NAMES, is_token};
use engine::attribute::ROLE_NAMES;

/// How many sources are kept of one application besides those that its settings name.
pub const MAX_KEPT: usize = 8;

/// How many lines are looked at.
const LINES: usize = 200;

/// How deep objects are looked into.
const DEPTH: usize = 3;

/// Further names of session keys, in lower case without `-` and `_`.
const VISITOR_NAMES: &[&str] = &[
    "visitorid",
    "visitor",
    "deviceid",
    "clientid",
    "anonymousid",
];

/// Names of users, in the same spelling.
const USER_NAMES: &[&str] = &[
    "account",
    "accountid",
    "accountname",
    "customer",
    "customerid",
    "email",
    "login",
    "member",
    "memberid",
    "principal",
    "subject",
    "uid",
    "user",
    "userid",
    "useremail",
    "username",
];

/// What a source of this name is for, if its name says so.
#[must_use]
pub fn purpose_of(source: &KeySource) -> Option<KeyPurpose> {
    let name = match source {
        KeySource::User => return Some(KeyPurpose::User),
        KeySource::Bearer => return Some(KeyPurpose::SessionKey),
        _ => source.parts().1?,
    };
    let fold = |name: &str| -> String {
        name.chars()
            .filter(|character| !matches!(character, '-' | '_'))
            .map(|character| character.to_ascii_lowercase())
            .collect()
    };
    let last = name.rsplit('.').next().unwrap_or(name);
    let (last, whole) = (fold(last), fold(name));
    let is_one = |names: &[&str]| {
        let mut names = names.iter();
        names.any(|name| *name == last || *name == whole || whole.strip_prefix('x') == Some(name))
    };
    if is_one(SESSION_NAMES) || is_one(VISITOR_NAMES) || whole == "session.id" {
        Some(KeyPurpose::SessionKey)
    } else if is_one(ROLE_NAMES) {
        Some(KeyPurpose::Role)
    } else if is_one(USER_NAMES) || whole == "user.id" || whole == "user.name" {
        Some(KeyPurpose::User)
    } else {
        None
    }
}

/// What of a JSON log is worth keeping, as the beginning of it says; the best first.
#[must_use]
pub(super) fn find_kept(head: &[u8], fields: &FieldMap) -> Vec<KeySource> {
    let mut seen = Seen::default();
    for line in head.split(|byte| *byte == b'\n').take(LINES) {
        let begin = memchr::memchr(b'{', line).unwrap_or(0);
        let Ok(Value::Object(object)) = serde_json::from_slice(&line[begin..]) else {
            continue;
        };
        seen.look_into(&Value::Object(object), fields, &mut Vec::new());
    }
    seen.best()
}

/// The values of each source so far.
#[derive(Default)]
struct Seen {
    sources: BTreeMap<KeySource, Values>,
}

#[derive(Default)]
struct Values {
    count: usize,
    distinct: BTreeSet<String>,
    /// Whether all of them look like a key.
    tokens: bool,
}

impl Seen {
    fn look_into<'v>(&mut self, value: &'v Value, fields: &FieldMap, path: &mut Vec<&'v str>) {
        match value {
            Value::Object(object) if path.len() < DEPTH => {
                for (name, value) in object {
                    path.push(name);
                    self.look_into(value, fields, path);
                    path.pop();
                }
            }
            Value::Array(items) => {
                if let Some(first) = items.first().filter(|first| !first.is_array()) {
                    self.look_into(first, fields, path);
                }
            }
            Value::String(text) => self.note(path, text, fields),
            Value::Number(number) if number.is_i64() => {
                self.note(path, &number.to_string(), fields);
            }
            _ => {}
        }
    }

    fn note(&mut self, path: &[&str], value: &str, fields: &FieldMap) {
        match fields.field(path) {
            Some(Field::Cookie) => {
                for (name, value) in split_cookies(value).filter(|(name, _)| is_name(name)) {
                    self.add(KeySource::Cookie(name.to_owned()), value);
                }
            }
            Some(Field::Authorization) => {
                if let Some(token) = find_bearer(value) {
                    self.add(KeySource::Bearer, token);
                }
            }
            Some(Field::Wrapped) if value.trim_start().starts_with('{') => {
                if let Ok(inner) = serde_json::from_str::<Value>(value) {
                    self.look_into(&inner, fields, &mut Vec::new());
                }
            }
            // The log's user field is kept anyway.
            None | Some(Field::Session) => {
                if let Some(source) = source_of(&path.join(".")) {
                    self.add(source, value);
                }
            }
            Some(_) => {}
        }
    }

    fn add(&mut self, source: KeySource, value: &str) {
        let is_new = !self.sources.contains_key(&source);
        let values = self.sources.entry(source).or_default();
        if matches!(value.trim(), "" | "-") {
            return;
        }
        values.tokens = is_token(value) && (is_new || values.count == 0 || values.tokens);
        values.count += 1;
        values.distinct.insert(value.to_owned());
    }

    fn best(self) -> Vec<KeySource> {
        let mut best: Vec<(bool, usize, KeySource)> = Vec::new();
        for (source, values) in self.sources {
            let is_named = purpose_of(&source).is_some();
            let repeats = values.count - values.distinct.len();
            let is_key = values.tokens && values.distinct.len() >= 2 && repeats * 4 >= values.count;
            if is_named || is_key {
                best.push((!is_named, usize::MAX - repeats, source));
            }
        }
        best.sort_unstable();
        best.truncate(MAX_KEPT);
        best.into_iter().map(|(_, _, source)| source).collect()
    }
}

/// The source that a field of this name is; `None` for one that says nothing of its sender.
fn source_of(name: &str) -> Option<KeySource> {
    let lower = name.to_ascii_lowercase();
    // `request_` is as often the beginning of what is no header.
    let prefixes = HEADER_PREFIXES
        .iter()
        .filter(|prefix| **prefix != "request_");
    for prefix in prefixes {
        if let Some(header) = lower.strip_prefix(prefix) {
            let header = header.replace('_', "-");
            let is_kept = KEPT_HEADERS.contains(&header.as_str());
            return (!is_kept && is_name(&header)).then_some(KeySource::Header(header));
        }
    }
    if lower.starts_with("cookie_") {
        let cookie = &name["cookie_".len()..];
        return is_name(cookie).then(|| KeySource::Cookie(cookie.to_owned()));
    }
    is_name(name).then(|| KeySource::Field(name.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(lines: &[String]) -> Vec<String> {
        let head = lines.join("\n");
        let kept = find_kept(head.as_bytes(), &FieldMap::default());
        kept.iter().map(ToString::to_string).collect()
    }

    /// A key of twenty digits and letters.
    fn key(number: usize) -> String {
        format!(
            "k{:016x}z9q",
            (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)
        )
    }

    #[test]
    fn what_is_called_like_a_key_is_kept_and_so_is_what_looks_like_one() {
        let lines: Vec<String> = (0..60)
            .map(|line| {
                format!(
                    r#"{{"time":"2026-11-22T13:35:24Z","ip":"192.0.2.7","method":"GET","path":"/",
                    "request_id":"{}","trail":"{}","cache":"HIT","took":12,"sid":"","role":"admin",
                    "customer":{{"email":"ann@example.com"}},"http_x_tenant_key":"{}",
                    "http_cookie":"theme=dark; cart={}; é=1","http_authorization":"Bearer {}"}}"#,
                    key(1000 + line),
                    key(line % 9),
                    key(line % 3),
                    key(line % 7),
                    key(line % 5),
                )
                .replace('\n', "")
            })
            .collect();
        assert_eq!(
            kept(&lines),
            [
                "field:customer.email",
                "field:role",
                "bearer",
                "field:sid",
                "header:x-tenant-key",
                "cookie:cart",
                "field:trail",
            ]
        );
    }

    #[test]
    fn of_a_plain_log_nothing_is_kept() {
        let line = r#"{"time":"2026-11-22T13:35:24Z","remote_addr":"192.0.2.7","method":"GET","request_uri":"/a","status":200,"upstream_addr":"10.0.0.1:8080","request_id":"x","connection":17}"#;
        assert_eq!(kept(&vec![line.to_owned(); 50]), [""; 0]);
        assert_eq!(
            kept(&["192.0.2.7 - - [x] \"GET / HTTP/1.1\" 200 1".to_owned()]),
            [""; 0]
        );
        assert_eq!(kept(&["{".repeat(5000), "[1]".to_owned()]), [""; 0]);
    }

    #[test]
    fn only_a_handful_is_kept() {
        let fields = |line: usize| -> Vec<String> {
            let field = |field: usize| format!(r#""f{field}":"{}""#, key(field * 100 + line % 5));
            (0..30).map(field).collect()
        };
        let lines: Vec<String> = (0..50)
            .map(|line| format!("{{{}}}", fields(line).join(",")))
            .collect();
        assert_eq!(kept(&lines).len(), MAX_KEPT);
    }
}

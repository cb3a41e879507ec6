//! Session key, user and role of stored requests by an application's settings. What a log
//! had to say about them is kept in each request (user, query, headers, and *facts*: lines
//! `source=value` of further fields), so that other settings can be applied to it later. Pure.

use rustc_hash::FxHashMap;
use shared::{ApplicationSettings, KeySource};

use super::hash_session_key;
use crate::request::{Batch, Request, TextId};

/// Names of fields, headers and cookies that hold a role, in lower case without `-` and `_`.
pub const ROLE_NAMES: &[&str] = &["role", "roles", "userrole", "userroles"];

/// Values that say "none".
const NOTHING: &[&str] = &["", "-", "null", "undefined", "none", "(null)", "~"];

/// The facts of a request: each source with its value.
pub fn facts(lines: &str) -> impl Iterator<Item = (&str, &str)> {
    lines.lines().filter_map(|line| line.split_once('='))
}

/// Whether the keys of a batch as it was stored are already those that `settings` say: where
/// nothing is set, and no fact can say more than the usual names did.
#[must_use]
pub fn are_keys_resolved(settings: &ApplicationSettings, batch: &Batch) -> bool {
    let mut requests = batch.requests.iter();
    *settings == ApplicationSettings::default()
        && requests.all(|request| request.facts == TextId::EMPTY)
}

/// Sets session key, user and role of every request as `settings` say. The batch must be as it
/// was stored: what is set here replaces what the log's usual names gave.
pub fn resolve_keys(settings: &ApplicationSettings, batch: &mut Batch) {
    if are_keys_resolved(settings, batch) {
        for request in &mut batch.requests {
            request.key_source = u8::from(request.session_key != 0);
        }
        return;
    }
    let mut requests = std::mem::take(&mut batch.requests);
    let mut session_keys = Finder::new(&settings.session_key);
    let mut users = Finder::new(&settings.user);
    let mut roles = Finder::new(&settings.role);
    for request in &mut requests {
        let session = session_keys.find(batch, request, |batch, source, value| match source {
            KeySource::Auto => (request.session_key != 0).then_some(request.session_key),
            _ => find(batch, request, source, value).then(|| hash_session_key(value)),
        });
        let user = users.find(batch, request, |batch, source, value| match source {
            KeySource::Auto | KeySource::User => is_there(request.user),
            _ => find(batch, request, source, value).then(|| batch.texts.intern(value)),
        });
        let role = roles.find(batch, request, |batch, source, value| {
            let is_found = match source {
                KeySource::Auto => find_role(batch.text(request.facts), value),
                _ => find(batch, request, source, value),
            };
            is_found.then(|| batch.texts.intern(value))
        });
        (request.key_source, request.session_key) = session.unwrap_or_default();
        request.user = user.map_or(TextId::EMPTY, |(_, user)| user);
        request.role = role.map_or(TextId::EMPTY, |(_, role)| role);
    }
    batch.requests = requests;
}

/// The source of `settings` that gave a request its session key, once they were applied;
/// `None` where address and user agent group it.
#[must_use]
pub fn session_key_source<'s>(
    settings: &'s ApplicationSettings,
    request: &Request,
) -> Option<&'s KeySource> {
    let place = usize::from(request.key_source).checked_sub(1)?;
    settings.session_key.get(place)
}

/// What `source` says in a request as it was stored; `None` if it says nothing. For those who
/// look for sources; of [`KeySource::Auto`] nothing is known but what it is for.
#[must_use]
pub fn find_value(batch: &Batch, request: &Request, source: &KeySource) -> Option<String> {
    let mut value = String::new();
    find(batch, request, source, &mut value).then_some(value)
}

/// What a value depends on: facts, headers, query, user, and the session key as it was stored.
type Known = (TextId, TextId, TextId, TextId, u64);

/// Goes through one list of sources; the same request is looked at once.
struct Finder<'s, T> {
    sources: &'s [KeySource],
    /// Whether sources read facts, headers, queries, users, session keys.
    reads: [bool; 5],
    /// By what they read: the source's place, from 1, and the value.
    found: FxHashMap<Known, Option<(u8, T)>>,
    scratch: String,
}

impl<'s, T: Copy> Finder<'s, T> {
    fn new(sources: &'s [KeySource]) -> Self {
        let any = |does: fn(&KeySource) -> bool| sources.iter().any(does);
        Self {
            sources,
            reads: [
                any(|source| !matches!(source, KeySource::User | KeySource::Query(_))),
                any(|source| matches!(source, KeySource::Header(_))),
                any(|source| matches!(source, KeySource::Query(_))),
                any(|source| matches!(source, KeySource::Auto | KeySource::User)),
                any(|source| matches!(source, KeySource::Auto)),
            ],
            found: FxHashMap::default(),
            scratch: String::new(),
        }
    }

    fn find(
        &mut self,
        batch: &mut Batch,
        request: &Request,
        mut value: impl FnMut(&mut Batch, &KeySource, &mut String) -> Option<T>,
    ) -> Option<(u8, T)> {
        let [facts, headers, queries, users, session_keys] = self.reads;
        let text = |reads, text| if reads { text } else { TextId::EMPTY };
        let known = (
            text(facts, request.facts),
            text(headers, request.headers),
            text(queries, request.query),
            text(users, request.user),
            if session_keys { request.session_key } else { 0 },
        );
        if let Some(found) = self.found.get(&known) {
            return *found;
        }
        let found = (1u8..)
            .zip(self.sources)
            .find_map(|(place, source)| Some((place, value(batch, source, &mut self.scratch)?)));
        self.found.insert(known, found);
        found
    }
}

fn is_there(text: TextId) -> Option<TextId> {
    (text != TextId::EMPTY).then_some(text)
}

/// Writes what `source` says to `value` and returns whether it says something.
fn find(batch: &Batch, request: &Request, source: &KeySource, value: &mut String) -> bool {
    let found = match source {
        KeySource::Auto => None,
        KeySource::User => Some(batch.text(request.user)),
        KeySource::Query(name) => find_parameter(batch.text(request.query), name),
        KeySource::Header(name) => find_header(batch.text(request.headers), name)
            .or_else(|| find_fact(batch.text(request.facts), source)),
        KeySource::Bearer | KeySource::Field(_) | KeySource::Cookie(_) => {
            find_fact(batch.text(request.facts), source)
        }
    };
    let Some(found) = found
        .map(str::trim)
        .filter(|found| !NOTHING.contains(found))
    else {
        return false;
    };
    value.clear();
    value.push_str(found);
    true
}

fn find_fact<'a>(lines: &'a str, source: &KeySource) -> Option<&'a str> {
    let (kind, name) = source.parts();
    let is_same = |label: &str| match (label.split_once(':'), name) {
        (None, None) => label == kind,
        (Some((label_kind, label_name)), Some(name)) if label_kind == kind => {
            // Whoever writes a setting by hand may spell a field otherwise than the log does.
            label_name == name || (kind != "cookie" && label_name.eq_ignore_ascii_case(name))
        }
        _ => false,
    };
    facts(lines)
        .find(|(label, _)| is_same(label))
        .map(|(_, value)| value)
}

fn find_header<'a>(lines: &'a str, name: &str) -> Option<&'a str> {
    let mut headers = lines.lines().filter_map(|line| line.split_once(':'));
    headers
        .find(|(header, _)| header.trim().eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

fn find_parameter<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .find(|(parameter, _)| *parameter == name)
        .map(|(_, value)| value)
}

/// The first fact that is called like a role.
fn find_role(lines: &str, value: &mut String) -> bool {
    let role = facts(lines).find(|(label, value)| is_role(label) && !NOTHING.contains(value));
    let Some((_, role)) = role else {
        return false;
    };
    value.clear();
    value.push_str(role);
    true
}

/// Whether the last part of a source's name is one of [`ROLE_NAMES`].
fn is_role(label: &str) -> bool {
    let last = label.rsplit([':', '.']).next().unwrap_or(label);
    let folded = last.bytes().filter(|byte| !matches!(byte, b'-' | b'_'));
    let folded: Vec<u8> = folded.map(|byte| byte.to_ascii_lowercase()).collect();
    ROLE_NAMES.iter().any(|name| name.as_bytes() == folded)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(session_key: &[&str], user: &[&str], role: &[&str]) -> ApplicationSettings {
        let list = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
        ApplicationSettings {
            session_key: list(session_key),
            user: list(user),
            role: list(role),
        }
    }

    fn batch() -> Batch {
        let mut batch = Batch::default();
        let request = Request {
            session_key: 77,
            user: batch.texts.intern("ann"),
            query: batch.texts.intern("page=2&sid=~0123abcd&empty="),
            headers: batch.texts.intern("accept: */*\nx-tenant: acme"),
            facts: batch
                .texts
                .intern("bearer=~99\ncookie:sid=~42\nfield:User.Role=admin\nfield:nil=-"),
            ..Request::default()
        };
        batch.requests = vec![request, Request::default()];
        batch
    }

    #[track_caller]
    fn check(settings: &ApplicationSettings, key: Option<(&str, u64)>, user: &str, role: &str) {
        let mut batch = batch();
        resolve_keys(settings, &mut batch);
        let request = batch.requests[0];
        let source = session_key_source(settings, &request).map(ToString::to_string);
        let found = source
            .as_deref()
            .map(|source| (source, request.session_key));
        assert_eq!(found, key);
        assert_eq!(
            (batch.text(request.user), batch.text(request.role)),
            (user, role)
        );
        assert_eq!(batch.requests[1], Request::default());
    }

    #[test]
    fn without_settings_the_usual_names_count() {
        let auto = ApplicationSettings::default();
        check(&auto, Some(("auto", 77)), "ann", "admin");
    }

    #[test]
    fn nothing_named_is_nothing_found() {
        check(&settings(&[], &[], &[]), None, "", "");
    }

    #[test]
    fn the_first_source_that_a_request_has_counts() {
        let hash = hash_session_key;
        for (sources, source, key) in [
            (&["cookie:sid", "auto"][..], "cookie:sid", hash("~42")),
            (&["field:nil", "cookie:SID", "auto"], "auto", 77),
            (
                &["query:empty", "query:sid"],
                "query:sid",
                hash("~0123abcd"),
            ),
            (&["header:x-tenant"], "header:x-tenant", hash("acme")),
            (&["bearer", "user"], "bearer", hash("~99")),
            (&["header:x-none", "user"], "user", hash("ann")),
        ] {
            check(&settings(sources, &[], &[]), Some((source, key)), "", "");
        }
        let other = settings(&[], &["field:nil", "header:x-tenant"], &["query:page"]);
        check(&other, None, "acme", "2");
        check(&settings(&[], &[], &["field:user.role"]), None, "", "admin");
    }
}

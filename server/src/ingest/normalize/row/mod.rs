//! One request as a decoder found it, and its way into a batch.

use std::fmt::Write;

use engine::attribute::{ROLE_NAMES, hash_session_key};
use engine::{Address, Batch, Request, TextId};

use super::secrets::{
    Protection, is_token, push_hashed, push_redacted_headers, push_redacted_path,
    push_redacted_query,
};
use super::target::{split_target, split_userinfo, strip_port};
use super::text::{Escapes, clean};
use super::{
    MAX_FACT, MAX_HEADERS, MAX_HOST, MAX_METHOD, MAX_PATH, MAX_PROTOCOL, MAX_QUERY, MAX_REFERER,
    MAX_USER, MAX_USER_AGENT,
};

/// The fields of one request as they stand in the log. Empty and `-` mean "not there".
#[derive(Debug, Clone, Copy, Default)]
pub struct Row<'a> {
    /// Milliseconds since 1970-01-01 UTC.
    pub at: i64,
    pub address: Address,
    /// `GET /path HTTP/1.1`. If it is there, method, target and protocol are not looked at.
    pub request_line: Option<&'a [u8]>,
    pub method: &'a [u8],
    pub target: &'a [u8],
    /// A query that the log keeps apart from the target, without `?`.
    pub query: &'a [u8],
    pub protocol: &'a [u8],
    pub host: &'a [u8],
    /// 0 where the log has none.
    pub status: u16,
    pub response_bytes: Option<u64>,
    pub request_bytes: Option<u64>,
    pub time_us: Option<u32>,
    pub user_agent: &'a [u8],
    pub referer: &'a [u8],
    pub user: &'a [u8],
    pub session: &'a [u8],
    /// Further headers as `name: value` lines, already clean.
    pub headers: &'a str,
    /// What else may be a session key, user or role, by source.
    pub facts: &'a [Fact<'a>],
    pub blocked: bool,
}

/// A value that is kept so that it can be a session key, user or role.
#[derive(Debug, Clone, Copy)]
pub struct Fact<'a> {
    /// Where it stood, as [`shared::KeySource`] is written.
    pub source: &'a str,
    /// Whether it is a secret whatever it looks like.
    pub is_secret: bool,
    /// The value as it stood there.
    pub value: &'a [u8],
}

/// Cleans rows and appends them to batches. Holds only what saves allocations.
#[derive(Debug)]
pub struct Normalizer {
    by: Protection,
    /// For a text that must be rewritten, and for one made of two.
    scratch: String,
    rewritten: String,
}

impl Normalizer {
    /// A normalizer that keeps what `by` says as hashes.
    #[must_use]
    pub fn new(by: impl Into<Protection>) -> Self {
        Self {
            by: by.into(),
            scratch: String::new(),
            rewritten: String::new(),
        }
    }

    /// Appends `row` to `batch`.
    pub fn push(&mut self, row: &Row<'_>, escapes: Escapes, batch: &mut Batch) {
        let mut request = Request {
            at: row.at,
            address: row.address,
            response_bytes: row.response_bytes,
            request_bytes: row.request_bytes,
            time_us: row.time_us,
            status: row.status,
            blocked: row.blocked,
            ..Request::default()
        };
        let mut headers = row.headers;
        if self.by.has_names() {
            self.rewritten.clear();
            push_redacted_headers(row.headers, &self.by, &mut self.rewritten);
            headers = &self.rewritten;
        }
        let end = headers.floor_char_boundary(MAX_HEADERS);
        request.headers = batch.texts.intern(&headers[..end]);
        self.intern_host(row.host, escapes, batch, &mut request);
        match row
            .request_line
            .map(|line| (line, split_request_line(line)))
        {
            Some((line, None)) => {
                request.path = self.intern(line, escapes, MAX_PATH, batch, |it| it.path);
            }
            Some((_, Some((method, target, protocol)))) => {
                request.method = self.intern(method, escapes, MAX_METHOD, batch, |it| it.method);
                request.protocol =
                    self.intern(protocol, escapes, MAX_PROTOCOL, batch, |it| it.protocol);
                self.intern_target(target, b"", escapes, batch, &mut request);
            }
            None => {
                if is_method(row.method) {
                    request.method =
                        self.intern(row.method, escapes, MAX_METHOD, batch, |it| it.method);
                }
                request.protocol =
                    self.intern(row.protocol, escapes, MAX_PROTOCOL, batch, |it| it.protocol);
                self.intern_target(row.target, row.query, escapes, batch, &mut request);
            }
        }
        request.user_agent = self.intern(row.user_agent, escapes, MAX_USER_AGENT, batch, |it| {
            it.user_agent
        });
        request.user = self.intern_user(row.user, escapes, batch);
        request.referer = self.intern_referer(row.referer, escapes, batch);
        if !is_absent(row.session) {
            let session = String::from_utf8_lossy(row.session);
            request.session_key = if self.by.hashes_session_keys {
                // The hash of a short key alone could be guessed back.
                self.rewritten.clear();
                push_hashed(session.as_bytes(), &self.by.key, &mut self.rewritten);
                hash_session_key(&self.rewritten)
            } else {
                hash_session_key(&session)
            };
        }
        if !row.facts.is_empty() {
            request.facts = self.intern_facts(row.facts, escapes, batch);
        }
        batch.requests.push(request);
    }

    fn intern_facts(&mut self, facts: &[Fact<'_>], escapes: Escapes, batch: &mut Batch) -> TextId {
        self.rewritten.clear();
        for fact in facts.iter().filter(|fact| !is_absent(fact.value)) {
            if !self.rewritten.is_empty() {
                self.rewritten.push('\n');
            }
            self.rewritten.push_str(fact.source);
            self.rewritten.push('=');
            let value = clean(fact.value, escapes, MAX_FACT, &mut self.scratch);
            let name = fact.source.split_once(':').map_or("", |(_, name)| name);
            // A role says nothing of a person; whatever else is kept may be a key or a user.
            let is_personal = self.by.hashes_session_keys && !is_role(name);
            if fact.is_secret || is_token(value) || is_personal || self.by.is_chosen(name) {
                // All of it counts, also what would not be shown.
                push_hashed(fact.value, &self.by.key, &mut self.rewritten);
            } else {
                self.rewritten.push_str(value);
            }
        }
        batch.texts.intern(&self.rewritten)
    }

    fn intern_user(&mut self, bytes: &[u8], escapes: Escapes, batch: &mut Batch) -> TextId {
        let is_hashed = self.by.hashes_session_keys || self.by.is_chosen("user");
        if !is_hashed || is_absent(bytes) {
            return self.intern(bytes, escapes, MAX_USER, batch, |it| it.user);
        }
        self.rewritten.clear();
        push_hashed(bytes, &self.by.key, &mut self.rewritten);
        batch.texts.intern(&self.rewritten)
    }

    /// The text of a column, of which the last row has `column`.
    fn intern(
        &mut self,
        bytes: &[u8],
        escapes: Escapes,
        limit: usize,
        batch: &mut Batch,
        column: impl Fn(&Request) -> TextId,
    ) -> TextId {
        if is_absent(bytes) {
            return TextId::EMPTY;
        }
        if let Some(same) = same_as_last(bytes, batch, column) {
            return same;
        }
        batch
            .texts
            .intern(clean(bytes, escapes, limit, &mut self.scratch))
    }

    fn intern_host(
        &mut self,
        bytes: &[u8],
        escapes: Escapes,
        batch: &mut Batch,
        request: &mut Request,
    ) {
        // nginx writes `_` for its catch-all server.
        if is_absent(bytes) || bytes == b"_" {
            return;
        }
        let host = strip_port(clean(bytes, escapes, MAX_HOST, &mut self.scratch));
        request.host = intern_lower(host, &mut self.rewritten, batch);
    }

    fn intern_target(
        &mut self,
        target: &[u8],
        query: &[u8],
        escapes: Escapes,
        batch: &mut Batch,
        request: &mut Request,
    ) {
        if is_absent(target) && is_absent(query) {
            return;
        }
        // Room for both and for a host: the parts are cut one by one below.
        let limit = MAX_PATH + MAX_QUERY + MAX_HOST;
        let target = split_target(clean(target, escapes, limit, &mut self.scratch));
        if let Some(host) = target.host {
            let host = strip_port(host);
            let host = &host[..host.floor_char_boundary(MAX_HOST)];
            request.host = intern_lower(host, &mut self.rewritten, batch);
        }
        let mut path = target.path;
        if memchr::memchr(b';', path.as_bytes()).is_some() {
            self.rewritten.clear();
            push_redacted_path(path, &self.by, &mut self.rewritten);
            path = &self.rewritten;
        }
        request.path = batch
            .texts
            .intern(&path[..path.floor_char_boundary(MAX_PATH)]);
        if !target.query.is_empty() {
            request.query = intern_query(target.query, &self.by, &mut self.rewritten, batch);
        } else if !is_absent(query) {
            let query = clean(query, escapes, MAX_QUERY, &mut self.scratch);
            let query = query.strip_prefix('?').unwrap_or(query);
            request.query = intern_query(query, &self.by, &mut self.rewritten, batch);
        }
    }

    fn intern_referer(&mut self, bytes: &[u8], escapes: Escapes, batch: &mut Batch) -> TextId {
        if is_absent(bytes) {
            return TextId::EMPTY;
        }
        let is_kept = |text: &[u8]| memchr::memchr2(b'=', b'@', text).is_none();
        if is_kept(bytes)
            && let Some(same) = same_as_last(bytes, batch, |it| it.referer)
        {
            return same;
        }
        let referer = clean(bytes, escapes, MAX_REFERER, &mut self.scratch);
        if is_kept(referer.as_bytes()) {
            return batch.texts.intern(referer);
        }
        self.rewritten.clear();
        let (start, rest) = split_userinfo(referer).unwrap_or(("", referer));
        self.rewritten.push_str(start);
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        push_redacted_path(path, &self.by, &mut self.rewritten);
        if path.len() < rest.len() {
            self.rewritten.push('?');
            push_redacted_query(query, &self.by, &mut self.rewritten);
        }
        let end = self.rewritten.floor_char_boundary(MAX_REFERER);
        batch.texts.intern(&self.rewritten[..end])
    }
}

/// The text that the last row has in a column, if these bytes are the same and would be cleaned to
/// themselves: what has no backslash is. Mostly they are, and need not be looked for.
fn same_as_last(
    bytes: &[u8],
    batch: &Batch,
    column: impl Fn(&Request) -> TextId,
) -> Option<TextId> {
    let last = column(batch.requests.last()?);
    let is_same = batch.text(last).as_bytes() == bytes;
    (is_same && memchr::memchr(b'\\', bytes).is_none()).then_some(last)
}

fn intern_query(query: &str, by: &Protection, rewritten: &mut String, batch: &mut Batch) -> TextId {
    if memchr::memchr(b'=', query.as_bytes()).is_none() {
        return batch
            .texts
            .intern(&query[..query.floor_char_boundary(MAX_QUERY)]);
    }
    rewritten.clear();
    push_redacted_query(query, by, rewritten);
    let end = rewritten.floor_char_boundary(MAX_QUERY);
    batch.texts.intern(&rewritten[..end])
}

fn intern_lower(text: &str, rewritten: &mut String, batch: &mut Batch) -> TextId {
    if !text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return batch.texts.intern(text);
    }
    rewritten.clear();
    write!(rewritten, "{text}").expect("writing to a string does not fail");
    rewritten.make_ascii_lowercase();
    batch.texts.intern(rewritten)
}

/// Whether a source of this name says a role.
fn is_role(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or(name).to_ascii_lowercase();
    ROLE_NAMES.contains(&last.as_str())
}

fn is_absent(bytes: &[u8]) -> bool {
    bytes.is_empty() || bytes == b"-"
}

/// Whether `bytes` can be a method: letters, `-` and `_`, in capitals.
fn is_method(bytes: &[u8]) -> bool {
    (1..=MAX_METHOD).contains(&bytes.len())
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_uppercase() || matches!(byte, b'-' | b'_'))
        && bytes != b"-"
}

/// `GET /path HTTP/1.1` in its parts; `None` if it is no request line. The target may contain
/// spaces, and the protocol may be missing.
fn split_request_line(line: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let space = memchr::memchr(b' ', line)?;
    let (method, rest) = (&line[..space], &line[space + 1..]);
    if !is_method(method) || rest.is_empty() {
        return None;
    }
    match memchr::memrchr(b' ', rest) {
        Some(last) if rest[last + 1..].starts_with(b"HTTP/") => {
            Some((method, &rest[..last], &rest[last + 1..]))
        }
        _ => Some((method, rest, b"")),
    }
}

#[cfg(test)]
mod tests;

//! Requests for paths and payloads that only a scanner sends. One request at a time: whether
//! there are many, and what was answered, is judged elsewhere.
//!
//! Two tiers. *Decisive*: no browser, crawler or program that has business with the site ever
//! sends it. *Indicative*: it can also be an owner, a curious visitor or a broken link; many of
//! them, or answers 404, make the case. What a person may type into a search field is never
//! decisive, and neither is what a referring page's address holds of somebody else's search.

mod decode;
mod paths;
mod payloads;
mod protocol;
mod targets;
#[cfg(test)]
mod tests;

use crate::attribute::words::Words;
use decode::{decode, is_plain};
use std::sync::LazyLock;

/// What a probe is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ProbeKind {
    /// A path that is known to be exploitable in some product.
    KnownExploit,
    /// Files with keys, passwords or source code.
    SecretFile,
    /// A web shell that somebody else may have left.
    WebShell,
    /// Leaving the site's folder (`../../etc/passwd`).
    PathTraversal,
    /// Commands of an operating system or a programming language.
    CodeInjection,
    /// SQL in a parameter.
    SqlInjection,
    /// A script in a parameter.
    CrossSiteScripting,
    /// Expressions that a template engine or logger would evaluate.
    TemplateInjection,
    /// Addresses that only the server itself can reach.
    RequestForgery,
    /// Using the server as a proxy.
    OpenProxy,
    /// Something that is not HTTP, or a method of no browser.
    Protocol,
    /// Sign-in pages and consoles of administration.
    Administration,
    /// What version, which users.
    Enumeration,
}

impl ProbeKind {
    /// The name that people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::KnownExploit => "Known exploit",
            Self::SecretFile => "Secret file",
            Self::WebShell => "Web shell",
            Self::PathTraversal => "Path traversal",
            Self::CodeInjection => "Code injection",
            Self::SqlInjection => "SQL injection",
            Self::CrossSiteScripting => "Cross-site scripting",
            Self::TemplateInjection => "Template injection",
            Self::RequestForgery => "Server-side request forgery",
            Self::OpenProxy => "Open proxy",
            Self::Protocol => "Foreign protocol",
            Self::Administration => "Administration",
            Self::Enumeration => "Enumeration",
        }
    }
}

/// A request that only a scanner sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Probe {
    /// What it is for.
    pub kind: ProbeKind,
    /// Whether no legitimate client ever sends it.
    pub decisive: bool,
    /// What exactly, e.g. `.env file`.
    pub name: &'static str,
}

impl Probe {
    const fn decisive(kind: ProbeKind, name: &'static str) -> Self {
        Self {
            kind,
            decisive: true,
            name,
        }
    }

    const fn indicative(kind: ProbeKind, name: &'static str) -> Self {
        Self {
            kind,
            decisive: false,
            name,
        }
    }

    /// The same, as it is where people may have typed it.
    const fn weakened(self) -> Self {
        Self {
            decisive: false,
            ..self
        }
    }
}

static TARGETS: LazyLock<Words<Probe>> = LazyLock::new(|| Words::new(targets::all()));
static PAYLOADS: LazyLock<Words<Probe>> = LazyLock::new(|| Words::new(payloads::all()));

/// Makes the tables.
pub(super) fn prepare() {
    LazyLock::force(&TARGETS);
    LazyLock::force(&PAYLOADS);
}

/// Parameters whose values people type: a search for `/etc/passwd` is a search.
const TYPED: [&str; 22] = [
    "q",
    "s",
    "search",
    "query",
    "keyword",
    "keywords",
    "k",
    "term",
    "text",
    "title",
    "message",
    "comment",
    "sql",
    "sql_query",
    "code",
    "filter",
    "find",
    "body",
    "content",
    "subject",
    "name",
    "w",
];

/// Finds the probe in a request: the first decisive one, else the first indicative one.
///
/// `path` is the path asked for, or the whole request line where it was no HTTP and `method`
/// is empty.
#[must_use]
pub fn probe(
    method: &str,
    path: &str,
    query: &str,
    user_agent: &str,
    referer: &str,
) -> Option<Probe> {
    let mut best = None;
    consider(&mut best, protocol::find(method, path));
    consider(&mut best, targets::with_query(method, path, query));
    if !is_decisive(best) {
        in_path(path, user_agent, &mut best);
    }
    if !is_decisive(best) {
        in_query(query, &mut best);
    }
    for (header, is_typed) in [(user_agent, false), (referer, true)] {
        if !is_decisive(best) {
            consider(&mut best, in_header(header, is_typed));
        }
    }
    best
}

fn is_decisive(probe: Option<Probe>) -> bool {
    probe.is_some_and(|probe| probe.decisive)
}

fn consider(best: &mut Option<Probe>, found: Option<Probe>) {
    if best.is_none() || (!is_decisive(*best) && is_decisive(found)) {
        *best = found.or(*best);
    }
}

fn in_path(path: &str, user_agent: &str, best: &mut Option<Probe>) {
    let decoded = decode(path);
    for (place, target) in TARGETS.find_all(&decoded.text) {
        let target = targets::in_context(&decoded.text, place, target, user_agent);
        consider(best, target);
    }
    consider(best, targets::traversal(path, &decoded.text));
    if !is_plain_path(&decoded.text) {
        for (_, payload) in PAYLOADS.find_all(&decoded.text) {
            // Titles become paths: a page may be about a command.
            let is_title = matches!(
                payload.kind,
                ProbeKind::CodeInjection | ProbeKind::SqlInjection
            ) && !decoded.text.contains(['\'', '"', '$', '`', '<']);
            let payload = if is_title {
                payload.weakened()
            } else {
                payload
            };
            consider(best, Some(payload));
        }
    }
}

fn in_query(query: &str, best: &mut Option<Probe>) {
    if query.is_empty() {
        return;
    }
    for pair in query.split('&').take(MAX_PARAMETERS) {
        let (key, value) = pair.split_once('=').unwrap_or(("", pair));
        if is_plain(pair) {
            continue;
        }
        let is_typed = TYPED.iter().any(|typed| typed.eq_ignore_ascii_case(key));
        let decoded = decode(pair);
        let found = PAYLOADS
            .find_all(&decoded.text)
            .map(|(_, payload)| payload)
            .chain(payloads::by_structure(&decode(value).text));
        for payload in found {
            let payload = if is_typed {
                payload.weakened()
            } else {
                payload
            };
            consider(best, Some(payload));
        }
    }
}

/// More parameters than that are not looked at.
const MAX_PARAMETERS: usize = 64;

fn in_header(header: &str, is_typed: bool) -> Option<Probe> {
    if !header
        .bytes()
        .any(|b| matches!(b, b'$' | b'<' | b'\'' | b'`' | b'{' | b'|'))
    {
        return None;
    }
    let decoded = decode(header);
    let mut best = None;
    for (_, payload) in PAYLOADS.find_all(&decoded.text) {
        let survives = matches!(
            payload.kind,
            ProbeKind::TemplateInjection | ProbeKind::CodeInjection
        );
        let payload = if is_typed && !survives {
            payload.weakened()
        } else {
            payload
        };
        consider(&mut best, Some(payload));
    }
    best
}

/// Whether a decoded path holds only what names hold.
fn is_plain_path(decoded: &str) -> bool {
    let is_name_byte = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-' | b'_' | b'.');
    decoded.bytes().all(is_name_byte) && !decoded.contains("../")
}

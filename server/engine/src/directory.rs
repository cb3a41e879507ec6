//! The endpoints and user agents of an application: what each is, and the learned folds of
//! path segments that take many values. Bounded: beyond the limits things are still counted by
//! their hash, but not described.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use shared::{Purpose, UserAgentClass, Verification};

use crate::attribute::{self, Attributed, KnownPath, Tags};
use crate::effects::{EndpointKey, EndpointRecord, UserAgentKey, UserAgentRecord};
use crate::event::MethodId;

const MAX_ENDPOINTS: usize = 20_000;
const MAX_USER_AGENTS: usize = 20_000;
const MAX_PARENTS: usize = 4_000;
/// A segment that took this many values that were answered with success is a parameter …
const FOLD_AT: usize = 24;
/// … the first one only after more: many sites keep dozens of pages there.
const FOLD_FIRST_AT: usize = 48;
/// What such a segment is called in a template.
const FOLDED: &str = "{slug}";

/// What is known of one endpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Endpoint {
    method: MethodId,
    host: Box<str>,
    template: Box<str>,
    tags: Tags,
    /// Where it counts now: itself, or what it was folded into.
    resolved: EndpointKey,
    /// Whether a success was counted for folding.
    succeeded: bool,
    /// Whether a submitted credential was ever rejected with a status that says so.
    rejects: bool,
}

/// A user agent as judgement needs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct KnownUserAgent {
    /// What it says of its sender.
    pub class: UserAgentClass,
    /// Whether it is a crawler whose name is known.
    pub named: bool,
    /// What it works for, where it says so.
    pub purpose: Option<Purpose>,
    /// The day on which the browser that it claims to be was released, in days since 1970.
    pub released: Option<u32>,
    /// Whether it is who it says; of an actor, see [`crate::origins`]. A text alone says nothing.
    pub verification: Verification,
    /// Whether somebody with it asked what crawlers may ask for.
    pub asked_robots: bool,
}

impl Default for KnownUserAgent {
    /// Nothing known.
    fn default() -> Self {
        Self {
            class: UserAgentClass::Unknown,
            named: false,
            purpose: None,
            released: None,
            verification: Verification::Unverified,
            asked_robots: false,
        }
    }
}

impl KnownUserAgent {
    /// Whether it is a crawler that asked nobody what it may ask for.
    #[must_use]
    pub(crate) fn is_rude(&self) -> bool {
        self.class == UserAgentClass::Crawler && !self.asked_robots
    }
}

/// What is kept of one user agent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct UserAgentEntry {
    known: KnownUserAgent,
    /// The canonical name of a crawler that names itself.
    crawler: Option<Box<str>>,
    /// The product that it names; may be empty.
    product: Box<str>,
    /// Whether that is a known one.
    is_known: bool,
}

/// Endpoints and user agents.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Directory {
    endpoints: FxHashMap<EndpointKey, Endpoint>,
    user_agents: FxHashMap<UserAgentKey, UserAgentEntry>,
    /// Children that succeeded, by parent (method-less: host and the template so far).
    children: FxHashMap<u64, BTreeSet<u64>>,
    folded: BTreeSet<u64>,
    #[serde(skip)]
    new_endpoints: Vec<EndpointRecord>,
    #[serde(skip)]
    new_user_agents: Vec<UserAgentRecord>,
}

impl UserAgentEntry {
    /// What a user agent says of itself.
    pub(crate) fn of(text: &str) -> Self {
        let described = attribute::classify(text);
        let crawler = attribute::known_crawler(text);
        Self {
            known: KnownUserAgent {
                class: described.class,
                named: crawler.is_some(),
                purpose: described.purpose,
                released: described.browser.and_then(|browser| browser.released),
                ..KnownUserAgent::default()
            },
            crawler: crawler.map(Box::from),
            product: described.name.as_deref().unwrap_or_default().into(),
            is_known: described.is_known,
        }
    }

    /// What it says of its sender.
    pub(crate) fn class(&self) -> UserAgentClass {
        self.known.class
    }
}

impl Directory {
    /// Records the endpoints and user agents of a batch that are new.
    pub(crate) fn note(&mut self, attributed: &mut Attributed) {
        let batch = &attributed.batch;
        for (key, row, known) in attributed.endpoints.drain(..) {
            if self.knows(key) {
                continue;
            }
            let request = &batch.requests[row as usize];
            let (method, host) = (batch.text(request.method), batch.text(request.host));
            let known = known.unwrap_or_else(|| KnownPath::of(method, batch.text(request.path)));
            let method = MethodId::of(method);
            self.note_endpoint(key, method, host, &known.template, known.tags);
        }
        for (key, row, known) in attributed.user_agents.drain(..) {
            if self.user_agents.contains_key(&key) || self.user_agents.len() >= MAX_USER_AGENTS {
                continue;
            }
            let text = batch.text(batch.requests[row as usize].user_agent);
            let known = known.unwrap_or_else(|| UserAgentEntry::of(text));
            self.new_user_agents.push(UserAgentRecord {
                key,
                class: known.class(),
                text: text.to_owned(),
            });
            self.user_agents.insert(key, known);
        }
    }

    /// What a user agent is; unknown beyond the limit.
    #[must_use]
    pub(crate) fn user_agent(&self, key: UserAgentKey) -> KnownUserAgent {
        let entry = self.user_agents.get(&key);
        entry.map(|entry| entry.known).unwrap_or_default()
    }

    /// Learns that somebody with this user agent asked what crawlers may ask for.
    pub(crate) fn learn_robots(&mut self, key: UserAgentKey) {
        if let Some(entry) = self.user_agents.get_mut(&key) {
            entry.known.asked_robots = true;
        }
    }

    /// The canonical name of a crawler that names itself.
    #[must_use]
    pub(crate) fn crawler(&self, key: UserAgentKey) -> Option<&str> {
        self.user_agents
            .get(&key)
            .and_then(|entry| entry.crawler.as_deref())
    }

    /// The name of a known program, which others may only pretend to be.
    #[must_use]
    pub(crate) fn claim(&self, key: UserAgentKey) -> Option<&str> {
        let entry = self.user_agents.get(&key)?;
        let claim = entry.crawler.as_deref();
        claim.or((entry.is_known && !entry.product.is_empty()).then_some(&*entry.product))
    }

    /// The product that a user agent names; may be empty.
    #[must_use]
    pub(crate) fn product(&self, key: UserAgentKey) -> &str {
        self.user_agents
            .get(&key)
            .map_or("", |entry| &entry.product)
    }

    /// Whether an endpoint is described or cannot be any more.
    #[must_use]
    fn knows(&self, key: EndpointKey) -> bool {
        self.endpoints.contains_key(&key) || self.endpoints.len() >= MAX_ENDPOINTS
    }

    /// Records an endpoint that is new.
    fn note_endpoint(
        &mut self,
        key: EndpointKey,
        method: MethodId,
        host: &str,
        template: &str,
        tags: Tags,
    ) {
        let resolved = self.fold(method, host, template, key, tags);
        self.insert(key, method, host, template, tags, resolved);
    }

    fn insert(
        &mut self,
        key: EndpointKey,
        method: MethodId,
        host: &str,
        template: &str,
        tags: Tags,
        resolved: EndpointKey,
    ) {
        self.new_endpoints.push(EndpointRecord {
            key,
            method: method.name().to_owned(),
            host: host.to_owned(),
            template: template.to_owned(),
            tags: tags.iter().collect(),
            folded_into: (resolved != key).then_some(resolved),
        });
        self.endpoints.insert(
            key,
            Endpoint {
                method,
                host: host.into(),
                template: template.into(),
                tags,
                resolved,
                succeeded: false,
                rejects: false,
            },
        );
    }

    /// Where an endpoint counts now.
    #[must_use]
    pub(crate) fn resolve(&self, key: EndpointKey) -> EndpointKey {
        self.endpoints
            .get(&key)
            .map_or(key, |endpoint| endpoint.resolved)
    }

    /// Whether a submitted credential was ever rejected there with a status that says so.
    #[must_use]
    pub(crate) fn rejects(&self, key: EndpointKey) -> bool {
        self.endpoints
            .get(&key)
            .is_some_and(|endpoint| endpoint.rejects)
    }

    /// Learns that a credential was rejected there.
    pub(crate) fn learn_rejection(&mut self, key: EndpointKey) {
        if let Some(endpoint) = self.endpoints.get_mut(&key) {
            endpoint.rejects = true;
        }
    }

    /// Learns that an endpoint answered with success: the segments of its path are values that
    /// exist. Only success counts, so that a scanner cannot make folds.
    pub(crate) fn learn_success(&mut self, key: EndpointKey) {
        let Some(endpoint) = self.endpoints.get_mut(&key) else {
            return;
        };
        if endpoint.succeeded {
            return;
        }
        endpoint.succeeded = true;
        let (host, template) = (endpoint.host.clone(), endpoint.template.clone());
        if !foldable(endpoint.tags) {
            return;
        }
        let steps: Vec<(u64, &str)> = segments(&self.folded, &host, &template).collect();
        for (index, (parent, segment)) in steps.into_iter().enumerate() {
            if !is_value(segment) || self.folded.contains(&parent) {
                continue;
            }
            let child = attribute::hash_parts(&[segment.as_bytes()]);
            if !self.children.contains_key(&parent) && self.children.len() >= MAX_PARENTS {
                continue;
            }
            let children = self.children.entry(parent).or_default();
            children.insert(child);
            if children.len() >= if index == 0 { FOLD_FIRST_AT } else { FOLD_AT } {
                self.children.remove(&parent);
                self.folded.insert(parent);
                self.refold();
            }
        }
    }

    /// Finds out anew where each endpoint counts.
    fn refold(&mut self) {
        let mut keys: Vec<EndpointKey> = self.endpoints.keys().copied().collect();
        keys.sort_unstable();
        for key in keys {
            let Some(endpoint) = self.endpoints.get(&key) else {
                continue;
            };
            let (method, host) = (endpoint.method, &endpoint.host);
            // What was folded once is folded from then on.
            let Some(folded) = self.folded_template(host, &endpoint.template, endpoint.tags) else {
                continue;
            };
            let resolved = attribute::endpoint_key(method, host, &folded);
            if resolved == endpoint.resolved {
                continue;
            }
            let endpoint = endpoint.clone();
            self.insert_folded(resolved, method, &endpoint.host, &folded, endpoint.tags);
            self.new_endpoints.push(EndpointRecord {
                key,
                method: endpoint.method.name().to_owned(),
                host: endpoint.host.to_string(),
                template: endpoint.template.to_string(),
                tags: endpoint.tags.iter().collect(),
                folded_into: Some(resolved),
            });
            if let Some(known) = self.endpoints.get_mut(&key) {
                known.resolved = resolved;
            }
        }
    }

    /// The endpoint that a template folds into, made if it is new; `key` itself without folds.
    fn fold(
        &mut self,
        method: MethodId,
        host: &str,
        template: &str,
        key: EndpointKey,
        tags: Tags,
    ) -> EndpointKey {
        let Some(folded) = self.folded_template(host, template, tags) else {
            return key;
        };
        let into = attribute::endpoint_key(method, host, &folded);
        self.insert_folded(into, method, host, &folded, tags);
        into
    }

    /// Records what endpoints are folded into, if it is new.
    fn insert_folded(
        &mut self,
        key: EndpointKey,
        method: MethodId,
        host: &str,
        template: &str,
        tags: Tags,
    ) {
        if !self.endpoints.contains_key(&key) {
            self.insert(key, method, host, template, tags, key);
        }
    }

    /// A template with folds applied; `None` if there are none.
    fn folded_template(&self, host: &str, template: &str, tags: Tags) -> Option<String> {
        if self.folded.is_empty() || !foldable(tags) {
            return None;
        }
        let mut changed = false;
        let mut folded = String::with_capacity(template.len());
        for (parent, segment) in segments(&self.folded, host, template) {
            folded.push('/');
            if self.folded.contains(&parent) && is_value(segment) {
                folded.push_str(FOLDED);
                changed = true;
            } else {
                folded.push_str(segment);
            }
        }
        changed.then_some(folded)
    }

    /// Endpoints that are new or folded since the last call.
    pub(crate) fn take_endpoints(&mut self) -> Vec<EndpointRecord> {
        std::mem::take(&mut self.new_endpoints)
    }

    /// User agents that are new since the last call.
    pub(crate) fn take_user_agents(&mut self) -> Vec<UserAgentRecord> {
        std::mem::take(&mut self.new_user_agents)
    }
}

/// Endpoints with a purpose stay apart from the pages beside them.
fn foldable(tags: Tags) -> bool {
    tags == Tags::default()
}

/// Whether a segment may be one of many values: no placeholder, and no file.
fn is_value(segment: &str) -> bool {
    !segment.is_empty() && !segment.contains(['{', '.'])
}

/// For each segment of a template: the hash of what stands before it (folds applied, and with
/// how many segments there are in all, so that `/a` and `/a/b` have different parents), and the
/// segment.
fn segments<'f, 't>(
    folds: &'f BTreeSet<u64>,
    host: &str,
    template: &'t str,
) -> impl Iterator<Item = (u64, &'t str)> + use<'f, 't> {
    let depth = template.split('/').count();
    let mut before = String::with_capacity(host.len() + template.len() + 8);
    before.push_str(host);
    template.split('/').skip(1).map(move |segment| {
        let parent = attribute::hash_parts(&[before.as_bytes(), &depth.to_le_bytes()]);
        let folded = is_value(segment) && folds.contains(&parent);
        before.push('/');
        before.push_str(if folded { FOLDED } else { segment });
        (parent, segment)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(directory: &mut Directory, path: &str) -> EndpointKey {
        let method = MethodId::of("GET");
        let key = attribute::endpoint_key(method, "", path);
        if !directory.knows(key) {
            directory.note_endpoint(key, method, "", path, Tags::default());
        }
        key
    }

    #[test]
    fn a_segment_that_takes_many_successful_values_becomes_a_parameter() {
        let mut directory = Directory::default();
        let keys: Vec<_> = (0..FOLD_AT)
            .map(|index| {
                let key = note(&mut directory, &format!("/posts/title-{}", letters(index)));
                directory.learn_success(key);
                key
            })
            .collect();
        let folded = directory.resolve(keys[0]);
        assert_ne!(folded, keys[0]);
        assert!(keys.iter().all(|key| directory.resolve(*key) == folded));
        let later = note(&mut directory, "/posts/another");
        assert_eq!(directory.resolve(later), folded);
        let elsewhere = note(&mut directory, "/pages/another");
        assert_eq!(directory.resolve(elsewhere), elsewhere);
        let records = directory.take_endpoints();
        assert!(
            records
                .iter()
                .any(|record| record.template == "/posts/{slug}")
        );
    }

    #[test]
    fn paths_that_fail_are_never_folded() {
        let mut directory = Directory::default();
        for index in 0..200 {
            note(&mut directory, &format!("/guess/{}", letters(index)));
        }
        let key = note(&mut directory, "/guess/aa");
        assert_eq!(directory.resolve(key), key);
    }

    fn letters(index: usize) -> String {
        let letter = |n: usize| char::from(b'a' + (n % 26) as u8);
        [letter(index / 26), letter(index)].iter().collect()
    }
}

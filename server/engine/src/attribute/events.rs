//! From a batch of requests to events: what each of them is. What depends only on a text is worked
//! out once per text. Nothing here depends on what was learned.

use std::hash::Hasher;
use std::sync::Arc;

use rustc_hash::FxHashMap;
use shared::{RequestId, UserAgentClass};
use siphasher::sip::SipHasher13;

use super::recall::Recall;
use super::{
    ProbeKind, Tags, client_key, fold_path, is_authentication_attempt, probe, service, tags,
};
use crate::directory::UserAgentEntry;
use crate::effects::{ClientKey, EndpointKey, EndpointRecord, UserAgentKey};
use crate::event::{Event, MethodId};
use crate::request::{Address, Batch, Request, TextId};
use crate::session::RoleId;

/// Hashes several byte strings as one; the same in every installation.
#[must_use]
pub(crate) fn hash_parts(parts: &[&[u8]]) -> u64 {
    let mut hasher = SipHasher13::new_with_keys(0, 3);
    for part in parts {
        hasher.write(part);
        hasher.write_u8(0xff);
    }
    hasher.finish()
}

/// The name of an endpoint.
#[must_use]
pub(crate) fn endpoint_key(method: MethodId, host: &str, template: &str) -> EndpointKey {
    EndpointKey(hash_parts(&[
        method.name().as_bytes(),
        host.as_bytes(),
        template.as_bytes(),
    ]))
}

/// The endpoint that a request asks for, as if nothing had been learned of folds.
#[must_use]
pub fn endpoint(method: &str, host: &str, path: &str) -> EndpointRecord {
    let (method_id, known) = (MethodId::of(method), KnownPath::of(method, path));
    EndpointRecord {
        key: endpoint_key(method_id, host, &known.template),
        method: method_id.name().to_owned(),
        host: host.to_owned(),
        template: known.template,
        tags: known.tags.iter().collect(),
        folded_into: None,
    }
}

/// What the target of a request says: method, host, path and query together.
#[derive(Debug, Clone, Copy)]
struct Target {
    endpoint: EndpointKey,
    hash: u64,
    method: MethodId,
    flags: u32,
    /// Whether it carries a signature.
    is_signed: bool,
}

/// What a user agent says.
#[derive(Debug, Clone, Copy)]
struct Sender {
    key: UserAgentKey,
    flags: u32,
    /// Whether it names a service that signs its calls.
    is_service: bool,
}

/// What the path of a request says, by itself.
#[derive(Debug, Clone)]
pub(crate) struct KnownPath {
    pub(crate) template: String,
    pub(crate) tags: Tags,
}

impl KnownPath {
    pub(crate) fn of(method: &str, path: &str) -> Self {
        let mut template = String::new();
        fold_path(path, &mut template);
        Self {
            template,
            tags: tags(method, path),
        }
    }
}

/// A batch of requests, and what each of them is.
#[derive(Debug, Clone)]
pub struct Attributed {
    /// The requests.
    pub batch: Arc<Batch>,
    /// In the order of the batch, without roles: those are an application's.
    pub(crate) events: Vec<Event>,
    /// What was asked for, each by a row that did, and its description if that was new.
    pub(crate) endpoints: Vec<(EndpointKey, u32, Option<KnownPath>)>,
    /// Who asked, each by a row of it, and as what it was described if that was new.
    pub(crate) user_agents: Vec<(UserAgentKey, u32, Option<UserAgentEntry>)>,
}

/// Turns batches into events, also of several applications. What is worked out once for a text is
/// remembered: most of them come again. It depends on nothing else, so that it can be done before
/// an engine has time for it.
#[derive(Debug, Clone, Default)]
pub struct Attribution {
    targets: Recall<(u64, Target)>,
    senders: Recall<Sender>,
    referers: Recall<u32>,
}

/// The same of one batch.
struct OfBatch<'r> {
    recalled: &'r mut Attribution,
    batch: &'r Batch,
    hosts: FxHashMap<TextId, u64>,
    targets: FxHashMap<(TextId, TextId, TextId, TextId), Target>,
    senders: FxHashMap<TextId, Sender>,
    referers: FxHashMap<TextId, u32>,
    /// Whose the last request was: those of one client come together.
    last: Option<((u64, Address, TextId), ClientKey)>,
    endpoints: Vec<(EndpointKey, u32, Option<KnownPath>)>,
    user_agents: Vec<(UserAgentKey, u32, Option<UserAgentEntry>)>,
}

impl Attribution {
    /// What the requests of a batch are that is stored as `segment`, from `first_row` on.
    #[must_use]
    pub fn attribute(&mut self, batch: Arc<Batch>, segment: u64, first_row: u32) -> Attributed {
        let mut of_batch = OfBatch::new(self, &batch);
        let rows = batch.requests.iter().enumerate().skip(first_row as usize);
        let mut events = Vec::with_capacity(rows.len());
        for (row, request) in rows.filter(|(_, request)| !request.is_emptied()) {
            let row = u32::try_from(row).expect("a segment has fewer rows");
            events.push(of_batch.event(request, RequestId { segment, row }));
        }
        let (endpoints, user_agents) = (of_batch.endpoints, of_batch.user_agents);
        Attributed {
            batch,
            events,
            endpoints,
            user_agents,
        }
    }

    /// What a user agent says, and as what it is described if that is new.
    fn sender(&mut self, text: &str) -> (Sender, Option<UserAgentEntry>) {
        let hash = hash_parts(&[text.as_bytes()]);
        if let Some(sender) = self.senders.find(hash, (text, ""), |_| true) {
            return (sender, None);
        }
        let known = UserAgentEntry::of(text);
        let is_browser = known.class() == UserAgentClass::Browser;
        let flags = probe_flags("", "", "", text, "");
        let sender = Sender {
            key: UserAgentKey(hash),
            flags: flags | if is_browser { 0 } else { Event::TOOL },
            is_service: known.class() == UserAgentClass::Automation,
        };
        self.senders.keep(hash, (text, ""), sender);
        (sender, Some(known))
    }

    fn referer(&mut self, text: &str) -> u32 {
        let hash = hash_parts(&[text.as_bytes()]);
        if let Some(flags) = self.referers.find(hash, (text, ""), |_| true) {
            return flags;
        }
        let flags = probe_flags("", "", "", "", text);
        self.referers.keep(hash, (text, ""), flags);
        flags
    }
}

/// The events of some rows of a batch stored as `segment`.
pub(crate) fn events_of(batch: &Batch, segment: u64, rows: &[u32]) -> Vec<Event> {
    let mut attribution = Attribution::default();
    let mut of_batch = OfBatch::new(&mut attribution, batch);
    rows.iter()
        .filter_map(|row| {
            let request = batch.requests.get(*row as usize)?;
            Some(of_batch.event(request, RequestId { segment, row: *row }))
        })
        .collect()
}

impl<'r> OfBatch<'r> {
    fn new(recalled: &'r mut Attribution, batch: &'r Batch) -> Self {
        Self {
            recalled,
            batch,
            hosts: FxHashMap::default(),
            targets: FxHashMap::default(),
            senders: FxHashMap::default(),
            referers: FxHashMap::default(),
            last: None,
            endpoints: Vec::new(),
            user_agents: Vec::new(),
        }
    }

    fn event(&mut self, request: &Request, id: RequestId) -> Event {
        let batch = self.batch;
        let key = (request.method, request.host, request.path, request.query);
        let target = match self.targets.get(&key) {
            Some(target) => *target,
            None => {
                let (target, known) = self.recall_target(request);
                self.targets.insert(key, target);
                self.endpoints.push((target.endpoint, id.row, known));
                target
            }
        };
        let sender = match self.senders.get(&request.user_agent) {
            Some(sender) => *sender,
            None => {
                let (sender, known) = self.recalled.sender(batch.text(request.user_agent));
                self.senders.insert(request.user_agent, sender);
                self.user_agents.push((sender.key, id.row, known));
                sender
            }
        };
        let recalled = &mut *self.recalled;
        let referer = *self
            .referers
            .entry(request.referer)
            .or_insert_with(|| recalled.referer(batch.text(request.referer)));
        let mut flags = target.flags | sender.flags | referer;
        let by_name = flags & Event::PROBE_BY_NAME != 0;
        let sure = flags & Event::DECISIVE_PROBE != 0 && !by_name;
        if (200..400).contains(&request.status) && !sure {
            // What only looks like a probe is none where it is answered: the page exists.
            flags &= !(Event::PROBE | Event::DECISIVE_PROBE);
        }
        if target.is_signed && sender.is_service {
            // What is signed guesses no password.
            flags &= !Event::ATTEMPT;
        }
        if request.blocked {
            flags |= Event::BLOCKED;
        }
        if request.session_key != 0 {
            flags |= Event::KEYED;
        }
        if request.referer != TextId::EMPTY {
            flags |= Event::REFERER;
            let is_page = flags & (Event::STATIC | Event::AUTHENTICATION) == 0
                && target.method.name() == "GET"
                && (200..300).contains(&request.status);
            if is_page && is_self_link(batch, request) {
                flags |= Event::SELF_LINK;
            }
        }
        let user = batch.text(request.user);
        Event {
            at: request.at,
            client: self.client(request),
            address: request.address,
            endpoint: target.endpoint,
            target: target.hash,
            user_agent: sender.key,
            user: if user.is_empty() {
                0
            } else {
                hash_parts(&[user.as_bytes()])
            },
            response_bytes: request.response_bytes.unwrap_or(0),
            request_bytes: clip(request.request_bytes),
            time_us: request.time_us.unwrap_or(0),
            id,
            source: batch.source,
            resolution_ms: batch.resolution_ms,
            surprise: 0,
            flags,
            status: request.status,
            method: target.method,
            role: RoleId::NONE,
        }
    }

    fn client(&mut self, request: &Request) -> ClientKey {
        let of = (request.session_key, request.address, request.user_agent);
        match self.last {
            Some((last, client)) if last == of => client,
            _ => {
                let client = client_key(self.batch, request);
                self.last = Some((of, client));
                client
            }
        }
    }

    /// What the target says, and its description if that is new.
    fn recall_target(&mut self, request: &Request) -> (Target, Option<KnownPath>) {
        let batch = self.batch;
        let parts = (batch.text(request.path), batch.text(request.query));
        let method_text = batch.text(request.method);
        let method = MethodId::of(method_text);
        let hash = hash_parts(&[parts.0.as_bytes(), parts.1.as_bytes()]);
        let host = *self
            .hosts
            .entry(request.host)
            .or_insert_with(|| hash_parts(&[batch.text(request.host).as_bytes()]));
        // Of a method without a number the text counts too.
        let is_known = method_text.is_empty() || method.name() == method_text;
        let is_same =
            |(of_host, target): &(u64, Target)| *of_host == host && target.method == method;
        let known = self.recalled.targets.find(hash, parts, is_same);
        if let Some((_, target)) = known.filter(|_| is_known) {
            return (target, None);
        }
        let (target, path) = target(batch, request, (method, hash));
        if is_known {
            self.recalled.targets.keep(hash, parts, (host, target));
        }
        (target, Some(path))
    }
}

fn target(
    batch: &Batch,
    request: &Request,
    (method, hash): (MethodId, u64),
) -> (Target, KnownPath) {
    let (method_text, host) = (batch.text(request.method), batch.text(request.host));
    let (path, query) = (batch.text(request.path), batch.text(request.query));
    let known = KnownPath::of(method_text, path);
    let mut flags = tag_flags(known.tags) | probe_flags(method_text, path, query, "", "");
    if method.is_unsafe() {
        flags |= Event::UNSAFE;
    }
    if !query.is_empty() {
        flags |= Event::QUERY;
    }
    if path == "/robots.txt" {
        flags |= Event::ROBOTS;
    }
    if is_authentication_attempt(method_text, path) {
        flags |= Event::ATTEMPT | Event::AUTHENTICATION;
    }
    if service::is_feed(path) {
        flags |= Event::FEED;
    }
    if service::is_webhook(path) {
        flags |= Event::WEBHOOK;
    }
    let target = Target {
        endpoint: endpoint_key(method, host, &known.template),
        hash,
        method,
        flags,
        is_signed: service::is_signed(query),
    };
    (target, known)
}

/// Whether the page that a request comes from is the one that it asks for. Not of the start page:
/// the name at the head of each page leads there, on itself too.
fn is_self_link(batch: &Batch, request: &Request) -> bool {
    let (path, query) = (batch.text(request.path), batch.text(request.query));
    let Some((_, rest)) = batch.text(request.referer).split_once("://") else {
        return false;
    };
    let Some(from) = rest.find('/').map(|begin| &rest[begin..]) else {
        return false;
    };
    let (from_path, from_query) = from.split_once('?').unwrap_or((from, ""));
    path != "/" && from_path == path && from_query == query
}

fn clip(bytes: Option<u64>) -> u32 {
    u32::try_from(bytes.unwrap_or(0)).unwrap_or(u32::MAX)
}

fn tag_flags(tags: Tags) -> u32 {
    use shared::EndpointTag;
    tags.iter().fold(0, |flags, tag| {
        flags
            | match tag {
                EndpointTag::Sensitive => Event::SENSITIVE,
                EndpointTag::Authentication => Event::AUTHENTICATION,
                EndpointTag::BusinessCritical => Event::BUSINESS,
                EndpointTag::Static => Event::STATIC,
                EndpointTag::HealthCheck => Event::HEALTH,
            }
    })
}

fn probe_flags(method: &str, path: &str, query: &str, user_agent: &str, referer: &str) -> u32 {
    let Some(found) = probe(method, path, query, user_agent, referer) else {
        return 0;
    };
    let mut flags = Event::PROBE;
    if found.decisive {
        flags |= Event::DECISIVE_PROBE;
    }
    if found.kind == ProbeKind::WebShell {
        flags |= Event::PROBE_BY_NAME;
    }
    flags
}

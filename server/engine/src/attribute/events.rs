//! From a batch of requests to events. What depends only on a text is worked out once per text.

use std::hash::Hasher;

use rustc_hash::FxHashMap;
use shared::{RequestId, UserAgentClass};
use siphasher::sip::SipHasher13;

use super::recall::Recall;
use super::{
    ProbeKind, Tags, client_key, fold_path, is_authentication_attempt, probe, service, tags,
};
use crate::directory::Directory;
use crate::effects::{ClientKey, EndpointKey, EndpointRecord, UserAgentKey};
use crate::event::{Event, MethodId};
use crate::request::{Address, Batch, Request, TextId};
use crate::session::{RoleId, Roles};

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
    let (method_id, mut template) = (MethodId::of(method), String::new());
    fold_path(path, &mut template);
    EndpointRecord {
        key: endpoint_key(method_id, host, &template),
        method: method_id.name().to_owned(),
        host: host.to_owned(),
        template,
        tags: tags(method, path).iter().collect(),
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

/// What a user agent or referer says.
#[derive(Debug, Clone, Copy)]
struct Sender {
    key: UserAgentKey,
    flags: u32,
    /// Whether it names a service that signs its calls.
    is_service: bool,
}

/// What batches before said, of which most comes again. Whoever has it has the directory in which
/// all of it is noted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Recalled {
    targets: Recall<(u64, Target)>,
    senders: Recall<Sender>,
    referers: Recall<u32>,
}

/// Turns a batch into events.
struct Attribution<'r> {
    recalled: &'r mut Recalled,
    hosts: FxHashMap<TextId, u64>,
    targets: FxHashMap<(TextId, TextId, TextId, TextId), Target>,
    senders: FxHashMap<TextId, Sender>,
    referers: FxHashMap<TextId, u32>,
    /// Whose the last request was: those of one client come together.
    last: Option<((u64, Address, TextId), ClientKey)>,
    template: String,
}

/// Adds to `events` those of a batch stored as `segment`, from `first_row` on; notes new endpoints
/// and user agents in the directory. Events come in the order of the batch.
pub(crate) fn events(
    (batch, segment, first_row): (&Batch, u64, u32),
    directory: &mut Directory,
    roles: &mut Roles,
    recalled: &mut Recalled,
    events: &mut Vec<Event>,
) {
    let mut attribution = Attribution::new(recalled);
    let requests = batch.requests.iter().enumerate().skip(first_row as usize);
    events.reserve(requests.len());
    for (row, request) in requests.filter(|(_, request)| !request.is_emptied()) {
        let row = u32::try_from(row).expect("a segment has fewer rows");
        let mut event = attribution.event(batch, request, RequestId { segment, row }, directory);
        event.role = roles.note(batch.text(request.role));
        events.push(event);
    }
}

/// The events of some rows of a batch stored as `segment`, as if nothing had been learned.
pub(crate) fn events_of(batch: &Batch, segment: u64, rows: &[u32]) -> Vec<Event> {
    let (mut recalled, mut directory) = (Recalled::default(), Directory::default());
    let mut attribution = Attribution::new(&mut recalled);
    rows.iter()
        .filter_map(|row| {
            let request = batch.requests.get(*row as usize)?;
            let id = RequestId { segment, row: *row };
            Some(attribution.event(batch, request, id, &mut directory))
        })
        .collect()
}

impl Recalled {
    fn sender(&mut self, text: &str, directory: &mut Directory) -> Sender {
        let hash = hash_parts(&[text.as_bytes()]);
        if let Some(sender) = self.senders.find(hash, (text, ""), |_| true) {
            return sender;
        }
        let key = UserAgentKey(hash);
        directory.note_user_agent(key, text);
        let class = directory.user_agent(key).class;
        let is_browser = class == UserAgentClass::Browser;
        let flags = probe_flags("", "", "", text, "");
        let sender = Sender {
            key,
            flags: flags | if is_browser { 0 } else { Event::TOOL },
            is_service: class == UserAgentClass::Automation,
        };
        self.senders.keep(hash, (text, ""), sender);
        sender
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

impl<'r> Attribution<'r> {
    fn new(recalled: &'r mut Recalled) -> Self {
        Self {
            recalled,
            hosts: FxHashMap::default(),
            targets: FxHashMap::default(),
            senders: FxHashMap::default(),
            referers: FxHashMap::default(),
            last: None,
            template: String::new(),
        }
    }

    fn event(
        &mut self,
        batch: &Batch,
        request: &Request,
        id: RequestId,
        directory: &mut Directory,
    ) -> Event {
        let key = (request.method, request.host, request.path, request.query);
        let target = match self.targets.get(&key) {
            Some(target) => *target,
            None => {
                let target = self.recall_target(batch, request, directory);
                self.targets.insert(key, target);
                target
            }
        };
        let recalled = &mut *self.recalled;
        let sender = *self
            .senders
            .entry(request.user_agent)
            .or_insert_with(|| recalled.sender(batch.text(request.user_agent), directory));
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
            client: self.client(batch, request),
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

    fn client(&mut self, batch: &Batch, request: &Request) -> ClientKey {
        let of = (request.session_key, request.address, request.user_agent);
        match self.last {
            Some((last, client)) if last == of => client,
            _ => {
                let client = client_key(batch, request);
                self.last = Some((of, client));
                client
            }
        }
    }

    /// What the target says, as it was worked out before if it was.
    fn recall_target(
        &mut self,
        batch: &Batch,
        request: &Request,
        directory: &mut Directory,
    ) -> Target {
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
            return target;
        }
        let target = self.target(batch, request, (method, hash), directory);
        if is_known {
            self.recalled.targets.keep(hash, parts, (host, target));
        }
        target
    }

    fn target(
        &mut self,
        batch: &Batch,
        request: &Request,
        (method, hash): (MethodId, u64),
        directory: &mut Directory,
    ) -> Target {
        let (method_text, host) = (batch.text(request.method), batch.text(request.host));
        let (path, query) = (batch.text(request.path), batch.text(request.query));
        self.template.clear();
        fold_path(path, &mut self.template);
        let endpoint = endpoint_key(method, host, &self.template);
        let tags = tags(method_text, path);
        if !directory.knows(endpoint) {
            directory.note_endpoint(endpoint, method, host, &self.template, tags);
        }
        let mut flags = tag_flags(tags) | probe_flags(method_text, path, query, "", "");
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
        Target {
            endpoint,
            hash,
            method,
            flags,
            is_signed: service::is_signed(query),
        }
    }
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

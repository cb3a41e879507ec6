//! From a batch of requests to events. What depends only on a text is worked out once per text.

use std::hash::Hasher;

use rustc_hash::FxHashMap;
use shared::{RequestId, UserAgentClass};
use siphasher::sip::SipHasher13;

use super::{
    ProbeKind, Tags, client_key, fold_path, is_authentication_attempt, probe, service, tags,
};
use crate::directory::Directory;
use crate::effects::{EndpointKey, EndpointRecord, UserAgentKey};
use crate::event::{Event, MethodId};
use crate::request::{Batch, Request, TextId};
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
#[derive(Clone, Copy)]
struct Target {
    endpoint: EndpointKey,
    hash: u64,
    method: MethodId,
    flags: u32,
    /// Whether it carries a signature.
    is_signed: bool,
}

/// What a user agent or referer says.
#[derive(Clone, Copy)]
struct Sender {
    key: UserAgentKey,
    flags: u32,
    /// Whether it names a service that signs its calls.
    is_service: bool,
}

/// Turns batches into events.
#[derive(Default)]
struct Attribution {
    targets: FxHashMap<(TextId, TextId, TextId, TextId), Target>,
    senders: FxHashMap<TextId, Sender>,
    referers: FxHashMap<TextId, u32>,
    template: String,
}

/// The events of a batch stored as `segment`, from `first_row` on; notes new endpoints and user
/// agents in the directory. Events come in the order of the batch.
pub(crate) fn events(
    batch: &Batch,
    segment: u64,
    first_row: u32,
    directory: &mut Directory,
    roles: &mut Roles,
) -> Vec<Event> {
    let mut attribution = Attribution::default();
    let requests = batch.requests.iter().enumerate().skip(first_row as usize);
    requests
        .filter(|(_, request)| !request.is_emptied())
        .map(|(row, request)| {
            let row = u32::try_from(row).expect("a segment has fewer rows");
            let mut event =
                attribution.event(batch, request, RequestId { segment, row }, directory);
            event.role = roles.note(batch.text(request.role));
            event
        })
        .collect()
}

/// The events of some rows of a batch stored as `segment`, as if nothing had been learned.
pub(crate) fn events_of(batch: &Batch, segment: u64, rows: &[u32]) -> Vec<Event> {
    let (mut attribution, mut directory) = (Attribution::default(), Directory::default());
    rows.iter()
        .filter_map(|row| {
            let request = batch.requests.get(*row as usize)?;
            let id = RequestId { segment, row: *row };
            Some(attribution.event(batch, request, id, &mut directory))
        })
        .collect()
}

impl Attribution {
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
                let target = self.target(batch, request, directory);
                self.targets.insert(key, target);
                target
            }
        };
        let sender = *self.senders.entry(request.user_agent).or_insert_with(|| {
            let text = batch.text(request.user_agent);
            let key = UserAgentKey(hash_parts(&[text.as_bytes()]));
            directory.note_user_agent(key, text);
            let class = directory.user_agent(key).class;
            let is_browser = class == UserAgentClass::Browser;
            let flags = probe_flags("", "", "", text, "");
            Sender {
                key,
                flags: flags | if is_browser { 0 } else { Event::TOOL },
                is_service: class == UserAgentClass::Automation,
            }
        });
        let referer = *self
            .referers
            .entry(request.referer)
            .or_insert_with(|| probe_flags("", "", "", "", batch.text(request.referer)));
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
            client: client_key(batch, request),
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

    fn target(&mut self, batch: &Batch, request: &Request, directory: &mut Directory) -> Target {
        let (method_text, host) = (batch.text(request.method), batch.text(request.host));
        let (path, query) = (batch.text(request.path), batch.text(request.query));
        let method = MethodId::of(method_text);
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
            hash: hash_parts(&[path.as_bytes(), query.as_bytes()]),
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

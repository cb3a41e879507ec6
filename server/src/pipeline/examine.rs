//! What an application's stored requests say about its settings: which sources look like a
//! session key, a user or a role, and what other settings would come to. Looks at the newest
//! million requests; judges nothing and writes nothing.

use std::sync::{Arc, Mutex, PoisonError};

use engine::attribute::{client_key, facts, find_value, hash_session_key, resolve_keys};
use engine::{Address, Batch, ClientKey, Request, SESSION_GAP_MS, TextId};
use rustc_hash::{FxHashMap, FxHashSet};
use shared::{
    ApplicationId, ApplicationSettings, KeyCandidate, KeyCandidates, KeyPurpose, KeySource,
    SettingsPreview, Timestamp, is_name,
};

use crate::aside::aside;
use crate::ingest::decode::purpose_of;
use crate::ingest::normalize::{is_session_name, is_token};
use crate::store::{ApplicationState, JudgementKey, StoreError, TenantStore};

/// How many of the newest segments are looked at: about a million requests.
const SEGMENTS: usize = 256;

/// How many names of query parameters are told apart.
const PARAMETERS: usize = 64;

/// How many values of a source are told apart …
const VALUES: usize = 200_000;
/// … and how many of all sources together; bounds memory whatever a log holds.
const ALL_VALUES: usize = 1_000_000;

/// How many candidates are offered.
const OFFERED: usize = 8;

/// The candidates that were found lately; cheap to clone, all clones are one.
#[derive(Debug, Clone, Default)]
pub struct Candidates {
    /// By application, as of its next segment. Held only to look or to note.
    known: Arc<Mutex<FxHashMap<ApplicationId, (u64, KeyCandidates)>>>,
}

impl Candidates {
    /// The candidates among the sources of an application's stored requests.
    pub async fn find(
        &self,
        tenant: &TenantStore,
        application: &ApplicationState,
    ) -> Result<KeyCandidates, StoreError> {
        let lock = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let known = lock().get(&application.id).cloned();
        if let Some((next_segment, found)) = known
            && next_segment == application.next_segment
        {
            return Ok(found);
        }
        let found = find_candidates(tenant, application.judgement).await?;
        lock().insert(application.id, (application.next_segment, found.clone()));
        Ok(found)
    }
}

async fn find_candidates(
    tenant: &TenantStore,
    judgement: JudgementKey,
) -> Result<KeyCandidates, StoreError> {
    let mut census = Census::default();
    for number in newest(tenant, judgement).await? {
        if let Some(batch) = tenant.find_batch(judgement, number).await? {
            census = aside(move || {
                census.count(&batch);
                census
            })
            .await;
        }
    }
    Ok(KeyCandidates {
        examined: census.requests,
        candidates: census.candidates(),
    })
}

/// What `settings` would come to.
pub async fn preview_settings(
    tenant: &TenantStore,
    judgement: JudgementKey,
    settings: &ApplicationSettings,
) -> Result<SettingsPreview, StoreError> {
    let mut rehearsal = Rehearsal::new(settings.clone());
    for number in newest(tenant, judgement).await? {
        if let Some(batch) = tenant.find_batch(judgement, number).await? {
            rehearsal = aside(move || {
                rehearsal.count(batch);
                rehearsal
            })
            .await;
        }
    }
    Ok(rehearsal.preview)
}

/// The newest segments, the oldest of them first.
async fn newest(tenant: &TenantStore, judgement: JudgementKey) -> Result<Vec<u64>, StoreError> {
    let begins = tenant.list_segment_begins(judgement).await?;
    let from = begins.len().saturating_sub(SEGMENTS);
    Ok(begins[from..].iter().map(|(number, _)| *number).collect())
}

/// Counts the sessions that settings would make.
struct Rehearsal {
    settings: ApplicationSettings,
    /// When each client was last there.
    last: FxHashMap<ClientKey, i64>,
    preview: SettingsPreview,
}

impl Rehearsal {
    fn new(settings: ApplicationSettings) -> Self {
        let by_source = vec![0; settings.session_key.len()];
        Self {
            settings,
            last: FxHashMap::default(),
            preview: SettingsPreview {
                examined: 0,
                sessions: 0,
                keyed: 0,
                with_user: 0,
                with_role: 0,
                by_source,
            },
        }
    }

    fn count(&mut self, mut batch: Batch) {
        resolve_keys(&self.settings, &mut batch);
        let preview = &mut self.preview;
        for request in &batch.requests {
            preview.examined += 1;
            preview.keyed += u64::from(request.session_key != 0);
            preview.with_user += u64::from(request.user != TextId::EMPTY);
            preview.with_role += u64::from(request.role != TextId::EMPTY);
            let place = usize::from(request.key_source).checked_sub(1);
            if let Some(count) = place.and_then(|place| preview.by_source.get_mut(place)) {
                *count += 1;
            }
            let last = self.last.insert(client_key(&batch, request), request.at);
            let goes_on = last.is_some_and(|last| {
                let same_day = Timestamp(last).day() == Timestamp(request.at).day();
                same_day && (request.session_key != 0 || request.at - last <= SESSION_GAP_MS)
            });
            preview.sessions += u64::from(!goes_on);
        }
    }
}

/// Counts the values of every source.
#[derive(Default)]
struct Census {
    requests: u64,
    sources: FxHashMap<KeySource, Tally>,
    parameters: FxHashSet<String>,
    /// How many values are told apart so far.
    values: usize,
}

/// What is known of one source.
#[derive(Default)]
struct Tally {
    requests: u64,
    /// By the hash of a value: from where, and whether from elsewhere as well.
    values: FxHashMap<u64, Value>,
    /// Requests whose value looks like a key.
    tokens: u64,
    emails: u64,
}

struct Value {
    address: Address,
    user_agent: u64,
    many_addresses: bool,
    many_user_agents: bool,
}

impl Census {
    fn count(&mut self, batch: &Batch) {
        let mut user_agents = FxHashMap::<TextId, u64>::default();
        for request in &batch.requests {
            // Retention leaves rows empty.
            if request.method == TextId::EMPTY && request.path == TextId::EMPTY {
                continue;
            }
            self.requests += 1;
            let user_agent = *user_agents
                .entry(request.user_agent)
                .or_insert_with(|| hash_session_key(batch.text(request.user_agent)));
            for (source, value) in self.sources_of(batch, request) {
                let tally = self.sources.entry(source).or_default();
                let has_room = self.values < ALL_VALUES;
                let is_new = tally.add(&value, request.address, user_agent, has_room);
                self.values += usize::from(is_new);
            }
        }
    }

    /// Every source of a request that has a value.
    fn sources_of(&mut self, batch: &Batch, request: &Request) -> Vec<(KeySource, String)> {
        let mut found = Vec::new();
        let mut note = |source: KeySource| {
            if let Some(value) = find_value(batch, request, &source) {
                found.push((source, value));
            }
        };
        note(KeySource::User);
        for (source, _) in facts(batch.text(request.facts)) {
            if let Ok(source) = source.parse() {
                note(source);
            }
        }
        let query = batch.text(request.query);
        for (name, _) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            let is_known = self.parameters.contains(name);
            // Whoever invents parameters fills no memory.
            if !is_known && (self.parameters.len() >= PARAMETERS || !is_name(name)) {
                continue;
            }
            if !is_known {
                self.parameters.insert(name.to_owned());
            }
            note(KeySource::Query(name.to_owned()));
        }
        found
    }

    fn candidates(self) -> Vec<KeyCandidate> {
        let requests = self.requests;
        let mut candidates: Vec<(u64, KeyCandidate)> = Vec::new();
        for (source, tally) in self.sources {
            if let Some((score, purpose)) = tally.purpose(&source, requests) {
                let many = tally.values.values().filter(|value| value.many_addresses);
                let candidate = KeyCandidate {
                    recognised: is_recognised(&source, purpose),
                    source,
                    purpose,
                    requests: tally.requests,
                    share: tally.requests as f64 / requests.max(1) as f64,
                    values: tally.values.len() as u64,
                    values_of_many_ips: many.count() as u64,
                };
                candidates.push((score, candidate));
            }
        }
        candidates.sort_unstable_by(|(score, one), (other_score, other)| {
            (one.purpose, other_score, &one.source).cmp(&(other.purpose, score, &other.source))
        });
        candidates.truncate(OFFERED);
        candidates
            .into_iter()
            .map(|(_, candidate)| candidate)
            .collect()
    }
}

impl Tally {
    /// Counts a request. Says whether its value is told apart from now on.
    fn add(&mut self, value: &str, address: Address, user_agent: u64, has_room: bool) -> bool {
        self.requests += 1;
        self.tokens += u64::from(value.starts_with('~') || is_token(value));
        self.emails += u64::from(value.contains('@') || value.contains("%40"));
        let is_full = !has_room || self.values.len() >= VALUES;
        let key = hash_session_key(value);
        match self.values.get_mut(&key) {
            Some(known) => {
                known.many_addresses |= known.address != address;
                known.many_user_agents |= known.user_agent != user_agent;
                false
            }
            None if is_full => false,
            None => {
                let value_of = Value {
                    address,
                    user_agent,
                    many_addresses: false,
                    many_user_agents: false,
                };
                self.values.insert(key, value_of);
                true
            }
        }
    }

    /// What the source is good for, and how good; `None` if for nothing.
    fn purpose(&self, source: &KeySource, requests: u64) -> Option<(u64, KeyPurpose)> {
        let values = self.values.len() as u64;
        let named = purpose_of(source);
        // In a handful of requests nothing can be seen.
        if self.requests < 10 || self.requests * 100 < requests || values < 2 {
            return None;
        }
        let is_mostly = |count: u64| count * 10 >= self.requests * 9;
        let purpose = match named {
            Some(KeyPurpose::Role) if values <= 32 => KeyPurpose::Role,
            Some(KeyPurpose::User) => KeyPurpose::User,
            None if is_mostly(self.emails) => KeyPurpose::User,
            Some(KeyPurpose::SessionKey) => KeyPurpose::SessionKey,
            None if is_mostly(self.tokens) => KeyPurpose::SessionKey,
            Some(KeyPurpose::Role) | None => return None,
        };
        if purpose == KeyPurpose::SessionKey && !self.is_like_session_key(values) {
            return None;
        }
        // A name that says it counts twice as much as what many requests have.
        let share = self.requests * 100 / requests.max(1);
        Some((share + if named.is_some() { 200 } else { 0 }, purpose))
    }

    /// Many requests a value, and each value stays with one user agent.
    fn is_like_session_key(&self, values: u64) -> bool {
        let wandering = self.values.values().filter(|value| value.many_user_agents);
        let wandering = wandering.count() as u64;
        values >= 5 && self.requests >= values * 2 && wandering * 5 <= values
    }
}

/// Whether the usual names have the source already.
fn is_recognised(source: &KeySource, purpose: KeyPurpose) -> bool {
    match (purpose, source) {
        (KeyPurpose::User, KeySource::User) => true,
        (KeyPurpose::Role, KeySource::Field(_) | KeySource::Header(_)) => true,
        (KeyPurpose::SessionKey, KeySource::Field(name) | KeySource::Cookie(name)) => {
            let last = name.rsplit('.').next().unwrap_or(name);
            is_session_name(name.as_bytes()) || is_session_name(last.as_bytes())
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A batch of `count` requests: address, user agent, facts and query of each by its number.
    fn batch(count: u64, row: impl Fn(u64) -> (u8, &'static str, String, String)) -> Batch {
        let mut batch = Batch::default();
        for number in 0..count {
            let (address, user_agent, facts, query) = row(number);
            let request = Request {
                at: number as i64 * 1_000,
                address: Address(0xffff << 32 | u128::from(address)),
                path: batch.texts.intern("/"),
                user_agent: batch.texts.intern(user_agent),
                facts: batch.texts.intern(&facts),
                query: batch.texts.intern(&query),
                ..Request::default()
            };
            batch.requests.push(request);
        }
        batch
    }

    fn found(batch: &Batch) -> Vec<(String, KeyPurpose, bool)> {
        let mut census = Census::default();
        census.count(batch);
        let candidates = census.candidates().into_iter();
        candidates
            .map(|found| (found.source.to_string(), found.purpose, found.recognised))
            .collect()
    }

    #[test]
    fn what_comes_again_from_one_user_agent_is_a_session_key() {
        // Twenty visitors; the trail stays with each, the shard is everybody's, the trace is
        // nobody's twice, and half have a name that two of them share.
        let agents = ["one", "two", "three", "four"];
        let log = batch(400, |number| {
            let visitor = number % 20;
            let facts = format!(
                "field:shard=~{:x}\nfield:trace=~{number:x}\nfield:trail=~{visitor:x}\nheader:x-role={}",
                number / 7 % 6,
                ["admin", "guest"][(visitor % 2) as usize],
            );
            let query = if visitor < 10 {
                format!("page={number}&email=v{}%40example.com", visitor / 2)
            } else {
                String::new()
            };
            (visitor as u8, agents[(visitor % 4) as usize], facts, query)
        });
        assert_eq!(
            found(&log),
            [
                ("field:trail".to_owned(), KeyPurpose::SessionKey, false),
                ("query:email".to_owned(), KeyPurpose::User, false),
                ("header:x-role".to_owned(), KeyPurpose::Role, true),
            ]
        );
    }

    #[test]
    fn a_name_decides_before_how_many_have_it() {
        let log = batch(300, |number| {
            let visitor = number % 10;
            let mut facts = format!("cookie:sid=~{visitor:x}");
            if number % 3 > 0 {
                facts = format!("{facts}\nfield:cart=~{visitor:x}0");
            }
            (visitor as u8, "one", facts, String::new())
        });
        assert_eq!(
            found(&log),
            [
                ("cookie:sid".to_owned(), KeyPurpose::SessionKey, true),
                ("field:cart".to_owned(), KeyPurpose::SessionKey, false),
            ]
        );
    }

    #[test]
    fn of_a_handful_of_requests_nothing_is_said() {
        let log = batch(9, |number| {
            (
                number as u8,
                "one",
                format!("cookie:sid=~{}", number % 3),
                String::new(),
            )
        });
        assert_eq!(found(&log), []);
    }

    #[test]
    fn a_preview_counts_sessions_as_the_engine_would() {
        let log = batch(3_000, |number| {
            // One address; a session key for every hundredth second, and none in the last third.
            let facts = if number < 2_000 {
                format!("cookie:sid=~{}", number % 100)
            } else {
                String::new()
            };
            (1, "one", facts, String::new())
        });
        let settings = |sources: &[&str]| ApplicationSettings {
            session_key: sources.iter().map(|text| text.parse().unwrap()).collect(),
            ..ApplicationSettings::default()
        };
        let mut rehearsal = Rehearsal::new(settings(&["field:none", "cookie:sid"]));
        rehearsal.count(log.clone());
        let preview = rehearsal.preview;
        assert_eq!(
            (preview.examined, preview.sessions, preview.keyed),
            (3_000, 101, 2_000)
        );
        assert_eq!(preview.by_source, [0, 2_000]);
        let mut rehearsal = Rehearsal::new(settings(&[]));
        rehearsal.count(log);
        assert_eq!(
            (rehearsal.preview.sessions, rehearsal.preview.keyed),
            (1, 0)
        );
    }
}

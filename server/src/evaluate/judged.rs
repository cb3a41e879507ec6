//! What the engine says of labelled actors: who was flagged, as what, how early, and how sure it
//! was of each.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use engine::attribute::{classify, client_key};
use engine::{
    Address, AttackRecord, Batch, ClientKey, Confidence, DetectorMask, Effects, Engine,
    EngineConfig, Input, TextId,
};
use rustc_hash::FxHashMap;
use shared::{AttackId, BotType, RequestId, UserAgentClass};

/// How much older than the newest request one may be, in milliseconds.
const LATENESS_MS: i64 = 30 * 60_000;

/// What was found of one labelled actor.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Actor {
    /// Its requests in the logs.
    pub requests: u64,
    /// How it was flagged.
    pub flagged: Option<Flagged>,
    /// The highest confidence, 0 to 100.
    pub confidence: f64,
    /// The judgement it is from, below the bar or not.
    pub nearest: Option<Arc<Confidence>>,
    /// Whether its user agent alone gives it away.
    pub named_by_user_agent: bool,
}

/// How an actor was flagged.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Flagged {
    /// The surest of its attacks.
    pub attack: AttackId,
    /// That attack's type.
    pub bot_type: BotType,
    /// Its requests until the first attack held it.
    pub requests: u64,
    /// Seconds from its first request until then.
    pub seconds: u64,
}

/// What was found of all.
pub(super) struct Judged {
    /// By the number of the label.
    pub actors: Vec<Actor>,
    /// How many attacks there are, labelled or not.
    pub attacks: u64,
    /// How long judging took.
    pub duration: Duration,
}

/// The actor of every request, by segment and row.
type Actors = [Vec<Option<u32>>];

/// Judges the batches, as segments numbered in their order.
pub(super) fn judge(batches: &[Arc<Batch>], actors: &Actors, count: usize) -> Judged {
    let started = Instant::now();
    let said = say(batches, false).unwrap_or_else(|| {
        // A log out of order: nothing is judged until all is there.
        say(batches, true).expect("nothing comes late where all is awaited")
    });
    let duration = started.elapsed();
    let mut judged = Judged {
        actors: vec![Actor::default(); count],
        attacks: said.attacks.len() as u64,
        duration,
    };
    judged.look_at_requests(batches, actors);
    judged.note_confidences(batches, actors, &said);
    judged.note_attacks(batches, actors, &said);
    judged
}

/// What the engine said, put together.
#[derive(Default)]
struct Said {
    attacks: BTreeMap<AttackId, AttackRecord>,
    requests: Vec<(AttackId, RequestId, DetectorMask)>,
    clients: FxHashMap<ClientKey, Arc<Confidence>>,
    blocks: FxHashMap<Address, Arc<Confidence>>,
    late: u64,
}

impl Said {
    fn note(&mut self, effects: Effects) {
        self.late += effects.late;
        for attack in effects.attacks {
            self.attacks.insert(attack.id, attack);
        }
        for requests in effects.attack_requests {
            let segment = requests.segment;
            let rows = requests.rows.into_iter();
            self.requests
                .extend(rows.map(|(row, fed)| (requests.attack, RequestId { segment, row }, fed)));
        }
        for told in effects.confidences {
            let told = Arc::new(told);
            let known = match told.client {
                Some(client) => self.clients.entry(client).or_insert_with(|| told.clone()),
                None => self
                    .blocks
                    .entry(told.block)
                    .or_insert_with(|| told.clone()),
            };
            if told.confidence >= known.confidence {
                *known = told;
            }
        }
    }
}

/// Judges all batches; `None` if a request came too late to be judged in its place.
fn say(batches: &[Arc<Batch>], await_all: bool) -> Option<Said> {
    let mut engine = Engine::new(EngineConfig {
        tells_confidence: true,
        ..EngineConfig::default()
    });
    let mut said = Said::default();
    let mut newest = i64::MIN;
    for (segment, batch) in (0..).zip(batches) {
        let last = batch.requests.iter().map(|request| request.at).max();
        newest = newest.max(last.unwrap_or(newest));
        said.note(engine.apply(Input::Requests {
            segment,
            first_row: 0,
            batch: batch.clone(),
        }));
        if !await_all {
            said.note(engine.apply(Input::Advance(newest.saturating_sub(LATENESS_MS))));
        }
        if said.late > 0 {
            return None;
        }
    }
    said.note(engine.preview(newest));
    Some(said)
}

impl Judged {
    fn look_at_requests(&mut self, batches: &[Arc<Batch>], actors: &Actors) {
        for (batch, actors) in batches.iter().zip(actors) {
            let mut known: FxHashMap<TextId, bool> = FxHashMap::default();
            for (request, actor) in batch.requests.iter().zip(actors) {
                let Some(actor) = actor.and_then(|actor| self.actors.get_mut(actor as usize))
                else {
                    continue;
                };
                actor.requests += 1;
                actor.named_by_user_agent |= *known
                    .entry(request.user_agent)
                    .or_insert_with(|| is_tool(batch.text(request.user_agent)));
            }
        }
    }

    fn note_confidences(&mut self, batches: &[Arc<Batch>], actors: &Actors, said: &Said) {
        for (batch, actors) in batches.iter().zip(actors) {
            for (request, actor) in batch.requests.iter().zip(actors) {
                let Some(actor) = actor.and_then(|actor| self.actors.get_mut(actor as usize))
                else {
                    continue;
                };
                let client = said.clients.get(&client_key(batch, request));
                let block = said.blocks.get(&request.address.block());
                for told in [client, block].into_iter().flatten() {
                    if actor.nearest.is_none() || told.confidence > actor.confidence {
                        actor.confidence = told.confidence;
                        actor.nearest = Some(told.clone());
                    }
                }
            }
        }
    }

    fn note_attacks(&mut self, batches: &[Arc<Batch>], actors: &Actors, said: &Said) {
        let at = |id: RequestId| batches[id.segment as usize].requests[id.row as usize].at;
        // By actor and attack: when it first held the actor.
        let mut held: BTreeMap<(u32, AttackId), i64> = BTreeMap::new();
        for (attack, request, fed) in &said.requests {
            let actor = actors[request.segment as usize][request.row as usize];
            let (Some(actor), Some(attack)) = (actor, said.attacks.get(attack)) else {
                continue;
            };
            if fed.and(attack.voted()).is_empty() {
                continue;
            }
            let crossed = attack.crossed.map_or(attack.started_at.0, |(_, at)| at.0);
            let since = at(*request).max(crossed);
            let first = held.entry((actor, attack.id)).or_insert(since);
            *first = since.min(*first);
        }
        let mut flagged_at: FxHashMap<u32, i64> = FxHashMap::default();
        for ((actor, attack), since) in held {
            let first = flagged_at.entry(actor).or_insert(since);
            *first = since.min(*first);
            let primary = said.attacks[&attack].primary();
            let confidence = f64::from(primary.confidence);
            let actor = &mut self.actors[actor as usize];
            if actor.flagged.is_none() || confidence > actor.confidence {
                actor.flagged = Some(Flagged {
                    attack,
                    bot_type: primary.bot_type,
                    requests: 0,
                    seconds: 0,
                });
            }
            actor.confidence = actor.confidence.max(confidence);
        }
        let mut began: FxHashMap<u32, i64> = FxHashMap::default();
        for (batch, actors) in batches.iter().zip(actors) {
            for (request, actor) in batch.requests.iter().zip(actors) {
                let Some((number, since)) = actor.and_then(|actor| {
                    let since = flagged_at.get(&actor)?;
                    Some((actor, *since))
                }) else {
                    continue;
                };
                let first = began.entry(number).or_insert(request.at);
                *first = request.at.min(*first);
                if request.at <= since
                    && let Some(flagged) = &mut self.actors[number as usize].flagged
                {
                    flagged.requests += 1;
                }
            }
        }
        for (number, first) in began {
            if let Some(flagged) = &mut self.actors[number as usize].flagged {
                flagged.seconds = (flagged_at[&number] - first).unsigned_abs() / 1_000;
            }
        }
    }
}

/// What a list of user agents would flag: whatever does not call itself a browser or an app.
fn is_tool(user_agent: &str) -> bool {
    !matches!(
        classify(user_agent).class,
        UserAgentClass::Browser | UserAgentClass::NativeApp | UserAgentClass::Unknown
    )
}

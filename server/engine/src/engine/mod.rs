//! The state machine of one application: inputs in, effects out. Requests are held back until
//! the caller says that nothing older will come, then judged minute by minute in an order that
//! depends on nothing but the requests, so that neither batch sizes nor the order of files
//! change a verdict.

mod clusters;
mod evidence;
mod lifetime;
mod minute;
mod open_sessions;
mod suspicion;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};
use shared::{AttackId, NetworkSet, Sensitivity, Timestamp};

use crate::actor::Client;
use crate::addresses::Addresses;
use crate::anomaly::AnomalyModel;
use crate::attack::{ActorKey, Attack};
use crate::attribute::{Attributed, Attribution};
use crate::baseline::Baseline;
use crate::detectors::Normals;
use crate::directory::Directory;
use crate::drift::Marks;
use crate::driven::DrivenBrowsers;
use crate::effects::{ClientKey, Effects};
use crate::event::Event;
use crate::features::Pace;
use crate::input::Input;
use crate::memory::{Memory, SignedIn};
use crate::model::BehaviorModel;
use crate::origins::{Known, OriginCheck, Origins};
use crate::request::Address;
use crate::resting::Resting;
use crate::session::{OpenSession, Roles};
use crate::shape::Shape;
use crate::slice::Slice;
use clusters::Cluster;

/// Changes whenever the same requests can be judged differently.
pub const VERSION: &str = "11";
/// What a snapshot begins with; another layout begins otherwise.
const SNAPSHOT_MAGIC: &[u8; 8] = b"bscope\x00\x10";
const MINUTE_MS: i64 = Timestamp::MINUTE;
/// Clients of one application that are told apart at a time, and as many addresses; beyond it
/// new clients are counted for their address alone, and new addresses not at all.
const MAX_CLIENTS: usize = 2_000_000;
/// Open sessions that a preview tells anew, at most.
const PREVIEW_SESSIONS: usize = 8_192;
/// So many names of users are kept although nobody may ask for them any more.
const SPARE_USERS: usize = 10_000;
/// Room for so many sessions that are over is kept, if so many ended lately.
const SPARE_SESSIONS: usize = 32_768;

/// Which application is judged, and what an operator decides about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineConfig {
    /// The application's name: the same requests of two applications are two sessions, and two
    /// attacks.
    pub application: Box<str>,
    /// From which confidence on an actor counts as a bot.
    pub sensitivity: Sensitivity,
    /// Whether the confidence of everybody who is judged is told, also below the bar.
    pub tells_confidence: bool,
}

impl Default for EngineConfig {
    fn default() -> Self {
        Self {
            application: Box::default(),
            sensitivity: Sensitivity::Normal,
            tells_confidence: false,
        }
    }
}

/// A snapshot that cannot be taken up.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// Made by another version, or no snapshot at all.
    #[error("the snapshot was not made by engine version {VERSION}")]
    OtherVersion,
    /// Damaged.
    #[error("the snapshot is damaged: {0}")]
    Corrupt(String),
}

/// The judgement of one application.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Engine {
    config: EngineConfig,
    directory: Directory,
    model: BehaviorModel,
    baseline: Baseline,
    anomaly: AnomalyModel,
    marks: Marks,
    normals: Normals,
    /// At how many teachers the normals are worked out again.
    normals_due: u64,
    /// Sum and number of surprises of unsuspected requests, for the usual surprise.
    usual_surprise: (u64, u64),
    pending: Vec<Event>,
    /// Everything before this moment was judged.
    judged_until: i64,
    clients: Resting<ClientKey, Client>,
    addresses: Addresses,
    clusters: BTreeMap<u64, Cluster>,
    attacks: BTreeMap<AttackId, Attack>,
    memory: Memory,
    /// Who is part of an attack that goes on and was silent for a day, so that nothing else of it
    /// is kept.
    away: FxHashMap<ClientKey, AttackId>,
    /// Attacks that are closed but may be reopened.
    dormant: FxHashMap<ActorKey, AttackId>,
    checks: BTreeMap<i64, Vec<Check>>,
    /// When which client is looked after next.
    client_checks: BTreeSet<(i64, ClientKey)>,
    crawlers: BTreeMap<String, (Pace, Slice)>,
    users: FxHashMap<u64, Box<str>>,
    roles: Roles,
    /// Of whom no attack is raised.
    exceptions: NetworkSet,
    /// Where crawlers come from.
    origins: Known,
    /// What visits look like.
    shape: Shape,
    /// Which browsers programs drive.
    driven: DrivenBrowsers,
    /// How many signed in lately.
    signed_in: SignedIn,
    #[serde(skip)]
    attribution: Attribution,
    /// Attacks that changed since the last effects.
    #[serde(skip)]
    touched: BTreeSet<AttackId>,
    /// Whether open sessions are told as they change, and which have since they were told last.
    #[serde(skip)]
    tells_open_sessions: bool,
    #[serde(skip)]
    changed_sessions: FxHashSet<ClientKey>,
    /// When open sessions were told, those of the last moments.
    #[serde(skip)]
    told_sessions: FxHashMap<ClientKey, i64>,
    #[serde(skip)]
    effects: Effects,
}

/// Something to look after at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Check {
    Address(Address),
    Attack(AttackId),
}

impl Engine {
    /// An engine that has seen nothing.
    #[must_use]
    pub fn new(config: EngineConfig) -> Self {
        let baseline = Baseline::default();
        Self {
            config,
            directory: Directory::default(),
            model: BehaviorModel::default(),
            normals: Normals::of(&baseline),
            baseline,
            anomaly: AnomalyModel::default(),
            marks: Marks::default(),
            normals_due: 1,
            usual_surprise: (0, 0),
            pending: Vec::new(),
            judged_until: i64::MIN,
            clients: Resting::default(),
            addresses: Addresses::default(),
            clusters: BTreeMap::new(),
            attacks: BTreeMap::new(),
            memory: Memory::default(),
            away: FxHashMap::default(),
            dormant: FxHashMap::default(),
            checks: BTreeMap::new(),
            client_checks: BTreeSet::new(),
            crawlers: BTreeMap::new(),
            users: FxHashMap::default(),
            roles: Roles::default(),
            exceptions: NetworkSet::default(),
            origins: Known::default(),
            shape: Shape::default(),
            driven: DrivenBrowsers::default(),
            signed_in: SignedIn::default(),
            attribution: Attribution::default(),
            touched: BTreeSet::new(),
            tells_open_sessions: false,
            changed_sessions: FxHashSet::default(),
            told_sessions: FxHashMap::default(),
            effects: Effects::default(),
        }
    }

    /// Applies one input and says what changed.
    pub fn apply(&mut self, input: Input) -> Effects {
        self.feed(input);
        self.take_effects()
    }

    /// Applies one input; [`Engine::take_effects`] says what changed.
    pub fn feed(&mut self, input: Input) {
        match input {
            Input::Requests {
                segment,
                first_row,
                batch,
            } => {
                let attributed = self.attribution.attribute(batch, segment, first_row);
                self.hold_back(attributed);
            }
            Input::Attributed(attributed) => self.hold_back(attributed),
            Input::Exceptions(exceptions) => self.exceptions = exceptions,
            Input::Origins(origins) => self.origins.publish(origins),
            Input::OriginChecks(checks) => self.origins.check(checks),
            Input::Advance(watermark) => {
                let minute = watermark.div_euclid(MINUTE_MS).saturating_mul(MINUTE_MS);
                let begins = minute.max(self.judged_until);
                let end = self.parts_before(begins, watermark);
                if end > self.judged_until {
                    self.judge_before(end);
                    // Between parts of a minute nothing is looked after: when they end depends on
                    // how the requests come.
                    if minute >= end {
                        self.look_after(end);
                    }
                    self.judged_until = end;
                }
            }
        }
        // With each input: what is told of an attack is let go of, and when must not depend on when
        // the effects are taken.
        self.tell_touched(false);
    }

    /// What changed since the last call.
    pub fn take_effects(&mut self) -> Effects {
        let effects = self.drain();
        // Mostly as many follow, and moving what is there again and again would take long.
        let sessions = effects.sessions.len().min(SPARE_SESSIONS);
        self.effects.sessions.reserve(sessions);
        effects
    }

    /// Requests since the last [`Engine::take_effects`] that came too late.
    #[must_use]
    pub fn late(&self) -> u64 {
        self.effects.late
    }

    /// Takes in requests that are judged once nothing older will come.
    fn hold_back(&mut self, mut attributed: Attributed) {
        self.directory.note(&mut attributed);
        let Attributed { batch, events, .. } = attributed;
        self.pending.reserve(events.len());
        for mut event in events {
            if event.at < self.judged_until {
                self.effects.late += 1;
                continue;
            }
            let request = &batch.requests[event.id.row as usize];
            event.role = self.roles.note(batch.text(request.role));
            if event.user != 0 {
                let user = || batch.text(request.user).into();
                self.users.entry(event.user).or_insert_with(user);
            }
            self.pending.push(event);
        }
        self.forget_users();
    }

    /// Has it say which open sessions there are, later which of them changed since the last call:
    /// [`Engine::preview`] then says no more of sessions than what is held back does to them.
    pub fn tell_sessions(&mut self) {
        if self.tells_open_sessions {
            self.tell_changed_sessions(self.judged_until, usize::MAX);
        } else {
            self.tells_open_sessions = true;
            self.tell_open_sessions();
        }
        self.tell_touched(false);
    }

    /// What would be said if nothing more came until `now` (ms since 1970 UTC): the effects of
    /// what is still held back, and the sessions and slices that are still open. Changes
    /// nothing here.
    #[must_use]
    pub fn preview(&self, now: i64) -> Effects {
        let mut ahead = self.clone();
        // That is said already.
        ahead.effects = Effects::default();
        let newest = ahead.pending.iter().map(|event| event.at).max();
        ahead.judge_before(i64::MAX);
        let now = newest.map_or(now, |newest| newest.max(now));
        ahead.look_after(now);
        if ahead.tells_open_sessions {
            // A flood shows in its attacks; its sessions are told once they are judged.
            ahead.tell_changed_sessions(now, PREVIEW_SESSIONS);
        } else {
            ahead.tell_open_sessions();
        }
        let open = ahead.attacks.iter().filter(|(_, attack)| !attack.closed);
        let open: Vec<AttackId> = open.map(|(id, _)| *id).collect();
        ahead.touched.extend(open);
        ahead.tell_touched(true);
        let mut effects = ahead.drain();
        ahead.tell_unfinished(&mut effects);
        effects
    }

    /// What is not finished of what is judged, after [`Engine::tell_sessions`]: a preview without
    /// what is held back. Where that is very much, all of the last moment, it is judged soon anyhow.
    #[must_use]
    pub fn preview_judged(&self) -> Effects {
        let mut effects = Effects::default();
        for attack in self.attacks.values().filter(|attack| !attack.closed) {
            effects.attack_slices.extend(attack.unfinished());
        }
        self.tell_unfinished(&mut effects);
        effects
    }

    /// Says what is not finished besides attacks and sessions.
    fn tell_unfinished(&self, effects: &mut Effects) {
        let crawlers = self.crawlers.iter();
        let crawlers = crawlers.filter(|(_, (_, slice))| slice.requests > 0);
        let slices = crawlers.map(|(name, (_, slice))| (name.clone(), slice.stored()));
        effects.crawler_slices.extend(slices);
        effects.learning = Some(self.baseline.learning());
        effects.learned = Some(self.learning_state());
        effects.normals = Some(self.heatmap_normals());
        effects.usual = Some(self.model.usual_endpoints());
    }

    /// How many requests are held back.
    #[must_use]
    pub fn held_back(&self) -> usize {
        self.pending.len()
    }

    /// Everything before this moment (ms since 1970 UTC) is judged.
    #[must_use]
    pub fn judged_until(&self) -> i64 {
        self.judged_until
    }

    /// How many actors it holds: clients, addresses and clusters.
    #[must_use]
    pub fn actors(&self) -> usize {
        self.clients.len() + self.addresses.len() + self.clusters.len()
    }

    /// Of whom no attack is raised.
    #[must_use]
    pub fn exceptions(&self) -> &NetworkSet {
        &self.exceptions
    }

    /// Where crawlers come from, as far as it is published.
    #[must_use]
    pub fn origins(&self) -> &Origins {
        self.origins.published()
    }

    /// Whether it was told of a look-up, or of a later one of the same.
    #[must_use]
    pub fn has_check(&self, check: &OriginCheck) -> bool {
        self.origins.has(check)
    }

    /// The whole state, to go on from later. What changed is not in it, so that
    /// [`Engine::take_effects`] comes first.
    #[must_use]
    pub fn snapshot(&self) -> Vec<u8> {
        let mut state = Vec::new();
        self.write_snapshot(&mut state);
        state
    }

    /// The same, written.
    ///
    /// # Panics
    ///
    /// If `out` fails, and in a debug build if there are effects that nobody took.
    pub fn write_snapshot(&self, out: &mut (impl Write + ?Sized)) {
        let said = &self.effects;
        debug_assert!(
            said.sessions.is_empty() && said.attacks.is_empty() && said.crawler_slices.is_empty(),
            "what was not taken is not in a snapshot"
        );
        let written = out.write_all(SNAPSHOT_MAGIC);
        written.expect("whoever is written to does not fail");
        postcard::to_io(self, out).expect("every state can be written");
    }

    /// Goes on from a snapshot. Who is in it is not looked at before they move, so whoever keeps it
    /// makes sure that it is as it was made.
    ///
    /// # Errors
    ///
    /// If the snapshot was made by another version, or is cut.
    pub fn restore(snapshot: &[u8]) -> Result<Self, SnapshotError> {
        let state = snapshot
            .strip_prefix(SNAPSHOT_MAGIC)
            .ok_or(SnapshotError::OtherVersion)?;
        postcard::from_bytes(state).map_err(|error| SnapshotError::Corrupt(error.to_string()))
    }

    /// Forgets the names of users of whom no session is open and nothing is held back: whoever
    /// invents users fills no memory.
    fn forget_users(&mut self) {
        let living = self.clients.len() + self.pending.len();
        if self.users.len() <= 2 * living + SPARE_USERS {
            return;
        }
        let user = |client: &Client| client.session.as_ref().map(OpenSession::user);
        let open = self.clients.outlined(|of| of.in_session).into_iter();
        let open = open.filter_map(|key| self.clients.look(key, user)?);
        let held_back = self.pending.iter().map(|event| event.user);
        let needed: FxHashSet<u64> = open.chain(held_back).collect();
        self.users.retain(|user, _| needed.contains(user));
    }

    /// The usual surprise of a request, in bits.
    fn usual_surprise(&self) -> f64 {
        let (sum, count) = self.usual_surprise;
        sum as f64 / 1_000.0 / count.max(1) as f64
    }

    /// Tells the attacks that changed; in a preview also what of them is not finished.
    fn tell_touched(&mut self, preview: bool) {
        for id in std::mem::take(&mut self.touched) {
            if let Some(attack) = self.attacks.get_mut(&id) {
                attack.tell(&mut self.effects, &self.directory, preview);
            }
        }
    }

    fn drain(&mut self) -> Effects {
        let mut effects = std::mem::take(&mut self.effects);
        effects.endpoints = self.directory.take_endpoints();
        effects.user_agents = self.directory.take_user_agents();
        effects
    }

    fn check_at(&mut self, at: i64, check: Check) {
        self.checks.entry(at).or_default().push(check);
    }
}

#[cfg(test)]
mod tests;

//! The ends of things: sessions that are over, attacks that fell silent, actors that are
//! forgotten, and what is learned from them when they go.

use shared::{
    AttackId, DetectorKind, LearnedModel, LearnedNormal, Learning, LearningState, Timestamp,
    UserAgentClass,
};

use super::{Check, Engine, MAX_CLIENTS};
use crate::actor::{ACTIVITY_MS, Client};
use crate::attack::{ActorKey, REOPEN_MS};
use crate::baseline::{Normal, Quantity};
use crate::detectors::{self, Evidence, Normals};
use crate::effects::{ClientKey, HeatmapNormals};
use crate::request::Address;
use crate::session::OpenSession;
use shared::Direction;

/// Who could not be forgotten yet is looked after again this much later, in milliseconds.
const RECHECK_MS: i64 = Timestamp::HOUR;
/// A client teaches at most so often while it is measured, a day at most, …
const CLIENT_LESSONS: u8 = 4;
/// … and the clients of an address that has several, together.
const ADDRESS_LESSONS: u8 = 24;
/// An actor with a higher confidence than this, in percent, teaches nothing.
pub(super) const TEACHER_CONFIDENCE: f64 = 40.0;

impl Engine {
    /// Looks after everything that is due before `now`.
    pub(super) fn look_after(&mut self, now: i64) {
        loop {
            let client_at = self.client_checks.first().map(|(at, _)| *at);
            let other_at = self.checks.first_key_value().map(|(at, _)| *at);
            let Some(at) = client_at.into_iter().chain(other_at).min() else {
                break;
            };
            if at > now {
                break;
            }
            while let Some((_, key)) = self.client_checks.first().filter(|(due, _)| *due == at) {
                let key = *key;
                self.client_checks.remove(&(at, key));
                self.check_client(key, at);
            }
            let mut checks = self.checks.remove(&at).unwrap_or_default();
            checks.sort_unstable_by_key(|check| match check {
                Check::Address(block) => (1, block.0),
                Check::Attack(id) => (2, u128::from(id.0)),
            });
            for check in checks {
                match check {
                    Check::Address(block) => self.check_address(block, at),
                    Check::Attack(id) => self.check_attack(id, at),
                }
            }
        }
    }

    fn check_client(&mut self, key: ClientKey, at: i64) {
        // Nearly all of them rest by then, and without a session none is looked after earlier.
        if self.clients.outline(&key).is_some_and(|it| it.is_plain) {
            let last_at = || self.clients.look(key, |client| client.last_at);
            debug_assert!(last_at().is_some_and(|last_at| last_at + ACTIVITY_MS <= at));
            if let Some(block) = self.clients.forget(&key) {
                self.addresses.forget_client(&block, key);
            }
            return;
        }
        let Some(client) = self.clients.get(&key) else {
            return;
        };
        if client.next_check != at {
            return;
        }
        if client
            .session
            .as_ref()
            .is_some_and(|session| session.is_over(at))
        {
            self.end_session(key);
        }
        let Some(client) = self.clients.get_mut(&key) else {
            return;
        };
        let forget_at = client.last_at + ACTIVITY_MS;
        // One of many that an attack has is forgotten like others, however long that goes on.
        let attack = client.attack.and_then(|id| self.attacks.get(&id));
        let own = attack.filter(|attack| !attack.closed && attack.actor == ActorKey::Client(key));
        let session_over_at = client.session.as_ref().map(OpenSession::over_at);
        if session_over_at.is_none() && own.is_none() && forget_at <= at {
            if let Some(client) = self.clients.remove(&key) {
                self.addresses.forget_client(&client.block, key);
                match client.attack {
                    // What it did counts there.
                    Some(id) if self.is_open(id) => self.note_away(key, id),
                    attack => {
                        self.remember(&client);
                        if attack.is_some() {
                            self.measure_anew(client.block);
                        }
                    }
                }
            }
            return;
        }
        // A session ends as soon as it is over, while its client is at hand.
        let next = session_over_at.unwrap_or_else(|| forget_at.max(at + RECHECK_MS));
        client.next_check = next;
        self.client_checks.insert((next, key));
    }

    /// Keeps of a client that it is part of an attack which goes on: it is when it comes back.
    fn note_away(&mut self, key: ClientKey, id: AttackId) {
        if self.away.len() < MAX_CLIENTS {
            self.away.insert(key, id);
        }
    }

    fn check_address(&mut self, block: Address, at: i64) {
        let Some(neighbors) = self.addresses.get(&block) else {
            return;
        };
        let forget_at = neighbors.last_at + ACTIVITY_MS;
        if forget_at <= at && neighbors.attack.is_none() {
            self.addresses.forget(&block);
        } else {
            self.check_at(forget_at.max(at + RECHECK_MS), Check::Address(block));
        }
    }

    fn check_attack(&mut self, id: AttackId, at: i64) {
        let Some(attack) = self.attacks.get_mut(&id) else {
            return;
        };
        if attack.closed {
            if attack.ended_at + REOPEN_MS <= at {
                self.dormant.remove(&attack.actor);
                if self.touched.remove(&id) {
                    attack.tell(&mut self.effects, &self.directory, false);
                }
                self.attacks.remove(&id);
            } else {
                let next = attack.ended_at + REOPEN_MS;
                self.check_at(next, Check::Attack(id));
            }
            return;
        }
        let closes_at = attack.closes_at();
        if closes_at > at {
            self.check_at(closes_at, Check::Attack(id));
            return;
        }
        attack.close();
        let (actor, forget_at) = (attack.actor, attack.ended_at + REOPEN_MS);
        self.away.retain(|_, of| *of != id);
        self.touched.insert(id);
        self.dormant.insert(actor, id);
        self.release(actor);
        self.check_at(forget_at.max(at + RECHECK_MS), Check::Attack(id));
    }

    /// Lets an actor go whose attack closed: it is measured anew when it comes back.
    pub(super) fn release(&mut self, actor: ActorKey) {
        match actor {
            ActorKey::Client(key) => self.let_go(key),
            ActorKey::Address(block) => {
                let Some(neighbors) = self.addresses.get_mut(&block) else {
                    return;
                };
                let id = neighbors.attack.take();
                let clients = std::mem::take(&mut neighbors.clients);
                neighbors.start_over();
                self.let_go_of(clients, id);
            }
            ActorKey::Cluster(key) => self.release_cluster(key),
        }
    }

    /// Lets those of the clients go that were part of an attack.
    pub(super) fn let_go_of(
        &mut self,
        clients: impl IntoIterator<Item = ClientKey>,
        id: Option<AttackId>,
    ) {
        for key in clients {
            if self
                .clients
                .get(&key)
                .is_some_and(|client| client.attack == id)
            {
                self.let_go(key);
            }
        }
    }

    /// Measures a client anew, and its address: what it did until its attack closed counts in
    /// that attack and in no other.
    pub(super) fn let_go(&mut self, key: ClientKey) {
        if let Some(client) = self.clients.get_mut(&key) {
            client.attack = None;
            client.start_over();
            let block = client.block;
            self.measure_anew(block);
        }
    }

    /// Measures an address anew, unless it is part of an attack itself.
    pub(super) fn measure_anew(&mut self, block: Address) {
        if let Some(neighbors) = self.addresses.get_mut(&block)
            && neighbors.attack.is_none()
        {
            neighbors.start_over();
        }
    }

    /// Ends a client's session: tells it, and learns from it if the client is unsuspected.
    pub(super) fn end_session(&mut self, key: ClientKey) {
        let Some(client) = self.clients.get_mut(&key) else {
            return;
        };
        let Some(session) = client.session.take() else {
            return;
        };
        let user = self.users.get(&session.user()).map_or("", |user| user);
        let role = self.roles.get(session.role());
        self.effects
            .sessions
            .push(session.record(key, user, role, true));
        let path = std::mem::take(&mut client.path);
        client.last_endpoint = None;
        let last_at = client.last_at;
        let user_agent = self.directory.user_agent(client.user_agent);
        let is_teacher = (self.clients.get(&key)).is_some_and(|client| self.is_teacher(client));
        if is_teacher && self.may_teach(key) {
            let Some(client) = self.clients.get_mut(&key) else {
                return;
            };
            if !path.is_empty() {
                self.model.learn(&path, last_at);
            }
            let features = std::mem::take(&mut client.features);
            let usual_surprise = self.usual_surprise();
            let evidence = Evidence {
                usual_surprise,
                ..Evidence::of(&features, user_agent)
            };
            self.anomaly.offer(key, last_at, &features);
            let core = &features.core;
            let measured = DetectorKind::ALL.iter().filter_map(|kind| {
                let value = detectors::value(*kind, &evidence)?;
                let numeric = detectors::spec(*kind).direction != Direction::Category;
                numeric.then_some((Quantity::Detector(*kind), value))
            });
            let others = [
                (Quantity::Rps, core.rps()),
                (Quantity::BurstRate, core.request_rate()),
                (Quantity::Errors, core.errors as f64),
                (Quantity::UnsafeMethods, core.unsafe_methods as f64),
                (Quantity::Endpoints, core.endpoints.distinct() as f64),
                (Quantity::Critical, core.critical as f64),
            ];
            self.baseline.learn(last_at, measured.chain(others));
            if features.surprise_requests > 0 {
                self.usual_surprise.0 += core.surprise;
                self.usual_surprise.1 += features.surprise_requests;
            }
            if let Some(client) = self.clients.get_mut(&key) {
                client.features = features;
            }
            self.train_anomaly_model(last_at);
            self.renew_normals();
        }
        let Some(client) = self.clients.get_mut(&key) else {
            return;
        };
        if last_at - client.features.core.from.0 >= ACTIVITY_MS {
            let before = client.clone();
            client.start_over();
            self.remember(&before);
            self.recall(key);
        }
    }

    /// Keeps the little that is remembered of a client for long.
    fn remember(&mut self, client: &Client) {
        if client.mostly_signs_in() {
            let failed = client.features.sign_ins.failed();
            self.memory.record(client.block, failed, client.last_at);
        }
    }

    /// Gives a client that begins anew what is remembered of its address.
    pub(super) fn recall(&mut self, key: ClientKey) {
        if let Some(client) = self.clients.get_mut(&key) {
            let failed = self.memory.recall(client.block, client.last_at);
            client.features.remember_failed(failed);
        }
    }

    /// Lets those of the clients that moved teach that are well enough known by now, though their
    /// sessions go on: how people move, and what they are like. What is normal of each quantity
    /// is learned from whole sessions only.
    pub(super) fn teach_early(&mut self, active: impl Iterator<Item = ClientKey>) {
        for key in active {
            let Some(client) = self.clients.get(&key) else {
                continue;
            };
            if !client.is_well_known() || !self.is_teacher(client) || !self.may_teach(key) {
                continue;
            }
            let Some(client) = self.clients.get_mut(&key) else {
                continue;
            };
            client.taught_early = true;
            self.model.learn(&client.path, client.last_at);
            client.path.mark_learned();
            self.anomaly.offer(key, client.last_at, &client.features);
            let now = client.last_at;
            self.train_anomaly_model(now);
        }
    }

    fn train_anomaly_model(&mut self, now: i64) {
        let (clients, application) = (&self.clients, &self.config.application);
        // Of whom nothing is known any more nothing was found.
        let is_unsuspected = |key| clients.look(key, is_unsuspected).unwrap_or(true);
        self.anomaly.train_if_due(application, now, is_unsuspected);
    }

    /// Whether a client is one of those that show what is normal.
    fn is_teacher(&self, client: &Client) -> bool {
        let class = self.directory.user_agent(client.user_agent).class;
        let person = matches!(
            class,
            UserAgentClass::Browser | UserAgentClass::NativeApp | UserAgentClass::Unknown
        );
        person && is_unsuspected(client) && client.features.requests() > 0
    }

    /// Whether another lesson of a client is wanted: nobody teaches more than a few times a day,
    /// nor does an address with all its clients.
    fn may_teach(&mut self, key: ClientKey) -> bool {
        let Some(client) = self.clients.get_mut(&key) else {
            return false;
        };
        let of_address = match self.addresses.get_mut(&client.block) {
            Some(neighbors) => &mut neighbors.lessons,
            None => &mut 0,
        };
        if client.lessons >= CLIENT_LESSONS || *of_address >= ADDRESS_LESSONS {
            return false;
        }
        client.lessons += 1;
        *of_address += 1;
        true
    }

    /// Works the normals out again when their teachers have grown by a twentieth.
    fn renew_normals(&mut self) {
        let teachers = self.baseline.learning().actors;
        if teachers >= self.normals_due {
            self.normals = Normals::of(&self.baseline);
            self.normals_due = teachers + (teachers / 20).max(1);
            let kinds = DetectorKind::ALL.iter();
            let normals: Vec<f64> = kinds.map(|kind| self.normal_of(*kind).value).collect();
            let now = self.baseline.last_at().unwrap_or_default();
            self.marks.mark(now, normals.into_iter());
            self.effects.learning = Some(self.baseline.learning());
            self.effects.normals = Some(self.heatmap_normals());
        }
    }

    fn normal_of(&self, kind: DetectorKind) -> Normal {
        match (self.anomaly.trained(), kind) {
            (Some(model), DetectorKind::AnomalyModel) => model.normal(),
            _ => self.normals.get(kind),
        }
    }

    /// Everything that was learned, and how it moves.
    pub(super) fn learning_state(&self) -> LearningState {
        let Learning {
            actors,
            hours,
            percent,
        } = self.baseline.learning();
        let last_at = self.baseline.last_at();
        let of = |kind: &DetectorKind| {
            let spec = detectors::spec(*kind);
            let normal = self.normal_of(*kind);
            LearnedNormal {
                detector: *kind,
                normal: normal.value,
                default: spec.default,
                unit: spec.unit.to_owned(),
                direction: spec.direction,
                percent: normal.learned_percent,
                actors: normal.actors,
                drift: last_at.and_then(|now| self.marks.drift(now, *kind, normal.value)),
            }
        };
        let has_normal =
            |kind: &&DetectorKind| detectors::spec(**kind).direction != Direction::Category;
        LearningState {
            actors,
            hours,
            percent,
            last_lesson_at: last_at.map(Timestamp),
            sessions: self.model.sessions,
            anomaly_model: self.anomaly.trained().map(|model| LearnedModel {
                number: model.number,
                trained_at: Timestamp(model.at),
                actors: model.actors(),
            }),
            normals: DetectorKind::ALL
                .iter()
                .filter(has_normal)
                .map(of)
                .collect(),
        }
    }

    /// The application's normal for what the heatmaps show.
    pub(super) fn heatmap_normals(&self) -> HeatmapNormals {
        let default = HeatmapNormals::default();
        let normal = |quantity, default| {
            self.baseline
                .normal(quantity, default, Direction::Above)
                .value
        };
        HeatmapNormals {
            rps: normal(Quantity::Rps, default.rps),
            request_rate: normal(Quantity::BurstRate, default.request_rate),
            errors: normal(Quantity::Errors, default.errors),
            unsafe_methods: normal(Quantity::UnsafeMethods, default.unsafe_methods),
            endpoints: normal(Quantity::Endpoints, default.endpoints),
            critical: normal(Quantity::Critical, default.critical),
            surprise: self.normals.get(DetectorKind::SuspiciousBehavior).value,
            usual_surprise: self.usual_surprise(),
        }
    }
}

fn is_unsuspected(client: &Client) -> bool {
    client.attack.is_none() && client.confidence < TEACHER_CONFIDENCE
}

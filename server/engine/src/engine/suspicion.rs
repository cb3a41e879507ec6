//! Verdicts on clients and addresses: when they are judged, and how a verdict becomes an
//! attack, goes on with one, or reopens one.

use shared::{AttackId, DetectorKind, Timestamp};

use super::evidence::Seen;
use super::{Check, Engine};
use crate::actor::{ADDRESS_CLIENTS, ClientOutline};
use crate::attack::{ActorKey, Attack, Raise};
use crate::effects::{ClientKey, Confidence, UserAgentKey};
use crate::features::Features;
use crate::judge::{self, Verdict};
use crate::request::Address;
use crate::trace::{FedCounts, Trace};

/// From so many clients on an address may be one program that changes its name.
const ROTATING: u64 = 3;
/// Among so many endpoints of an attack is what a client must be after to join it.
const MAIN: usize = 3;

impl Engine {
    pub(super) fn judge_client(&mut self, key: ClientKey) {
        let Some(client) = self.clients.get(&key) else {
            return;
        };
        if !client.is_due() {
            return;
        }
        let requests = client.features.requests();
        // Within an attack of several it is judged with them.
        let wider = client.attack.filter(|id| {
            let attack = self.attacks.get(id);
            attack.is_none_or(|attack| attack.actor != ActorKey::Client(key))
        });
        let is_needless = wider.is_some() || client.attack.is_none() && self.is_too_early(client);
        if is_needless && !self.config.tells_confidence {
            if let Some(client) = self.clients.get_mut(&key) {
                client.next_judge = judge::due_after(requests);
            }
            if let Some(id) = wider {
                self.judge_attack(id);
            }
            return;
        }
        let verdict = self.verdict(&client.features, client.user_agent, self.seen(client));
        let confidence = verdict.confidence();
        let Some(client) = self.clients.get_mut(&key) else {
            return;
        };
        client.next_judge = judge::due_after(requests);
        client.confidence = client.confidence.max(confidence);
        let (attack, block) = (client.attack, client.block);
        self.tell_confidence(Some(key), block, &verdict);
        if let Some(id) = wider {
            self.judge_attack(id);
            return;
        }
        if let Some(attack) = attack.and_then(|id| self.attacks.get_mut(&id)) {
            attack.update(verdict);
            self.touched.insert(attack.id);
            return;
        }
        if confidence < self.bar() || self.is_excepted_client(key) {
            return;
        }
        // Its address was found to be one actor that does the same: it counts there.
        let neighbors = self.addresses.get(&block);
        let of_address = neighbors.and_then(|neighbors| neighbors.attack);
        if let Some(id) = of_address
            && self.attacks.get(&id).map(Attack::bot_type) == Some(verdict.types[0].bot_type)
        {
            self.join_attack(key, id);
            return;
        }
        // Others do the same elsewhere, or here under other names: then they are one bot.
        if self.raise_wider(key) {
            return;
        }
        let Some(client) = self.clients.get_mut(&key) else {
            return;
        };
        let (fed, traces) = (client.fed.clone(), client.traces());
        let (features, user_agent) = (client.features.clone(), client.user_agent);
        client.forget_traces();
        // What is remembered is the address's doing: it is the actor, whatever it calls itself.
        let by_memory = of_address.is_none()
            && features.sign_ins.remembered > 0
            && Self::guesses(&verdict)
            && !self.dormant.contains_key(&ActorKey::Client(key));
        let actor = if by_memory {
            ActorKey::Address(block)
        } else {
            ActorKey::Client(key)
        };
        let id = self.raise(actor, &features, fed, traces, verdict, user_agent);
        if let Some(client) = self.clients.get_mut(&key) {
            client.attack = Some(id);
        }
        if by_memory {
            self.look_at_address(block, features.core.until.0);
            if let Some(neighbors) = self.addresses.get_mut(&block) {
                neighbors.attack = Some(id);
            }
        } else {
            // What counts here counts nowhere else.
            self.measure_anew(block);
        }
    }

    /// Raises an attack of the cluster or of the address that a client is part of, if they cross
    /// the bar too. Returns whether the client counts there now.
    fn raise_wider(&mut self, key: ClientKey) -> bool {
        let Some(client) = self.clients.get(&key) else {
            return false;
        };
        let (likeness, block) = (client.likeness, client.block);
        if let Some(likeness) = likeness {
            self.judge_cluster(likeness, true);
        }
        let is_free = |engine: &Self| {
            let client = engine.clients.get(&key);
            client.is_some_and(|client| client.attack.is_none())
        };
        let is_rotating = self
            .addresses
            .get(&block)
            .is_some_and(|neighbors| neighbors.attack.is_none() && neighbors.sessions >= ROTATING);
        if is_free(self) && is_rotating {
            self.suspect_address(block);
        }
        !is_free(self)
    }

    /// Lets a client join the attack of its address, `block`, if it may be the same program and
    /// does the same.
    pub(super) fn join_address(&mut self, key: ClientKey, block: Address) {
        let of_address = self.addresses.get(&block);
        let Some(id) = of_address
            .and_then(|neighbors| neighbors.attack)
            .filter(|id| self.is_open(*id))
        else {
            return;
        };
        let Some(client) = self.clients.get(&key).filter(|it| it.attack.is_none()) else {
            return;
        };
        let favorite = client.features.core.endpoints.top(1);
        let main = self.attacks[&id].features().core.endpoints.top(MAIN);
        let does_the_same = favorite
            .first()
            .is_some_and(|(favorite, _)| main.iter().any(|(endpoint, _)| endpoint == favorite));
        if does_the_same && self.may_be_program(client) {
            self.join_attack(key, id);
        }
    }

    pub(super) fn judge_address(&mut self, block: Address) {
        let Some(neighbors) = self.addresses.get_mut(&block) else {
            return;
        };
        let Some(features) = neighbors.features.as_deref() else {
            return;
        };
        let requests = features.requests();
        if requests < neighbors.next_judge {
            return;
        }
        neighbors.next_judge = judge::due_after(requests);
        match neighbors.attack {
            Some(id) => self.judge_attack(id),
            None => self.suspect_address(block),
        }
    }

    /// Judges an attack of several clients again by what counts in it, whatever others do at the
    /// same address; once an eighth more of it is there.
    fn judge_attack(&mut self, id: AttackId) {
        let Some(attack) = self.attacks.get_mut(&id).filter(|attack| attack.is_due()) else {
            return;
        };
        attack.note_judged();
        let attack = &self.attacks[&id];
        let seen = match attack.actor {
            ActorKey::Client(_) => return,
            ActorKey::Address(block) => Seen::Address {
                sessions: self.addresses.get(&block).map_or(1, |it| it.sessions),
            },
            ActorKey::Cluster(key) => Seen::Cluster {
                sources: attack.sources(),
                company: self.company_of(key),
            },
        };
        let Some((_, verdict)) = self.verdict_of_many(attack.features(), seen) else {
            return;
        };
        if let Some(attack) = self.attacks.get_mut(&id) {
            attack.update(verdict);
            self.touched.insert(id);
        }
    }

    /// Raises an attack of an address if its clients together cross the bar.
    fn suspect_address(&mut self, block: Address) {
        let Some(neighbors) = self.addresses.get(&block) else {
            return;
        };
        let Some(features) = neighbors.features.as_deref() else {
            return;
        };
        let seen = Seen::Address {
            sessions: neighbors.sessions,
        };
        let Some((user_agent, verdict)) = self.verdict_of_many(features, seen) else {
            return;
        };
        if !self.alike(block) {
            return;
        }
        let crosses = verdict.confidence() >= self.bar() && !self.is_excepted(features);
        let measured = crosses.then(|| (features.clone(), neighbors.fed.clone()));
        self.tell_confidence(None, block, &verdict);
        let Some((features, fed)) = measured else {
            return;
        };
        let clients = self.counting_at(block);
        let actor = ActorKey::Address(block);
        let id = self.raise_together(actor, &clients, &features, fed, verdict, user_agent);
        if let Some(neighbors) = self.addresses.get_mut(&block) {
            neighbors.attack = Some(id);
        }
    }

    /// Opens an attack of several clients: what they did until now counts there.
    pub(super) fn raise_together(
        &mut self,
        actor: ActorKey,
        clients: &[ClientKey],
        features: &Features,
        fed: FedCounts,
        verdict: Verdict,
        user_agent: UserAgentKey,
    ) -> AttackId {
        let mut traces: Vec<Trace> = Vec::new();
        for key in clients {
            if let Some(client) = self.clients.get_mut(key) {
                traces.extend(client.traces());
                client.forget_traces();
            }
        }
        traces.sort_unstable_by_key(|trace| (trace.at, trace.id));
        let id = self.raise(actor, features, fed, traces, verdict, user_agent);
        for key in clients {
            if let Some(client) = self.clients.get_mut(key) {
                client.attack = Some(id);
            }
        }
        id
    }

    fn tell_confidence(&mut self, client: Option<ClientKey>, block: Address, verdict: &Verdict) {
        if !self.config.tells_confidence {
            return;
        }
        let findings = DetectorKind::ALL.iter().zip(&verdict.findings);
        self.effects.confidences.push(Confidence {
            client,
            block,
            confidence: verdict.confidence(),
            bot_type: verdict.types[0].bot_type,
            votes: findings
                .filter(|(_, finding)| finding.vote > 0.0)
                .map(|(kind, finding)| (*kind, finding.vote))
                .collect(),
        });
    }

    /// The clients of an address that count for it, also those beyond how many it tells apart.
    fn counting_at(&self, block: Address) -> Vec<ClientKey> {
        let Some(neighbors) = self.addresses.get(&block) else {
            return Vec::new();
        };
        let mut clients = neighbors.clients.clone();
        if clients.len() >= ADDRESS_CLIENTS {
            let wanted = ClientOutline::of_block(block);
            clients = self.clients.outlined(|of| of.block == wanted);
            clients.retain(|key| self.clients.look(*key, |client| client.block) == Some(block));
        }
        clients.retain(|key| {
            let client = self.clients.get(key);
            client.is_some_and(|client| self.counts_among(client, neighbors))
        });
        clients
    }

    /// Looks at an address as a whole from here on, if it is not yet.
    pub(super) fn look_at_address(&mut self, block: Address, at: i64) {
        if !self.addresses.share(block, at) {
            return;
        }
        self.check_at(at + Timestamp::DAY, Check::Address(block));
        let Some(neighbors) = self.addresses.get_mut(&block) else {
            return;
        };
        // Whose first client loaded files before there was a second one.
        for client in neighbors.clients.clone() {
            let client = self.clients.get(&client);
            if let Some(client) = client.filter(|it| it.features.static_requests() > 0) {
                neighbors.note_browser(client.user_agent);
            }
        }
    }

    /// Whether an attack goes on.
    pub(super) fn is_open(&self, id: AttackId) -> bool {
        self.attacks.get(&id).is_some_and(|attack| !attack.closed)
    }

    /// Opens an attack, or reopens the actor's last one if it is of the same type.
    pub(super) fn raise(
        &mut self,
        actor: ActorKey,
        features: &Features,
        fed: FedCounts,
        traces: Vec<Trace>,
        verdict: Verdict,
        user_agent: UserAgentKey,
    ) -> AttackId {
        let known = self.directory.user_agent(user_agent);
        let product = self.directory.product(user_agent).to_owned();
        let bar = self.config.sensitivity.bar();
        let bot_type = verdict.types[0].bot_type;
        let raise = Raise {
            actor,
            features,
            fed,
            traces,
            verdict,
            class: known.class,
            product: &product,
            bar,
        };
        let dormant = self
            .dormant
            .get(&actor)
            .and_then(|id| self.attacks.get_mut(id));
        let id = match dormant {
            Some(attack) if attack.closed && attack.bot_type() == bot_type => {
                attack.reopen(raise);
                attack.id
            }
            _ => {
                let attack = Attack::raise(raise, &self.config.application);
                let id = attack.id;
                self.attacks.insert(id, attack);
                id
            }
        };
        self.dormant.remove(&actor);
        self.touched.insert(id);
        let closes_at = self.attacks[&id].closes_at();
        self.check_at(closes_at, Check::Attack(id));
        id
    }
}

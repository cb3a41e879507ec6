//! Verdicts on clients and addresses: when they are judged, and how a verdict becomes an
//! attack, goes on with one, or reopens one.

use std::net::IpAddr;

use shared::{AttackId, DetectorKind, Network, Timestamp, UserAgentClass};

use super::{Check, Engine};
use crate::actor::{ADDRESS_CLIENTS, Client, ClientOutline, Neighbors};
use crate::attack::{ActorKey, Attack, Raise};
use crate::detectors::Evidence;
use crate::directory::KnownUserAgent;
use crate::effects::{ClientKey, Confidence, UserAgentKey};
use crate::features::Features;
use crate::judge::{self, AnomalyVote, Verdict};
use crate::origins::verify_all;
use crate::request::Address;
use crate::trace::{FedCounts, Trace};

/// An address is one actor only if this share of its clients is after the same thing.
const ALIKE: f64 = 0.8;

/// From so many clients on an address may be one program that changes its name.
const ROTATING: u64 = 3;
/// Among so many endpoints of an attack is what a client must be after to join it.
const MAIN: usize = 3;
/// Who does so many requests each time and begins anew is one program rather than people.
const SHORT_SESSION: u64 = 8;

/// As what an actor is seen.
#[derive(Debug, Clone, Copy)]
pub(super) enum Seen {
    /// One client.
    Client {
        /// Whether a session key tells who it is.
        keyed: bool,
        /// Whether its address loads files with the same user agent.
        loads_files: bool,
    },
    /// The clients of an address.
    Address {
        /// How many of them may be one program.
        sessions: u64,
    },
    /// Clients alike.
    Cluster {
        /// From how many addresses.
        sources: u64,
    },
}

impl Engine {
    pub(super) fn bar(&self) -> f64 {
        f64::from(self.config.sensitivity.bar())
    }

    pub(super) fn verdict(
        &self,
        features: &Features,
        user_agent: UserAgentKey,
        seen: Seen,
    ) -> Verdict {
        let known = self.identified(features, user_agent);
        let mut evidence = Evidence {
            usual_surprise: self.usual_surprise(),
            anomaly: self.anomaly.trained(),
            ..Evidence::of(features, known)
        };
        if !matches!(
            seen,
            Seen::Client {
                loads_files: true,
                ..
            }
        ) {
            evidence.contradiction = self.shape.contradiction(features, known.class);
        }
        match seen {
            Seen::Client { keyed, .. } => evidence.can_rotate = keyed,
            Seen::Address { sessions } => {
                let is_short = features.requests() <= SHORT_SESSION * sessions;
                evidence.rotated = is_short.then_some(sessions);
            }
            Seen::Cluster { sources } => {
                evidence.is_cluster = true;
                evidence.can_rotate = true;
                evidence.sources = sources;
            }
        }
        let mut verdict = judge::judge(&evidence, &self.normals, self.bar());
        let voted = verdict.findings[DetectorKind::AnomalyModel as usize].vote > 0.0;
        if voted && verdict.confidence() >= self.bar() {
            verdict.anomaly = evidence.anomaly.map(|model| AnomalyVote {
                number: model.number,
                trained_at: model.at,
                contributions: model.contributions(features),
            });
        }
        verdict
    }

    /// A user agent, and whether those who use it are who it says.
    fn identified(&self, features: &Features, user_agent: UserAgentKey) -> KnownUserAgent {
        let known = self.directory.user_agent(user_agent);
        let Some(claim) = self.directory.claim(user_agent) else {
            return known;
        };
        let addresses = features.tally.addresses.top(usize::MAX);
        let at = features.core.until;
        let each = addresses.iter();
        KnownUserAgent {
            verification: verify_all(
                each.map(|(address, _)| self.origins.verify(claim, *address, at)),
            ),
            ..known
        }
    }

    pub(super) fn judge_client(&mut self, key: ClientKey) {
        let Some(client) = self.clients.get(&key) else {
            return;
        };
        let requests = client.features.requests();
        if requests < client.next_judge {
            return;
        }
        let seen = Seen::Client {
            keyed: client.keyed,
            loads_files: self.loads_files(client),
        };
        let verdict = self.verdict(&client.features, client.user_agent, seen);
        let confidence = verdict.confidence();
        let Some(client) = self.clients.get_mut(&key) else {
            return;
        };
        client.next_judge = requests + (requests / 8).max(1);
        client.confidence = client.confidence.max(confidence);
        let (attack, block) = (client.attack, client.block);
        self.tell_confidence(Some(key), block, &verdict);
        if let Some(id) = attack {
            match self.attacks.get_mut(&id) {
                Some(attack) if attack.actor == ActorKey::Client(key) => {
                    attack.update(verdict);
                    self.touched.insert(id);
                }
                _ => self.judge_attack(id),
            }
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
            && features.remembered_attempts > 0
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

    /// Lets a client join the attack of its address, if it may be the same program and does the
    /// same.
    pub(super) fn join_address(&mut self, key: ClientKey) {
        let Some(client) = self.clients.get(&key).filter(|it| it.attack.is_none()) else {
            return;
        };
        let of_address = self.addresses.get(&client.block);
        let Some(id) = of_address
            .and_then(|neighbors| neighbors.attack)
            .filter(|id| self.is_open(*id))
        else {
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

    /// Whether a client may be a program: as far as that can be told, it loads no files.
    pub(super) fn may_be_program(&self, client: &Client) -> bool {
        let neighbors = self.addresses.get(&client.block);
        self.may_be_program_among(client, neighbors)
    }

    fn may_be_program_among(&self, client: &Client, neighbors: Option<&Neighbors>) -> bool {
        let class = self.directory.user_agent(client.user_agent).class;
        self.shape.is_bare(&client.features, class)
            && !(class == UserAgentClass::Browser
                && neighbors.is_some_and(|it| it.browsers.contains(&client.user_agent)))
    }

    fn loads_files(&self, client: &Client) -> bool {
        let neighbors = self.addresses.get(&client.block);
        neighbors.is_some_and(|it| it.browsers.contains(&client.user_agent))
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
        neighbors.next_judge = requests + (requests / 8).max(1);
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
            ActorKey::Cluster(_) => Seen::Cluster {
                sources: attack.sources(),
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
        self.tell_confidence(None, block, &verdict);
        let Some(neighbors) = self.addresses.get(&block) else {
            return;
        };
        let Some(features) = neighbors.features.as_deref() else {
            return;
        };
        if verdict.confidence() < self.bar() || self.is_excepted(features) {
            return;
        }
        let clients: Vec<ClientKey> = self
            .clients_at(block, neighbors)
            .into_iter()
            .filter(|key| {
                self.clients
                    .get(key)
                    .is_some_and(|it| self.counts_among(it, neighbors))
            })
            .collect();
        let (features, fed) = (features.clone(), neighbors.fed.clone());
        let mut traces: Vec<Trace> = Vec::new();
        for key in &clients {
            if let Some(client) = self.clients.get_mut(key) {
                traces.extend(client.traces());
                client.forget_traces();
            }
        }
        traces.sort_unstable_by_key(|trace| (trace.at, trace.id));
        let id = self.raise(
            ActorKey::Address(block),
            &features,
            fed,
            traces,
            verdict,
            user_agent,
        );
        if let Some(neighbors) = self.addresses.get_mut(&block) {
            neighbors.attack = Some(id);
        }
        for key in &clients {
            if let Some(client) = self.clients.get_mut(key) {
                client.attack = Some(id);
            }
        }
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

    /// The verdict on several clients, by what most of them call themselves.
    pub(super) fn verdict_of_many(
        &self,
        features: &Features,
        seen: Seen,
    ) -> Option<(UserAgentKey, Verdict)> {
        let (user_agent, _) = features.tally.user_agents.top(1).first().copied()?;
        Some((user_agent, self.verdict(features, user_agent, seen)))
    }

    /// Whether what a client does counts for its address: it may be the same program as others
    /// there, and is part of no attack but the address's.
    pub(super) fn counts_among(&self, client: &Client, neighbors: &Neighbors) -> bool {
        client.attack == neighbors.attack
            && (!self.shape.has_files() || self.may_be_program_among(client, Some(neighbors)))
    }

    /// All clients of an address, also those beyond how many it tells apart.
    fn clients_at(&self, block: Address, neighbors: &Neighbors) -> Vec<ClientKey> {
        if neighbors.clients.len() < ADDRESS_CLIENTS {
            return neighbors.clients.clone();
        }
        let wanted = ClientOutline::of_block(block);
        let mut clients = self.clients.outlined(|of| of.block == wanted);
        clients.retain(|key| self.clients.look(*key, |client| client.block) == Some(block));
        clients
    }

    /// Looks at an address as a whole from here on.
    fn look_at_address(&mut self, block: Address, at: i64) {
        if self.addresses.share(block, at) {
            self.check_at(at + Timestamp::DAY, Check::Address(block));
        }
    }

    /// Whether an attack goes on.
    pub(super) fn is_open(&self, id: AttackId) -> bool {
        self.attacks.get(&id).is_some_and(|attack| !attack.closed)
    }

    fn is_excepted_client(&self, key: ClientKey) -> bool {
        let client = self.clients.get(&key);
        client.is_some_and(|client| self.is_excepted(&client.features))
    }

    /// Whether no attack is raised of whom this was measured: every address is excepted, as far
    /// as they are told apart.
    fn is_excepted(&self, features: &Features) -> bool {
        if self.exceptions.is_empty() {
            return false;
        }
        let addresses = features.tally.addresses.top(usize::MAX);
        let mut sources = addresses.iter().map(|(address, _)| IpAddr::from(*address));
        !addresses.is_empty() && sources.all(|source| self.exceptions.contains(source))
    }

    /// Whether all of a block's addresses are excepted.
    pub(super) fn is_excepted_block(&self, block: Address) -> bool {
        // Of IPv4 a block is one address.
        let network = match IpAddr::from(block) {
            source @ IpAddr::V4(_) => Some(Network::single(source)),
            source @ IpAddr::V6(_) => Network::holding(source, 64),
        };
        network.is_some_and(|network| self.exceptions.covers(network))
    }

    /// Whether the clients of an address are alike: none of them a person's browser, as far as
    /// that can be told; otherwise after the same endpoint, or none that calls itself a browser.
    /// If they are not, the address is shared and only its clients are judged.
    fn alike(&self, block: Address) -> bool {
        let Some(neighbors) = self.addresses.get(&block) else {
            return false;
        };
        let clients: Vec<_> = neighbors
            .clients
            .iter()
            .filter_map(|key| self.clients.get(key))
            .filter(|client| self.counts_among(client, neighbors))
            .collect();
        if clients.len() < 2 {
            return false;
        }
        // People were left out already.
        if self.shape.has_files() {
            return true;
        }
        let enough = ALIKE * clients.len() as f64;
        let tools = clients.iter().filter(|client| {
            let class = self.directory.user_agent(client.user_agent).class;
            !matches!(class, UserAgentClass::Browser | UserAgentClass::NativeApp)
        });
        if tools.count() as f64 >= enough {
            return true;
        }
        let favorite = neighbors
            .features
            .as_ref()
            .and_then(|features| features.core.endpoints.top(1).first().copied());
        let Some((favorite, _)) = favorite else {
            return false;
        };
        let same = clients.iter().filter(|client| {
            let own = client.features.core.endpoints.top(1);
            own.first()
                .is_some_and(|(endpoint, _)| *endpoint == favorite)
        });
        // People behind one address share a favourite page too; what they do not share is
        // guessing passwords or probing.
        let intent = neighbors.features.as_ref().is_some_and(|features| {
            features.authentication_share() >= ALIKE
                || features.probes as f64 >= 0.5 * features.requests() as f64
        });
        same.count() as f64 >= enough && intent
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

    /// Whether a verdict rests on authentication.
    pub(super) fn guesses(verdict: &Verdict) -> bool {
        verdict.findings[DetectorKind::AuthenticationAbuse as usize].vote > 0.0
    }
}

//! What is known of an actor when it is judged: as what it is seen, whether it may be a program,
//! who counts together with it, and who is excepted. Not when it is judged, nor what follows:
//! that is `suspicion`.

use std::net::IpAddr;

use shared::{DetectorKind, Network, UserAgentClass};

use super::Engine;
use super::lifetime::TEACHER_CONFIDENCE;
use crate::actor::{Client, Neighbors};
use crate::detectors::{self, Evidence};
use crate::directory::KnownUserAgent;
use crate::driven::Company;
use crate::effects::{ClientKey, UserAgentKey};
use crate::features::Features;
use crate::judge::{self, AnomalyVote, Verdict};
use crate::origins::verify_all;
use crate::request::Address;
use crate::shape::Contradiction;
use crate::trace::FedCounts;

/// An address is one actor only if this share of its clients is after the same thing.
const ALIKE: f64 = 0.8;
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
        /// Who else uses their user agent, if they are browsers that a program seems to drive.
        company: Option<Company>,
    },
}

impl Engine {
    pub(super) fn bar(&self) -> f64 {
        f64::from(self.config.sensitivity.bar())
    }

    /// What there is to look at of an actor.
    fn evidence<'a>(
        &'a self,
        features: &'a Features,
        user_agent: UserAgentKey,
        seen: Seen,
    ) -> Evidence<'a> {
        let known = self.identified(features, user_agent);
        let mut evidence = Evidence {
            usual_surprise: self.usual_surprise(),
            anomaly: self.anomaly.trained(),
            contradiction: self.shape.contradiction(features, known.class),
            ..Evidence::of(features, known)
        };
        match seen {
            Seen::Client { keyed, loads_files } => {
                evidence.can_rotate = keyed;
                evidence.contradiction = evidence.contradiction.filter(|_| !loads_files);
            }
            Seen::Address { sessions } => {
                let is_short = features.requests() <= SHORT_SESSION * sessions;
                evidence.rotated = is_short.then_some(sessions);
            }
            Seen::Cluster { sources, company } => {
                evidence.is_cluster = true;
                let driven = company.map(Contradiction::Driven);
                evidence.contradiction = driven.or(evidence.contradiction);
                evidence.can_rotate = true;
                evidence.sources = sources;
            }
        }
        evidence
    }

    /// Whether a client that is part of no attack did too little for a verdict to matter: neither
    /// would it be a bot, nor would it be suspected.
    pub(super) fn is_too_early(&self, client: &Client) -> bool {
        let most = judge::most_confidence(client.features.requests());
        if most >= self.bar().min(TEACHER_CONFIDENCE) {
            return false;
        }
        let seen = self.seen(client);
        let evidence = self.evidence(&client.features, client.user_agent, seen);
        !detectors::is_decisive(&evidence)
    }

    pub(super) fn verdict(
        &self,
        features: &Features,
        user_agent: UserAgentKey,
        seen: Seen,
    ) -> Verdict {
        let evidence = self.evidence(features, user_agent, seen);
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

    /// What clients did together.
    pub(super) fn together<'a>(
        &self,
        clients: impl IntoIterator<Item = &'a ClientKey>,
    ) -> (Features, FedCounts) {
        let (mut features, mut fed) = (Features::default(), FedCounts::default());
        let clients = clients.into_iter();
        for client in clients.filter_map(|key| self.clients.get(key)) {
            features.merge(&client.features);
            fed.merge(&client.fed);
        }
        (features, fed)
    }

    /// As what a client is seen.
    pub(super) fn seen(&self, client: &Client) -> Seen {
        Seen::Client {
            keyed: client.keyed,
            loads_files: loads_files(client, self.addresses.get(&client.block)),
        }
    }

    /// Whether a client may be a program: as far as that can be told, it loads no files.
    pub(super) fn may_be_program(&self, client: &Client) -> bool {
        self.may_be_program_among(client, self.addresses.get(&client.block))
    }

    fn may_be_program_among(&self, client: &Client, neighbors: Option<&Neighbors>) -> bool {
        let class = self.directory.user_agent(client.user_agent).class;
        let loads_files = class == UserAgentClass::Browser && loads_files(client, neighbors);
        self.shape.is_bare(&client.features, class) && !loads_files
    }

    pub(super) fn is_excepted_client(&self, key: ClientKey) -> bool {
        let client = self.clients.get(&key);
        client.is_some_and(|client| self.is_excepted(&client.features))
    }

    /// Whether no attack is raised of whom this was measured: every address is excepted, as far
    /// as they are told apart.
    pub(super) fn is_excepted(&self, features: &Features) -> bool {
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
    pub(super) fn alike(&self, block: Address) -> bool {
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
                || features.probes.count as f64 >= 0.5 * features.requests() as f64
        });
        same.count() as f64 >= enough && intent
    }

    /// Whether a verdict rests on authentication.
    pub(super) fn guesses(verdict: &Verdict) -> bool {
        verdict.findings[DetectorKind::AuthenticationAbuse as usize].vote > 0.0
    }
}

/// Whether an address loads files with a client's user agent.
fn loads_files(client: &Client, neighbors: Option<&Neighbors>) -> bool {
    neighbors.is_some_and(|it| it.browsers.contains(&client.user_agent))
}

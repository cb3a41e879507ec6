//! Clusters: clients alike across addresses. Who may be a program (see `shape`) and mostly asks
//! for the same thing as others do elsewhere is one actor with them, when they come from several
//! addresses. Measured from its members whenever one of them moved.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use shared::{AttackId, UserAgentClass};

use super::Engine;
use super::evidence::Seen;
use crate::actor::Client;
use crate::attack::ActorKey;
use crate::attribute::hash_parts;
use crate::driven::Company;
use crate::effects::{ClientKey, EndpointKey, UserAgentKey};
use crate::features::Features;
use crate::judge::{self, Verdict};
use crate::request::Address;

/// Authentication makes up at least this share of the requests of who does nothing else.
const ISOLATED_SHARE: f64 = 0.8;
/// What a client asks for most makes up at least this share of its requests.
const FAVORITE_SHARE: f64 = 0.3;
/// Of what is asked for so often, one stands for all.
const OFTEN_SHARE: f64 = 0.15;
/// Who does no more than so much does nothing but try.
const FEW: u64 = 3;
/// Who only reads is alike from so many requests on.
const READS: u64 = 8;
/// From so many addresses on clients alike are one actor.
const MIN_ADDRESSES: usize = 5;
/// With so many failed attempts together.
const MIN_FAILED: u64 = 15;
/// Or so many requests.
const MIN_REQUESTS: u64 = 40;
/// So large a part of those who sign in may fail and give up.
const GAVE_UP: f64 = 0.3;
/// People who mistype succeed in the end: attempts of a cluster succeed less often than this.
const MAX_SUCCESS: f64 = 0.4;
const MAX_CLUSTERS: usize = 2_000;
const MAX_MEMBERS: usize = 1_024;

/// What clients have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Common {
    /// Attempts to sign in at the same endpoint, and nearly nothing else.
    Attempts,
    /// Changes at the same endpoint.
    Changes,
    /// The endpoint that they read most, and what they call themselves, unless that is a
    /// browser, which each of them may call itself by another name.
    Reads,
    /// The very user agent of a browser, and that a program seems to drive it.
    Driven(UserAgentKey),
}

/// Clients alike.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Cluster {
    common: Common,
    members: BTreeSet<ClientKey>,
    attack: Option<AttackId>,
    next_judge: u64,
}

impl Engine {
    /// Lets clients that moved join the clusters they belong to; returns those that grew.
    pub(super) fn note_likeness(
        &mut self,
        active: impl Iterator<Item = ClientKey>,
    ) -> BTreeSet<u64> {
        let mut moved: BTreeSet<u64> = BTreeSet::new();
        for key in active {
            let Some(client) = self.clients.get(&key).filter(|it| it.attack.is_none()) else {
                continue;
            };
            let before = client.likeness;
            let now = self.common(client);
            let likeness = now.map(|(likeness, _)| likeness);
            if before != likeness {
                if let Some(cluster) = before.and_then(|before| self.clusters.get_mut(&before)) {
                    cluster.members.remove(&key);
                }
                if let Some(client) = self.clients.get_mut(&key) {
                    client.likeness = likeness;
                }
            }
            let Some((likeness, common)) = now else {
                continue;
            };
            match self.join_cluster(key, likeness, common).map(|it| it.attack) {
                Some(Some(attack)) if self.company_of(likeness).is_none_or(Company::is_tool) => {
                    self.join_attack(key, attack);
                }
                Some(None) => _ = moved.insert(likeness),
                Some(Some(_)) | None => {}
            }
        }
        moved
    }

    /// Adds a client to a cluster and returns it; `None` if there is no room for another one.
    fn join_cluster(&mut self, key: ClientKey, likeness: u64, common: Common) -> Option<&Cluster> {
        if !self.clusters.contains_key(&likeness) && self.clusters.len() >= MAX_CLUSTERS {
            self.forget_clusters();
            if self.clusters.len() >= MAX_CLUSTERS {
                return None;
            }
        }
        let cluster = self.clusters.entry(likeness).or_insert_with(|| Cluster {
            common,
            members: BTreeSet::new(),
            attack: None,
            next_judge: match common {
                Common::Attempts => MIN_FAILED,
                Common::Changes | Common::Reads | Common::Driven(_) => MIN_REQUESTS,
            },
        });
        if cluster.members.len() < MAX_MEMBERS {
            cluster.members.insert(key);
        }
        Some(cluster)
    }

    /// What a client has in common with others, and its hash; `None` if it may be a person, or
    /// automation that says what it is.
    fn common(&self, client: &Client) -> Option<(u64, Common)> {
        let features = &client.features;
        let known = self.directory.user_agent(client.user_agent);
        if known.class == UserAgentClass::NativeApp {
            return None;
        }
        let may_be_program = self.may_be_program(client);
        if self.shape.has_files() && !may_be_program {
            let common = Common::Driven(client.user_agent);
            let likeness = likeness(common, client.user_agent.0, EndpointKey(0));
            return (client.driven == Some(true)).then_some((likeness, common));
        }
        let favorites = features.core.endpoints.top(2);
        let (favorite, times) = *favorites.first()?;
        if features.sign_ins.attempts > 0 && features.authentication_share() >= ISOLATED_SHARE {
            // Who guesses calls itself something else each time.
            let likeness = likeness(Common::Attempts, 0, favorite);
            // Who succeeds at once counts only where others are at it: it is what they are after.
            let in_vain = 2 * features.sign_ins.failed() >= features.sign_ins.attempts;
            if in_vain || (features.requests() <= FEW && self.is_campaign(likeness)) {
                return Some((likeness, Common::Attempts));
            }
        }
        // A name excuses no guessing.
        let is_welcome = match known.class {
            UserAgentClass::Automation => true,
            UserAgentClass::Crawler => !known.is_rude(),
            _ => false,
        };
        let share = |times: u32| f64::from(times) / features.requests() as f64;
        if is_welcome || !may_be_program || share(times) < FAVORITE_SHARE {
            return None;
        }
        if 2 * features.core.unsafe_methods >= features.requests() {
            return Some((likeness(Common::Changes, 0, favorite), Common::Changes));
        }
        if features.requests() < READS {
            return None;
        }
        let agent = match known.class {
            UserAgentClass::Browser => 0,
            _ => client.user_agent.0,
        };
        // Of two that are asked for alike, chance says which is asked for more.
        let often = favorites.iter();
        let often = often.filter(|(_, times)| share(*times) >= OFTEN_SHARE);
        let endpoint = often.map(|(endpoint, _)| *endpoint).min()?;
        Some((likeness(Common::Reads, agent, endpoint), Common::Reads))
    }

    /// Whether an attack of a cluster goes on.
    fn is_campaign(&self, likeness: u64) -> bool {
        let cluster = self.clusters.get(&likeness);
        cluster.is_some_and(|cluster| cluster.attack.is_some())
    }

    /// Judges a cluster, if it grew enough since the last time or `now`.
    pub(super) fn judge_cluster(&mut self, key: u64, now: bool) {
        let Some(cluster) = self.clusters.get_mut(&key) else {
            return;
        };
        if cluster.attack.is_some() || cluster.members.len() < MIN_ADDRESSES {
            return;
        }
        let clients = &self.clients;
        cluster.members.retain(|member| {
            clients
                .get(member)
                .is_some_and(|client| client.attack.is_none() && client.likeness == Some(key))
        });
        let members = || {
            cluster
                .members
                .iter()
                .filter_map(|member| clients.get(member))
        };
        let common = cluster.common;
        let amount: u64 = members()
            .map(|member| match common {
                Common::Attempts => member.features.sign_ins.attempts,
                Common::Changes | Common::Reads | Common::Driven(_) => member.features.requests(),
            })
            .sum();
        let blocks: BTreeSet<Address> = members().map(|member| member.block).collect();
        if blocks.len() < MIN_ADDRESSES || (amount < cluster.next_judge && !now) {
            return;
        }
        cluster.next_judge = judge::due_after(amount);
        let members: Vec<ClientKey> = cluster.members.iter().copied().collect();
        let company = self.company_of(key);
        if company.is_some_and(|company| !company.is_tool()) {
            return;
        }
        let (together, fed) = self.together(&members);
        // One address that is not excepted makes it a campaign.
        if blocks.iter().all(|block| self.is_excepted_block(*block)) {
            return;
        }
        let seen = Seen::Cluster {
            sources: blocks.len() as u64,
            company,
        };
        let Some((user_agent, verdict)) = self.verdict_of_many(&together, seen) else {
            return;
        };
        if verdict.confidence() < self.bar()
            || !self.is_believable(common, &together, blocks.len() as u64, &verdict)
        {
            return;
        }
        let actor = ActorKey::Cluster(key);
        let id = self.raise_together(actor, &members, &together, fed, verdict, user_agent);
        if let Some(cluster) = self.clusters.get_mut(&key) {
            cluster.attack = Some(id);
        }
        // What counts here counts at no address.
        for block in blocks {
            self.measure_anew(block);
        }
    }

    /// Who uses the user agent of a cluster of browsers that a program seems to drive.
    pub(super) fn company_of(&self, key: u64) -> Option<Company> {
        let cluster = self.clusters.get(&key)?;
        match cluster.common {
            Common::Driven(user_agent) => Some(self.driven.company(user_agent)),
            Common::Attempts | Common::Changes | Common::Reads => None,
        }
    }

    /// Whether a cluster does what it was put together for. People give up after a few attempts,
    /// too: where programs are not told by the files that they do not load, more sources must
    /// have failed than a fair part of those who got in.
    fn is_believable(
        &self,
        common: Common,
        together: &Features,
        sources: u64,
        verdict: &Verdict,
    ) -> bool {
        if common != Common::Attempts {
            return true;
        }
        let failed = together.sign_ins.failed();
        let success = 1.0 - failed as f64 / together.sign_ins.attempts.max(1) as f64;
        let is_told = self.shape.has_files() || sources as f64 >= GAVE_UP * self.signed_in.now();
        is_told && failed >= MIN_FAILED && success <= MAX_SUCCESS && Engine::guesses(verdict)
    }

    /// A client that belongs to an open attack: what it did so far counts there.
    pub(super) fn join_attack(&mut self, key: ClientKey, id: AttackId) {
        let Some(client) = self.clients.get_mut(&key) else {
            return;
        };
        let Some(attack) = self.attacks.get_mut(&id) else {
            return;
        };
        attack.absorb(&client.features, &client.fed, &client.traces());
        client.forget_traces();
        client.attack = Some(id);
        self.touched.insert(id);
    }

    /// Lets a cluster go whose attack closed.
    pub(super) fn release_cluster(&mut self, key: u64) {
        let Some(cluster) = self.clusters.remove(&key) else {
            return;
        };
        self.let_go_of(cluster.members, cluster.attack);
    }

    /// Forgets clusters without attack whose members are all gone.
    fn forget_clusters(&mut self) {
        let clients = &self.clients;
        self.clusters.retain(|_, cluster| {
            cluster.attack.is_some()
                || cluster
                    .members
                    .iter()
                    .any(|member| clients.contains_key(member))
        });
    }
}

/// What clients have in common, as a number; `agent` 0 is any.
fn likeness(common: Common, agent: u64, endpoint: EndpointKey) -> u64 {
    let common = match common {
        Common::Attempts => [0],
        Common::Changes => [1],
        Common::Reads => [2],
        Common::Driven(_) => [3],
    };
    hash_parts(&[&common, &agent.to_le_bytes(), &endpoint.0.to_le_bytes()])
}

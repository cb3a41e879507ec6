//! Clusters: clients alike across addresses. Clients that do nearly nothing but submit
//! credentials to the same endpoint with the same user agent are one actor when they come from
//! several addresses. Measured from their members whenever one of them moved.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use shared::AttackId;

use super::Engine;
use crate::attack::ActorKey;
use crate::attribute::hash_parts;
use crate::effects::{ClientKey, UserAgentKey};
use crate::features::Features;
use crate::request::Address;
use crate::trace::{FedCounts, Trace};

/// Authentication makes up at least this share of a member's requests.
const MEMBER_SHARE: f64 = 0.8;
/// From so many addresses on clients alike are one actor.
const MIN_ADDRESSES: usize = 5;
/// With so many failed attempts together.
const MIN_FAILED: u64 = 15;
/// People who mistype succeed in the end: attempts of a cluster succeed less often than this.
const MAX_SUCCESS: f64 = 0.2;
const MAX_CLUSTERS: usize = 1_000;
const MAX_MEMBERS: usize = 1_024;

/// Clients alike.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Cluster {
    user_agent: UserAgentKey,
    members: BTreeSet<ClientKey>,
    attack: Option<AttackId>,
    next_judge: u64,
}

impl Engine {
    /// Lets clients that moved join the clusters they belong to, and judges those.
    pub(super) fn judge_clusters(&mut self, active: &[ClientKey]) {
        let mut moved: BTreeSet<u64> = BTreeSet::new();
        for key in active {
            let Some(client) = self.clients.get(key) else {
                continue;
            };
            let features = &client.features;
            if client.attack.is_some()
                || features.attempts == 0
                || features.authentication_share() < MEMBER_SHARE
            {
                continue;
            }
            let target = features.core.endpoints.top(1)[0].0;
            let user_agent = client.user_agent;
            let parts = [user_agent.0.to_le_bytes(), target.0.to_le_bytes()];
            let cluster_key = hash_parts(&[&parts[0], &parts[1]]);
            if !self.clusters.contains_key(&cluster_key) {
                if self.clusters.len() >= MAX_CLUSTERS {
                    self.forget_clusters();
                }
                self.clusters.insert(
                    cluster_key,
                    Cluster {
                        user_agent,
                        members: BTreeSet::new(),
                        attack: None,
                        next_judge: MIN_FAILED,
                    },
                );
            }
            let Some(cluster) = self.clusters.get_mut(&cluster_key) else {
                continue;
            };
            if cluster.members.len() < MAX_MEMBERS {
                cluster.members.insert(*key);
            }
            match cluster.attack {
                Some(attack) => self.join_attack(*key, attack),
                None => _ = moved.insert(cluster_key),
            }
        }
        for cluster in moved {
            self.judge_cluster(cluster);
        }
    }

    fn judge_cluster(&mut self, key: u64) {
        let Some(cluster) = self.clusters.get_mut(&key) else {
            return;
        };
        let clients = &self.clients;
        cluster.members.retain(|member| {
            clients
                .get(member)
                .is_some_and(|client| client.attack.is_none())
        });
        let attempts: u64 = cluster
            .members
            .iter()
            .map(|member| clients[member].features.attempts)
            .sum();
        if cluster.members.len() < MIN_ADDRESSES || attempts < cluster.next_judge {
            return;
        }
        cluster.next_judge = attempts + (attempts / 8).max(1);
        let mut together = Features::default();
        let mut fed = FedCounts::default();
        let mut blocks: BTreeSet<Address> = BTreeSet::new();
        for member in &cluster.members {
            together.merge(&clients[member].features);
            fed.merge(&clients[member].fed);
            blocks.insert(clients[member].block);
        }
        let failed = together.attempts.saturating_sub(together.successes);
        let success = together.successes as f64 / together.attempts.max(1) as f64;
        if blocks.len() < MIN_ADDRESSES || failed < MIN_FAILED || success > MAX_SUCCESS {
            return;
        }
        let (members, user_agent) = (cluster.members.clone(), cluster.user_agent);
        // One address that is not excepted makes it a campaign.
        if blocks.iter().all(|block| self.is_excepted_block(*block)) {
            return;
        }
        let verdict = self.verdict(&together, user_agent);
        if verdict.confidence() < self.bar() || !Self::guesses(&verdict) {
            return;
        }
        let mut traces: Vec<Trace> = Vec::new();
        for member in &members {
            if let Some(client) = self.clients.get_mut(member) {
                traces.extend(client.traces());
                client.forget_traces();
            }
        }
        traces.sort_unstable_by_key(|trace| (trace.at, trace.id));
        let actor = ActorKey::Cluster(key);
        let id = self.raise(actor, &together, fed, traces, verdict, user_agent);
        for member in &members {
            if let Some(client) = self.clients.get_mut(member) {
                client.attack = Some(id);
            }
        }
        if let Some(cluster) = self.clusters.get_mut(&key) {
            cluster.attack = Some(id);
        }
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

//! The engine of one application and what it said since the last commit. The same steps for
//! new segments and for those replayed after a restart.

use std::sync::Arc;

use engine::{Batch, Effects, Engine, EngineConfig, Input};
use shared::{NetworkSet, Timestamp};

use super::LATENESS_MS;
use crate::store::{ApplicationState, EncodedSegment, Logged, Snapshot, StoreError, TenantStore};

/// How many segments are loaded at once when a restart replays them.
const REPLAY_SEGMENTS: u32 = 8;

/// Judges segments in the order in which they come.
pub(super) struct Judge {
    engine: Engine,
    newest: i64,
    effects: Effects,
}

impl Judge {
    /// The judge of the application of that name, which has seen nothing.
    pub(super) fn new(application: &str) -> Self {
        let config = EngineConfig {
            application: application.into(),
            ..EngineConfig::default()
        };
        Self {
            engine: Engine::new(config),
            newest: i64::MIN,
            effects: Effects::default(),
        }
    }

    /// The judge as it was after the last commit: the last snapshot, and the segments since.
    /// `None` if the stored state cannot be taken up, so that all must be judged again.
    pub(super) async fn restore(
        tenant: &TenantStore,
        state: &ApplicationState,
    ) -> Result<Option<Self>, StoreError> {
        let mut judge = Self::new(&state.name);
        let Some(position) = state.position else {
            return Ok(Some(judge));
        };
        let mut after = None;
        if let Some(snapshot) = tenant.find_snapshot(state.judgement).await? {
            match Engine::restore(&snapshot.state) {
                Ok(engine) if snapshot.engine_version == engine::VERSION => judge.engine = engine,
                _ => return Ok(None),
            }
            after = Some(snapshot.position);
        }
        while after.is_none_or(|after| after < position) {
            let log = tenant
                .list_log(state.judgement, after, REPLAY_SEGMENTS)
                .await?;
            if log.is_empty() {
                break;
            }
            for logged in log {
                match logged {
                    Logged::Requests(segment) => {
                        after = Some(segment.number);
                        judge.apply(segment.number, Arc::new(segment.batch));
                    }
                    Logged::Exceptions {
                        number,
                        judged_until,
                        exceptions,
                    } => {
                        after = Some(number);
                        judge.advance(judged_until);
                        judge.tell(Input::Exceptions(exceptions));
                    }
                }
                // It is stored already.
                judge.take_effects();
            }
        }
        if let Some(at) = state.judged_until {
            judge.advance(at.0);
            judge.take_effects();
        }
        Ok(Some(judge))
    }

    /// Judges one segment, and everything that nothing older can come before any more.
    pub(super) fn apply(&mut self, segment: u64, batch: Arc<Batch>) {
        let newest = batch.requests.iter().map(|request| request.at).max();
        self.newest = newest.map_or(self.newest, |newest| newest.max(self.newest));
        self.take_in(segment, 0, batch);
        self.advance(self.newest.saturating_sub(LATENESS_MS));
    }

    /// Judges one segment of a log whose next segment begins at `next`.
    pub(super) fn apply_in_order(
        &mut self,
        segment: u64,
        batch: Arc<Batch>,
        next: Option<Timestamp>,
    ) {
        let Some(next) = next else {
            return self.apply(segment, batch);
        };
        let newest = batch.requests.iter().map(|request| request.at).max();
        self.newest = newest.map_or(self.newest, |newest| newest.max(self.newest));
        self.take_in(segment, 0, batch);
        self.advance(next.0);
    }

    /// Of whom no attack is raised.
    pub(super) fn exceptions(&self) -> &NetworkSet {
        self.engine.exceptions()
    }

    /// Raises no attack of `exceptions` from here on. What is to be stored as number `number`
    /// of the log, together with what follows; `None` if nothing changes by it.
    pub(super) fn except(
        &mut self,
        number: u64,
        exceptions: &NetworkSet,
    ) -> Option<EncodedSegment> {
        if self.engine.exceptions() == exceptions {
            return None;
        }
        let judged_until = self.engine.judged_until();
        self.tell(Input::Exceptions(exceptions.clone()));
        Some(EncodedSegment::exceptions(number, judged_until, exceptions))
    }

    fn tell(&mut self, input: Input) {
        let effects = self.engine.apply(input);
        append(&mut self.effects, effects);
    }

    /// Takes in the rows of a segment from `first_row` on; they are judged when
    /// [`Judge::advance`] says that nothing older comes.
    pub(super) fn take_in(&mut self, segment: u64, first_row: u32, batch: Arc<Batch>) {
        let effects = self.engine.apply(Input::Requests {
            segment,
            first_row,
            batch,
        });
        append(&mut self.effects, effects);
    }

    /// Judges everything before `watermark`, in whole minutes.
    pub(super) fn advance(&mut self, watermark: i64) {
        self.tell(Input::Advance(watermark));
    }

    /// What was said since the last call.
    pub(super) fn take_effects(&mut self) -> Effects {
        std::mem::take(&mut self.effects)
    }

    /// Requests since the last call of [`Judge::take_effects`] that came too late.
    pub(super) fn late(&self) -> u64 {
        self.effects.late
    }

    /// What would be said if nothing more came until `now`.
    pub(super) fn preview(&self, now: Timestamp) -> Effects {
        self.engine.preview(now.0)
    }

    pub(super) fn snapshot(&self, position: u64) -> Snapshot {
        Snapshot {
            position,
            engine_version: engine::VERSION.to_owned(),
            state: self.engine.snapshot(),
        }
    }
}

/// Adds what was said later.
fn append(effects: &mut Effects, later: Effects) {
    let Effects {
        endpoints,
        user_agents,
        sessions,
        attacks,
        attack_sessions,
        attack_addresses,
        attack_requests,
        attack_slices,
        crawler_slices,
        learning,
        normals,
        usual,
        // Only an evaluation asks for them.
        confidences: _,
        late,
    } = later;
    effects.endpoints.extend(endpoints);
    effects.user_agents.extend(user_agents);
    effects.sessions.extend(sessions);
    effects.attacks.extend(attacks);
    effects.attack_sessions.extend(attack_sessions);
    effects.attack_addresses.extend(attack_addresses);
    effects.attack_requests.extend(attack_requests);
    effects.attack_slices.extend(attack_slices);
    effects.crawler_slices.extend(crawler_slices);
    effects.learning = learning.or(effects.learning.take());
    effects.normals = normals.or(effects.normals.take());
    effects.usual = usual.or(effects.usual.take());
    effects.late += late;
}

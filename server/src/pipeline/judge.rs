//! The engine of one application. The same steps for new segments and for those replayed after a
//! restart.

use std::sync::Arc;
use std::time::{Duration, Instant};

use engine::attribute::Attributed;
use engine::{Batch, Effects, Engine, EngineConfig, Input, OriginCheck, Origins};
use shared::{ApplicationId, NetworkSet, Timestamp};

use super::LATENESS_MS;
use crate::address::AddressBook;
use crate::store::{
    ApplicationState, EncodedSegment, EngineState, Logged, Snapshot, StoreError, TenantStore,
};

/// How many segments are loaded at once when a restart replays them.
const REPLAY_SEGMENTS: u32 = 2;

/// Segments after which the engine's state is kept, if that is not too soon.
const SNAPSHOT_SEGMENTS: u64 = 16;

/// The least time until it is kept again, as a multiple of how long keeping it took. The more
/// actors there are the longer that takes, so that without this limit most time would go there.
const SNAPSHOT_FACTOR: u32 = 50;

/// Judges segments in the order in which they come.
pub(super) struct Judge {
    engine: Engine,
    newest: i64,
    /// What it was told of addresses last.
    book: Option<Arc<AddressBook>>,
}

/// When the engine's state is kept: what a restart judges again is what came since.
pub(super) struct SnapshotPace {
    /// How many segments were judged since it was kept.
    segments: u64,
    next: Instant,
    /// The least time in between, however little it takes.
    pause: Duration,
}

impl SnapshotPace {
    pub(super) fn new(pause: Duration) -> Self {
        Self {
            segments: 0,
            next: Instant::now() + pause,
            pause,
        }
    }

    /// So many more segments were judged.
    pub(super) fn judged(&mut self, segments: u64) {
        self.segments += segments;
    }

    /// Whether it is to be kept now.
    pub(super) fn is_due(&self) -> bool {
        self.segments >= SNAPSHOT_SEGMENTS && Instant::now() >= self.next
    }

    /// It was kept, which took so long.
    pub(super) fn kept(&mut self, took: Duration) {
        self.segments = 0;
        self.next = Instant::now() + (took * SNAPSHOT_FACTOR).max(self.pause);
    }
}

/// What a judge is told besides requests.
#[derive(Clone)]
pub(super) struct Told {
    /// Of whom no attack is raised.
    pub(super) exceptions: NetworkSet,
    /// Whose addresses are whose.
    pub(super) book: Arc<AddressBook>,
}

impl Told {
    /// What holds for an application now.
    pub(super) async fn find(
        tenant: &TenantStore,
        application: ApplicationId,
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        tenant.lapse_exceptions(now).await?;
        Ok(Self {
            exceptions: tenant.find_exceptions(application).await?,
            book: tenant.addresses(),
        })
    }

    /// The same without exceptions.
    pub(super) fn without_exceptions(&self) -> Self {
        Self {
            exceptions: NetworkSet::default(),
            book: Arc::clone(&self.book),
        }
    }
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
            book: None,
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
            let state = snapshot.state.unpack().ok();
            let engine = state.and_then(|state| Engine::restore(&state).ok());
            match engine {
                Some(engine) if snapshot.engine_version == engine::VERSION => judge.engine = engine,
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
                after = Some(judge.follow(logged));
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

    /// How many actors it holds in memory.
    pub(super) fn actors(&self) -> usize {
        self.engine.actors()
    }

    /// Everything before this moment is judged.
    pub(super) fn judged_until(&self) -> i64 {
        self.engine.judged_until()
    }

    /// Judges what the log says next, as when it was written. Returns its number.
    pub(super) fn follow(&mut self, logged: Logged) -> u64 {
        match logged {
            Logged::Requests(segment) => {
                self.apply(segment.number, Arc::new(segment.batch));
                segment.number
            }
            Logged::Told {
                number,
                judged_until,
                input,
            } => {
                self.advance(judged_until);
                self.engine.feed(input);
                number
            }
        }
    }

    /// Judges one segment, and everything that nothing older can come before any more.
    pub(super) fn apply(&mut self, segment: u64, batch: Arc<Batch>) {
        self.see(&batch);
        self.take_in(segment, 0, batch);
        self.advance(self.newest.saturating_sub(LATENESS_MS));
    }

    /// The same of a segment of which is known what its requests are.
    pub(super) fn apply_attributed(&mut self, attributed: Attributed) {
        self.see(&attributed.batch);
        self.engine.feed(Input::Attributed(attributed));
        self.advance(self.newest.saturating_sub(LATENESS_MS));
    }

    /// Notes how far time has come.
    fn see(&mut self, batch: &Batch) {
        let newest = batch.requests.iter().map(|request| request.at).max();
        self.newest = newest.map_or(self.newest, |newest| newest.max(self.newest));
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
        self.see(&batch);
        self.take_in(segment, 0, batch);
        self.advance(next.0);
    }

    /// Whether it was told all of `told`.
    pub(super) fn knows(&self, told: &Told) -> bool {
        self.new_to(told).is_empty()
    }

    /// Tells it what is new of `told`, from here on. What is to be stored from number `number` of
    /// the log on, together with what follows.
    pub(super) fn tell_of(&mut self, number: u64, told: &Told) -> Vec<EncodedSegment> {
        let judged_until = self.engine.judged_until();
        let mut logged = Vec::new();
        for (number, input) in (number..).zip(self.new_to(told)) {
            logged.extend(EncodedSegment::told(number, judged_until, &input));
            self.engine.feed(input);
        }
        self.book = Some(Arc::clone(&told.book));
        logged
    }

    /// What of `told` it was not told.
    fn new_to(&self, told: &Told) -> Vec<Input> {
        let mut inputs = Vec::new();
        if *self.engine.exceptions() != told.exceptions {
            inputs.push(Input::Exceptions(told.exceptions.clone()));
        }
        let book = &told.book;
        if self
            .book
            .as_ref()
            .is_some_and(|known| Arc::ptr_eq(known, book))
        {
            return inputs;
        }
        if *self.engine.origins() != **book.origins() {
            inputs.push(Input::Origins(Origins::clone(book.origins())));
        }
        let checks = book.checks().iter();
        let new = checks.filter(|check| !self.engine.has_check(check));
        let new: Vec<OriginCheck> = new.cloned().collect();
        if !new.is_empty() {
            inputs.push(Input::OriginChecks(new));
        }
        inputs
    }

    /// Takes in the rows of a segment from `first_row` on; they are judged when
    /// [`Judge::advance`] says that nothing older comes.
    pub(super) fn take_in(&mut self, segment: u64, first_row: u32, batch: Arc<Batch>) {
        self.engine.feed(Input::Requests {
            segment,
            first_row,
            batch,
        });
    }

    /// Judges everything before `watermark`, in whole minutes.
    pub(super) fn advance(&mut self, watermark: i64) {
        self.engine.feed(Input::Advance(watermark));
    }

    /// Has it say which open sessions changed since the last call, so that a preview need not.
    pub(super) fn tell_sessions(&mut self) {
        self.engine.tell_sessions();
    }

    /// What was said since the last call.
    pub(super) fn take_effects(&mut self) -> Effects {
        self.engine.take_effects()
    }

    /// Requests since the last call of [`Judge::take_effects`] that came too late.
    pub(super) fn late(&self) -> u64 {
        self.engine.late()
    }

    /// What would be said if nothing more came until `now`.
    pub(super) fn preview(&self, now: Timestamp) -> Effects {
        self.engine.preview(now.0)
    }

    /// The same without what is held back.
    pub(super) fn preview_judged(&self) -> Effects {
        self.engine.preview_judged()
    }

    /// How many requests are held back.
    pub(super) fn held_back(&self) -> usize {
        self.engine.held_back()
    }

    /// The state up to the segment `position`, to be kept. Whoever judges waits for it: a copy to be
    /// written aside would soon be all of it once more, as who moves is copied.
    pub(super) fn snapshot(&self, position: u64) -> Snapshot {
        Snapshot {
            position,
            engine_version: engine::VERSION.to_owned(),
            state: EngineState::pack(|out| self.engine.write_snapshot(out)),
        }
    }
}

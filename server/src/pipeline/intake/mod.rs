//! Where requests come in while they happen: decoded ones are written to the log of what was
//! admitted, acknowledged, and handed to the writer of their application. Bounded by the bytes
//! that wait to be committed: who sends more waits, and is then asked to come again. Not
//! decoding, and not HTTP.

mod inlet;
mod recognised;
mod room;
mod take;
#[cfg(test)]
mod tests;

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use engine::Batch;
use rustc_hash::FxHashMap;
use shared::{ApplicationId, Timestamp};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::live::{Live, Place};
use super::{Lanes, LiveError};
use crate::auth::Caller;
use crate::ingest::admit::{AdmissionLog, AdmitError, Admitted, DIRECTORY};
use crate::ingest::body::BodyError;
use crate::ingest::health::{IngestCounters, IngestKey};
use crate::ingest::normalize::SecretKey;
use crate::store::{AdmittedBatch, Store, StoreError, TenantStore, decode_batch, weigh};

use inlet::Shared;
pub use inlet::{Inlet, Names};
pub use recognised::{BatchTurn, Repeat};
pub use room::Room;
use room::{Budget, Share};
pub use take::Sent;

/// The most applications of a tenant that whoever sends requests may begin by naming them.
pub const MAX_APPLICATIONS: usize = 100;

/// How an intake works.
#[derive(Debug, Clone)]
pub struct IntakeOptions {
    /// Bytes of requests that may wait to be committed.
    pub pending_bytes: usize,
    /// How long a sender waits for room before it is asked to come again.
    pub patience: Duration,
    /// The secret of the data directory.
    pub secret: [u8; 16],
    /// Told how soon requests show.
    pub counters: IngestCounters,
}

impl Default for IntakeOptions {
    fn default() -> Self {
        Self {
            pending_bytes: 64 * 1024 * 1024,
            patience: Duration::from_secs(5),
            secret: [0; 16],
            counters: IngestCounters::new(Timestamp(0)),
        }
    }
}

/// Why requests were not admitted. None of them is there.
#[derive(Debug, Clone, thiserror::Error)]
pub enum IntakeError {
    /// Too many wait already.
    #[error("more comes in than can be stored; send this again in {} s", .0.as_secs())]
    Full(Duration),
    /// Too many of this application wait already, while others have room.
    #[error("more of this application comes in than can be stored; send this again in {} s", .0.as_secs())]
    Busy(Duration),
    /// The body is larger than all that may wait.
    #[error("the batch is larger than what may wait at all")]
    TooLarge,
    /// Nothing of the body can be taken.
    #[error(transparent)]
    Body(#[from] BodyError),
    /// The body led to a fault, whatever it was.
    #[error("the batch cannot be read: {0}")]
    Fault(String),
    /// There is no such application.
    #[error("there is no such application")]
    NoApplication,
    /// The token is for another application, or for none in particular and none was named.
    #[error("{0}")]
    Unnamed(&'static str),
    /// The application's writer ended with a fault. What it was told is kept for the next start.
    #[error("nothing of this application can be stored until the server is started again")]
    Failed,
    /// The disk refuses.
    #[error(transparent)]
    Admit(#[from] AdmitError),
    /// The store failed.
    #[error("the store cannot be asked: {0}")]
    Store(Arc<StoreError>),
}

impl IntakeError {
    /// Whether it is this batch that cannot be taken, now or later.
    #[must_use]
    pub fn is_of_batch(&self) -> bool {
        matches!(self, Self::TooLarge | Self::Body(_) | Self::Fault(_))
    }
}

impl From<StoreError> for IntakeError {
    fn from(error: StoreError) -> Self {
        Self::Store(Arc::new(error))
    }
}

/// The intake of a process; cheap to clone.
#[derive(Clone)]
pub struct Intake(Arc<Inner>);

type Inlets = FxHashMap<IngestKey, Arc<Inlet>>;

struct Inner {
    store: Store,
    lanes: Lanes,
    clock: fn() -> Timestamp,
    options: IntakeOptions,
    log: Arc<AdmissionLog<Handed>>,
    inlets: Mutex<Inlets>,
    /// Bytes that may wait to be committed.
    budget: Arc<Budget>,
    /// Bodies that are decoded at one time.
    decoding: Semaphore,
    stop: CancellationToken,
    /// Writers, and what is on its way to them.
    tasks: TaskTracker,
}

/// What is handed on with a record.
struct Handed {
    inlet: Arc<Inlet>,
    batch: Batch,
    room: Room,
    arrived: Timestamp,
    /// Held until its batch is known: whoever sends that again waits so long, also where nobody
    /// waits for the answer to the first any more.
    turn: Option<BatchTurn>,
}

impl Intake {
    /// Opens the log in the data directory `data`, hands what is in it to the writers of its
    /// applications, and takes more until `stop` is cancelled.
    ///
    /// # Errors
    /// If the log cannot be opened, or the store fails.
    pub async fn open(
        store: Store,
        data: &Path,
        lanes: Lanes,
        clock: fn() -> Timestamp,
        options: IntakeOptions,
        stop: CancellationToken,
    ) -> Result<Self, OpenError> {
        let (replayed, mut again) = mpsc::unbounded_channel();
        let directory = data.join(DIRECTORY);
        let opened = tokio::task::spawn_blocking(move || {
            AdmissionLog::open(&directory, move |admitted: Admitted<Handed>| {
                match admitted.attached {
                    Some(_) => hand_over(admitted),
                    None => {
                        // While it is opened somebody listens.
                        let _nobody = replayed.send(admitted);
                    }
                }
            })
        });
        let (log, _thread) = opened.await.map_err(io::Error::other)??;
        let intake = Self(Arc::new(Inner {
            budget: Budget::new(options.pending_bytes),
            decoding: Semaphore::new(decoders()),
            store,
            lanes,
            clock,
            options,
            log: Arc::new(log),
            inlets: Mutex::default(),
            stop,
            tasks: TaskTracker::new(),
        }));
        while let Ok(admitted) = again.try_recv() {
            intake.take_up(admitted).await?;
        }
        Ok(intake)
    }

    /// Hands on what was read again, unless it is committed or nobody's any more.
    async fn take_up(&self, admitted: Admitted<Handed>) -> Result<(), OpenError> {
        let record = &admitted.record;
        let caller = Caller::local_in(record.tenant);
        let batch = decode_batch(&record.payload);
        let (inlet, batch) = match (self.inlet(&caller, record.application).await, batch) {
            (Ok(inlet), Ok(batch)) => (inlet, batch),
            (Err(IntakeError::NoApplication), _) => {
                self.0.log.settle(admitted.position);
                return Ok(());
            }
            (Err(error), _) => return Err(error.into()),
            (Ok(_), Err(_)) => {
                // Its checksum was right: another version wrote it.
                return Err(OpenError::Unreadable(admitted.position));
            }
        };
        let room = Room::of(&inlet, &self.0.budget, weigh(&batch));
        hand_over(Admitted {
            attached: Some(Handed {
                inlet,
                batch,
                room,
                arrived: self.now(),
                turn: None,
            }),
            log: admitted.log,
            position: admitted.position,
            record: admitted.record,
        });
        Ok(())
    }

    /// Where requests of an application of the caller's tenant come in: of the one it is named,
    /// or of the only one that its token is for.
    ///
    /// # Errors
    /// If there is none, or the caller's token is for another.
    pub async fn find(
        &self,
        caller: &Caller,
        named: Option<&str>,
    ) -> Result<Arc<Inlet>, IntakeError> {
        let only = caller.application();
        let Some(named) = named else {
            let none = "this token is for no application in particular: name one in the path, \
                        as in /api/v1/ingest/shop, or make a token for one";
            let only = only.ok_or(IntakeError::Unnamed(none))?;
            return self.inlet(caller, only).await;
        };
        let tenant = self.0.store.tenant(caller);
        let id = match find_named(&tenant, named).await? {
            Some(id) => id,
            None if only.is_some() => return Err(IntakeError::NoApplication),
            None => return self.begin(caller, named).await,
        };
        if only.is_some_and(|only| only != id) {
            return Err(IntakeError::NoApplication);
        }
        self.inlet(caller, id).await
    }

    /// An application that nobody knows yet.
    async fn begin(&self, caller: &Caller, name: &str) -> Result<Arc<Inlet>, IntakeError> {
        // Who names one by its identifier means one that is there.
        let is_id = name.len() == 16 && name.parse::<ApplicationId>().is_ok();
        if is_id {
            return Err(IntakeError::NoApplication);
        }
        let name = crate::auth::read_name(name).map_err(|_| IntakeError::NoApplication)?;
        let tenant = self.0.store.tenant(caller);
        if tenant.list_applications().await?.len() >= MAX_APPLICATIONS {
            let many = "there are as many applications as may be begun by sending requests";
            return Err(IntakeError::Unnamed(many));
        }
        let id = match tenant.create_application(name, self.now()).await? {
            Some(made) => Some(made.id),
            // Somebody else just did.
            None => find_named(&tenant, name).await?,
        };
        self.inlet(caller, id.ok_or(IntakeError::NoApplication)?)
            .await
    }

    async fn inlet(&self, caller: &Caller, id: ApplicationId) -> Result<Arc<Inlet>, IntakeError> {
        let key = (caller.tenant(), id);
        if let Some(inlet) = self.usable(&self.inlets(), key)? {
            return Ok(inlet);
        }
        let inner = &self.0;
        // It outlives whoever sends: it is the server's.
        let tenant = inner.store.tenant(&Caller::local_in(caller.tenant()));
        let state = tenant.find_application_state_by_id(id).await?;
        let state = state.ok_or(IntakeError::NoApplication)?;
        let log = inner.log.id().0;
        let committed = tenant.find_commitment(id, log).await?;
        let mut inlets = self.inlets();
        if let Some(inlet) = self.usable(&inlets, key)? {
            return Ok(inlet);
        }
        let (live, writer) = Live::start(
            tenant.clone(),
            &state,
            inner.lanes.clone(),
            inner.clock,
            inner.stop.clone(),
        );
        let secret = SecretKey::of_tenant(&inner.options.secret, key.0);
        let log = Arc::clone(&inner.log);
        let tenant = (key.0, tenant);
        let shared = Shared {
            log,
            secret,
            clock: inner.clock,
            counters: inner.options.counters.clone(),
        };
        let budget = Budget::new(inner.budget.limit() / 4 * 3);
        let inlet = Inlet::new(tenant, &state, &committed, live, budget, shared);
        let inlet = Arc::new(inlet);
        let (intake, watched) = (self.clone(), Arc::clone(&inlet));
        inner.tasks.spawn(async move {
            if let Err(error) = writer.await {
                // What it had is in the log still, and read again when the server starts.
                tracing::error!(%error, application = watched.name(), "a writer failed");
            }
            intake.forget_removed(key, &watched);
        });
        inlets.insert(key, Arc::clone(&inlet));
        Ok(inlet)
    }

    /// The inlet of that key, unless there is none or its application was removed.
    fn usable(&self, inlets: &Inlets, key: IngestKey) -> Result<Option<Arc<Inlet>>, IntakeError> {
        let Some(inlet) = inlets.get(&key) else {
            return Ok(None);
        };
        let live = inlet.live();
        if live.is_closed() && live.is_removed() {
            return Ok(None);
        }
        // What comes while the server stops is logged, and stored when it is started again.
        if live.is_closed() && !self.0.stop.is_cancelled() {
            return Err(IntakeError::Failed);
        }
        Ok(Some(Arc::clone(inlet)))
    }

    /// Forgets `inlet`, whose writer has ended, if that is because its application was removed.
    fn forget_removed(&self, key: IngestKey, inlet: &Arc<Inlet>) {
        let mut inlets = self.inlets();
        let is_latest = inlets.get(&key).is_some_and(|it| Arc::ptr_eq(it, inlet));
        if is_latest && inlet.live().is_removed() {
            inlets.remove(&key);
            self.0.options.counters.forget(key);
        }
    }

    fn inlets(&self) -> std::sync::MutexGuard<'_, Inlets> {
        let inlets = self.0.inlets.lock();
        inlets.unwrap_or_else(PoisonError::into_inner)
    }

    /// The most bytes that may be reserved at once.
    #[must_use]
    pub fn largest(&self) -> usize {
        self.0.budget.limit() / 2
    }

    /// Room for `bytes` of requests, waited for if there is none.
    ///
    /// # Errors
    /// If there is none in time.
    pub async fn reserve(&self, inlet: &Arc<Inlet>, bytes: usize) -> Result<Room, IntakeError> {
        if bytes > self.largest() {
            return Err(IntakeError::TooLarge);
        }
        let until = Instant::now() + self.0.options.patience;
        let own = timeout_at(until, Share::wait_for(inlet.budget(), bytes));
        let room = match own.await {
            Ok(own) => {
                let all = timeout_at(until, Share::wait_for(&self.0.budget, bytes)).await;
                all.map(|all| Room::new(inlet, own, all))
                    .map_err(|_| IntakeError::Full(RETRY))
            }
            Err(_) => Err(IntakeError::Busy(RETRY)),
        };
        if room.is_err() {
            self.counters().slowed(inlet.key(), self.now());
        }
        room
    }

    /// Bytes of requests that wait to be committed, and how many may.
    #[must_use]
    pub fn pending(&self) -> (usize, usize) {
        (self.0.budget.used(), self.0.budget.limit())
    }

    /// Returns when everything that was sent is taken, and every writer has ended, which they do
    /// once the server stops.
    pub async fn wait(&self) {
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }

    /// What is told of how traffic arrives.
    #[must_use]
    pub fn counters(&self) -> &IngestCounters {
        &self.0.options.counters
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        (self.0.clock)()
    }
}

/// Bodies that are decoded at one time; each may take as much memory as a body may have.
fn decoders() -> usize {
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    cores.clamp(2, 8)
}

/// The application of that identifier, or else of that name.
async fn find_named(
    tenant: &TenantStore,
    named: &str,
) -> Result<Option<ApplicationId>, StoreError> {
    if let Ok(id) = named.parse::<ApplicationId>()
        && tenant.find_application(id).await?.is_some()
    {
        return Ok(Some(id));
    }
    let state = tenant.find_application_state(named).await?;
    Ok(state.map(|state| state.id))
}

/// When whoever was refused should come again.
const RETRY: Duration = Duration::from_secs(2);

/// Why an intake cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The log cannot be read or written.
    #[error("the log of admitted requests: {0}")]
    Log(#[from] io::Error),
    /// A record holds what this version cannot read.
    #[error("record {0} of the log of admitted requests was written by another version")]
    Unreadable(u64),
    /// What is in it cannot be handed on.
    #[error("what was admitted and not stored: {0}")]
    Replay(#[from] IntakeError),
}

/// Hands what is durable to the writer of its application, which lets go of it once it is
/// committed.
fn hand_over(admitted: Admitted<Handed>) {
    let Admitted {
        log,
        position,
        record,
        attached,
    } = admitted;
    let Some(handed) = attached else {
        return;
    };
    let Handed {
        inlet,
        batch,
        room,
        arrived,
        turn,
    } = handed;
    let named = record.batch.map(|batch| AdmittedBatch {
        id: batch.0,
        accepted: record.receipt.accepted,
        rejected: record.receipt.rejected,
    });
    let place = Place {
        log: log.0,
        position,
        batch: named,
    };
    inlet.begin(arrived);
    let settled = Arc::clone(&inlet);
    let done = Box::new(move |result: Result<(), LiveError>| {
        drop(room);
        settled.end(position, &result);
    });
    let seen = Arc::clone(&inlet);
    let shown = Box::new(move || seen.show(arrived));
    inlet.push(batch, place, done, shown);
    // Only now: whoever is told that it is taken may stop the server.
    if let Some(name) = record.batch {
        inlet.know(name, record.receipt);
    }
    drop(turn);
}

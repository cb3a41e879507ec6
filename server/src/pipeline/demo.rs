//! Demo traffic on its way into the store: the generator's lines, decoded and written like those
//! of any live source, from where the last run stopped up to now and then as time goes by.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use engine::Batch;
use rustc_hash::FxHashMap;
use shared::{ApplicationId, TenantId, Timestamp};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Lanes;
use super::live::{Live, LiveError};
use crate::aside::aside;
use crate::auth::Caller;
use crate::ingest::decode::{Decoder, FieldMap, Format};
use crate::ingest::demo::{DEFAULT_SEED, Traffic};
use crate::ingest::normalize::SecretKey;
use crate::store::{ApplicationState, Store, StoreError, TenantStore};

/// What the application with demo traffic is called.
pub const DEMO_NAME: &str = "Demo shop";

/// Rows that are written at once while the past is made up.
const STEP_ROWS: usize = 4_096;

/// How often new lines are asked for once the present is reached.
const EVERY: Duration = Duration::from_secs(1);

/// How demo traffic is made.
#[derive(Debug, Clone)]
pub struct DemoOptions {
    /// The seed; the same seed makes the same traffic.
    pub seed: u32,
    /// How many hours of the past are made up, at most.
    pub hours: u32,
    /// How busy the shop is, in percent of the usual.
    pub busy_percent: u64,
}

impl Default for DemoOptions {
    fn default() -> Self {
        Self {
            seed: DEFAULT_SEED,
            hours: 24,
            busy_percent: 100,
        }
    }
}

/// Why there is no demo traffic.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// There is an application of that name with real traffic.
    #[error(
        "the application `{DEMO_NAME}` holds real traffic, which demo traffic is not mixed with"
    )]
    Real,
    /// There is demo traffic of another seed.
    #[error("there is demo traffic of seed {0} already; remove it first")]
    OtherSeed(u32),
    /// It could not be written.
    #[error(transparent)]
    Live(#[from] LiveError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Whether the present is reached, or why it never will be; `None` until one is known.
type CaughtUp = Option<Result<(), Arc<DemoError>>>;

/// Demo traffic of a process: at most one application's in each tenant. Cheap to clone.
#[derive(Clone)]
pub struct Demo {
    store: Store,
    lanes: Lanes,
    clock: fn() -> Timestamp,
    running: Arc<Mutex<FxHashMap<TenantId, Running>>>,
    tasks: TaskTracker,
}

struct Running {
    application: ApplicationId,
    stop: CancellationToken,
    caught_up: watch::Receiver<CaughtUp>,
}

impl Demo {
    /// Nothing runs yet.
    #[must_use]
    pub fn new(store: Store, lanes: Lanes, clock: fn() -> Timestamp) -> Self {
        Self {
            store,
            lanes,
            clock,
            running: Arc::default(),
            tasks: TaskTracker::new(),
        }
    }

    /// Who writes into which application.
    #[must_use]
    pub fn lanes(&self) -> &Lanes {
        &self.lanes
    }

    /// Starts the tenant's demo traffic, or lets it go on from where it was.
    ///
    /// # Errors
    /// If there is an application in its place.
    pub async fn start(
        &self,
        caller: &Caller,
        options: &DemoOptions,
    ) -> Result<ApplicationId, DemoError> {
        let tenant = self.store.tenant(caller);
        let state = tenant.find_or_create_demo(DEMO_NAME, options.seed).await?;
        match state.demo_seed {
            Some(seed) if seed == options.seed => {}
            Some(seed) => return Err(DemoError::OtherSeed(seed)),
            None => return Err(DemoError::Real),
        }
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let is_running = running
            .get(&caller.tenant())
            .is_some_and(|running| running.application == state.id && !running.is_over());
        if is_running {
            return Ok(state.id);
        }
        let (tell, caught_up) = watch::channel(None);
        let stop = CancellationToken::new();
        let writing = Writing {
            tenant,
            application: state.clone(),
            lanes: self.lanes.clone(),
            clock: self.clock,
            options: options.clone(),
            stop: stop.clone(),
        };
        self.tasks.spawn(async move {
            let failed = match writing.run(&tell).await {
                Ok(()) => return,
                Err(error) => error,
            };
            if !matches!(
                failed,
                DemoError::Live(LiveError::Closed | LiveError::Removed)
            ) {
                tracing::error!(error = %failed, "demo traffic ended");
            }
            tell.send_replace(Some(Err(Arc::new(failed))));
        });
        running.insert(
            caller.tenant(),
            Running {
                application: state.id,
                stop,
                caught_up,
            },
        );
        Ok(state.id)
    }

    /// Lets demo traffic that is stored go on; does nothing if there is none.
    ///
    /// # Errors
    /// If the store fails.
    pub async fn resume(&self, caller: &Caller) -> Result<(), DemoError> {
        let applications = self.store.tenant(caller).list_applications().await?;
        let seed = applications.iter().find_map(|known| known.demo_seed);
        if let Some(seed) = seed {
            let options = DemoOptions {
                seed,
                ..DemoOptions::default()
            };
            self.start(caller, &options).await?;
        }
        Ok(())
    }

    /// Returns when the tenant's demo traffic has reached the present.
    ///
    /// # Errors
    /// If it never will.
    pub async fn caught_up(&self, caller: &Caller) -> Result<(), Arc<DemoError>> {
        let waiting = {
            let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
            running
                .get(&caller.tenant())
                .map(|running| running.caught_up.clone())
        };
        let Some(mut waiting) = waiting else {
            return Ok(());
        };
        match waiting.wait_for(Option::is_some).await {
            Ok(done) => done.clone().unwrap_or(Ok(())),
            Err(_ended) => Ok(()),
        }
    }

    /// Stops all of it. What was written stays.
    pub fn stop_all(&self) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        for (_, stopped) in running.drain() {
            stopped.stop.cancel();
        }
    }

    /// The same; returns when what is being written is.
    pub async fn end_all(&self) {
        self.stop_all();
        self.tasks.close();
        self.tasks.wait().await;
    }

    /// Stops the tenant's traffic, if there is any.
    pub fn stop_tenant(&self, tenant: TenantId) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(stopped) = running.remove(&tenant) {
            stopped.stop.cancel();
        }
    }

    /// Stops the traffic of an application, if there is any. What was written stays.
    pub fn stop(&self, tenant: TenantId, application: ApplicationId) {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if running
            .get(&tenant)
            .is_some_and(|running| running.application == application)
            && let Some(stopped) = running.remove(&tenant)
        {
            stopped.stop.cancel();
        }
    }
}

impl Running {
    fn is_over(&self) -> bool {
        self.caught_up.has_changed().is_err() || matches!(&*self.caught_up.borrow(), Some(Err(_)))
    }
}

/// Writes until it is stopped.
struct Writing {
    tenant: TenantStore,
    application: ApplicationState,
    lanes: Lanes,
    clock: fn() -> Timestamp,
    options: DemoOptions,
    stop: CancellationToken,
}

impl Writing {
    async fn run(self, tell: &watch::Sender<CaughtUp>) -> Result<(), DemoError> {
        let from = self.find_from().await?;
        let stop = self.stop.clone();
        let (live, running) = Live::start(
            self.tenant,
            &self.application,
            self.lanes,
            self.clock,
            stop.clone(),
        );
        let mut source = Lines {
            traffic: Traffic::new(self.options.seed, self.options.busy_percent, from),
            decoder: Decoder::new(Format::Json, &FieldMap::default(), KEY),
        };
        loop {
            let now = (self.clock)();
            let batch;
            (source, batch) = aside(move || {
                let batch = source.read(now);
                (source, batch)
            })
            .await;
            let is_behind = batch.requests.len() >= STEP_ROWS;
            if !batch.requests.is_empty() {
                live.append(batch).await?;
            }
            if is_behind {
                continue;
            }
            tell.send_if_modified(|told| told.is_none() && told.replace(Ok(())).is_none());
            tokio::select! {
                () = stop.cancelled() => break,
                () = tokio::time::sleep(EVERY) => {}
            }
        }
        // What it is writing is written.
        drop(live);
        if let Err(panic) = running.await {
            tracing::error!(%panic, "the writer of demo traffic panicked");
        }
        Ok(())
    }

    /// Where the last run stopped: a batch never parts requests of the same moment. What was
    /// missed longer ago than the past that is wanted stays missing.
    async fn find_from(&self) -> Result<Timestamp, DemoError> {
        let hours = i64::from(self.options.hours);
        let earliest = (self.clock)().plus(-hours * Timestamp::HOUR);
        let application = self.tenant.find_application(self.application.id).await?;
        let last = application.and_then(|application| application.last_request_at);
        Ok(last.map_or(earliest, |last| last.plus(1).max(earliest)))
    }
}

/// No line holds a secret worth a key of its own.
const KEY: SecretKey = SecretKey(*b"demo traffic key");

struct Lines {
    traffic: Traffic,
    decoder: Decoder,
}

impl Lines {
    /// What comes next of what is older than `now`: a batch that ends between two moments.
    fn read(&mut self, now: Timestamp) -> Batch {
        let mut batch = Batch {
            resolution_ms: 1,
            ..Batch::default()
        };
        let mut until = now;
        while let Some(line) = self.traffic.next_before(until) {
            if let Err(reason) = self.decoder.decode(line.text.as_bytes(), &mut batch) {
                tracing::error!(?reason, line = line.text, "a line of demo traffic");
            }
            if batch.requests.len() >= STEP_ROWS {
                until = until.min(Timestamp(line.at + 1));
            }
        }
        batch
    }
}

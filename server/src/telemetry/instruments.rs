//! What is measured of the process, for Prometheus. One set for a process, like its log: whoever
//! has something to say reaches it by [`metrics`].
//!
//! Labels have few values, all known beforehand: routes, statuses, reasons. Never what somebody
//! sent, and nothing of a tenant: who may read metrics sees no tenant by that.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use prometheus_client::encoding::{EncodeLabelSet, prometheus_text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;

use super::catalog::Catalog;
use super::process;
use crate::ingest::reject::RejectReason;

/// The instruments of this process.
#[must_use]
pub fn metrics() -> &'static Metrics {
    static METRICS: LazyLock<Metrics> = LazyLock::new(Metrics::new);
    &METRICS
}

/// All instruments, and what they are called.
#[derive(Debug)]
pub struct Metrics {
    pub(super) catalog: Catalog,
    process: ProcessMetrics,
    /// Requests that the server answers.
    pub http: HttpMetrics,
    /// What reads and writes the database.
    pub store: StoreMetrics,
    /// What goes on in the background.
    pub jobs: JobMetrics,
    /// What judges.
    pub engine: EngineMetrics,
    /// What takes requests in.
    pub ingest: IngestMetrics,
}

/// Requests that the server answers.
#[derive(Debug)]
pub struct HttpMetrics {
    requests: Family<Answered, Counter>,
    durations: Family<Routed, Histogram, Seconds>,
    /// Requests that are being answered.
    pub in_flight: Gauge,
    /// Open connections.
    pub connections: Gauge,
}

/// What reads and writes the database.
#[derive(Debug)]
pub struct StoreMetrics {
    /// How long it takes to write what belongs together, once nobody else writes.
    pub commits: Histogram,
    /// How long whoever writes waits until nobody else does.
    pub waits: Histogram,
    connections: Family<Stated, Gauge>,
}

/// What goes on in the background.
#[derive(Debug, Default)]
pub struct JobMetrics {
    active: Gauge,
    ended: Family<Stated, Counter>,
}

/// What judges.
#[derive(Debug)]
pub struct EngineMetrics {
    /// The applications that are stored.
    pub applications: Gauge,
    /// Actors that are held in memory; see [`Share`].
    pub actors: Gauge,
    /// Requests that were judged as they came.
    pub judged: Counter,
    /// Requests that came too late to be judged in their place.
    pub late: Counter,
    /// How long it takes to judge and store what came together.
    pub steps: Histogram,
}

/// What takes requests in. [`IngestCounters`](crate::ingest::health::IngestCounters) fills it in:
/// who takes requests tells that.
#[derive(Debug)]
pub struct IngestMetrics {
    /// Requests that were acknowledged, and so are durable.
    pub accepted: Counter,
    /// Bytes as they came, before they were decompressed.
    pub bytes: Counter,
    /// Bodies that were taken.
    pub bodies: Counter,
    /// Bodies for which there was no room in time.
    pub slowed: Counter,
    rejected: Family<Reason, Counter>,
    /// Bytes that are acknowledged and not stored yet.
    pub pending_bytes: Gauge,
    /// How old the oldest of them is; 0 while there is none.
    pub lag_seconds: Gauge<f64, AtomicU64>,
    /// How long it takes from a request's arrival until the console shows it.
    pub visible: Histogram,
}

/// What the operating system knows.
#[derive(Debug, Default)]
struct ProcessMetrics {
    resident: Gauge,
    address_space: Gauge,
    cpu: Counter<f64, AtomicU64>,
    files: Gauge,
    started: Gauge<f64, AtomicU64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    route: String,
    method: &'static str,
    status: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Routed {
    route: String,
    method: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Stated {
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Reason {
    reason: &'static str,
}

/// Makes the histogram of one route.
type Seconds = fn() -> Histogram;

/// From a millisecond to half a minute: what people wait for.
fn seconds() -> Histogram {
    Histogram::new([
        0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0,
    ])
}

impl HttpMetrics {
    fn new() -> Self {
        Self {
            requests: Family::default(),
            durations: Family::new_with_constructor(seconds),
            in_flight: Gauge::default(),
            connections: Gauge::default(),
        }
    }

    /// Counts an answer. `route` is one of the table's, never an address as it came.
    pub fn answered(&self, route: &str, method: &'static str, status: u16, took: Duration) {
        let answered = Answered {
            route: route.to_owned(),
            method,
            status,
        };
        self.requests.get_or_create(&answered).inc();
        let Answered { route, method, .. } = answered;
        let durations = self.durations.get_or_create(&Routed { route, method });
        durations.observe(took.as_secs_f64());
    }
}

impl StoreMetrics {
    /// Says how many connections there are, and how many of them nobody uses.
    pub fn connected(&self, open: u32, idle: u32) {
        let set = |state, count: u32| {
            let gauge = self.connections.get_or_create(&Stated { state });
            gauge.set(i64::from(count));
        };
        set("idle", idle);
        set("used", open.saturating_sub(idle));
    }
}

impl JobMetrics {
    /// Says that work in the background begins; it ends when this is dropped.
    #[must_use]
    pub fn begin(&self) -> Share {
        Share::of(&self.active, 1)
    }

    /// Counts work that ended.
    pub fn ended(&self, state: &'static str) {
        self.ended.get_or_create(&Stated { state }).inc();
    }
}

impl IngestMetrics {
    /// Counts records that are no requests.
    pub fn rejected(&self, reason: RejectReason, count: u64) {
        let reason = reason.as_str();
        let rejected = self.rejected.get_or_create(&Reason { reason });
        rejected.inc_by(count);
    }
}

/// A part of a gauge to which several add; taken away again when it is dropped.
#[derive(Debug)]
pub struct Share {
    gauge: Gauge,
    part: i64,
}

impl Share {
    /// Adds `part` to `gauge` until dropped.
    #[must_use]
    pub fn of(gauge: &Gauge, part: i64) -> Self {
        gauge.inc_by(part);
        Self {
            gauge: gauge.clone(),
            part,
        }
    }

    /// Says that the part is another one now.
    pub fn set(&mut self, part: i64) {
        self.gauge.inc_by(part - self.part);
        self.part = part;
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.gauge.dec_by(self.part);
    }
}

impl Metrics {
    fn new() -> Self {
        let metrics = Self {
            catalog: Catalog::default(),
            process: ProcessMetrics::default(),
            http: HttpMetrics::new(),
            store: StoreMetrics {
                commits: seconds(),
                waits: seconds(),
                connections: Family::default(),
            },
            jobs: JobMetrics::default(),
            engine: EngineMetrics {
                applications: Gauge::default(),
                actors: Gauge::default(),
                judged: Counter::default(),
                late: Counter::default(),
                steps: seconds(),
            },
            ingest: IngestMetrics {
                accepted: Counter::default(),
                bytes: Counter::default(),
                bodies: Counter::default(),
                slowed: Counter::default(),
                rejected: Family::default(),
                pending_bytes: Gauge::default(),
                lag_seconds: Gauge::default(),
                visible: seconds(),
            },
        };
        let started = SystemTime::now().duration_since(UNIX_EPOCH);
        let started = started.map_or(0.0, |since| since.as_secs_f64());
        metrics.process.started.set(started);
        Self {
            catalog: metrics.list(),
            ..metrics
        }
    }

    /// Names all of them, for the answer and for the documentation.
    #[rustfmt::skip]
    fn list(&self) -> Catalog {
        let mut list = Catalog::default();
        let Self { http, store, jobs, engine, ingest, process, .. } = self;
        list.counter("botscope_http_requests", &["route", "method", "status"], "Requests answered; route is a row of the API's table, `console` or another page", &http.requests);
        list.histogram("botscope_http_request_duration_seconds", &["route", "method"], "Time until an answer began", &http.durations);
        list.gauge("botscope_http_requests_in_flight", &[], "Requests being answered", &http.in_flight);
        list.gauge("botscope_http_connections", &[], "Open connections", &http.connections);
        list.gauge("botscope_store_connections", &["state"], "Connections to the database that read, `used` or `idle`", &store.connections);
        list.histogram("botscope_store_commit_duration_seconds", &[], "Time to write what belongs together and make it durable, without most of the kept state of the engine", &store.commits);
        list.histogram("botscope_store_write_wait_seconds", &[], "Time that whoever writes waited until nobody else did", &store.waits);
        list.gauge("botscope_jobs_active", &[], "Judging again and keeping to retention: what waits or goes on", &jobs.active);
        list.counter("botscope_jobs_ended", &["state"], "Judging again and keeping to retention: what ended `done`, `failed` or `superseded`", &jobs.ended);
        list.gauge("botscope_applications", &[], "Applications stored, of all tenants", &engine.applications);
        list.gauge("botscope_engine_actors", &[], "Actors held in memory by the writers of live traffic", &engine.actors);
        list.counter("botscope_engine_requests", &[], "Requests judged as they came", &engine.judged);
        list.counter("botscope_engine_late_requests", &[], "Requests that came too late to be judged in their place", &engine.late);
        list.histogram("botscope_engine_step_duration_seconds", &[], "Time to write what was judged together, until it is durable", &engine.steps);
        list.counter("botscope_ingest_requests_accepted", &[], "Requests acknowledged, and so durable", &ingest.accepted);
        list.counter("botscope_ingest_requests_rejected", &["reason"], "Records that are no requests", &ingest.rejected);
        list.counter("botscope_ingest_bodies", &[], "Bodies, and batches by syslog, that were taken", &ingest.bodies);
        list.counter("botscope_ingest_slowed", &[], "Bodies for which there was no room in time (429 or 503)", &ingest.slowed);
        list.counter("botscope_ingest_bytes", &[], "Bytes that came, before they were decompressed", &ingest.bytes);
        list.gauge("botscope_ingest_pending_bytes", &[], "Bytes acknowledged and not stored yet", &ingest.pending_bytes);
        list.gauge("botscope_ingest_lag_seconds", &[], "Age of the oldest request that is acknowledged and not stored yet", &ingest.lag_seconds);
        list.histogram("botscope_ingest_visible_seconds", &[], "Time from a request's arrival until the console shows it", &ingest.visible);
        list.gauge("process_resident_memory_bytes", &[], "Memory of the process", &process.resident);
        list.gauge("process_virtual_memory_bytes", &[], "Address space of the process", &process.address_space);
        list.counter("process_cpu_seconds", &[], "Time that processors worked for the process", &process.cpu);
        list.gauge("process_open_fds", &[], "Open files and sockets", &process.files);
        list.gauge("process_start_time_seconds", &[], "When the process started, in seconds since 1970", &process.started);
        list
    }

    /// The answer to whoever collects: the text format of Prometheus. What is only known by
    /// looking is looked at now; what the store and the jobs know is told before.
    #[must_use]
    pub fn encode(&self) -> String {
        let usage = process::usage();
        self.process.resident.set(usage.resident_bytes.unwrap_or(0));
        let address_space = usage.virtual_bytes.unwrap_or(0);
        self.process.address_space.set(address_space);
        self.process.files.set(usage.open_files.unwrap_or(0));
        let cpu = usage.cpu_seconds.unwrap_or(0.0);
        let held = self.process.cpu.inner();
        held.store(cpu.to_bits(), Ordering::Relaxed);
        let mut text = String::new();
        prometheus_text::encode(&mut text, &self.catalog.registry)
            .expect("a text takes everything");
        text
    }

    /// The media type of that answer.
    pub const MEDIA_TYPE: &str = prometheus_text::CONTENT_TYPE;
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Puts something into every family, so that all of them show.
    fn touched() -> Metrics {
        let metrics = Metrics::new();
        let took = Duration::from_millis(3);
        metrics.http.answered("/api/v1/attacks", "GET", 200, took);
        metrics.store.connected(5, 4);
        metrics.jobs.ended("done");
        metrics.ingest.rejected(RejectReason::InvalidDate, 2);
        metrics
    }

    #[test]
    fn the_document_names_every_metric_and_no_other() {
        let metrics = touched();
        let mut table = String::from("| metric | kind | labels | |\n|---|---|---|---|\n");
        for entry in &metrics.catalog.entries {
            let labels: Vec<String> = entry.labels.iter().map(|it| format!("`{it}`")).collect();
            let labels = labels.join(", ");
            let (name, kind, help) = (&entry.name, entry.kind, entry.help);
            table += &format!("| `{name}` | {kind} | {labels} | {help} |\n");
        }
        let document = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/operations.md");
        let document = std::fs::read_to_string(document).unwrap();
        assert!(document.contains(&table), "docs/operations.md:\n{table}");
    }

    #[test]
    fn what_is_answered_is_what_the_catalog_says() {
        let metrics = touched();
        let text = metrics.encode();
        for entry in &metrics.catalog.entries {
            let (name, kind) = (&entry.name, entry.kind);
            assert!(text.contains(&format!("# TYPE {name} {kind}\n")), "{name}");
            for label in entry.labels {
                let mut lines = text.lines().filter(|line| line.starts_with(name.as_str()));
                let has = lines.any(|line| line.contains(&format!("{label}=\"")));
                assert!(has, "{name} has no {label}");
            }
        }
        let kinds = text.lines().filter(|line| line.starts_with("# TYPE"));
        assert_eq!(kinds.count(), metrics.catalog.entries.len());
        let line = "botscope_http_requests_total\
                    {route=\"/api/v1/attacks\",method=\"GET\",status=\"200\"} 1\n";
        assert!(text.contains(line), "{text}");
        assert!(
            text.contains("botscope_ingest_requests_rejected_total{reason=\"invalid_date\"} 2")
        );
    }

    #[test]
    fn a_share_of_a_gauge_goes_with_whoever_had_it() {
        let gauge = Gauge::default();
        let mut one = Share::of(&gauge, 3);
        let other = Share::of(&gauge, 4);
        one.set(1);
        assert_eq!(gauge.get(), 5);
        drop(other);
        assert_eq!(gauge.get(), 1);
        drop(one);
        assert_eq!(gauge.get(), 0);
    }
}

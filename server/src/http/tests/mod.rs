//! Tests of the API in process: a store with a few attacks behind the real router. What every
//! route must do is in `table`, and of other tenants in `wall`; what single routes do, in files
//! named after them.

mod addresses;
mod attacks;
mod audit;
mod console;
mod demo;
mod erasures;
mod examples;
mod export;
mod health;
mod ingest;
mod learning;
mod links;
mod lists;
mod live;
mod members;
mod outage;
mod people;
mod privacy;
mod retention;
mod second_factor;
mod seed;
mod server;
mod sessions;
mod settings;
mod sign_in;
mod single_sign_on;
mod table;
mod tokens;
mod wall;

use std::path::Path;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;
use shared::{ApplicationId, ErrorCode, Job, JobId, Problem, Timestamp};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::router;
use super::site::Site;
use super::state::AppState;
use crate::address::AddressBook;
use crate::auth::{Caller, Passwords};
use crate::pipeline::{Demo, Intake, IntakeOptions, Jobs, Lanes};
use crate::store::Store;
use crate::store::contract::{On, Place};

/// The moment at which every test runs: an hour after the last seeded request.
const NOW: Timestamp = Timestamp(1_455_321_600_000);

tokio::task_local! {
    /// Which database the test runs on; SQLite where it does not say.
    static ON: On;
}

/// Makes a test of each function on both databases.
macro_rules! on_both {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $test() {
                super::$test().await;
            })+
        }
        mod postgres {
            $(#[tokio::test]
            async fn $test() {
                crate::http::tests::on_postgres(super::$test()).await;
            })+
        }
    };
}
use on_both;

async fn on_postgres(test: impl Future<Output = ()>) {
    ON.scope(On::Postgres, test).await;
}

/// A server with the seeded store.
struct TestApp {
    router: Router,
    store: Store,
    jobs: Jobs,
    state: AppState,
    /// The seeded shop.
    application: ApplicationId,
    /// A job of the shop that had nothing to do.
    job: JobId,
    place: Place,
    /// Where what is admitted is logged.
    _data: tempfile::TempDir,
}

/// What it answered.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl TestApp {
    /// With the seeded data and a caller who may do everything.
    async fn new() -> Self {
        Self::with_caller(seed::ann()).await
    }

    async fn with_caller(caller: Caller) -> Self {
        let mut app = Self::empty(caller).await;
        app.application = seed::fill(&app.store).await;
        seed::arrive(&app.state.counters, app.application);
        let tenant = app.store.tenant(&Caller::local());
        let shop = tenant
            .find_application_state("shop")
            .await
            .unwrap()
            .unwrap();
        app.job = app.jobs.judge_again(tenant.clone(), &shop, || NOW).id;
        let is_active = |job: &Job| job.state.is_active();
        while app
            .jobs
            .find(&tenant, app.job)
            .as_ref()
            .is_some_and(is_active)
        {
            tokio::task::yield_now().await;
        }
        app
    }

    /// The same server for who has to sign in.
    fn without_caller(mut self) -> Self {
        self.state.assumed = None;
        self.router = router::build(self.state.clone());
        self
    }

    /// The same server with somebody else in front of it.
    fn asked_by(&self, caller: Caller) -> Router {
        router::build(AppState {
            assumed: Some(caller),
            ..self.state.clone()
        })
    }

    /// Without any data.
    async fn empty(caller: Caller) -> Self {
        Self::knowing(caller, AddressBook::built_in()).await
    }

    /// Without any data, but with what `book` knows of addresses.
    async fn knowing(caller: Caller, book: AddressBook) -> Self {
        let on = ON.try_with(|on| *on).unwrap_or(On::Sqlite);
        Self::at(Place::new(on).await, caller, book).await
    }

    /// The same where the test says.
    async fn at(place: Place, caller: Caller, book: AddressBook) -> Self {
        let store = place.open_knowing(book).await.unwrap();
        // As in a server that runs: all who write wait for one another.
        let lanes = Lanes::default();
        let jobs = Jobs::new(lanes.clone(), CancellationToken::new());
        let data = tempfile::tempdir().unwrap();
        let (how, stop) = (IntakeOptions::default(), CancellationToken::new());
        let counters = how.counters.clone();
        let intake = Intake::open(store.clone(), data.path(), lanes.clone(), || NOW, how, stop);
        let intake = Some(intake.await.unwrap());
        let listen = "127.0.0.1:8080".parse().unwrap();
        let demo = Demo::new(store.clone(), lanes, || NOW);
        let site = Site {
            listen,
            public_url: None,
            proxies: Vec::new(),
        };
        let state = AppState {
            assumed: Some(caller),
            intake,
            counters,
            // A real cost would be that of every test.
            passwords: Passwords::with_cost(64, 1),
            ..AppState::new(store.clone(), jobs.clone(), demo, site, || NOW)
        };
        Self {
            router: router::build(state.clone()),
            state,
            store,
            jobs,
            application: ApplicationId(0),
            job: JobId(0),
            place,
            _data: data,
        }
    }

    /// Where its file is, on SQLite.
    fn directory(&self) -> &Path {
        match &self.place {
            Place::Directory(directory) => directory.path(),
            Place::Url(_) => panic!("it has no file on PostgreSQL"),
        }
    }

    /// `GET` of a path below `/api/v1`.
    async fn get(&self, path: &str) -> Answer {
        self.send(request("GET", &format!("/api/v1{path}"))).await
    }

    /// A write to a path below `/api/v1`, as a program sends it.
    async fn write(&self, method: &str, path: &str, body: &Value) -> Answer {
        self.send(write_request(method, path, body)).await
    }

    async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: to_bytes(body, usize::MAX).await.unwrap().to_vec(),
        }
    }

    /// The body of a success.
    async fn json<T: DeserializeOwned>(&self, path: &str) -> T {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        assert_eq!(answer.headers["content-type"], "application/json");
        serde_json::from_slice(&answer.body).unwrap()
    }

    /// The body of an error.
    async fn problem(&self, path: &str, code: ErrorCode) -> Problem {
        self.get(path).await.problem(path, code)
    }
}

impl Answer {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn problem(&self, what: &str, code: ErrorCode) -> Problem {
        assert_eq!(
            self.status.as_u16(),
            code.status(),
            "{what}: {}",
            self.text()
        );
        assert_eq!(
            self.headers["content-type"], "application/problem+json",
            "{what}"
        );
        let problem: Problem = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(problem.code, code, "{what}");
        assert_eq!(problem.status, code.status(), "{what}");
        let request_id = self.headers["x-request-id"].to_str().unwrap();
        assert_eq!(problem.request_id.as_deref(), Some(request_id), "{what}");
        problem
    }
}

/// A write to a path below `/api/v1`; without a body if it is [`Null`](Value::Null).
fn write_request(method: &str, path: &str, body: &Value) -> Request<Body> {
    let mut request = request(method, &format!("/api/v1{path}"));
    if !body.is_null() {
        let kind = "application/json".parse().unwrap();
        request.headers_mut().insert("content-type", kind);
        *request.body_mut() = body.to_string().into();
    }
    request
}

fn request(method: &str, uri: &str) -> Request<Body> {
    let request = Request::builder().method(method).uri(uri);
    request
        .header("host", "localhost:8080")
        .body(Body::empty())
        .unwrap()
}

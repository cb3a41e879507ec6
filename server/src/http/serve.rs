//! Listens, and hands each connection to the router. Bounds what a client that does nothing
//! can hold: connections are counted, and a request that does not arrive is given up.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use futures::future::OptionFuture;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use ipnet::IpNet;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::live::Streams;
use super::route::Peer;
use super::router;
use super::sign_in::CALLBACK;
use super::site::{PublicUrl, Site};
use super::state::{AppState, system_clock};
use crate::auth::Caller;
use crate::auth::oidc::{OidcConfig, OidcConfigError, Provider};
use crate::connections;
use crate::ingest::health::IngestCounters;
use crate::mail::Mailer;
use crate::pipeline::{
    Demo, Intake, IntakeOptions, Jobs, Lanes, OpenError, finish_removals, finish_tenant_removals,
};
use crate::store::{LinkKind, NewLink, Store, StoreError};
use crate::telemetry::{Share, metrics};

/// Connections held at one time; more wait until one ends.
const MAX_CONNECTIONS: usize = 1_024;

/// How long the head of a request may take to arrive, also between two requests.
const HEAD_TIMEOUT: Duration = Duration::from_secs(20);

/// The most bytes that the head of a request may have.
const MAX_HEAD_BYTES: usize = 64 * 1024;

/// How long open answers may take to end once nothing new is taken.
const STOP_TIMEOUT: Duration = Duration::from_secs(5);

/// How long what goes on in the background may take to come to a place where it can stop, after
/// that. Whatever is cut off is as if it had not begun: the next start goes on from there.
const BACKGROUND_TIMEOUT: Duration = Duration::from_secs(20);

/// How the server runs.
#[derive(Default)]
pub struct Options {
    /// The address that people use, where that is not the one that is listened on.
    pub public_url: Option<PublicUrl>,
    /// Serve other machines although whoever is on the way can read along.
    pub allow_http: bool,
    /// Who may say whom a request comes from: reverse proxies.
    pub proxies: Vec<IpNet>,
    /// Sends links by e-mail.
    pub mailer: Option<Mailer>,
    /// Who vouches for people. Where they come back to is filled in.
    pub single_sign_on: Option<OidcConfig>,
    /// The secret of the data directory: what is imported is hashed by it, and sign-ins are sealed.
    pub secret: [u8; 16],
    /// Who writes into which application, for whatever else in the process writes.
    pub lanes: Lanes,
    /// The demo traffic of the process; `None` if none was started yet.
    pub demo: Option<Demo>,
    /// How traffic arrives, told by whatever in the process takes it; counted from now on if it
    /// is absent.
    pub counters: Option<IngestCounters>,
    /// Where the log of admitted requests is kept: the data directory. Without one no traffic is
    /// taken.
    pub data: Option<PathBuf>,
    /// Where traffic is taken besides, and nothing else is served.
    pub ingest_listen: Option<SocketAddr>,
    /// Bytes of requests that may wait to be stored; as many as usual if 0.
    pub pending_bytes: usize,
    /// Called once when traffic can be taken, for whatever else takes some.
    pub taking: Option<Box<dyn FnOnce(Intake) + Send>>,
    /// Called once when the server listens.
    pub ready: Option<Box<dyn FnOnce(Ready) + Send>>,
    /// Where metrics and health are told besides, to whoever asks there.
    pub metrics_listen: Option<SocketAddr>,
    /// How long connections are taken once it is told to stop, so that whoever sends requests
    /// here learns to send them elsewhere.
    pub grace: Duration,
    /// Cancel to stop: what is being answered is finished, nothing new is taken.
    pub stop: CancellationToken,
    /// Cancel to have that grace end.
    pub hurry: CancellationToken,
}

/// Where the server is, once it is.
#[derive(Debug, Clone)]
pub struct Ready {
    /// The address that is listened on.
    pub address: SocketAddr,
    /// The address that people use.
    pub url: String,
    /// The address where the first account is made, while there is none.
    pub set_up: Option<String>,
}

/// Why the server does not run.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Other machines would reach it, and nobody knows under which name.
    #[error(
        "{0} can be reached from other machines. Say under which address people use it, so that \
         it can tell its own pages from others: --public-url https://botscope.example with a \
         reverse proxy that does TLS in front; or listen on 127.0.0.1 and forward the port (ssh -L)"
    )]
    NoPublicUrl(SocketAddr),
    /// Passwords or tokens would be sent in clear.
    #[error(
        "passwords and tokens sent to {0} can be read by whoever is on the way. Put a reverse proxy with TLS \
         in front and say its https:// address, or say --allow-http if the network is safe"
    )]
    Http(String),
    /// Single sign-on cannot work.
    #[error("single sign-on: {0}")]
    SingleSignOn(#[from] OidcConfigError),
    /// The store failed.
    #[error("the first account cannot be prepared")]
    Store(#[from] StoreError),
    /// What was admitted before cannot be taken up.
    #[error("no traffic can be taken")]
    Intake(#[from] OpenError),
    /// The operating system has no random numbers.
    #[error("no random numbers: {0}")]
    Random(#[from] getrandom::Error),
    /// The address is taken, or not one of this machine.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// Serves the console and the API of `store` on `listen` until `options.stop` is cancelled.
pub async fn serve(store: Store, listen: SocketAddr, options: Options) -> Result<(), ServeError> {
    check(listen, &options)?;
    let (listener, address) = listen_on(listen).await?;
    let metrics = match options.metrics_listen {
        Some(listen) => Some(listen_on(listen).await?.0),
        None => None,
    };
    let ingest_listener = match options.ingest_listen {
        Some(listen) => Some(listen_on(listen).await?.0),
        None => None,
    };
    // Requests are taken until nobody can send any.
    let taken = CancellationToken::new();
    let counters = options.counters;
    let counters = counters.unwrap_or_else(|| IngestCounters::new(system_clock()));
    let intake = match options.data {
        None => None,
        Some(data) => {
            let usual = IntakeOptions::default();
            let how = IntakeOptions {
                pending_bytes: match options.pending_bytes {
                    0 => usual.pending_bytes,
                    some => some,
                },
                secret: options.secret,
                counters: counters.clone(),
                ..usual
            };
            let (lanes, stop) = (options.lanes.clone(), taken.clone());
            Some(Intake::open(store.clone(), &data, lanes, system_clock, how, stop).await?)
        }
    };
    let demo = options
        .demo
        .unwrap_or_else(|| Demo::new(store.clone(), options.lanes.clone(), system_clock));
    let jobs = Jobs::new(options.lanes, options.stop.clone());
    let live = demo.clone();
    let callers = callers(&store).await;
    for caller in &callers {
        if let Err(error) = jobs.resume(&store.tenant(caller), system_clock).await {
            tracing::error!(%error, "what was left undone could not be found");
        }
    }
    let (resumed, leftover) = (demo.clone(), store.clone());
    let site = Site {
        listen: address,
        public_url: options.public_url,
        proxies: options.proxies,
    };
    let url = site.url();
    let set_up = make_set_up_link(&store, &url).await?;
    let single_sign_on = options.single_sign_on;
    let single_sign_on = single_sign_on.map(|it| provider(it, &options.secret, &url));
    let state = AppState {
        mailer: options.mailer,
        single_sign_on: single_sign_on.transpose()?,
        secret: options.secret,
        streams: Streams::new(options.stop.clone()),
        counters,
        intake: intake.clone(),
        ..AppState::new(store, jobs.clone(), demo, site, system_clock)
    };
    let health = state.health.clone();
    let closing = CancellationToken::new();
    let ingest_router = router::build_ingest(state.clone());
    let ingested = ingest_listener.map(|listener| accept(listener, ingest_router, closing.clone()));
    let collected = metrics.map(|listener| {
        let router = router::build_metrics(state.clone());
        accept(listener, router, closing.clone())
    });
    let router = router::build(state);
    let erasing = jobs.clone();
    tokio::spawn(async move {
        finish_tenant_removals(&leftover.tenants(), system_clock()).await;
        for caller in &callers {
            let tenant = leftover.tenant(caller);
            if let Err(error) = erasing.resume_erasures(&tenant, system_clock).await {
                tracing::error!(%error, "what was left to erase could not be found");
            }
            finish_removals(&tenant).await;
            if let Err(error) = resumed.resume(caller).await {
                tracing::error!(%error, "demo traffic does not go on");
            }
        }
        erasing.keep_retention(leftover, system_clock);
    });
    if let Some((taking, intake)) = options.taking.zip(intake.clone()) {
        taking(intake);
    }
    if let Some(ready) = options.ready {
        ready(Ready {
            address,
            url,
            set_up,
        });
    }
    let drain = async {
        options.stop.cancelled().await;
        health.draining.cancel();
        tokio::select! {
            () = options.hurry.cancelled() => {}
            () = tokio::time::sleep(options.grace) => {}
        }
        closing.cancel();
    };
    let answer = accept(listener, router, closing.clone());
    tokio::join!(
        drain,
        answer,
        OptionFuture::from(ingested),
        OptionFuture::from(collected)
    );
    taken.cancel();
    let background = async {
        if let Some(intake) = intake {
            intake.wait().await;
        }
        live.end_all().await;
        jobs.wait().await;
    };
    let ended = tokio::time::timeout(BACKGROUND_TIMEOUT, background).await;
    if ended.is_err() {
        tracing::warn!("stopped before all that goes on in the background had ended");
    }
    Ok(())
}

async fn listen_on(address: SocketAddr) -> Result<(TcpListener, SocketAddr), ServeError> {
    let failed = |source| ServeError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok((listener, address))
}

/// Who vouches for the people of the server at `url`.
fn provider(
    config: OidcConfig,
    secret: &[u8],
    url: &str,
) -> Result<Arc<Provider>, OidcConfigError> {
    let config = OidcConfig {
        redirect_uri: format!("{url}{CALLBACK}"),
        ..config
    };
    Ok(Arc::new(Provider::new(config, secret)?))
}

/// Whether passwords and tokens would be safe on their way.
fn check(listen: SocketAddr, options: &Options) -> Result<(), ServeError> {
    if let Some(listen) = options.ingest_listen
        && !listen.ip().to_canonical().is_loopback()
        && !options.allow_http
    {
        return Err(ServeError::Http(listen.to_string()));
    }
    let is_here = listen.ip().to_canonical().is_loopback();
    match &options.public_url {
        None if !is_here => Err(ServeError::NoPublicUrl(listen)),
        Some(url) if !url.is_https() && !options.allow_http => {
            Err(ServeError::Http(url.to_string()))
        }
        _ => Ok(()),
    }
}

/// Makes the link to the first account, in place of that of an earlier start, while there is none.
async fn make_set_up_link(store: &Store, url: &str) -> Result<Option<String>, ServeError> {
    if store.has_accounts().await? {
        return Ok(None);
    }
    let (link, secret) = NewLink::random(LinkKind::SetUp, None, system_clock())?;
    store.create_link(&link).await?;
    Ok(Some(format!("{url}/set-up/{}", secret.digits())))
}

/// The machine itself in every tenant, for what goes on there by itself.
pub(crate) async fn callers(store: &Store) -> Vec<Caller> {
    match store.tenants().list().await {
        Ok(tenants) => {
            let ids = tenants.into_iter().map(|tenant| tenant.id);
            ids.map(Caller::local_in).collect()
        }
        Err(error) => {
            tracing::error!(%error, "the tenants cannot be listed");
            Vec::new()
        }
    }
}

/// Takes connections until `stop`, then lets the open ones end.
async fn accept(listener: TcpListener, router: Router, stop: CancellationToken) {
    let run = |stream, peer| run(stream, peer, router.clone(), stop.clone());
    let open = connections::take(listener, MAX_CONNECTIONS, &stop, run).await;
    if tokio::time::timeout(STOP_TIMEOUT, open.wait())
        .await
        .is_err()
    {
        tracing::warn!("stopped before every answer had ended");
    }
}

/// One connection, until the client or `stop` ends it.
async fn run(stream: TcpStream, peer: SocketAddr, router: Router, stop: CancellationToken) {
    let _open = Share::of(&metrics().http.connections, 1);
    // Small answers must not wait for the acknowledgement of the one before.
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "no delay could not be set");
    }
    let router = router.map_request(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer.ip()));
        request
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router));
    let mut connection = std::pin::pin!(connection);
    let result = tokio::select! {
        result = connection.as_mut() => result,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result {
        tracing::debug!(%error, "a connection ended early");
    }
}

//! Opening the database: what the address names is looked at first, then set up or refused.

use std::time::Duration;

use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, PgConnection, Row};
use tokio::sync::Mutex;

use super::lock::{Ownership, begin_setup, ensure_free};
use super::role::{self, Role};
use crate::store::StoreError;
use crate::store::database::Error;
use crate::store::database::pool::{Database, Pool, Writer};

/// Connections that read.
const READERS: u32 = 8;

/// How long to wait for a connection: whoever asks over HTTP gets an answer in time.
const ACQUIRE: Duration = Duration::from_secs(5);

const SCHEMES: [&str; 2] = ["postgres://", "postgresql://"];

static MIGRATIONS: Migrator = sqlx::migrate!("src/store/database/postgres/migrations");

impl Database {
    /// Opens the database at `url` and brings its tables up to date, if the role may.
    pub(in crate::store) async fn open_url(url: &str) -> Result<Self, StoreError> {
        // What is wrong with an address is told without it: it may hold a password.
        let is_ours = SCHEMES.iter().any(|scheme| url.starts_with(scheme));
        let parsed = url.parse::<PgConnectOptions>().ok();
        let url = parsed.filter(|_| is_ours).ok_or_else(|| {
            StoreError::Unsuitable(
                "its address is not like postgres://ROLE:PASSWORD@HOST/DATABASE".to_owned(),
            )
        })?;
        let mut door = connect(&url).await?;
        let role = role::role_of(&mut door).await?;
        let schema = role.schema;
        let app = if role.may_bypass || !role.has_tables {
            begin_setup(&mut door).await?;
            ensure_free(&mut door).await?;
            MIGRATIONS.run(&mut door).await?;
            role::prepare(&mut door, &url, &schema).await?
        } else {
            ensure_current(&mut door).await?;
            url
        };
        let ownership = Ownership::default();
        let database = Self {
            readers: Pool::Postgres(readers(&app, &schema)),
            writer: Mutex::new(Writer::new(
                Pool::Postgres(writer(&app, &schema, &ownership)),
                ownership.refused.clone(),
                ownership.taken.clone(),
            )),
            connected: ownership.taken.clone(),
        };
        let refused = database.check_role().await;
        // Only now may the next one set up.
        door.close().await?;
        match refused? {
            Role {
                name,
                may_bypass: true,
                ..
            } => Err(StoreError::Unsuitable(format!(
                "row-level security would not hold for the role {name}"
            ))),
            _ => Ok(database),
        }
    }

    /// Takes the lock and says under which role this process works.
    async fn check_role(&self) -> Result<Role, StoreError> {
        let writer = self.writer.lock().await;
        let (Pool::Postgres(writer), Pool::Postgres(readers)) = (&writer.pool, &self.readers)
        else {
            unreachable!("both are of one database")
        };
        role::role_of(&mut *readers.acquire().await?).await?;
        Ok(role::role_of(&mut *writer.acquire().await?).await?)
    }
}

/// Connects as whoever may set up. No statement is logged: one says the password of a role.
async fn connect(url: &PgConnectOptions) -> Result<PgConnection, StoreError> {
    let options = url.clone().options([("lock_timeout", "10s")]);
    let options = options.disable_statement_logging();
    let connecting = PgConnection::connect_with(&options);
    match tokio::time::timeout(ACQUIRE, connecting).await {
        Ok(connection) => Ok(connection?),
        Err(_) => Err(StoreError::Unreachable(Error::PoolTimedOut)),
    }
}

/// The tables must be those that this version knows.
async fn ensure_current(connection: &mut PgConnection) -> Result<(), StoreError> {
    let row = sqlx::query("SELECT COALESCE(MAX(version), 0) FROM _sqlx_migrations WHERE success")
        .fetch_one(connection)
        .await?;
    let newest = MIGRATIONS.iter().map(|migration| migration.version).max();
    if Some(row.try_get::<i64, _>(0)?) == newest {
        return Ok(());
    }
    Err(StoreError::Unsuitable(
        "its tables are of another version. Start once with the address of the role that owns \
         them: that brings them up to date"
            .to_owned(),
    ))
}

fn options(app: &PgConnectOptions, schema: &str, statement_timeout: &str) -> PgConnectOptions {
    // Not what temporary tables there may be before those of the store.
    let search_path = format!("{schema},pg_temp");
    app.clone()
        .application_name("botscope")
        .statement_cache_capacity(500)
        .options([
            ("statement_timeout", statement_timeout),
            ("lock_timeout", "10s"),
            ("idle_in_transaction_session_timeout", "120s"),
            // A connection whose other end is gone lets go of its lock.
            ("tcp_keepalives_idle", "30"),
            ("tcp_keepalives_interval", "10"),
            ("tcp_keepalives_count", "3"),
            ("jit", "off"),
            ("search_path", &search_path),
        ])
}

fn readers(app: &PgConnectOptions, schema: &str) -> sqlx::PgPool {
    PgPoolOptions::new()
        .max_connections(READERS)
        .acquire_timeout(ACQUIRE)
        .test_before_acquire(false)
        .connect_lazy_with(options(app, schema, "30s"))
}

/// One connection, which holds the lock.
fn writer(app: &PgConnectOptions, schema: &str, ownership: &Ownership) -> sqlx::PgPool {
    let ownership = ownership.clone();
    PgPoolOptions::new()
        .max_connections(1)
        .acquire_timeout(ACQUIRE)
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
        .after_connect(move |connection, _| {
            let ownership = ownership.clone();
            Box::pin(async move { ownership.take(connection).await })
        })
        .connect_lazy_with(options(app, schema, "10min"))
}

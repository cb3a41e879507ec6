//! A database for each test in the PostgreSQL that the environment names, copied from one whose
//! tables are there already.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};

use crate::address::AddressBook;
use crate::store::Store;

const VARIABLE: &str = "BOTSCOPE_TEST_POSTGRES";
const TEMPLATE: &str = "botscope_template";

/// Databases that this process made.
static MADE: AtomicU32 = AtomicU32::new(0);

/// The address of a new database with empty tables.
pub(super) async fn new_database() -> String {
    let server = server();
    let mut connection = connect(&server).await;
    ensure_template(&mut connection, &server).await;
    let made = MADE.fetch_add(1, Ordering::Relaxed);
    let name = format!("test_{}_{made}", std::process::id());
    let statement = format!("CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY");
    run(&mut connection, &statement).await;
    connection.close().await.unwrap();
    address(&server, &name)
}

/// The addresses of two new databases without tables, for a role that owns them and is no superuser.
pub(super) async fn new_databases_of_an_owner() -> [String; 2] {
    let server = server();
    let mut connection = connect(&server).await;
    let made = MADE.fetch_add(1, Ordering::Relaxed);
    let name = format!("owner_{}_{made}", std::process::id());
    let make = format!("CREATE ROLE {name} LOGIN CREATEROLE");
    run(&mut connection, &make).await;
    let names = [name.clone(), format!("{name}_again")];
    for database in &names {
        let make = format!("CREATE DATABASE {database} OWNER {name}");
        run(&mut connection, &make).await;
    }
    connection.close().await.unwrap();
    let owner = server.username(&name);
    // What sqlx adds, PostgreSQL's own programs do not understand.
    names.map(|database| {
        let address = address(&owner, &database);
        address.split('?').next().unwrap().to_owned()
    })
}

/// Where the server's programs are.
pub(super) async fn programs() -> PathBuf {
    let mut connection = connect(&server()).await;
    let bin = "SELECT setting FROM pg_config WHERE name = 'BINDIR'";
    let found = sqlx::query_as(bin).fetch_one(&mut connection).await;
    let (programs,): (String,) = found.unwrap();
    connection.close().await.unwrap();
    programs.into()
}

pub(super) fn server() -> PgConnectOptions {
    let Ok(url) = std::env::var(VARIABLE) else {
        panic!(
            "this test needs PostgreSQL: `cargo xtask test` starts one for all tests, `cargo \
             xtask postgres COMMAND` for a command such as `cargo nextest run`; or set {VARIABLE} \
             to the address of a superuser"
        );
    };
    url.parse().unwrap()
}

fn address(server: &PgConnectOptions, database: &str) -> String {
    server.clone().database(database).to_url_lossy().to_string()
}

async fn connect(server: &PgConnectOptions) -> PgConnection {
    server.clone().connect().await.unwrap()
}

async fn run(connection: &mut PgConnection, statement: &str) {
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(connection)
        .await
        .unwrap();
}

/// Makes the database that others are copied from; one test does, the others wait.
async fn ensure_template(connection: &mut PgConnection, server: &PgConnectOptions) {
    run(connection, "SELECT pg_advisory_lock(1)").await;
    let found = sqlx::query("SELECT 1 FROM pg_database WHERE datname = $1")
        .bind(TEMPLATE)
        .fetch_optional(&mut *connection)
        .await
        .unwrap();
    if found.is_none() {
        run(connection, "CREATE DATABASE botscope_making").await;
        let url = address(server, "botscope_making");
        let store = Store::open_url(&url, AddressBook::built_in())
            .await
            .unwrap();
        store.close().await.unwrap();
        let rename = format!("ALTER DATABASE botscope_making RENAME TO {TEMPLATE}");
        // The server takes a moment to notice that connections have ended.
        while sqlx::raw_sql(AssertSqlSafe(rename.as_str()))
            .execute(&mut *connection)
            .await
            .is_err()
        {
            tokio::task::yield_now().await;
        }
    }
    run(connection, "SELECT pg_advisory_unlock(1)").await;
}

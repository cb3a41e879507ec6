//! The second wall: what the database keeps from a transaction, whatever it asks. With raw SQL
//! under the role that the server works under, table by table as the catalogue has them. Only
//! PostgreSQL has it.

use shared::{Role, Timestamp, Token};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, Row};

use super::cluster;
use super::fixture::*;
use crate::address::AddressBook;
use crate::auth::Secret;
use crate::store::{Commit, Store, StoreError};

/// Not allowed, or against a policy.
const DENIED: &str = "42501";

/// A trigger keeps the audit log as it is, from its own tenant too.
const RAISED: &str = "P0001";

struct Table {
    name: String,
    /// With the kind of each.
    columns: Vec<(String, String)>,
}

/// A database in which two tenants have something, and a connection to it as the server's role.
async fn two_tenants() -> (TestStore, PgConnection, PgConnection) {
    let test = TestStore::open(On::Postgres).await;
    for (tenant, secret) in [(test.tenant(), [7; 32]), (test.stranger(), [8; 32])] {
        let shop = tenant.find_or_create_application("shop").await.unwrap();
        tenant.commit(commit(&shop, 0, 1, 5)).await.unwrap();
        let mut more = Commit::new(shop.judgement, 0);
        more.effects.sessions = sessions(300, 1_000, 0);
        tenant.commit(more).await.unwrap();
        let secret = Secret::of(secret).hash();
        let token = Token {
            id: secret.token_id(),
            name: "export".to_owned(),
            role: Role::ReadOnly,
            account_id: None,
            application_id: None,
            created_by: "local".to_owned(),
            created_at: Timestamp(0),
            expires_at: None,
            last_used_at: None,
        };
        tenant.create_token(&token, &secret).await.unwrap();
    }
    let Place::Url(url) = &test.place else {
        unreachable!("it was opened on PostgreSQL")
    };
    let owner: PgConnectOptions = url.parse().unwrap();
    let role = format!("{}_app", owner.get_database().unwrap());
    let app = owner.clone().username(&role).connect().await.unwrap();
    let owner = owner.connect().await.unwrap();
    (test, owner, app)
}

/// Every table with a tenant's number, partitions among them.
async fn tables(owner: &mut PgConnection) -> Vec<Table> {
    let rows = sqlx::query(
        "SELECT c.relname::text, a.attname::text, format_type(a.atttypid, NULL)
         FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
           AND a.attnum > 0 AND NOT a.attisdropped
           AND EXISTS (SELECT 1 FROM pg_attribute t
                       WHERE t.attrelid = c.oid AND t.attname = 'tenant_id')
         ORDER BY 1, a.attnum",
    )
    .fetch_all(owner)
    .await
    .unwrap();
    let mut tables: Vec<Table> = Vec::new();
    for row in rows {
        let (name, column, kind): (String, String, String) = (row.get(0), row.get(1), row.get(2));
        if tables.last().is_none_or(|table| table.name != name) {
            let columns = Vec::new();
            tables.push(Table { name, columns });
        }
        tables.last_mut().unwrap().columns.push((column, kind));
    }
    tables
}

/// What a statement does after another, undone again: how many rows it touched or gave, or with
/// which code it was refused.
async fn tried(app: &mut PgConnection, before: &str, statement: &str) -> Result<u64, String> {
    let mut transaction = app.begin().await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(before))
        .execute(&mut *transaction)
        .await
        .unwrap();
    let done = sqlx::query(AssertSqlSafe(statement))
        .execute(&mut *transaction)
        .await;
    transaction.rollback().await.unwrap();
    done.map(|done| done.rows_affected()).map_err(|error| {
        let fault = error.into_database_error().unwrap();
        fault.code().unwrap().into_owned()
    })
}

/// Nothing happened: no row was there, or the database refused.
fn is_kept_out(tried: &Result<u64, String>) -> bool {
    match tried {
        Ok(rows) => *rows == 0,
        Err(code) => code == DENIED || code == RAISED,
    }
}

#[tokio::test]
async fn no_statement_reaches_another_tenants_rows_in_any_table() {
    let (test, mut owner, mut app) = two_tenants().await;
    let tables = tables(&mut owner).await;
    assert!(tables.len() > 20);
    for Table { name, columns } in &tables {
        let values = columns.iter().map(|(column, kind)| match kind.as_str() {
            _ if column == "tenant_id" => "2",
            "bigint" => "1",
            "bytea" => "'\\x01'::bytea",
            _ => "'x'",
        });
        let values = values.collect::<Vec<_>>().join(", ");
        let none = "SELECT 1";
        let ours = "SET LOCAL botscope.tenant = '1'";
        for (before, rows) in [(none, ""), (ours, " WHERE tenant_id = 2")] {
            for statement in [
                format!("SELECT 1 FROM {name}{rows}"),
                format!("UPDATE {name} SET tenant_id = 1{rows}"),
                format!("DELETE FROM {name}{rows}"),
            ] {
                let tried = tried(&mut app, before, &statement).await;
                assert!(is_kept_out(&tried), "{before}; {statement}: {tried:?}");
            }
            let statement = format!("INSERT INTO {name} VALUES ({values})");
            let tried = tried(&mut app, before, &statement).await;
            assert_eq!(tried, Err(DENIED.to_owned()), "{before}; {statement}");
        }
        // Nor does a tenant give rows away.
        let statement = format!("UPDATE {name} SET tenant_id = 2");
        let tried = tried(&mut app, ours, &statement).await;
        assert!(is_kept_out(&tried), "{statement}: {tried:?}");
    }
    // The walk itself sees what it may.
    let found = tried(
        &mut app,
        "SET LOCAL botscope.tenant = '2'",
        "SELECT 1 FROM session",
    )
    .await;
    assert_eq!(found, Ok(1));
    let tenant = test.stranger();
    assert_eq!(tenant.list_tokens(None).await.unwrap().len(), 1);
}

#[tokio::test]
async fn before_a_tenant_is_known_only_tables_with_a_door_are_reached() {
    let (_test, mut owner, mut app) = two_tenants().await;
    let with_door = ["invitation", "login", "member", "token"];
    for Table { name, .. } in tables(&mut owner).await {
        let all: (i64,) = sqlx::query_as(AssertSqlSafe(format!("SELECT COUNT(*) FROM {name}")))
            .fetch_one(&mut owner)
            .await
            .unwrap();
        let statement = format!("SELECT 1 FROM {name}");
        let seen = tried(&mut app, "SET LOCAL botscope.door = 'open'", &statement).await;
        if with_door.contains(&name.as_str()) {
            assert_eq!(seen, Ok(all.0 as u64), "{name}");
        } else {
            assert!(is_kept_out(&seen), "{name}");
        }
    }
}

#[tokio::test]
async fn the_role_of_the_server_cannot_take_the_wall_down() {
    let (_test, mut owner, mut app) = two_tenants().await;
    for table in tables(&mut owner).await {
        let name = table.name;
        let row = sqlx::query(
            "SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE oid = to_regclass($1)",
        )
        .bind(&name)
        .fetch_one(&mut owner)
        .await
        .unwrap();
        assert!(row.get::<bool, _>(0), "{name}");
        for statement in [
            format!("ALTER TABLE {name} DISABLE ROW LEVEL SECURITY"),
            format!("ALTER TABLE {name} NO FORCE ROW LEVEL SECURITY"),
            format!("DROP POLICY tenant ON {name}"),
            format!("CREATE POLICY all_rows ON {name} USING (true)"),
            format!("DROP TABLE {name}"),
            format!("TRUNCATE {name}"),
        ] {
            let tried = tried(&mut app, "SELECT 1", &statement).await;
            assert_eq!(tried, Err(DENIED.to_owned()), "{statement}");
        }
        // Switching policies off makes it fail, not see more.
        let look = format!("SELECT 1 FROM {name}");
        let tried = tried(&mut app, "SET LOCAL row_security = off", &look).await;
        assert_eq!(tried, Err(DENIED.to_owned()), "{name}");
    }
    for statement in [
        "SET ROLE postgres",
        "SET SESSION AUTHORIZATION postgres",
        "ALTER ROLE CURRENT_USER BYPASSRLS",
        "CREATE TABLE public.another (n BIGINT)",
        "DELETE FROM _sqlx_migrations",
    ] {
        let tried = tried(&mut app, "SELECT 1", statement).await;
        assert_eq!(tried, Err(DENIED.to_owned()), "{statement}");
    }
}

#[tokio::test]
async fn temporary_tables_do_not_stand_in_for_those_of_the_store() {
    let (test, mut owner, mut app) = two_tenants().await;
    // By its own catalogue, with nothing in it, nothing would be stored.
    let statement = "CREATE TEMPORARY TABLE pg_class
        (relname name, relnamespace oid, relkind \"char\", relispartition boolean)";
    sqlx::raw_sql(statement).execute(&mut app).await.unwrap();
    let asked = sqlx::query("SELECT botscope_is_empty()")
        .fetch_one(&mut app)
        .await
        .unwrap();
    assert!(!asked.get::<bool, _>(0));
    let rows = sqlx::query(
        "SELECT proname::text, array_to_string(proconfig, ' ') FROM pg_proc
         WHERE pronamespace = 'public'::regnamespace AND prosecdef",
    )
    .fetch_all(&mut owner)
    .await
    .unwrap();
    assert!(rows.len() >= 4);
    for row in rows {
        let (name, settings): (String, Option<String>) = (row.get(0), row.get(1));
        let settings = settings.unwrap_or_default();
        assert_eq!(settings, "search_path=public, pg_temp", "{name}");
    }
    // Nor for what the server asks by itself.
    test.store
        .run(
            "DO $$ BEGIN
                 IF current_setting('search_path') <> 'public,pg_temp' THEN
                     RAISE 'it is %', current_setting('search_path');
                 END IF;
             END $$",
        )
        .await
        .unwrap();
}

#[tokio::test]
async fn statistics_are_gathered_of_every_table_though_the_server_owns_none() {
    let (test, mut owner, _app) = two_tenants().await;
    test.store.compact().await.unwrap();
    for Table { name, .. } in tables(&mut owner).await {
        // Below zero while nobody has looked.
        let row = sqlx::query("SELECT reltuples >= 0 FROM pg_class WHERE oid = to_regclass($1)")
            .bind(&name)
            .fetch_one(&mut owner)
            .await
            .unwrap();
        assert!(row.get::<bool, _>(0), "{name}");
    }
}

#[tokio::test]
async fn a_store_does_not_open_under_a_role_for_which_the_wall_does_not_hold() {
    let url = cluster::new_database().await;
    let options: PgConnectOptions = url.parse().unwrap();
    let name = format!("{}_app", options.get_database().unwrap());
    let mut owner = options.connect().await.unwrap();
    let statement = format!("CREATE ROLE {name} BYPASSRLS");
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(&mut owner)
        .await
        .unwrap();
    let opened = Store::open_url(&url, AddressBook::built_in()).await;
    assert!(
        matches!(opened, Err(StoreError::Unsuitable(_))),
        "{opened:?}"
    );
}

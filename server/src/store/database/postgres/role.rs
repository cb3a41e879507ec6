//! Under which role the server works: one that owns nothing, so that row-level security holds
//! for it whatever it asks. Given the address of a role that may set up, the server brings the
//! tables up to date with it and then works under one of its own, whose password is new with
//! every start and known to nobody else: the database is told only what it checks it by.

use std::fmt::Write;

use data_encoding::HEXLOWER;
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};

use super::scram;
use crate::store::StoreError;
use crate::store::database::Error;

/// What a role may do.
pub(super) struct Role {
    pub(super) name: String,
    /// Row-level security does not hold for it, or it could switch it off.
    pub(super) may_bypass: bool,
    /// There are tables of the store.
    pub(super) has_tables: bool,
    /// The schema in which it finds them, quoted.
    pub(super) schema: String,
}

/// The role that a connection works under.
pub(super) async fn role_of(connection: &mut PgConnection) -> Result<Role, Error> {
    let row = sqlx::query(
        "SELECT r.rolname::text,
             r.rolsuper OR r.rolbypassrls OR EXISTS (
                 SELECT 1 FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace
                 AND c.relkind IN ('r', 'p') AND pg_has_role(r.oid, c.relowner, 'MEMBER')),
             to_regclass('_sqlx_migrations') IS NOT NULL, format('%I', current_schema())
         FROM pg_roles r WHERE r.rolname = current_user",
    )
    .fetch_one(connection)
    .await?;
    Ok(Role {
        name: row.try_get(0)?,
        may_bypass: row.try_get(1)?,
        has_tables: row.try_get(2)?,
        schema: row.try_get(3)?,
    })
}

/// Makes sure that there is a role to work under, gives it a new password and what it needs;
/// returns how to connect as that role. As the owner.
pub(super) async fn prepare(
    owner: &mut PgConnection,
    url: &PgConnectOptions,
    schema: &str,
) -> Result<PgConnectOptions, StoreError> {
    let row = sqlx::query(
        "SELECT current_database() || '_app', format('%I', current_database() || '_app'),
             EXISTS (SELECT 1 FROM pg_roles WHERE rolname = current_database() || '_app')",
    )
    .fetch_one(&mut *owner)
    .await?;
    let (name, quoted): (String, String) = (row.try_get(0)?, row.try_get(1)?);
    let verb = if row.try_get(2)? { "ALTER" } else { "CREATE" };
    let password = new_password();
    // Statements are logged, or kept in statistics: none says the password.
    let verifier = scram::verifier(&password, &random());
    let statement = format!("{verb} ROLE {quoted} LOGIN NOINHERIT PASSWORD '{verifier}'");
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(&mut *owner)
        .await
        .map_err(|error| match error.as_database_error() {
            Some(fault) if fault.code().as_deref() == Some("42501") => {
                StoreError::Unsuitable(format!(
                    "the role of this address may not make the role {name} that the server works \
                     under. Give it CREATEROLE, or make {name} yourself, grant it to a role of \
                     yours, and start with the address of that one"
                ))
            }
            _ => error.into(),
        })?;
    grant(owner, &quoted, schema).await?;
    Ok(url.clone().username(&name).password(&password))
}

/// Lets a role read and write the store's tables, and nothing else.
async fn grant(owner: &mut PgConnection, role: &str, schema: &str) -> Result<(), Error> {
    let mut transaction = owner.begin().await?;
    let tables: Vec<(String,)> = sqlx::query_as(
        "SELECT format('%I', relname) FROM pg_class
         WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p')
           AND NOT relispartition AND relname NOT LIKE '\\_%' AND relname NOT LIKE 'botscope\\_%'",
    )
    .fetch_all(&mut *transaction)
    .await?;
    let mut statement = format!(
        "GRANT USAGE ON SCHEMA {schema} TO {role};
         GRANT SELECT ON _sqlx_migrations, botscope_partitioned TO {role};
         GRANT USAGE, UPDATE ON ALL SEQUENCES IN SCHEMA {schema} TO {role};"
    );
    for (table,) in tables {
        write!(
            statement,
            "GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {role};"
        )
        .expect("writing to a text cannot fail");
    }
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await
}

/// 256 bits that nobody has seen.
fn new_password() -> String {
    HEXLOWER.encode(&random::<32>())
}

fn random<const BYTES: usize>() -> [u8; BYTES] {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).expect("the system has randomness");
    bytes
}

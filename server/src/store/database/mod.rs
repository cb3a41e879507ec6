//! The databases that the store can live in, behind one way to speak to them. The only place
//! that names one: what is asked and written stands in `store/sql`, once for both.
//!
//! SQL is the subset that SQLite and PostgreSQL share. What they do not share is here, each in
//! one place: how a transaction begins and whom it may see ([`Scope`]), how many rows are
//! written at once ([`insert`]), how a row is read, how files are made small, migrations, and
//! who keeps other processes out. Numbers are 64 bits, truth is 0 or 1, bytes and texts are
//! themselves: nothing else is bound.
//!
//! `Any` of `sqlx` is not used: it turns every value into one of its own and back, does not
//! rewrite placeholders, and knows neither arrays nor PostgreSQL's transactions.

mod builder;
mod bulk;
mod catalog;
mod connection;
mod error;
mod pool;
mod postgres;
mod query;
mod row;
mod sqlite;
mod value;

pub(super) use builder::QueryBuilder;
pub(super) use bulk::{insert, insert_numbered};
pub(super) use catalog::Described;
pub(super) use connection::{Connection, Transaction};
pub(super) use error::Error;
pub(super) use pool::{Database, Scope, Writer};
pub(super) use postgres::month_of;
pub(super) use query::{query, query_as};
pub(super) use row::Row;
pub use sqlite::{DATABASE, copy_database};
pub(super) use sqlx::AssertSqlSafe;
pub(super) use value::Value;

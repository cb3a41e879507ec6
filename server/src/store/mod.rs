//! Where everything is kept. What is stored and asked for is named here and in `commit` and
//! `query`; how, in `sql`; in which databases, in `database`. Not judgement: that is the engine's.
//!
//! [`Store`] is opened once per process. [`Store::tenant`] is the only way to a tenant's data;
//! what another tenant owns is not found.

mod accounts;
mod audit;
mod bytes;
mod cache;
mod commit;
mod cursor;
mod database;
mod engine_state;
mod error;
mod frame;
mod identities;
mod index;
mod lists;
mod lock;
mod news;
mod pack;
mod query;
mod request_index;
mod segment;
mod session_block;
mod sql;
mod traces;
mod user_agent_text;

#[cfg(test)]
pub(crate) mod contract;

pub use accounts::*;
pub use audit::{AuditFilter, AuditRecord, Author};
pub use commit::*;
pub use cursor::{Cursor, InvalidCursor};
pub use database::{DATABASE, copy_database};
pub use engine_state::EngineState;
pub use error::StoreError;
pub use identities::{LostRole, NewIdentity, Vouched};
pub use lists::*;
pub(crate) use lock::LOCK;
pub use query::*;
pub use request_index::{Choice, CountedOf, Counts, DayCount, RequestFilter, RequestIndex};
pub use segment::{EncodedSegment, Logged, Segment, SegmentKind};
pub(crate) use segment::{decode_batch, weigh};
#[cfg(test)]
use sql::CommitMark;
pub use sql::{
    AnyApplication, ErasedPart, Invited, MovedTable, OpenErasure, Retained, Store, TenantStore,
    Tenants,
};
pub use traces::TraceSubject;

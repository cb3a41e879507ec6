//! The store in a PostgreSQL database: under which role the server works, who may write there,
//! how a transaction begins, partitions. Tables and what keeps tenants apart in them stand in
//! `migrations`.

mod lock;
mod open;
mod partitions;
mod role;
mod scram;

use super::pool::{Purpose, Scope};

pub(super) use lock::{HeldBy, Refused};
pub(super) use partitions::Partitions;
pub(in crate::store) use partitions::month_of;

/// How a transaction begins: one message, answered once, that also says whom it is for. What
/// is set ends with the transaction, so that a connection carries nothing over to the next.
pub(super) fn begin(purpose: Purpose, scope: Scope) -> String {
    let begin = match purpose {
        Purpose::Look => "BEGIN READ ONLY",
        Purpose::Read => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        Purpose::Write => "BEGIN",
    };
    match scope {
        Scope::Tenant(tenant) => format!("{begin}; SET LOCAL botscope.tenant = '{tenant}'"),
        Scope::DoorOf(tenant) => format!(
            "{begin}; SET LOCAL botscope.tenant = '{tenant}'; SET LOCAL botscope.door = 'open'"
        ),
        Scope::Door => format!("{begin}; SET LOCAL botscope.door = 'open'"),
    }
}

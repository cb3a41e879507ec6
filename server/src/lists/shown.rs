//! List entries as they are shown, made of the store's rows. Pure.

use shared::{
    ListAddition, ListChange, ListEntry, ListKind, ListOutcome, ListResult, Network, Timestamp,
};

use crate::store::{ListAdded, ListRow};
use crate::text::number;

/// Entries that an answer shows one by one.
const SHOWN: usize = 100;

/// One version of an entry, as it stands at `moment`.
pub(crate) fn entry(row: &ListRow, moment: Timestamp) -> ListEntry {
    ListEntry {
        id: row.id,
        version: row.version,
        list: row.list,
        object: row.object,
        applications: row
            .applications
            .as_ref()
            .map(|some| some.iter().map(|(_, name)| name.clone()).collect()),
        reason: row.reason.clone(),
        expires_at: row.expires_at,
        origin: row.origin,
        author: row.author.clone(),
        at: row.at,
        action: row.action,
        state: row.state(moment),
    }
}

/// What became of objects that were added, or of changes that were undone.
pub(crate) fn result(added: &[ListAdded], now: Timestamp) -> ListResult {
    let count = |outcome| {
        let of_outcome = added.iter().filter(|one| one.outcome == outcome);
        u32::try_from(of_outcome.count()).unwrap_or(u32::MAX)
    };
    let mut changes: Vec<ListChange> = added
        .iter()
        .filter(|one| one.outcome != ListOutcome::Unchanged)
        .map(|one| ListChange {
            id: one.row.id,
            version: one.row.version,
        })
        .collect();
    changes.sort_unstable_by_key(|change| change.id);
    changes.dedup_by_key(|change| change.id);
    ListResult {
        entries: added
            .iter()
            .take(SHOWN)
            .map(|one| addition(one, now))
            .collect(),
        created: count(ListOutcome::Created),
        changed: count(ListOutcome::Changed),
        unchanged: count(ListOutcome::Unchanged),
        errors: Vec::new(),
        changes,
    }
}

fn addition(added: &ListAdded, now: Timestamp) -> ListAddition {
    let row = &added.row;
    let list = row.list.label().to_lowercase();
    let until = match row.expires_at {
        Some(at) => format!("until {at}"),
        None => "forever".to_owned(),
    };
    let mut notes = Vec::new();
    match added.outcome {
        ListOutcome::Created => {}
        ListOutcome::Changed => notes.push(format!(
            "{} was on the {list} already; the entry holds {until} now",
            row.object
        )),
        ListOutcome::Unchanged => notes.push(format!(
            "{} is on the {list} already, {until}: nothing changed",
            row.object
        )),
    }
    if row.list == ListKind::Deny {
        notes.push("Recorded; nothing enforces this yet".to_owned());
    }
    ListAddition {
        entry: entry(row, now),
        outcome: added.outcome,
        notes,
    }
}

/// How many addresses an object has, as people read it.
pub(crate) fn size(object: Network) -> String {
    let size = object.size();
    match size.parse::<u64>() {
        Ok(count) => number(count),
        Err(_) => size,
    }
}

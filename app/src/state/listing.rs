//! What is asked about a list on any page: one dialog for the whole console, and a number that
//! grows with every change of a list, so that pages ask again.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::{ListChange, ListEntry, ListKind, ListResult};

use super::toast::{Toasts, use_toasts};
use crate::api;

/// What the dialog is opened with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The list.
    pub list: ListKind,
    /// The object; empty to be typed in.
    pub object: String,
    /// The application it is about, where there is one.
    pub application: Option<String>,
    /// Why, as far as that is known.
    pub reason: String,
    /// The entry that is to change, instead of a new one.
    pub entry: Option<ListEntry>,
}

/// The lists as far as the pages share them.
#[derive(Clone, Copy)]
pub struct Lists {
    /// Whether the dialog is open.
    pub open: RwSignal<bool>,
    /// What the dialog is about.
    pub proposal: StoredValue<Option<Proposal>>,
    /// Grows with every change.
    pub changed: RwSignal<u32>,
    toasts: Toasts,
}

/// Makes lists known to all pages; after the toasts.
pub fn provide() {
    provide_context(Lists {
        open: RwSignal::new(false),
        proposal: StoredValue::new(None),
        changed: RwSignal::new(0),
        toasts: use_toasts(),
    });
}

/// The lists.
pub fn use_lists() -> Lists {
    expect_context()
}

impl Lists {
    /// Opens the dialog.
    pub fn propose(self, proposal: Proposal) {
        self.proposal.set_value(Some(proposal));
        self.open.set(true);
    }

    /// Says what was done, with a way back, and has pages ask again.
    pub fn tell(self, message: String, changes: Vec<ListChange>) {
        self.changed.update(|changed| *changed += 1);
        if changes.is_empty() {
            self.toasts.show(message);
        } else {
            self.toasts
                .offer_undo(message, move || self.undo(changes.clone()));
        }
    }

    fn undo(self, changes: Vec<ListChange>) {
        spawn_local(async move {
            match api::undo_entries(&changes).await {
                Ok(_) => self.tell("Undone".to_owned(), Vec::new()),
                Err(problem) => self.toasts.show(problem.detail),
            }
        });
    }

    /// Takes an entry off its list.
    pub fn remove(self, entry: ListEntry) {
        spawn_local(async move {
            match api::remove_entry(entry.id).await {
                Ok(removed) => {
                    let list = removed.list.label().to_ascii_lowercase();
                    let change = ListChange {
                        id: removed.id,
                        version: removed.version,
                    };
                    self.tell(
                        format!("{} is off the {list}", removed.object),
                        vec![change],
                    );
                }
                Err(problem) => self.toasts.show(problem.detail),
            }
        });
    }
}

/// What a result says in a line.
pub fn said(result: &ListResult) -> String {
    if let [only] = &*result.entries {
        let object = only.entry.object;
        let list = only.entry.list.label().to_ascii_lowercase();
        // Whether it was there, and what that means, in the server's words.
        let notes = only.notes.join(". ");
        return match notes.is_empty() {
            true => format!("{object} is on the {list}"),
            false => format!("{object} is on the {list}. {notes}"),
        };
    }
    let parts = [
        (result.created, "added"),
        (result.changed, "changed"),
        (result.unchanged, "were there already"),
        (
            u32::try_from(result.errors.len()).unwrap_or(u32::MAX),
            "not stored",
        ),
    ];
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    let parts: Vec<String> = parts
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    parts.join(", ")
}

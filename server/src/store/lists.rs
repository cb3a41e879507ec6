//! IP lists as they are asked for and changed: entries and their versions. Not what a list
//! means for an attack: that is `sql/lists/excepted`.

use shared::{
    ApplicationId, ListAction, ListEntryId, ListKind, ListOrigin, ListOutcome, ListState, Network,
    Timestamp,
};

/// One version of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListRow {
    /// The entry.
    pub id: ListEntryId,
    /// Counts its versions from 1.
    pub version: u32,
    /// Its list.
    pub list: ListKind,
    /// The address or subnet.
    pub object: Network,
    /// The applications it holds for, with their names; `None` for all.
    pub applications: Option<Vec<(ApplicationId, String)>>,
    /// Why.
    pub reason: String,
    /// Until when; `None` forever.
    pub expires_at: Option<Timestamp>,
    /// Who put it there.
    pub origin: ListOrigin,
    /// Who made this version.
    pub author: String,
    /// When.
    pub at: Timestamp,
    /// What made it.
    pub action: ListAction,
    /// Whether by this version the object is on the list.
    pub present: bool,
}

impl ListRow {
    /// Where the entry stands at `now`, if this version counts then.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> ListState {
        match self.expires_at {
            _ if !self.present => ListState::Removed,
            Some(end) if end <= now => ListState::Expired,
            _ => ListState::Active,
        }
    }

    /// Whether it holds for an application.
    #[must_use]
    pub fn holds_for(&self, application: ApplicationId) -> bool {
        self.applications
            .as_ref()
            .is_none_or(|some| some.iter().any(|(id, _)| *id == application))
    }
}

/// An object to put on a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewListEntry {
    /// The list.
    pub list: ListKind,
    /// The address or subnet.
    pub object: Network,
    /// For which applications; `None` for all.
    pub applications: Option<Vec<ApplicationId>>,
    /// Why.
    pub reason: String,
    /// Until when; `None` forever.
    pub expires_at: Option<Timestamp>,
}

/// What of an entry changes; `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListEdit {
    /// The applications; `Some(None)` for all.
    pub applications: Option<Option<Vec<ApplicationId>>>,
    /// Why.
    pub reason: Option<String>,
    /// Until when; `Some(None)` forever.
    pub expires_at: Option<Option<Timestamp>>,
}

/// Who changes a list, and when.
#[derive(Debug, Clone, Copy)]
pub struct ListAuthor<'a> {
    /// Their name.
    pub name: &'a str,
    /// A person, or a profile.
    pub origin: ListOrigin,
    /// Now.
    pub now: Timestamp,
}

/// What became of one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListAdded {
    /// The entry as it is now.
    pub row: ListRow,
    /// What happened to it.
    pub outcome: ListOutcome,
}

/// Which entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListFilter {
    /// Of which list.
    pub list: ListKind,
    /// In which state.
    pub state: ListState,
    /// Those that have addresses in common with this one.
    pub object: Option<Network>,
    /// Those that hold for this application.
    pub application: Option<ApplicationId>,
    /// As the list was then; otherwise as it is.
    pub at: Option<Timestamp>,
    /// Now.
    pub now: Timestamp,
}

impl ListFilter {
    /// All entries of `list` that are in force.
    #[must_use]
    pub fn of(list: ListKind, now: Timestamp) -> Self {
        Self {
            list,
            state: ListState::Active,
            object: None,
            application: None,
            at: None,
            now,
        }
    }
}

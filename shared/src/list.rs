//! The IP lists as the API shows and takes them: entries, their history, and what adding to
//! them answers.

use serde::{Deserialize, Serialize};

use crate::{
    FieldError, ListAction, ListEntryId, ListKind, ListOrigin, ListOutcome, ListState, Network,
    Timestamp,
};

/// One version of an entry: as it is now, or as it was from one change to the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ListEntry {
    /// The entry's identifier: the same list and object have the same, always.
    pub id: ListEntryId,
    /// Counts the entry's changes, from 1.
    pub version: u32,
    /// The list it is on.
    pub list: ListKind,
    /// The address or subnet.
    pub object: Network,
    /// The applications it holds for, by name; absent for all, also those to come.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applications: Option<Vec<String>>,
    /// Why, in somebody's words.
    pub reason: String,
    /// Until when; absent for as long as it is not removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// Whether a person or a profile put it there.
    pub origin: ListOrigin,
    /// Who made this version.
    pub author: String,
    /// When.
    pub at: Timestamp,
    /// What made this version of it.
    pub action: ListAction,
    /// Whether it is in force at the moment asked for.
    pub state: ListState,
}

/// Objects to put on a list, all for the same applications, time and reason.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewListEntries {
    /// `deny` or `exception`.
    pub list: String,
    /// Addresses and subnets, at most 1,000.
    pub objects: Vec<String>,
    /// Names of applications; absent for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applications: Option<Vec<String>>,
    /// Why; at most 500 characters.
    #[serde(default)]
    pub reason: String,
    /// `5m` to `3650d`, or `forever`; otherwise 24 hours on the deny list, forever on the
    /// exception list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<String>,
    /// Until when, instead of `duration`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// Adds also what the server asks about first: a huge subnet, one's own address.
    #[serde(default)]
    pub confirm: bool,
}

/// What of an entry is to change; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ListEntryChange {
    /// Names of applications.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub applications: Option<Vec<String>>,
    /// For all applications, whatever they were.
    #[serde(default)]
    pub all_applications: bool,
    /// Why; at most 500 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How long from now on: `5m` to `3650d`, or `forever`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration: Option<String>,
    /// Until when, instead of `duration`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// Many entries as CSV.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ListImport {
    /// `deny` or `exception`.
    pub list: String,
    /// Lines `object,duration,reason,applications`: only the object is needed; several
    /// applications are parted by `;`. A first line with these names is left out, as are empty
    /// lines and those that begin with `#`. At most 10,000 lines.
    pub csv: String,
    /// Stores the lines that are right although others are not.
    #[serde(default)]
    pub partial: bool,
    /// Adds also what the server asks about first: huge subnets, one's own address.
    #[serde(default)]
    pub confirm: bool,
}

/// What became of one object that was to be added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ListAddition {
    /// The entry as it is now.
    pub entry: ListEntry,
    /// `created`; `changed` if the object was on the list already, with more time or more
    /// applications now; `unchanged` if it was there with all of that.
    pub outcome: ListOutcome,
    /// What is worth knowing beside it, in sentences.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// What became of everything that was to be added or undone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ListResult {
    /// Object by object; of an import only the first hundred.
    pub entries: Vec<ListAddition>,
    /// How many are new on the list.
    pub created: u32,
    /// How many were there and were changed.
    pub changed: u32,
    /// How many were there as they should be.
    pub unchanged: u32,
    /// Lines that were not stored, of an import that may be partial.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Every change that was made, for `POST /lists/undo`.
    pub changes: Vec<ListChange>,
}

/// Names one change of one entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ListChange {
    /// The entry.
    pub id: ListEntryId,
    /// The version that the change made.
    pub version: u32,
}

/// Changes to undo, at most 10,000.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ListUndo {
    /// Each the last change of its entry.
    pub changes: Vec<ListChange>,
}

/// What is known of an object before it is put on a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ListLookup {
    /// The object as the lists have it.
    pub object: Network,
    /// How many addresses it has: `256`, `2^64`.
    pub size: String,
    /// Entries in force that cover it, the most specific first.
    pub entries: Vec<ListEntry>,
    /// Who else was there.
    pub collateral: Collateral,
    /// What the server would ask about before it denies it.
    pub questions: Vec<String>,
}

/// Who else is behind an object: sessions of the last seven stored days that are of no attack.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Collateral {
    /// Their sessions.
    pub sessions: u32,
    /// How many clients they are.
    pub clients: u32,
    /// Their requests.
    pub requests: u64,
    /// Whether there were more than were looked at.
    pub is_more: bool,
}

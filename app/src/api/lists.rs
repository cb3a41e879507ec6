//! The routes of the IP lists.

use gloo_net::http::Request;
use js_sys::Array;
use shared::{
    ListChange, ListEntry, ListEntryId, ListKind, ListLookup, ListResult, ListState, Page,
    Timestamp,
};
use wasm_bindgen::JsValue;

use super::{Answer, body, get, non_empty, write};

/// Which entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryFilter {
    /// The list.
    pub list: ListKind,
    /// In which state.
    pub state: ListState,
    /// Overlapping this address or subnet; empty for all.
    pub object: String,
    /// As they were then; otherwise as they are.
    pub at: Option<Timestamp>,
}

/// What is put on a list, or changed about an entry.
#[derive(Debug, Clone, Default)]
pub struct EntryForm {
    /// Addresses and subnets.
    pub objects: Vec<String>,
    /// Names of applications; absent for all.
    pub applications: Option<Vec<String>>,
    /// Why.
    pub reason: String,
    /// How long; empty keeps what is.
    pub duration: String,
    /// Whether the server's questions were answered.
    pub confirm: bool,
}

/// One page of a list's entries, the last changed first.
pub fn list_entries(
    filter: &EntryFilter,
    cursor: Option<&str>,
) -> impl Future<Output = Answer<Page<ListEntry>>> {
    let at = filter.at.map(|at| at.to_string());
    get(
        "lists/entries",
        &[
            ("list", Some(filter.list.as_str())),
            ("state", Some(filter.state.as_str())),
            ("object", non_empty(&filter.object)),
            ("at", at.as_deref()),
            ("cursor", cursor),
        ],
    )
}

/// Every version of an entry, the newest first.
pub fn list_history(id: ListEntryId) -> impl Future<Output = Answer<Page<ListEntry>>> {
    get(&format!("lists/entries/{id}/history"), &[])
}

/// What is known of an object.
pub fn list_lookup(
    object: &str,
    application: Option<&str>,
) -> impl Future<Output = Answer<ListLookup>> {
    get(
        "lists/lookup",
        &[("object", Some(object)), ("application", application)],
    )
}

/// Puts objects on a list.
pub fn add_to_list(list: ListKind, form: &EntryForm) -> impl Future<Output = Answer<ListResult>> {
    let objects: Array = form.objects.iter().map(JsValue::from).collect();
    let body = body(&[
        ("list", list.as_str().into()),
        ("objects", objects.into()),
        ("reason", form.reason.as_str().into()),
        ("duration", form.duration.as_str().into()),
        ("applications", names(form)),
        ("confirm", form.confirm.into()),
    ]);
    write(Request::post, "lists/entries", &body)
}

/// Changes an entry.
pub fn change_entry(id: ListEntryId, form: &EntryForm) -> impl Future<Output = Answer<ListResult>> {
    let duration = non_empty(&form.duration).map_or(JsValue::UNDEFINED, JsValue::from);
    let body = body(&[
        ("reason", form.reason.as_str().into()),
        ("duration", duration),
        ("applications", names(form)),
        ("all_applications", form.applications.is_none().into()),
    ]);
    write(Request::patch, &format!("lists/entries/{id}"), &body)
}

/// Takes an entry off its list.
pub fn remove_entry(id: ListEntryId) -> impl Future<Output = Answer<ListEntry>> {
    write(Request::delete, &format!("lists/entries/{id}"), &body(&[]))
}

/// Puts lines of CSV on a list.
pub fn import_entries(
    list: ListKind,
    csv: &str,
    partial: bool,
    confirm: bool,
) -> impl Future<Output = Answer<ListResult>> {
    let body = body(&[
        ("list", list.as_str().into()),
        ("csv", csv.into()),
        ("partial", partial.into()),
        ("confirm", confirm.into()),
    ]);
    write(Request::post, "lists/import", &body)
}

/// Undoes changes.
pub fn undo_entries(changes: &[ListChange]) -> impl Future<Output = Answer<ListResult>> {
    let changes: Array = changes
        .iter()
        .map(|change| {
            body(&[
                ("id", change.id.to_string().into()),
                ("version", change.version.into()),
            ])
        })
        .collect();
    write(
        Request::post,
        "lists/undo",
        &body(&[("changes", changes.into())]),
    )
}

fn names(form: &EntryForm) -> JsValue {
    form.applications
        .as_ref()
        .map_or(JsValue::UNDEFINED, |names| {
            names.iter().map(JsValue::from).collect::<Array>().into()
        })
}

//! Changing the lists: adding one, many, or a file of entries; changing, removing, undoing.
//! Everything is checked before anything is stored.

use shared::{
    ErrorCode, FieldError, ListEntry, ListEntryChange, ListEntryId, ListImport, ListKind,
    ListResult, ListUndo, Network, NewListEntries, Timestamp,
};

use super::csv::{self, Line};
use crate::http::body::JsonBody;
use crate::http::error::ApiError;
use crate::http::fields::NoParams;
use crate::http::reply::Json;
use crate::http::route::Context;
use crate::http::routes::params::IdParams;
use crate::lists::{self, Known, Refused, fault, shown};
use crate::store::{ListAuthor, ListEdit, NewListEntry};
use crate::text::number;

/// Lines of an import, and changes of an undo.
const MAX_LINES: usize = 10_000;
/// Faults that are told one by one.
const MAX_FAULTS: usize = 100;

pub(in crate::http) async fn create(
    context: Context,
    _: NoParams,
    JsonBody(new): JsonBody<NewListEntries>,
) -> Result<Json<ListResult>, ApiError> {
    let known = context.store.list_application_names().await?;
    let entries = lists::check(&new, &known, context.peer, context.now).map_err(refused)?;
    let added = context
        .store
        .create_list_entries(&entries, author(&context));
    Ok(Json(shown::result(&added.await?, context.now)))
}

pub(in crate::http) async fn import(
    context: Context,
    _: NoParams,
    JsonBody(new): JsonBody<ListImport>,
) -> Result<Json<ListResult>, ApiError> {
    let known = context.store.list_application_names().await?;
    let list = lists::read_list(&new.list).map_err(in_field("list"))?;
    let lines = csv::lines(&new.csv);
    if lines.is_empty() || lines.len() > MAX_LINES {
        let message = format!("expected 1 to {} lines", number(MAX_LINES as u64));
        return Err(ApiError::field("csv", message));
    }
    let (mut entries, mut faults, mut asked) = (Vec::new(), Vec::new(), Vec::new());
    for line in &lines {
        let field = format!("line {}", line.number);
        match read_line(line, list, &known, context.now) {
            Err(message) => faults.push(fault(&field, message)),
            Ok(entry) => {
                let questions = lists::ask(&field, entry.object, list, context.peer);
                if new.confirm || questions.is_empty() {
                    entries.push(entry);
                }
                asked.extend(questions);
            }
        }
    }
    if new.confirm {
        asked.clear();
    }
    if !new.partial && !faults.is_empty() {
        let (wrong, all) = (number(faults.len() as u64), number(lines.len() as u64));
        let detail = format!("{wrong} of {all} lines are wrong; nothing was stored");
        return Err(ApiError::new(ErrorCode::InvalidRequest, detail).with_errors(first(faults)));
    }
    if !new.partial && !asked.is_empty() {
        return Err(needs_confirmation(asked));
    }
    let added = context
        .store
        .create_list_entries(&entries, author(&context));
    let mut result = shown::result(&added.await?, context.now);
    faults.extend(asked);
    result.errors = first(faults);
    Ok(Json(result))
}

pub(in crate::http) async fn change(
    context: Context,
    params: IdParams<ListEntryId>,
    JsonBody(change): JsonBody<ListEntryChange>,
) -> Result<Json<ListResult>, ApiError> {
    let known = context.store.list_application_names().await?;
    let mut edit = ListEdit::default();
    match (&change.applications, change.all_applications) {
        (Some(_), true) => {
            let message = "either `applications` or `all_applications`, not both";
            return Err(ApiError::field("applications", message));
        }
        (Some(names), false) => {
            let applications = lists::read_applications(names, &known);
            edit.applications = Some(Some(applications.map_err(in_field("applications"))?));
        }
        (None, true) => edit.applications = Some(None),
        (None, false) => {}
    }
    if let Some(reason) = &change.reason {
        edit.reason = Some(lists::read_reason(reason).map_err(in_field("reason"))?);
    }
    if change.duration.is_some() || change.expires_at.is_some() {
        let duration = change.duration.as_deref();
        // The default does not matter: one of both is there.
        let end = lists::read_end(duration, change.expires_at, ListKind::Deny, context.now);
        edit.expires_at = Some(end.map_err(wrong)?);
    }
    if edit == ListEdit::default() {
        return Err(ApiError::field("body", "says nothing that is to change"));
    }
    let author = author(&context);
    let changed = context
        .store
        .update_list_entry(params.id, &edit, author)
        .await?;
    let changed = changed.ok_or_else(|| ApiError::not_found("list entry in force"))?;
    Ok(Json(shown::result(&[changed], context.now)))
}

pub(in crate::http) async fn remove(
    context: Context,
    params: IdParams<ListEntryId>,
    _: crate::http::body::NoBody,
) -> Result<Json<ListEntry>, ApiError> {
    let removed = context.store.remove_list_entry(params.id, author(&context));
    let removed = removed.await?;
    let removed = removed.ok_or_else(|| ApiError::not_found("list entry in force"))?;
    Ok(Json(shown::entry(&removed.row, context.now)))
}

pub(in crate::http) async fn undo(
    context: Context,
    _: NoParams,
    JsonBody(undo): JsonBody<ListUndo>,
) -> Result<Json<ListResult>, ApiError> {
    if undo.changes.is_empty() || undo.changes.len() > MAX_LINES {
        let message = format!("expected 1 to {} changes", number(MAX_LINES as u64));
        return Err(ApiError::field("changes", message));
    }
    let undone = context
        .store
        .undo_list_changes(&undo.changes, author(&context));
    let undone = undone
        .await?
        .ok_or_else(|| ApiError::not_found("list entry"))?;
    Ok(Json(shown::result(&undone, context.now)))
}

fn author(context: &Context) -> ListAuthor<'_> {
    lists::author(&context.caller, context.now)
}

fn in_field(field: &'static str) -> impl Fn(String) -> ApiError {
    move |message| ApiError::field(field, message)
}

fn read_line(
    line: &Line,
    list: ListKind,
    known: &Known,
    now: Timestamp,
) -> Result<NewListEntry, String> {
    let cells = line.cells.as_ref().map_err(|error| (*error).to_owned())?;
    if cells.len() > 4 {
        return Err("expected at most object,duration,reason,applications".to_owned());
    }
    let cell = |index: usize| cells.get(index).map_or("", String::as_str);
    let object: Network = cell(0).parse().map_err(|error| format!("{error}"))?;
    let lifetime = match cell(1) {
        "" => lists::default_lifetime(list),
        text => text.parse().map_err(|error| format!("{error}"))?,
    };
    let applications = match cell(3) {
        "" => None,
        names => {
            let names: Vec<String> = names.split(';').map(str::to_owned).collect();
            Some(lists::read_applications(&names, known)?)
        }
    };
    Ok(NewListEntry {
        list,
        object,
        applications,
        reason: lists::read_reason(cell(2))?,
        expires_at: lifetime.ends_at(now),
    })
}

fn refused(refused: Refused) -> ApiError {
    match refused {
        Refused::Wrong(fault) => wrong(fault),
        Refused::Asked(asked) => needs_confirmation(asked),
    }
}

fn wrong(fault: FieldError) -> ApiError {
    ApiError::field(&fault.field, fault.message)
}

fn first(mut faults: Vec<FieldError>) -> Vec<FieldError> {
    faults.truncate(MAX_FAULTS);
    faults
}

fn needs_confirmation(asked: Vec<FieldError>) -> ApiError {
    let first_question = asked.first().map_or("", |asked| asked.message.as_str());
    let others = match asked.len() {
        0 | 1 => String::new(),
        several => format!(" (and {} more questions)", number(several as u64 - 1)),
    };
    let detail = format!("{first_question}{others} Nothing was stored; `confirm: true` says yes");
    ApiError::new(ErrorCode::NeedsConfirmation, detail).with_errors(first(asked))
}

//! Changing the lists: adding one, many, or a file of entries; changing, removing, undoing.
//! Everything is checked before anything is stored.

use shared::{
    ApplicationId, ErrorCode, FieldError, Lifetime, ListEntry, ListEntryChange, ListEntryId,
    ListImport, ListKind, ListOrigin, ListResult, ListUndo, Network, NewListEntries, Timestamp,
};

use super::csv::{self, Line};
use super::{Served, body, one_of, questions, unknown_application};
use crate::http::body::JsonBody;
use crate::http::error::ApiError;
use crate::http::fields::NoParams;
use crate::http::reply::Json;
use crate::http::route::Context;
use crate::http::routes::params::IdParams;
use crate::http::text::number;
use crate::store::{ListAuthor, ListEdit, NewListEntry};

/// Objects in one request.
const MAX_OBJECTS: usize = 1_000;
/// Lines of an import, and changes of an undo.
const MAX_LINES: usize = 10_000;
/// Characters of a reason.
const MAX_REASON: usize = 500;
/// Applications of an entry.
const MAX_APPLICATIONS: usize = 100;
/// Faults that are told one by one.
const MAX_FAULTS: usize = 100;

type Known = Vec<(ApplicationId, String)>;

pub(in crate::http) async fn create(
    context: Context,
    _: NoParams,
    JsonBody(new): JsonBody<NewListEntries>,
) -> Result<Json<ListResult>, ApiError> {
    let known = context.store.list_application_names().await?;
    let list = read_list(&new.list)?;
    if new.objects.is_empty() || new.objects.len() > MAX_OBJECTS {
        let message = format!("expected 1 to {} objects", number(MAX_OBJECTS as u64));
        return Err(ApiError::field("objects", message));
    }
    let applications = new.applications.as_deref();
    let applications = applications.map(|names| read_applications(names, &known));
    let applications = applications.transpose().map_err(in_field("applications"))?;
    let reason = read_reason(&new.reason).map_err(in_field("reason"))?;
    let duration = new.duration.as_deref();
    let expires_at = read_end(duration, new.expires_at, list, context.now)?;
    let mut entries = Vec::with_capacity(new.objects.len());
    let mut asked = Vec::new();
    for text in &new.objects {
        let object = text.parse::<Network>();
        let object = object.map_err(|error| ApiError::field("objects", error.to_string()))?;
        asked.extend(ask("objects", object, list, &context));
        entries.push(NewListEntry {
            list,
            object,
            applications: applications.clone(),
            reason: reason.clone(),
            expires_at,
        });
    }
    if !new.confirm && !asked.is_empty() {
        return Err(needs_confirmation(asked));
    }
    let added = context
        .store
        .create_list_entries(&entries, author(&context));
    Ok(Json(body::result(&added.await?, context.now)))
}

pub(in crate::http) async fn import(
    context: Context,
    _: NoParams,
    JsonBody(new): JsonBody<ListImport>,
) -> Result<Json<ListResult>, ApiError> {
    let known = context.store.list_application_names().await?;
    let list = read_list(&new.list)?;
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
                let questions = ask(&field, entry.object, list, &context);
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
    let mut result = body::result(&added.await?, context.now);
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
            let applications = read_applications(names, &known);
            edit.applications = Some(Some(applications.map_err(in_field("applications"))?));
        }
        (None, true) => edit.applications = Some(None),
        (None, false) => {}
    }
    if let Some(reason) = &change.reason {
        edit.reason = Some(read_reason(reason).map_err(in_field("reason"))?);
    }
    if change.duration.is_some() || change.expires_at.is_some() {
        let duration = change.duration.as_deref();
        // The default does not matter: one of both is there.
        let end = read_end(duration, change.expires_at, ListKind::Deny, context.now)?;
        edit.expires_at = Some(end);
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
    Ok(Json(body::result(&[changed], context.now)))
}

pub(in crate::http) async fn remove(
    context: Context,
    params: IdParams<ListEntryId>,
    _: crate::http::body::NoBody,
) -> Result<Json<ListEntry>, ApiError> {
    let removed = context.store.remove_list_entry(params.id, author(&context));
    let removed = removed.await?;
    let removed = removed.ok_or_else(|| ApiError::not_found("list entry in force"))?;
    Ok(Json(body::entry(&removed.row, context.now)))
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
    Ok(Json(body::result(&undone, context.now)))
}

fn author(context: &Context) -> ListAuthor<'_> {
    ListAuthor {
        name: context.caller.name(),
        origin: ListOrigin::Manual,
        now: context.now,
    }
}

fn read_list(text: &str) -> Result<ListKind, ApiError> {
    let list: Served = text.parse().map_err(in_field("list"))?;
    Ok(list.0)
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
        "" => default_lifetime(list),
        text => text.parse().map_err(|error| format!("{error}"))?,
    };
    let applications = match cell(3) {
        "" => None,
        names => {
            let names: Vec<String> = names.split(';').map(str::to_owned).collect();
            Some(read_applications(&names, known)?)
        }
    };
    Ok(NewListEntry {
        list,
        object,
        applications,
        reason: read_reason(cell(2))?,
        expires_at: lifetime.ends_at(now),
    })
}

fn read_applications(names: &[String], known: &Known) -> Result<Vec<ApplicationId>, String> {
    if names.is_empty() || names.len() > MAX_APPLICATIONS {
        return Err(format!(
            "expected 1 to {MAX_APPLICATIONS} applications; leave it out for all"
        ));
    }
    let ids = names
        .iter()
        .map(|name| one_of(known, name).ok_or_else(|| unknown_application(known, name)));
    ids.collect()
}

fn read_reason(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.chars().count() > MAX_REASON {
        return Err(format!("has more than {MAX_REASON} characters"));
    }
    if text.chars().any(char::is_control) {
        return Err("has characters that cannot be seen".to_owned());
    }
    Ok(text.to_owned())
}

fn default_lifetime(list: ListKind) -> Lifetime {
    match list {
        ListKind::Exception => Lifetime::Forever,
        ListKind::Deny | ListKind::Allow | ListKind::Gray => Lifetime::For(Timestamp::DAY),
    }
}

fn read_end(
    duration: Option<&str>,
    expires_at: Option<Timestamp>,
    list: ListKind,
    now: Timestamp,
) -> Result<Option<Timestamp>, ApiError> {
    match (duration, expires_at) {
        (Some(_), Some(_)) => {
            let message = "either `duration` or `expires_at`, not both";
            Err(ApiError::field("duration", message))
        }
        (Some(text), None) => {
            let lifetime = text.parse::<Lifetime>();
            let lifetime =
                lifetime.map_err(|error| ApiError::field("duration", error.to_string()))?;
            Ok(lifetime.ends_at(now))
        }
        (None, Some(at)) => {
            let left = at.since(now);
            if !(Lifetime::SHORTEST_MS..=Lifetime::LONGEST_MS).contains(&left) {
                let message = "is to be from five minutes to ten years from now";
                return Err(ApiError::field("expires_at", message));
            }
            Ok(Some(at))
        }
        (None, None) => Ok(default_lifetime(list).ends_at(now)),
    }
}

/// What the server asks about an object, each as a fault of `field`.
fn ask(field: &str, object: Network, list: ListKind, context: &Context) -> Vec<FieldError> {
    let asked = questions::questions(object, list, context.peer).into_iter();
    asked.map(|question| fault(field, question)).collect()
}

fn fault(field: &str, message: String) -> FieldError {
    FieldError {
        field: field.to_owned(),
        message,
        position: None,
    }
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

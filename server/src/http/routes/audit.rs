//! `/audit`: the log as pages, `/audit.csv` as one file of any length, `/audit/chain`.

use axum::BoxError;
use axum::body::Body;
use futures::stream;
use shared::{AuditChain, AuditEntry, Timestamp};
use utoipa::IntoParams;

use super::csv::write_line;
use super::params::PageParams;
use crate::http::error::ApiError;
use crate::http::fields::{Fields, NoParams, Params};
use crate::http::reply::{Csv, Json, List};
use crate::http::route::Context;
use crate::store::{AuditFilter, Cursor, PageRequest, TenantStore};

/// Entries that are read, and written, at a time.
const CHUNK: u32 = 1_000;
/// The longest text to search for, in characters.
const MAX_TEXT: usize = 200;

/// The names of the columns.
const HEADER: [&str; 9] = [
    "seq", "at", "actor", "action", "object", "field", "before", "after", "address",
];

/// Which entries.
#[derive(IntoParams)]
pub(in crate::http) struct FilterParams {
    /// A part of what the entry says, in any case.
    #[param(value_type = String, max_length = 200)]
    text: Option<String>,
    /// What was done, or an object: `token` for all that was done to tokens.
    #[param(value_type = String, pattern = "^[a-z_]{1,40}([.][a-z_]{1,40})?$")]
    action: Option<String>,
    /// Who did it.
    #[param(value_type = String, max_length = 200)]
    actor: Option<String>,
    /// The earliest moment.
    #[param(value_type = String, format = DateTime)]
    from: Option<Timestamp>,
    /// The moment that the entries are before.
    #[param(value_type = String, format = DateTime)]
    until: Option<Timestamp>,
}

impl Params for FilterParams {
    fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        Ok(Self {
            text: read_text(fields, "text")?,
            action: read_action(fields)?,
            actor: read_text(fields, "actor")?,
            from: fields.optional("from")?,
            until: fields.optional("until")?,
        })
    }
}

impl FilterParams {
    fn to_filter(&self) -> AuditFilter {
        AuditFilter {
            text: self.text.clone(),
            action: self.action.clone(),
            actor: self.actor.clone(),
            from: self.from,
            until: self.until,
        }
    }
}

/// What the pages take.
pub(in crate::http) struct AuditParams {
    filter: FilterParams,
    page: PageParams,
}

impl IntoParams for AuditParams {
    fn into_params(
        location: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
    ) -> Vec<utoipa::openapi::path::Parameter> {
        let mut params = FilterParams::into_params(&location);
        params.extend(PageParams::into_params(&location));
        params
    }
}

impl Params for AuditParams {
    fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        Ok(Self {
            filter: FilterParams::read(fields)?,
            page: PageParams::read(fields)?,
        })
    }
}

fn read_text(fields: &mut Fields, name: &'static str) -> Result<Option<String>, ApiError> {
    let text: Option<String> = fields.optional(name)?;
    let is_wrong = |text: &String| text.chars().count() > MAX_TEXT || text.contains('\0');
    if text.as_ref().is_some_and(is_wrong) {
        let message = format!("expected at most {MAX_TEXT} characters");
        return Err(ApiError::field(name, message));
    }
    Ok(text)
}

fn read_action(fields: &mut Fields) -> Result<Option<String>, ApiError> {
    let action: Option<String> = fields.optional("action")?;
    let is_word = |word: &str| {
        (1..=40).contains(&word.len()) && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')
    };
    let is_action = |text: &String| match text.split_once('.') {
        Some((object, verb)) => is_word(object) && is_word(verb),
        None => is_word(text),
    };
    match action {
        Some(text) if !is_action(&text) => {
            let message = "expected `object.verb` or an object, e.g. `token.create` or `token`";
            Err(ApiError::field("action", message))
        }
        action => Ok(action),
    }
}

pub(in crate::http) async fn list(
    context: Context,
    params: AuditParams,
) -> Result<List<AuditEntry>, ApiError> {
    let (filter, page) = (params.filter.to_filter(), params.page.to_request());
    Ok(List(context.store.list_audit(&filter, page).await?))
}

pub(in crate::http) async fn chain(
    context: Context,
    _: NoParams,
) -> Result<Json<AuditChain>, ApiError> {
    Ok(Json(context.store.verify_audit().await?))
}

pub(in crate::http) async fn csv(context: Context, params: FilterParams) -> Result<Csv, ApiError> {
    let start = (context.store, params.to_filter(), Next::Header);
    let chunks = stream::try_unfold(start, |(store, filter, next)| async move {
        let chunk = write_chunk(&store, &filter, next).await?;
        Ok::<_, BoxError>(chunk.map(|(text, next)| (text, (store, filter, next))))
    });
    Ok(Csv {
        file_name: "audit.csv".to_owned(),
        body: Body::from_stream(chunks),
    })
}

/// What of the file is still to be written.
enum Next {
    Header,
    Entries(Option<Cursor>),
    Nothing,
}

/// One part of the file. Nothing is read before the client took the part before it.
async fn write_chunk(
    store: &TenantStore,
    filter: &AuditFilter,
    next: Next,
) -> Result<Option<(String, Next)>, BoxError> {
    let mut text = String::new();
    let cursor = match next {
        Next::Header => {
            write_line(&mut text, &HEADER);
            return Ok(Some((text, Next::Entries(None))));
        }
        Next::Entries(cursor) => cursor,
        Next::Nothing => return Ok(None),
    };
    let page = PageRequest {
        cursor,
        limit: CHUNK,
    };
    let page = store.list_audit(filter, page).await?;
    for entry in &page.items {
        write_entry(&mut text, entry);
    }
    let next = match page.next_cursor {
        Some(cursor) => Next::Entries(Some(cursor.parse()?)),
        None => Next::Nothing,
    };
    Ok(Some((text, next)))
}

/// A line for each field that became different; one without, where none did.
fn write_entry(out: &mut String, entry: &AuditEntry) {
    let (seq, at) = (entry.seq.to_string(), entry.at.to_string());
    let mut line = |field: &str, before: Option<&str>, after: Option<&str>| {
        write_line(
            out,
            &[
                &seq,
                &at,
                &entry.actor,
                &entry.action,
                &entry.object,
                field,
                before.unwrap_or_default(),
                after.unwrap_or_default(),
                entry.address.as_deref().unwrap_or_default(),
            ],
        );
    };
    if entry.changes.is_empty() {
        line("", None, None);
    }
    for change in &entry.changes {
        line(
            &change.field,
            change.before.as_deref(),
            change.after.as_deref(),
        );
    }
}

//! `GET /tenant/export`: everything of the tenant as one archive (`.tar.zst`) of lines of JSON,
//! written while it is read. Each file in it is one page of one kind, so that no more than a page
//! is ever held. Not in it: secrets and their hashes, and what can be made again from the requests.

use axum::BoxError;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use futures::{StreamExt, stream};
use http::{HeaderValue, header};
use serde::Serialize;
use serde_json::{Value, json};
use shared::search::{Condition, Query};
use shared::{ErrorCode, ListKind, ListState, Page, Timestamp};
use tokio::sync::mpsc;
use utoipa::PartialSchema;
use utoipa::openapi::Content;

use super::{attacks, sessions};
use crate::http::archive::Archive;
use crate::http::error::ApiError;
use crate::http::fields::NoParams;
use crate::http::reply::{Reply, Schemas};
use crate::http::route::Context;
use crate::lists::shown;
use crate::store::{
    AttackSort, AuditFilter, Cursor, ListFilter, PageRequest, Search, Segment, TenantStore,
};

/// Rows of a file.
const ROWS: u32 = 500;

/// An archive that is written while it is read.
pub(in crate::http) struct Export {
    body: Body,
}

impl IntoResponse for Export {
    fn into_response(self) -> Response {
        let headers = [
            (
                header::CONTENT_TYPE,
                HeaderValue::from_static("application/zstd"),
            ),
            (
                header::CONTENT_DISPOSITION,
                HeaderValue::from_static("attachment; filename=\"tenant.tar.zst\""),
            ),
        ];
        (headers, self.body).into_response()
    }
}

impl Reply for Export {
    const MEDIA_TYPE: &'static str = "application/zstd";

    fn describe(_: &mut Schemas) -> Content {
        Content::new(Some(String::schema()))
    }
}

pub(in crate::http) async fn show(context: Context, _: NoParams) -> Result<Export, ApiError> {
    if context.is_masked {
        let detail = "your role sees addresses only in part, and an export has them whole";
        return Err(ApiError::new(ErrorCode::Forbidden, detail));
    }
    let record = crate::store::AuditRecord::new("tenant.export", "");
    context.store.record(record, context.now).await?;
    // Nothing is read before the client took the part before it.
    let (sender, receiver) = mpsc::channel(1);
    let writer = Writer {
        store: context.store,
        now: context.now,
        archive: Archive::new().map_err(|error| ApiError::internal(error.to_string()))?,
        sender,
    };
    tokio::spawn(async move {
        let sender = writer.sender.clone();
        if let Err(error) = writer.write().await {
            tracing::debug!(%error, "an export ended early");
            // Whoever reads must not take it for whole.
            let _gone = sender.send(Err(error)).await;
        }
    });
    let chunks = stream::unfold(receiver, |mut receiver| async move {
        let chunk = receiver.recv().await?;
        Some((chunk, receiver))
    });
    Ok(Export {
        // Whoever compresses may ask once more after the end.
        body: Body::from_stream(chunks.fuse()),
    })
}

struct Writer {
    store: TenantStore,
    now: Timestamp,
    archive: Archive,
    sender: mpsc::Sender<Result<Vec<u8>, BoxError>>,
}

impl Writer {
    async fn write(mut self) -> Result<(), BoxError> {
        let about = json!({
            "exported_at": self.now,
            "tenant_id": self.store.id(),
            "version": env!("CARGO_PKG_VERSION"),
        });
        self.add("about.json", &[about]).await?;
        let applications = self.store.list_applications().await?;
        self.add("applications.ndjson", &applications).await?;
        for application in &applications {
            let state = self
                .store
                .find_application_state_by_id(application.id)
                .await?;
            let Some(state) = state else { continue };
            let folder = format!("applications/{}", application.id);
            self.add(&format!("{folder}/settings.json"), &[state.settings])
                .await?;
            let mut after = None;
            loop {
                let segments = self.store.list_segments(state.judgement, after, 1).await?;
                let Some(segment) = segments.first() else {
                    break;
                };
                after = Some(segment.number);
                let name = format!("{folder}/requests/{:08}.ndjson", segment.number);
                self.add(&name, &requests(segment)).await?;
            }
        }
        self.write_sessions().await?;
        for query in [
            Query::default(),
            Query::default().with_condition(Condition::Excepted),
        ] {
            self.write_attacks(query).await?;
        }
        for list in [ListKind::Deny, ListKind::Exception] {
            for state in [ListState::Active, ListState::Expired, ListState::Removed] {
                self.write_list(list, state).await?;
            }
        }
        self.add("tokens.ndjson", &self.store.list_tokens(None).await?)
            .await?;
        self.add("members.ndjson", &self.store.list_members().await?)
            .await?;
        let privacy = self.store.find_privacy().await?;
        self.add("privacy.json", &[&*privacy]).await?;
        let mut cursor = None;
        for number in 1.. {
            let filter = AuditFilter::default();
            let page = self.store.list_audit(&filter, page(cursor)).await?;
            self.add(&format!("audit/{number:06}.ndjson"), &page.items)
                .await?;
            cursor = next(&page)?;
            if cursor.is_none() {
                break;
            }
        }
        let end = self.archive.finish()?;
        self.sender.send(Ok(end)).await?;
        Ok(())
    }

    async fn write_sessions(&mut self) -> Result<(), BoxError> {
        let mut cursor = None;
        for number in 1.. {
            let rows = self
                .store
                .list_sessions(&Search::default(), page(cursor))
                .await?;
            let book = self.store.addresses();
            let items: Vec<_> = rows
                .items
                .iter()
                .map(|row| sessions::summary(row, &book))
                .collect();
            self.add(&format!("sessions/{number:06}.ndjson"), &items)
                .await?;
            cursor = next(&rows)?;
            if cursor.is_none() {
                break;
            }
        }
        Ok(())
    }

    async fn write_attacks(&mut self, query: Query) -> Result<(), BoxError> {
        let name = match query == Query::default() {
            true => "attacks",
            false => "excepted-attacks",
        };
        let search = Search {
            query,
            ..Search::default()
        };
        let mut cursor = None;
        for number in 1.. {
            let found = self
                .store
                .list_attacks(&search, AttackSort::Date, true, page(cursor));
            let rows = found.await?;
            let mut items = Vec::with_capacity(rows.items.len());
            for row in &rows.items {
                let Some(row) = self.store.find_attack(row.record.id).await? else {
                    continue;
                };
                let found = self.store.find_attack_sessions(row.record.id).await?;
                items.push(attacks::detail(
                    &row,
                    found,
                    self.now,
                    &self.store.addresses(),
                ));
            }
            self.add(&format!("{name}/{number:06}.ndjson"), &items)
                .await?;
            cursor = next(&rows)?;
            if cursor.is_none() {
                break;
            }
        }
        Ok(())
    }

    async fn write_list(&mut self, list: ListKind, state: ListState) -> Result<(), BoxError> {
        let filter = ListFilter {
            state,
            ..ListFilter::of(list, self.now)
        };
        let mut cursor = None;
        for number in 1.. {
            let rows = self.store.list_entries(&filter, page(cursor)).await?;
            let mut versions = Vec::new();
            for row in &rows.items {
                let history = self.store.list_entry_history(row.id).await?;
                versions.extend(history.iter().map(|row| shown::entry(row, row.at)));
            }
            let name = format!(
                "lists/{}-{}-{number:06}.ndjson",
                list.as_str(),
                state.as_str()
            );
            self.add(&name, &versions).await?;
            cursor = next(&rows)?;
            if cursor.is_none() {
                break;
            }
        }
        Ok(())
    }

    /// Adds a file of one line of JSON for each row; none without rows.
    async fn add<T: Serialize>(&mut self, name: &str, rows: &[T]) -> Result<(), BoxError> {
        if rows.is_empty() {
            return Ok(());
        }
        let mut lines = Vec::new();
        for row in rows {
            serde_json::to_writer(&mut lines, row)?;
            lines.push(b'\n');
        }
        self.archive.add(name, &lines, self.now)?;
        let ready = self.archive.take();
        if !ready.is_empty() {
            self.sender.send(Ok(ready)).await?;
        }
        Ok(())
    }
}

fn page(cursor: Option<Cursor>) -> PageRequest {
    PageRequest {
        cursor,
        limit: ROWS,
    }
}

fn next<T>(page: &Page<T>) -> Result<Option<Cursor>, BoxError> {
    Ok(page.next_cursor.as_deref().map(str::parse).transpose()?)
}

/// The requests of a segment, as far as anything is left of them.
fn requests(segment: &Segment) -> Vec<Value> {
    let batch = &segment.batch;
    let rows = batch.requests.iter().enumerate();
    let kept = rows.filter(|(_, request)| !request.is_emptied());
    kept.map(|(row, request)| {
        let text = |id| batch.text(id);
        json!({
            "id": format!("{}-{row}", segment.number),
            "at": Timestamp(request.at),
            "ip": request.address.to_string(),
            "method": text(request.method),
            "host": text(request.host),
            "path": text(request.path),
            "query": text(request.query),
            "protocol": text(request.protocol),
            "status": request.status,
            "response_bytes": request.response_bytes,
            "request_bytes": request.request_bytes,
            "time_us": request.time_us,
            "user_agent": text(request.user_agent),
            "referer": text(request.referer),
            "user": text(request.user),
            "role": text(request.role),
            "session_key": format!("{:016x}", request.session_key),
            "headers": text(request.headers),
            "facts": text(request.facts),
            "blocked": request.blocked,
        })
    })
    .collect()
}

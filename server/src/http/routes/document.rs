//! `GET /openapi.json`.

use axum::response::{IntoResponse, Response};
use http::header;
use shared::{ListKind, Timestamp};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Content, RefOr, Schema};

use crate::auth::Permission;
use crate::http::error::ApiError;
use crate::http::examples::Subject;
use crate::http::fields::NoParams;
use crate::http::reply::{Reply, Schemas};
use crate::http::route::Context;
use crate::store::{AttackSort, ListFilter, PageRequest, Search, TenantStore};

pub(in crate::http) async fn show(context: Context, _: NoParams) -> Result<Document, ApiError> {
    about_store(&context).await.map(Document)
}

/// The document with examples about what is in the caller's store, as far as they may see it.
pub(in crate::http) async fn about_store(context: &Context) -> Result<String, ApiError> {
    let needed = [
        Permission::AttacksRead,
        Permission::SessionsRead,
        Permission::ListsRead,
    ];
    let subject = match needed.map(|needed| context.caller.require(needed)) {
        [Ok(()), Ok(()), Ok(())] => newest(&context.store, context.now).await?,
        _ => None,
    };
    Ok(match subject {
        Some(subject) => subject.put_into(&context.state.document),
        None => context.state.document.to_string(),
    })
}

/// The newest attack with what belongs to it; `None` while there is none.
async fn newest(store: &TenantStore, now: Timestamp) -> Result<Option<Subject>, ApiError> {
    let any = Search::default();
    let one = PageRequest {
        cursor: None,
        limit: 1,
    };
    let attacks = store.list_attacks(&any, AttackSort::Date, true, one);
    let Some(attack) = attacks.await?.items.into_iter().next() else {
        return Ok(None);
    };
    let sessions = store.find_attack_sessions(attack.record.id).await?;
    let denied = ListFilter::of(ListKind::Deny, now);
    let entries = store.list_entries(&denied, one).await?;
    let kept = Subject::kept();
    let ended_at = attack.record.ended_at;
    Ok(Some(Subject {
        application: attack.application_id.to_string(),
        attack: attack.record.id.to_string(),
        session: sessions
            .newest
            .first()
            .map_or(kept.session, |session| session.id.to_string()),
        entry: entries
            .items
            .first()
            .map_or(kept.entry, |entry| entry.id.to_string()),
        from: day(ended_at.plus(-2 * Timestamp::DAY)),
        until: day(ended_at),
    }))
}

/// `2026-11-07`.
fn day(at: Timestamp) -> String {
    at.to_string().chars().take(10).collect()
}

/// The description of the API, already written.
pub(in crate::http) struct Document(String);

impl IntoResponse for Document {
    fn into_response(self) -> Response {
        let headers = [(header::CONTENT_TYPE, Self::MEDIA_TYPE)];
        (headers, self.0).into_response()
    }
}

impl Reply for Document {
    const MEDIA_TYPE: &'static str = "application/json";

    fn describe(_: &mut Schemas) -> Content {
        let object = ObjectBuilder::new().schema_type(Type::Object).build();
        Content::new(Some(RefOr::T(Schema::Object(object))))
    }
}

//! `/attacks/{id}/hits` as pages, and `/attacks/{id}/hits.csv` as one file of any length.

use axum::body::Body;
use futures::stream;
use shared::{AttackId, Hit, Page};
use utoipa::IntoParams;

use super::{body, csv};
use crate::http::error::ApiError;
use crate::http::fields::{Fields, Params};
use crate::http::reply::{Csv, Json};
use crate::http::route::Context;
use crate::http::routes::map_page;
use crate::http::routes::params::{IdParams, PageParams};
use crate::store::{Cursor, PageRequest, StoreError, TenantStore};

/// Hits that are read, and written, at a time.
const CHUNK: u32 = 1_000;

/// What the pages take.
pub(in crate::http) struct HitsParams {
    attack: IdParams<AttackId>,
    page: PageParams,
}

impl IntoParams for HitsParams {
    fn into_params(
        location: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
    ) -> Vec<utoipa::openapi::path::Parameter> {
        let mut params = IdParams::<AttackId>::into_params(&location);
        params.extend(PageParams::into_params(&location));
        params
    }
}

impl Params for HitsParams {
    fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        Ok(Self {
            attack: IdParams::read(fields)?,
            page: PageParams::read(fields)?,
        })
    }
}

pub(in crate::http) async fn hits(
    context: Context,
    params: HitsParams,
) -> Result<Json<Page<Hit>>, ApiError> {
    require_attack(&context, params.attack.id).await?;
    let page = params.page.to_request();
    let rows = context.store.list_hits(params.attack.id, page).await?;
    Ok(Json(map_page(rows, |row| body::hit(&row))))
}

pub(in crate::http) async fn hits_csv(
    context: Context,
    params: IdParams<AttackId>,
) -> Result<Csv, ApiError> {
    let id = params.id;
    require_attack(&context, id).await?;
    let start = Position {
        store: context.store,
        next: Next::Header,
    };
    let chunks = stream::try_unfold(start, move |position| write_chunk(position, id));
    Ok(Csv {
        file_name: format!("attack-{id}-hits.csv"),
        body: Body::from_stream(chunks),
    })
}

async fn require_attack(context: &Context, id: AttackId) -> Result<(), ApiError> {
    match context.store.find_attack(id).await? {
        Some(_) => Ok(()),
        None => Err(ApiError::not_found("attack")),
    }
}

/// How far the file is written.
struct Position {
    store: TenantStore,
    next: Next,
}

enum Next {
    Header,
    Hits(Option<Cursor>),
    Nothing,
}

/// One part of the file. Nothing is read before the client took the part before it.
async fn write_chunk(
    mut position: Position,
    id: AttackId,
) -> Result<Option<(String, Position)>, StoreError> {
    let cursor = match position.next {
        Next::Header => {
            position.next = Next::Hits(None);
            return Ok(Some((csv::HEADER.to_owned(), position)));
        }
        Next::Hits(cursor) => cursor,
        Next::Nothing => return Ok(None),
    };
    let page = PageRequest {
        cursor,
        limit: CHUNK,
    };
    let rows = position.store.list_hits(id, page).await?;
    let mut text = String::new();
    for row in &rows.items {
        csv::write_hit(&mut text, &body::hit(row));
    }
    position.next = match rows.next {
        Some(cursor) => Next::Hits(Some(cursor)),
        None => Next::Nothing,
    };
    Ok(Some((text, position)))
}

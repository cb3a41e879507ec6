//! `/attacks/{id}/hits` as pages, and `/attacks/{id}/hits.csv` as one file of any length.

use axum::BoxError;
use axum::body::Body;
use futures::stream;
use shared::{AttackId, Hit};
use utoipa::IntoParams;

use super::{body, csv};
use crate::http::error::ApiError;
use crate::http::fields::{Fields, Params};
use crate::http::reply::{Csv, List};
use crate::http::route::Context;
use crate::http::routes::map_page;
use crate::http::routes::params::{IdParams, PageParams};
use crate::store::{Cursor, PageRequest, TenantStore};

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
) -> Result<List<Hit>, ApiError> {
    let page = params.page.to_request();
    let rows = context.store.list_hits(params.attack.id, page).await?;
    let rows = rows.ok_or_else(|| ApiError::not_found("attack"))?;
    Ok(List(map_page(rows, |row| {
        body::hit(row, &context.store.addresses())
    })))
}

pub(in crate::http) async fn hits_csv(
    context: Context,
    params: IdParams<AttackId>,
) -> Result<Csv, ApiError> {
    let id = params.id;
    if context.store.find_attack(id).await?.is_none() {
        return Err(ApiError::not_found("attack"));
    }
    let start = (context.store, Next::Header);
    let chunks = stream::try_unfold(start, move |(store, next)| async move {
        let chunk = write_chunk(&store, id, next).await?;
        Ok::<_, BoxError>(chunk.map(|(text, next)| (text, (store, next))))
    });
    Ok(Csv {
        file_name: format!("attack-{id}-hits.csv"),
        body: Body::from_stream(chunks),
    })
}

/// What of the file is still to be written.
enum Next {
    Header,
    Hits(Option<Cursor>),
    Nothing,
}

/// One part of the file. Nothing is read before the client took the part before it.
async fn write_chunk(
    store: &TenantStore,
    id: AttackId,
    next: Next,
) -> Result<Option<(String, Next)>, BoxError> {
    let cursor = match next {
        Next::Header => return Ok(Some((csv::HEADER.to_owned(), Next::Hits(None)))),
        Next::Hits(cursor) => cursor,
        Next::Nothing => return Ok(None),
    };
    let page = PageRequest {
        cursor,
        limit: CHUNK,
    };
    let page = store
        .list_hits(id, page)
        .await?
        .ok_or("the attack is gone")?;
    let mut text = String::new();
    for row in &page.items {
        csv::write_hit(&mut text, &body::hit(row, &store.addresses()));
    }
    let next = match page.next_cursor {
        Some(cursor) => Next::Hits(Some(cursor.parse()?)),
        None => Next::Nothing,
    };
    Ok(Some((text, next)))
}

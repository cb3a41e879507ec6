//! `/applications/{id}/fields`: what the fields of what is sent for an application are called.

use shared::{ApplicationId, FieldNames};

use super::params::IdParams;
use crate::http::body::JsonBody;
use crate::http::error::ApiError;
use crate::http::reply::Json;
use crate::http::route::Context;
use crate::ingest::decode::FieldMap;

pub(in crate::http) async fn show(
    context: Context,
    params: IdParams<ApplicationId>,
) -> Result<Json<FieldNames>, ApiError> {
    let found = context
        .store
        .find_application_state_by_id(params.id)
        .await?;
    let state = found.ok_or_else(|| ApiError::not_found("application"))?;
    Ok(Json(FieldNames {
        map: state.field_map,
    }))
}

pub(in crate::http) async fn update(
    context: Context,
    params: IdParams<ApplicationId>,
    JsonBody(names): JsonBody<FieldNames>,
) -> Result<Json<FieldNames>, ApiError> {
    if names.map.len() > FieldNames::MAX_BYTES {
        let message = format!("at most {} bytes", FieldNames::MAX_BYTES);
        return Err(ApiError::field("map", message));
    }
    if let Err(error) = names.map.parse::<FieldMap>() {
        return Err(ApiError::field("map", error.to_string()));
    }
    let store = &context.store;
    let is_set = store.set_field_map(params.id, &names.map, context.now);
    match is_set.await? {
        true => Ok(Json(names)),
        false => Err(ApiError::not_found("application")),
    }
}

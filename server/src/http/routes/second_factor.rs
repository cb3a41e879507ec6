//! `/second-factor`: of whom the tenant requires one. What one is, and whether a login has it, is
//! the store's.

use shared::{ErrorCode, SecondFactorRule};

use crate::auth::Credential;
use crate::http::body::JsonBody;
use crate::http::error::ApiError;
use crate::http::fields::NoParams;
use crate::http::reply::Json;
use crate::http::route::Context;

pub(in crate::http) async fn show(
    context: Context,
    _: NoParams,
) -> Result<Json<SecondFactorRule>, ApiError> {
    let required_of = context.store.find_second_factor_of().await?;
    Ok(Json(SecondFactorRule { required_of }))
}

pub(in crate::http) async fn update(
    context: Context,
    _: NoParams,
    JsonBody(rule): JsonBody<SecondFactorRule>,
) -> Result<Json<SecondFactorRule>, ApiError> {
    if let Credential::Token { .. } = context.caller.credential() {
        let detail = "a token has no second factor; whoever sets this must be signed in";
        return Err(ApiError::new(ErrorCode::Forbidden, detail));
    }
    let by = context.caller.login().map(|login| login.id);
    let (store, now) = (&context.store, context.now);
    store
        .set_second_factor_of(rule.required_of, by, now)
        .await?;
    Ok(Json(rule))
}

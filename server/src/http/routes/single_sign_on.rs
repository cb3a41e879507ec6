//! `GET /single-sign-on`.

use shared::SingleSignOn;

use crate::http::error::ApiError;
use crate::http::fields::NoParams;
use crate::http::reply::Json;
use crate::http::route::Context;
use crate::http::sign_in::CALLBACK;

pub(in crate::http) async fn show(
    context: Context,
    _: NoParams,
) -> Result<Json<SingleSignOn>, ApiError> {
    let shown = context.state.single_sign_on.as_ref();
    let shown = shown.map(|provider| provider.config().shown());
    Ok(Json(shown.unwrap_or_else(|| SingleSignOn {
        issuer: None,
        client_id: None,
        redirect_uri: format!("{}{CALLBACK}", context.state.site.url()),
        role_claim: None,
        roles: Vec::new(),
        allows_passwords: true,
    })))
}

//! `GET /single-sign-on`: how it is set up, for whoever looks after the people.

use shared::SingleSignOn;

use crate::http::error::ApiError;
use crate::http::fields::NoParams;
use crate::http::reply::Json;
use crate::http::route::Context;

pub(in crate::http) async fn show(
    context: Context,
    _: NoParams,
) -> Result<Json<SingleSignOn>, ApiError> {
    Ok(Json(SingleSignOn {
        issuer: None,
        client_id: None,
        redirect_uri: format!("{}/sign-in/oidc/callback", context.state.site.url()),
        role_claim: None,
        roles: Vec::new(),
        allows_passwords: true,
    }))
}

//! `GET /overview`.

use shared::Overview;

use crate::http::error::ApiError;
use crate::http::fields::NoParams;
use crate::http::reply::Json;
use crate::http::route::Context;

pub(in crate::http) async fn show(
    context: Context,
    _: NoParams,
) -> Result<Json<Overview>, ApiError> {
    let applications = context.store.list_applications().await?;
    let sum = |count: fn(&shared::Application) -> u64| applications.iter().map(count).sum();
    Ok(Json(Overview {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        now: context.now,
        requests: sum(|application| application.requests),
        sessions: sum(|application| application.sessions),
        attacks: sum(|application| application.attacks),
        newest_request_at: applications.iter().filter_map(|a| a.last_request_at).max(),
        newest_attack_at: context.store.find_newest_attack_at().await?,
        applications,
    }))
}

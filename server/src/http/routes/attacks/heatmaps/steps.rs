//! `/attacks/{id}/heatmaps/steps`: how the bots of the heatmaps came to where they are, from
//! slices; or the addresses of one of their campaigns, from its stored requests.

use shared::{AttackId, HeatmapSteps};
use utoipa::IntoParams;

use super::{collect, expired, find, window};
use crate::http::error::ApiError;
use crate::http::fields::{Fields, Params};
use crate::http::reply::Json;
use crate::http::route::Context;
use crate::store::AttackRow;

/// How many addresses are told apart.
const MEMBERS: usize = 30;
/// How many requests are read, the newest; bounds the time that it takes.
const REQUESTS: usize = 50_000;

/// Whose steps, in whose window.
#[derive(IntoParams)]
pub(in crate::http) struct StepsParams {
    /// The attack whose heatmaps are looked at.
    #[param(value_type = String, pattern = "^[0-9a-fA-F]{1,16}$")]
    id: AttackId,
    /// A campaign, to be told apart by address; without, all bots of the heatmaps.
    #[param(value_type = String, pattern = "^[0-9a-fA-F]{1,16}$")]
    of: Option<AttackId>,
}

impl Params for StepsParams {
    fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        Ok(Self {
            id: fields.path("id")?,
            of: fields.optional("of")?,
        })
    }
}

pub(in crate::http) async fn steps(
    context: Context,
    params: StepsParams,
) -> Result<Json<HeatmapSteps>, ApiError> {
    let attack = find(&context, params.id).await?;
    let Some(of) = params.of else {
        let window = collect(&context, attack).await?;
        return Ok(Json(engine::heatmap_steps(window)));
    };
    unfold(&context, attack, of).await.map(Json)
}

/// The addresses of the campaign `of` in the window of `attack`.
pub(super) async fn unfold(
    context: &Context,
    attack: AttackRow,
    of: AttackId,
) -> Result<HeatmapSteps, ApiError> {
    let period = window(&attack);
    let campaign = if of == attack.record.id {
        attack
    } else {
        find(context, of).await?
    };
    let id = campaign.record.id;
    let (requests, complete) = context
        .store
        .read_attack_requests(id, period, REQUESTS)
        .await?
        .ok_or_else(|| ApiError::not_found("attack"))?;
    if requests.is_empty() {
        return Err(expired());
    }
    let application = campaign.application_id;
    let normals = context.store.find_normals(application).await?;
    let voted = campaign.record.voted();
    let (members, total) = requests.members(MEMBERS, voted);
    let window = (period.from, period.until);
    let counted = (total, complete);
    Ok(engine::member_steps(
        id, window, &members, counted, &normals,
    ))
}

//! `/attacks/{id}/heatmaps` and what belongs to it: collects the slices of the 24 hours that
//! end with the attack's last request, and has the engine draw them up.

mod csv;
mod steps;

use engine::{Bot, Crawler, Window};
use shared::{AttackId, ErrorCode, Heatmaps, Scope, Timestamp};
use utoipa::IntoParams;

use super::body::is_ongoing;
use crate::http::error::ApiError;
use crate::http::fields::{Fields, Params};
use crate::http::reply::Json;
use crate::http::route::Context;
use crate::store::{AttackRow, AttackSlices, CrawlerSlices, Period};
use crate::text::count;

pub(in crate::http) use csv::heatmaps_csv;
pub(in crate::http) use steps::steps;

/// Which heatmaps.
#[derive(IntoParams)]
pub(in crate::http) struct HeatmapsParams {
    /// Its identifier.
    #[param(value_type = String, pattern = "^[0-9a-fA-F]{1,16}$")]
    id: AttackId,
    /// A moment of the window: values are over the requests up to it. Without, the window's end.
    #[param(value_type = String, format = DateTime)]
    at: Option<Timestamp>,
}

impl Params for HeatmapsParams {
    fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        Ok(Self {
            id: fields.path("id")?,
            at: fields.optional("at")?,
        })
    }
}

pub(in crate::http) async fn heatmaps(
    context: Context,
    params: HeatmapsParams,
) -> Result<Json<Heatmaps>, ApiError> {
    let attack = find(&context, params.id).await?;
    draw(&context, attack, params.at).await.map(Json)
}

/// The heatmaps at the moment that is asked for.
async fn draw(
    context: &Context,
    attack: AttackRow,
    at: Option<Timestamp>,
) -> Result<Heatmaps, ApiError> {
    let period = window(&attack);
    if let Some(at) = at
        && (at < period.from || at > period.until)
    {
        let detail = format!("expected a moment from {} to {}", period.from, period.until);
        return Err(ApiError::field("at", detail));
    }
    Ok(engine::heatmaps(collect(context, attack).await?, at))
}

async fn find(context: &Context, id: AttackId) -> Result<AttackRow, ApiError> {
    let attack = context.store.find_attack(id).await?;
    attack.ok_or_else(|| ApiError::not_found("attack"))
}

/// The 24 hours that end with the attack's last request.
fn window(attack: &AttackRow) -> Period {
    let until = attack.record.ended_at;
    Period {
        from: until.plus(-Timestamp::DAY),
        until,
    }
}

async fn collect(context: &Context, attack: AttackRow) -> Result<Window, ApiError> {
    let (id, period) = (attack.record.id, window(&attack));
    let (store, application) = (&context.store, attack.application_id);
    let attacks = store
        .list_attack_slices(application, Some(id), period)
        .await?;
    let crawlers = store.list_crawler_slices(application, period).await?;
    let normals = store.find_normals(application).await?;
    let mut bots: Vec<Bot> = attacks.into_iter().map(bot).collect();
    let this = bots.iter().position(|bot| bot.attack == id);
    let this_bot = this.map(|index| bots.swap_remove(index));
    let this_bot = this_bot
        .filter(|bot| !bot.slices.is_empty())
        .ok_or_else(expired)?;
    Ok(Window {
        application: attack.application,
        this_bot,
        others: bots,
        crawlers: crawlers.into_iter().map(crawler).collect(),
        from: period.from,
        until: period.until,
        live: is_ongoing(&attack.record, context.now),
        normals,
    })
}

fn expired() -> ApiError {
    let detail = "not enough data: what this attack did in detail is no longer stored";
    ApiError::new(ErrorCode::Expired, detail)
}

fn bot(attack: AttackSlices) -> Bot {
    let primary = attack.types.first().copied();
    let primary = primary.expect("an attack has a type");
    Bot {
        attack: attack.id,
        label: label(&attack),
        bot_type: primary.bot_type,
        scope: attack.scope,
        confidence: primary.confidence,
        suspicion: attack.suspicion,
        slices: attack.slices,
    }
}

/// What a bubble is called: its address, with how many more there are.
fn label(attack: &AttackSlices) -> String {
    match (attack.scope, attack.address_count) {
        (Scope::Cluster, n) => format!("Campaign of {}", count(n.into(), "address")),
        (_, 0 | 1) => attack.top_address.to_string(),
        (_, n) => format!("{} +{}", attack.top_address, n - 1),
    }
}

fn crawler(crawler: CrawlerSlices) -> Crawler {
    Crawler {
        name: crawler.name,
        verification: crawler.verification,
        slices: crawler.slices,
    }
}

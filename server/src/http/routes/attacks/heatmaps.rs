//! `/attacks/{id}/heatmaps`: collects the slices of the 24 hours that end with the attack's
//! last request, and has the engine draw them up.

use engine::{Bot, Crawler, Window};
use shared::{AttackId, ErrorCode, Heatmaps, Scope, Timestamp};

use super::body::is_ongoing;
use crate::http::error::ApiError;
use crate::http::reply::Json;
use crate::http::route::Context;
use crate::http::routes::params::IdParams;
use crate::http::text::count;
use crate::store::{AttackSlices, CrawlerSlices, Period};

pub(in crate::http) async fn heatmaps(
    context: Context,
    params: IdParams<AttackId>,
) -> Result<Json<Heatmaps>, ApiError> {
    let attack = context.store.find_attack(params.id).await?;
    let attack = attack.ok_or_else(|| ApiError::not_found("attack"))?;
    let until = attack.record.ended_at;
    let period = Period {
        from: until.plus(-Timestamp::DAY),
        until,
    };
    let (store, application) = (&context.store, attack.application_id);
    let attacks = store.list_attack_slices(application, period).await?;
    let crawlers = store.list_crawler_slices(application, period).await?;
    let normals = store.find_normals(application).await?;
    let mut bots: Vec<Bot> = attacks.into_iter().map(bot).collect();
    let this = bots.iter().position(|bot| bot.attack == params.id);
    let this_bot = this.map(|index| bots.swap_remove(index));
    let this_bot = this_bot
        .filter(|bot| !bot.slices.is_empty())
        .ok_or_else(|| {
            let detail = "not enough data: what this attack did in detail is no longer stored";
            ApiError::new(ErrorCode::Expired, detail)
        })?;
    Ok(Json(engine::heatmaps(Window {
        application: attack.application,
        this_bot,
        others: bots,
        crawlers: crawlers.into_iter().map(crawler).collect(),
        from: period.from,
        until,
        live: is_ongoing(&attack.record, context.now),
        normals,
    })))
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

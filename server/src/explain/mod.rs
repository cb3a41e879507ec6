//! A verdict explained: every number that it was made of, the arithmetic written out, and what
//! judging it again came to. Pure but for [`reproduction`], which asks the pipeline; how it looks
//! on a terminal is in `text`.

mod compare;
mod detectors;
mod steps;
mod text;

use std::time::Instant;

use engine::AttackRecord;
use shared::{
    ExplainedTerm, ExplainedType, Explanation, Reproduction, ReproductionOutcome, Sensitivity,
    Timestamp,
};

use crate::pipeline::{Reproduced, reproduce};
use crate::store::{AttackRow, StoreError, StoredVerdict, TenantStore};
use crate::text::count;

pub(crate) use detectors::result;
pub(crate) use text::to_text;

/// Explains a stored verdict.
#[must_use]
pub(crate) fn explain(row: &AttackRow) -> Explanation {
    let record = &row.record;
    let model = record.detectors.iter();
    let model = model
        .filter_map(|it| it.model.as_ref())
        .next()
        .map(detectors::model);
    Explanation {
        attack_id: record.id,
        application: row.application.clone(),
        engine_version: record.engine_version.clone(),
        model_version: model.as_ref().map(|model| model.number),
        sensitivity: find_sensitivity(record.bar),
        bar: record.bar,
        requests: record.evidence,
        detectors: detectors::explain(record),
        types: explain_types(record),
        contributions: model.map_or_else(Vec::new, |model| model.contributions),
        reproduction: None,
    }
}

fn find_sensitivity(bar: u8) -> Option<Sensitivity> {
    use Sensitivity::{Normal, Paranoid, SafeMode};
    let usual = [Paranoid, Normal, SafeMode];
    usual.into_iter().find(|usual| usual.bar() == bar)
}

fn explain_types(record: &AttackRecord) -> Vec<ExplainedType> {
    let reckonings = record.reckonings.iter();
    let explained = reckonings.map(|reckoning| {
        let terms = reckoning.terms.iter();
        ExplainedType {
            bot_type: reckoning.bot_type,
            confidence: reckoning.confidence,
            rule: reckoning.rule,
            votes: terms.clone().map(|term| term.votes).sum(),
            weights: terms.clone().map(|term| term.weight).sum(),
            terms: terms
                .map(|term| ExplainedTerm {
                    detector: term.detector,
                    votes: term.votes,
                    weight: term.weight,
                })
                .collect(),
            steps: steps::write(record, reckoning),
        }
    });
    explained.collect()
}

/// Judges the application again in memory, up to what the verdict saw, and says what came of it.
/// Gives up when `is_stopped` says so.
///
/// # Errors
/// If the store fails.
pub(crate) async fn reproduction(
    tenant: &TenantStore,
    verdict: &StoredVerdict,
    now: Timestamp,
    is_stopped: &(dyn Fn() -> bool + Send + Sync),
) -> Result<Reproduction, StoreError> {
    use ReproductionOutcome as O;
    let started = Instant::now();
    let record = &verdict.row.record;
    let mut reproduction = Reproduction {
        outcome: O::Outdated,
        detail: "Older requests came or settings changed since: the application is about to be \
                 judged again, and this verdict with it."
            .to_owned(),
        engine_version: engine::VERSION.to_owned(),
        requests: 0,
        duration_ms: 0,
        differences: Vec::new(),
    };
    if verdict.state.is_due_again() {
        return Ok(reproduction);
    }
    let (reproduced, requests) = reproduce(tenant, verdict, now, is_stopped).await?;
    reproduction.requests = requests;
    reproduction.duration_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    let judged = format!("Judging the stored {} again", count(requests, "request"));
    (reproduction.outcome, reproduction.detail) = match reproduced {
        Reproduced::Expired => (
            O::Expired,
            "Requests that this verdict rests on are no longer stored, so it cannot be made \
             again."
                .to_owned(),
        ),
        Reproduced::Stopped => (
            O::Unfinished,
            format!(
                "After {} there was no time left. `botscope explain {}` has no limit.",
                count(requests, "request"),
                record.id
            ),
        ),
        Reproduced::Done(again) => {
            reproduction.differences = compare::find_differences(record, again.as_deref());
            match reproduction.differences.len() as u64 {
                0 => (
                    O::Reproduced,
                    format!("{judged} came to the same verdict, to the last digit."),
                ),
                differences => (
                    O::Differs,
                    format!(
                        "{judged} came to another verdict: {} differ.",
                        count(differences, "number")
                    ),
                ),
            }
        }
    };
    Ok(reproduction)
}

//! Two records of one attack compared, number by number. Pure.

use engine::{AttackRecord, DetectorRecord, Reckoning};
use shared::Difference;

/// What a verdict without something has in its place.
const NOTHING: &str = "–";

/// Where `again` is not what is `stored`. Whether the attack is over depends on the moment of
/// asking and is left out.
pub(super) fn find_differences(
    stored: &AttackRecord,
    again: Option<&AttackRecord>,
) -> Vec<Difference> {
    let Some(again) = again else {
        return vec![Difference {
            field: "attack".to_owned(),
            stored: "raised".to_owned(),
            recomputed: "not raised".to_owned(),
        }];
    };
    let (stored, mut again) = (list(stored), list(again));
    let mut differences = Vec::new();
    for (field, stored) in stored {
        let at = again.iter().position(|(other, _)| *other == field);
        let recomputed = at.map(|at| again.remove(at).1);
        if recomputed.as_ref() != Some(&stored) {
            differences.push(Difference {
                field,
                stored,
                recomputed: recomputed.unwrap_or_else(|| NOTHING.to_owned()),
            });
        }
    }
    let others = again.into_iter().map(|(field, recomputed)| Difference {
        field,
        stored: NOTHING.to_owned(),
        recomputed,
    });
    differences.extend(others);
    differences
}

/// Everything of a verdict, each with its name. Numbers to the last digit.
fn list(record: &AttackRecord) -> Vec<(String, String)> {
    let mut list = Vec::new();
    let mut add = |field: &str, value: String| list.push((field.to_owned(), value));
    add("engine version", record.engine_version.clone());
    add("scope", record.scope.label().to_owned());
    add("first request", record.started_at.to_string());
    add("last request", record.ended_at.to_string());
    add("requests", record.requests.to_string());
    add("hits", record.hits.to_string());
    add("blocked requests", record.blocked.to_string());
    add("addresses", record.address_count.to_string());
    add("sessions", record.session_count.to_string());
    add("users tried", record.identities.to_string());
    add("reopened", record.reopened.to_string());
    add("bar", record.bar.to_string());
    let crossed = record
        .crossed
        .map(|(request, at)| format!("{at}, {request}"));
    add("bar crossed", crossed.unwrap_or_default());
    add("requests of evidence", record.evidence.to_string());
    let types = record.types.iter().map(|found| found.bot_type.label());
    add("types", types.collect::<Vec<_>>().join(", "));
    add("suspicion", record.suspicion.to_string());
    add("outcome", format!("{:?}", record.outcome));
    for reckoning in &record.reckonings {
        list_reckoning(reckoning, &mut list);
    }
    // By kind: their order is by deviation.
    let mut detectors: Vec<&DetectorRecord> = record.detectors.iter().collect();
    detectors.sort_by_key(|detector| detector.detector);
    for detector in detectors {
        list_detector(detector, &mut list);
    }
    for model in record.detectors.iter().filter_map(|it| it.model.as_ref()) {
        list.push(("model version".to_owned(), model.number.to_string()));
        for (name, share) in &model.contributions {
            list.push((format!("model, {name}"), share.to_string()));
        }
    }
    list
}

fn list_reckoning(reckoning: &Reckoning, list: &mut Vec<(String, String)>) {
    let label = reckoning.bot_type.label();
    let mut add = |what: &str, value: String| list.push((format!("{label}: {what}"), value));
    add("confidence", reckoning.confidence.to_string());
    add("rule", reckoning.rule.label().to_owned());
    for term in &reckoning.terms {
        let of = term.detector.label();
        add(&format!("votes of {of}"), term.votes.to_string());
        add(&format!("weight of {of}"), term.weight.to_string());
    }
}

fn list_detector(record: &DetectorRecord, list: &mut Vec<(String, String)>) {
    let label = record.detector.label();
    let mut add = |what: &str, value: String| list.push((format!("{label}: {what}"), value));
    if !record.worked {
        add("value", "too little to work with".to_owned());
        return;
    }
    match &record.class {
        Some(class) => add("class", class.clone()),
        None => add("value", record.value.to_string()),
    }
    add("normal", record.normal.to_string());
    add("learned percent", record.learned_percent.to_string());
    add("learned from actors", record.learned_actors.to_string());
    add("deviation", record.deviation.to_string());
    add("vote", record.vote.to_string());
    add("weight", record.weight.to_string());
    add("hits", record.hits.to_string());
    let decisive = record.decisive.map_or(NOTHING, |bot_type| bot_type.label());
    add("decisive for", decisive.to_owned());
}

//! The arithmetic of a confidence, a line a step, as somebody would do it on paper. Pure.

use engine::{AttackRecord, DECISIVE_FLOOR, EVIDENCE_HALF, ReckonedTerm, Reckoning};
use shared::ConfidenceRule;

use crate::text::count;

/// How `reckoning` came about.
pub(super) fn write(record: &AttackRecord, reckoning: &Reckoning) -> Vec<String> {
    let mut steps: Vec<String> = reckoning
        .terms
        .iter()
        .map(|term| write_term(record, term))
        .collect();
    let votes: f64 = reckoning.terms.iter().map(|term| term.votes).sum();
    let weights: f64 = reckoning.terms.iter().map(|term| term.weight).sum();
    let share = if weights > 0.0 { votes / weights } else { 0.0 };
    steps.push(format!(
        "Σ weight × vote / Σ weight = {} / {} = {}",
        figure(votes),
        figure(weights),
        figure(share)
    ));
    let requests = record.evidence as f64;
    let evidence = requests / (requests + EVIDENCE_HALF);
    steps.push(format!(
        "{} of evidence: × {requests} / ({requests} + {EVIDENCE_HALF}) = {}%",
        count(record.evidence, "request"),
        figure(100.0 * share * evidence)
    ));
    steps.extend(write_rule(record, reckoning));
    steps.push(format!(
        "Confidence {}%; from {}% on it is an attack",
        figure(reckoning.confidence),
        record.bar
    ));
    steps
}

fn write_term(record: &AttackRecord, term: &ReckonedTerm) -> String {
    let label = term.detector.label();
    let vote = record
        .detectors
        .iter()
        .find(|result| result.detector == term.detector)
        .map_or(0.0, |result| result.vote);
    if vote == 0.0 {
        return format!("{label}: no vote, 0 of {}", figure(term.weight));
    }
    format!(
        "{label}: weight {} × vote {} = {} of {}",
        figure(term.votes / vote),
        figure(vote),
        figure(term.votes),
        figure(term.weight)
    )
}

/// Why the confidence is not what was counted, if it is not.
fn write_rule(record: &AttackRecord, reckoning: &Reckoning) -> Option<String> {
    match reckoning.rule {
        ConfidenceRule::Counted => None,
        ConfidenceRule::Decisive => {
            let alone: Vec<&str> = record
                .detectors
                .iter()
                .filter(|result| result.decisive == Some(reckoning.bot_type))
                .map(|result| result.detector.label())
                .collect();
            Some(format!(
                "Decisive alone: {}. That is at least {DECISIVE_FLOOR}%",
                alone.join(", ")
            ))
        }
        rule => Some(format!("Does not count like this: {}", rule.label())),
    }
}

/// A number with as many digits as say something.
pub(super) fn figure(number: f64) -> String {
    let decimals = match number.abs() {
        100.0.. => 0,
        10.0.. => 1,
        1.0.. => 2,
        _ => 3,
    };
    let text = format!("{number:.decimals$}");
    if !text.contains('.') {
        return text;
    }
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_the_digits_that_say_something() {
        let figures = [0.0, 0.95944, 1.0, 2.8766, 10.5, 99.96, 326.4, 12_345.6].map(figure);
        assert_eq!(
            figures,
            ["0", "0.959", "1", "2.88", "10.5", "100", "326", "12346"]
        );
    }
}

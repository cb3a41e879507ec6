//! An explanation on a terminal. Pure.

use std::fmt::Write;

use shared::{Direction, ExplainedDetector, Explanation, Reproduction, Sensitivity};

use super::steps::figure;
use crate::text::count;

/// The columns of the table of detectors.
const HEAD: [&str; 9] = [
    "detector",
    "family",
    "value",
    "normal",
    "where from",
    "times",
    "vote",
    "weight",
    "decisive",
];

/// The whole, ending in a line break.
#[must_use]
pub(crate) fn to_text(explanation: &Explanation) -> String {
    let mut text = String::new();
    let it = &explanation;
    let first = it.types.first();
    let primary = first.map_or("attack", |found| found.bot_type.label());
    let profile = match it.sensitivity {
        Some(Sensitivity::Paranoid) => "profile Paranoid",
        Some(Sensitivity::Normal) => "profile Normal",
        Some(Sensitivity::SafeMode) => "profile Safe mode",
        None => "own profile",
    };
    let model = it.model_version;
    let model = model.map_or_else(String::new, |model| format!(" · model {model}"));
    // Writing to a text cannot fail.
    let _ = writeln!(text, "{primary} {} on {}", it.attack_id, it.application);
    let _ = writeln!(
        text,
        "engine {}{model} · {profile}, an attack from {}% on · a verdict of {}\n",
        it.engine_version,
        it.bar,
        count(it.requests, "request")
    );
    write_table(&mut text, &it.detectors);
    for found in &it.types {
        let _ = writeln!(text, "\n{}", found.bot_type.label());
        for step in &found.steps {
            let _ = writeln!(text, "  {step}");
        }
    }
    if !it.contributions.is_empty() {
        text.push_str("\nWhat the model finds unusual\n");
        for found in &it.contributions {
            let share = figure(100.0 * found.share);
            let _ = writeln!(text, "  {share:>4}%  {}", found.name);
        }
    }
    if let Some(reproduction) = &it.reproduction {
        write_reproduction(&mut text, reproduction);
    }
    text
}

fn write_table(text: &mut String, detectors: &[ExplainedDetector]) {
    let mut rows = vec![HEAD.map(str::to_owned)];
    rows.extend(detectors.iter().map(row));
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..HEAD.len()).map(width).collect();
    for row in &rows {
        let cells = row.iter().zip(&widths);
        let line: String = cells
            .map(|(cell, width)| format!("{cell:<width$}  "))
            .collect();
        text.push_str(line.trim_end());
        text.push('\n');
    }
}

fn row(detector: &ExplainedDetector) -> [String; HEAD.len()] {
    let result = &detector.result;
    let name = result.detector.label().to_owned();
    let family = detector.family.clone();
    if !result.worked {
        let mut row = [const { String::new() }; HEAD.len()];
        (row[0], row[1]) = (name, family);
        row[2] = "too little to work with".to_owned();
        return row;
    }
    let is_class = result.direction == Direction::Category;
    let with_unit = |number: f64| format!("{} {}", figure(number), result.unit);
    let side = match result.direction {
        Direction::Below => ">",
        Direction::Above | Direction::Category => "<",
    };
    let value = match &result.class {
        Some(class) => class.clone(),
        None => with_unit(result.value).trim_end().to_owned(),
    };
    let decisive = detector.decisive_for;
    let unless_class = |text: String| if is_class { String::new() } else { text };
    [
        name,
        family,
        value,
        unless_class(format!("{side} {}", figure(result.normal))),
        result.normal_source.clone(),
        unless_class(figure(result.deviation)),
        figure(result.vote),
        figure(result.weight),
        decisive.map_or_else(String::new, |bot_type| bot_type.label().to_owned()),
    ]
}

fn write_reproduction(text: &mut String, reproduction: &Reproduction) {
    let seconds = reproduction.duration_ms as f64 / 1_000.0;
    let _ = writeln!(
        text,
        "\n{}: {} ({} s)",
        reproduction.outcome.as_str(),
        reproduction.detail,
        figure(seconds)
    );
    for difference in &reproduction.differences {
        let _ = writeln!(
            text,
            "  {}: {} is stored, {} was found again",
            difference.field, difference.stored, difference.recomputed
        );
    }
}

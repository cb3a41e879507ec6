//! Detector by detector: value, normal, and how far apart they are.

use leptos::prelude::*;
use shared::{AttackDetail, Contribution, DetectorResult, Direction, ModelVote};

use super::about::about;
use super::instrument::NotEnoughData;
use crate::format::{
    count, count_of, day, deviation_share, heat_step, percent, quantity, times, visible,
};
use crate::math::fixed;
use crate::ui::Hint;

/// The detectors of an attack: those that voted, and on demand the others.
pub(super) fn detectors(attack: &AttackDetail) -> AnyView {
    let groups = Groups::of(attack.detectors.clone());
    if groups.is_empty() {
        return view! {
            <section class="detectors">
                <h2>"Detectors"</h2>
                <NotEnoughData what="The detectors" />
            </section>
        }
        .into_any();
    }
    let voted = groups.voted.len() as u64;
    let silent = groups.silent;
    let starved = groups.starved;
    view! {
        <section class="detectors">
            <h2>
                {count_of(voted, "detector voted", "detectors voted")}
            </h2>
            <ul role="list" class="detectors__list">
                {groups.voted.into_iter().map(|result| view! { <DetectorRow result /> }).collect_view()}
            </ul>
            {(!silent.is_empty())
                .then(|| {
                    let number = silent.len() as u64;
                    view! {
                        <details class="disclosure">
                            <summary>
                                {count_of(number, "detector found nothing", "detectors found nothing")}
                            </summary>
                            <ul role="list" class="detectors__list">
                                {silent
                                    .into_iter()
                                    .map(|result| view! { <DetectorRow result /> })
                                    .collect_view()}
                            </ul>
                        </details>
                    }
                })}
            {(!starved.is_empty())
                .then(|| {
                    let number = starved.len() as u64;
                    view! {
                        <details class="disclosure">
                            <summary>
                                {count_of(
                                    number,
                                    "detector had too little to work with",
                                    "detectors had too little to work with",
                                )}
                            </summary>
                            <p class="quiet">
                                {starved
                                    .iter()
                                    .map(|result| result.detector.label())
                                    .collect::<Vec<_>>()
                                    .join(", ")}
                            </p>
                        </details>
                    }
                })}
        </section>
    }
    .into_any()
}

/// Detectors by what they had to say, in the order they came.
#[derive(Debug, Default)]
struct Groups {
    voted: Vec<DetectorResult>,
    silent: Vec<DetectorResult>,
    starved: Vec<DetectorResult>,
}

impl Groups {
    fn of(results: Vec<DetectorResult>) -> Self {
        let mut groups = Self::default();
        for result in results {
            let group = if !result.worked {
                &mut groups.starved
            } else if result.vote > 0.0 {
                &mut groups.voted
            } else {
                &mut groups.silent
            };
            group.push(result);
        }
        groups
    }

    fn is_empty(&self) -> bool {
        self.voted.is_empty() && self.silent.is_empty() && self.starved.is_empty()
    }
}

#[component]
fn DetectorRow(result: DetectorResult) -> impl IntoView {
    let (reading, label) = (Reading::of(&result), result.detector.label());
    let source = (!result.normal_source.is_empty() && reading.normal.is_some())
        .then(|| format!("normal: {}", visible(&result.normal_source)));
    let hits = (result.vote > 0.0 && result.hits > 0).then(|| count_of(result.hits, "hit", "hits"));
    let rest = [source, hits]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" · ");
    view! {
        <li class="detector">
            <span class="detector__name">
                {label} {about(result.detector).map(|text| view! { <Hint subject=label text /> })}
            </span>
            <span class="detector__reading">
                <b>{visible(&reading.value).into_owned()}</b>
                {reading
                    .unit
                    .map(|unit| view! { <span class="quiet">" "{visible(&unit).into_owned()}</span> })}
                {reading.normal.map(|normal| view! { <span class="quiet">" · normal "{normal}</span> })}
            </span>
            <span class="detector__rest">{rest}</span>
            {result.model.as_ref().map(why)}
            <span
                class="chip"
                data-heat=reading.heat
                data-empty=(reading.fill == 0.0).then_some("")
                style=("--fill", [&fixed(reading.fill * 100.0, 0), "%"].concat())
            >
                <span class="chip__text">{reading.chip}</span>
            </span>
        </li>
    }
}

/// What the anomaly model found unlike the others, and which version of it.
fn why(model: &ModelVote) -> AnyView {
    let parts: Vec<String> = model.contributions.iter().map(part).collect();
    let of = [
        "version ",
        &count(model.number.into()),
        " of ",
        &day(model.trained_at),
    ]
    .concat();
    view! {
        <span class="detector__rest">{parts.join(" · ")}</span>
        <span class="detector__rest">{of}</span>
    }
    .into_any()
}

fn part(contribution: &Contribution) -> String {
    [
        &visible(&contribution.name),
        " ",
        &percent(contribution.share),
    ]
    .concat()
}

/// A detector's result as it is written.
#[derive(Debug, PartialEq)]
pub(super) struct Reading {
    pub(super) value: String,
    pub(super) unit: Option<String>,
    /// The threshold with the side on which values are normal; absent for a class.
    pub(super) normal: Option<String>,
    chip: String,
    /// 0 to 1.
    fill: f64,
    heat: u8,
}

impl Reading {
    pub(super) fn of(result: &DetectorResult) -> Self {
        let voted = result.vote > 0.0;
        if result.direction == Direction::Category {
            return Self {
                value: result
                    .class
                    .clone()
                    .unwrap_or_else(|| "Nothing known".to_owned()),
                unit: None,
                normal: None,
                chip: if voted { "suspect" } else { "ordinary" }.to_owned(),
                fill: result.vote,
                heat: heat_step(result.vote),
            };
        }
        let (side, word) = match result.direction {
            Direction::Below => (">", "below"),
            Direction::Above | Direction::Category => ("<", "above"),
        };
        let share = deviation_share(result.deviation);
        Self {
            value: quantity(result.value),
            unit: (!result.unit.is_empty()).then(|| result.unit.clone()),
            normal: Some(format!("{side} {}", quantity(result.normal))),
            chip: if voted {
                format!("{} {word}", times(result.deviation))
            } else {
                "normal".to_owned()
            },
            fill: if voted { share.max(0.06) } else { 0.0 },
            heat: heat_step(share),
        }
    }
}

#[cfg(test)]
mod tests {
    use shared::DetectorKind;

    use super::*;

    fn result(direction: Direction, value: f64, normal: f64, vote: f64) -> DetectorResult {
        DetectorResult {
            detector: DetectorKind::RequestRate,
            worked: true,
            value,
            class: None,
            normal,
            direction,
            unit: "requests/min".to_owned(),
            deviation: match direction {
                Direction::Below => normal / value,
                Direction::Above | Direction::Category => value / normal,
            },
            vote,
            weight: 1.0,
            normal_source: "default".to_owned(),
            hits: 3,
            model: None,
        }
    }

    #[test]
    fn a_value_above_normal_reads_as_the_product_says() {
        let reading = Reading::of(&result(Direction::Above, 326.0, 10.0, 1.0));
        assert_eq!(reading.value, "326");
        assert_eq!(reading.normal.as_deref(), Some("< 10"));
        assert_eq!(reading.chip, "33× above");
        assert_eq!((reading.fill, reading.heat), (1.0, 8));
    }

    #[test]
    fn a_value_below_normal_says_so() {
        let reading = Reading::of(&result(Direction::Below, 0.1, 0.4, 0.4));
        assert_eq!(reading.normal.as_deref(), Some("> 0.4"));
        assert_eq!(reading.chip, "4× below");
    }

    #[test]
    fn without_a_vote_the_chip_is_empty_and_cold() {
        let reading = Reading::of(&result(Direction::Above, 5.0, 10.0, 0.0));
        assert_eq!(reading.chip, "normal");
        assert_eq!((reading.fill, reading.heat), (0.0, 0));
    }

    #[test]
    fn a_class_has_no_normal_and_no_times() {
        let mut result = result(Direction::Category, 0.0, 0.0, 1.0);
        result.class = Some("Security scanner: sqlmap".to_owned());
        let reading = Reading::of(&result);
        assert_eq!(reading.value, "Security scanner: sqlmap");
        assert_eq!(reading.normal, None);
        assert_eq!(reading.chip, "suspect");
    }

    #[test]
    fn detectors_are_grouped_by_what_they_had_to_say() {
        let mut starved = result(Direction::Above, 0.0, 1.0, 0.0);
        starved.worked = false;
        let groups = Groups::of(vec![
            result(Direction::Above, 9.0, 1.0, 0.7),
            result(Direction::Above, 0.5, 1.0, 0.0),
            starved,
        ]);
        assert_eq!(
            [
                groups.voted.len(),
                groups.silent.len(),
                groups.starved.len()
            ],
            [1, 1, 1]
        );
    }
}

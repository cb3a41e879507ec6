//! Two pinned bots beside one another: all values of all three heatmaps with their ratio.

use leptos::prelude::*;
use shared::{Bubble, Dimension};

use super::model::Key;
use super::state::State;
use super::tab::Tab;
use super::text;
use super::travel::Moment;
use crate::chart::number;
use crate::format::{count, visible};

/// One quantity of both.
#[derive(Debug, Clone, PartialEq)]
struct Row {
    name: String,
    values: [Option<String>; 2],
    /// How many times the first is the second; absent where that says nothing.
    ratio: Option<String>,
}

/// A heatmap's rows.
#[derive(Debug, Clone, PartialEq)]
struct Group {
    title: &'static str,
    rows: Vec<Row>,
}

/// The comparison; nothing while fewer than two are pinned.
#[component]
pub fn Comparison(state: State) -> impl IntoView {
    move || match state.choice.read().pins.as_slice() {
        [one, other] => table(&state.moment.read(), [one, other]).into_any(),
        [_] => view! { <p class="compare__hint">"Pin another bot to see both side by side."</p> }
            .into_any(),
        _ => ().into_any(),
    }
}

fn table(moment: &Moment, keys: [&Key; 2]) -> impl IntoView + use<> {
    let name = |key: &Key| {
        let bubbles = moment.bubbles(key);
        bubbles[0].map_or_else(
            || "not there yet".to_owned(),
            |one| visible(&one.label).into_owned(),
        )
    };
    let [one, other] = keys.map(name);
    let groups = groups(moment, keys).into_iter().map(|group| {
        let rows = group.rows.into_iter().map(row).collect_view();
        view! {
            <tbody>
                <tr>
                    <th class="compare__group" scope="rowgroup" colspan="4">
                        {group.title}
                    </th>
                </tr>
                {rows}
            </tbody>
        }
    });
    view! {
        <div class="compare heatmap-table" role="region" tabindex="0" aria-label="Two bots side by side">
            <table>
                <caption class="visually-hidden">"The two pinned bots side by side"</caption>
                <thead>
                    <tr>
                        <td></td>
                        <th class="heatmap-table__number" scope="col">{one}</th>
                        <th class="heatmap-table__number" scope="col">{other}</th>
                        <th class="heatmap-table__number compare__ratio" scope="col">"Ratio"</th>
                    </tr>
                </thead>
                {groups.collect_view()}
            </table>
        </div>
    }
}

fn row(row: Row) -> impl IntoView {
    let value = |text: Option<String>| {
        let missing = text.is_none();
        view! {
            <td class="heatmap-table__number" class:heatmap-table__missing=missing>
                {text.unwrap_or_else(|| text::UNMEASURED.to_owned())}
            </td>
        }
    };
    let [one, other] = row.values;
    view! {
        <tr>
            <th scope="row">{row.name}</th>
            {value(one)}
            {value(other)}
            <td class="heatmap-table__number compare__ratio">{row.ratio.unwrap_or_default()}</td>
        </tr>
    }
}

/// What all tabs show stands first and once.
fn groups(moment: &Moment, keys: [&Key; 2]) -> Vec<Group> {
    let [one, other] = keys.map(|key| moment.bubbles(key));
    let mut groups = Vec::new();
    for tab in Tab::ALL {
        let map = tab.heatmap(&moment.heatmaps);
        let both = [one[tab.index()], other[tab.index()]];
        let mut rows = Vec::new();
        if tab == Tab::Performance {
            let confidence = |bubble: &Bubble| bubble.confidence.map(f64::from);
            let percent = |value: f64| format!("{value}%");
            rows.push(of("Confidence", both, confidence, percent));
            let requests = |bubble: &Bubble| Some(bubble.requests as f64);
            rows.push(of("Requests", both, requests, |value| count(value as u64)));
            rows.push(dimension(&map.x, both, |bubble| bubble.x));
        }
        rows.push(dimension(&map.y, both, |bubble| bubble.y));
        if tab == Tab::Performance {
            let interval =
                |bubble: &Bubble| bubble.y.filter(|rate| *rate > 0.0).map(|rate| 1.0 / rate);
            rows.push(of("Request interval, s", both, interval, number::full));
        }
        rows.push(dimension(&map.color, both, |bubble| bubble.color));
        rows.push(dimension(&map.size, both, |bubble| bubble.size));
        groups.push(Group {
            title: tab.label(),
            rows,
        });
    }
    groups
}

fn dimension(
    dimension: &Dimension,
    both: [Option<&Bubble>; 2],
    value: fn(&Bubble) -> Option<f64>,
) -> Row {
    of(&text::titled(dimension), both, value, number::full)
}

fn of(
    name: &str,
    both: [Option<&Bubble>; 2],
    value: fn(&Bubble) -> Option<f64>,
    text: fn(f64) -> String,
) -> Row {
    let values = both.map(|bubble| bubble.and_then(value));
    let ratio = match values {
        [Some(one), Some(other)] if other > 0.0 => Some(times(one / other)),
        _ => None,
    };
    Row {
        name: name.to_owned(),
        values: values.map(|value| value.map(text)),
        ratio,
    }
}

/// `3.2×`, `0.31×`, `> 1,000×`.
fn times(ratio: f64) -> String {
    if ratio > 1_000.0 {
        "> 1,000×".to_owned()
    } else if ratio > 0.0 && ratio < 0.001 {
        "< 0.001×".to_owned()
    } else {
        format!("{}×", number::full(ratio))
    }
}

#[cfg(test)]
mod tests {
    use shared::AttackId;

    use super::super::travel::tests::travelled;
    use super::*;

    #[test]
    fn all_values_of_all_heatmaps_stand_side_by_side() {
        let (heatmaps, _) = travelled();
        let moment = Moment::new(&heatmaps, None, None, None);
        let keys = [Key::Attack(AttackId(1)), Key::Attack(AttackId(0))];
        let groups = groups(&moment, [&keys[0], &keys[1]]);
        assert_eq!(
            groups.iter().map(|group| group.rows.len()).sum::<usize>(),
            13
        );
        let rps = &groups[0].rows[2];
        assert_eq!(rps.values, [Some("9".to_owned()), Some("4".to_owned())]);
        assert_eq!(rps.ratio.as_deref(), Some("2.25×"));
        // Nothing can be said beside a zero: this bot of the tests has no requests.
        assert_eq!(groups[0].rows[1].ratio, None);
    }

    #[test]
    fn a_bot_that_is_not_there_yet_has_no_values() {
        let (heatmaps, steps) = travelled();
        let at = Some(shared::Timestamp(7_200_000));
        let moment = Moment::new(&heatmaps, Some(&steps), at, None);
        let keys = [Key::Attack(AttackId(1)), Key::Attack(AttackId(0))];
        let groups = groups(&moment, [&keys[0], &keys[1]]);
        let rps = &groups[0].rows[2];
        assert_eq!(rps.values, [None, Some("2".to_owned())]);
        assert_eq!(rps.ratio, None);
    }

    #[test]
    fn ratios_are_short() {
        assert_eq!(times(1.0), "1×");
        assert_eq!(times(32.123), "32.1×");
        assert_eq!(times(5_000.0), "> 1,000×");
        assert_eq!(times(0.000_01), "< 0.001×");
        assert_eq!(times(0.0), "0×");
    }
}

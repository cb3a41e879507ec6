//! Two pinned bots beside one another: all values of all three heatmaps with their ratio.

use leptos::prelude::*;
use shared::{Bubble, Dimension};

use super::model::Key;
use super::state::State;
use super::tab::Tab;
use super::table::number_cell;
use super::text;
use super::travel::Moment;
use crate::chart::number;
use crate::chart::sketch::{Node, drawn, node};
use crate::format::count;

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
pub fn comparison(state: State) -> AnyView {
    drawn(
        "div",
        Box::new(move || {
            let all = node("div", "compare__place");
            match state.choice.read().pins.as_slice() {
                [one, other] => all.child(table(state, [one, other])),
                [_] => all.child(
                    node("p", "compare__hint").text("Pin another bot to see both side by side."),
                ),
                _ => all,
            }
        }),
    )
}

fn table(state: State, keys: [&Key; 2]) -> Node {
    let moment = &*state.moment.read();
    let column = |class: &str, name: &str| node("th", class).set("scope", "col").text(name);
    let mut head = node("tr", "").child(node("td", ""));
    for key in keys {
        let mut heading = column("heatmap-table__number", &state.name(key));
        if moment.bubbles(key)[0].is_none() {
            heading.push(node("div", "heatmap-table__note").text("not there yet"));
        }
        head.push(heading);
    }
    head.push(column("heatmap-table__number compare__ratio", "Ratio"));
    let caption = node("caption", "visually-hidden").text("The two pinned bots side by side");
    let mut table = node("table", "")
        .child(caption)
        .child(node("thead", "").child(head));
    for group in groups(moment, keys) {
        let title = node("th", "compare__group")
            .set("scope", "rowgroup")
            .set("colspan", "4")
            .text(group.title);
        let mut body = node("tbody", "").child(node("tr", "").child(title));
        for row in &group.rows {
            body.push(row_of(row));
        }
        table.push(body);
    }
    node("div", "compare heatmap-table")
        .set("role", "region")
        .set("tabindex", "0")
        .set("aria-label", "Two bots side by side")
        .child(table)
}

fn row_of(row: &Row) -> Node {
    let ratio = row.ratio.as_deref().unwrap_or_default();
    let [one, other] = &row.values;
    node("tr", "")
        .child(node("th", "").set("scope", "row").text(&row.name))
        .child(number_cell(one.as_deref()))
        .child(number_cell(other.as_deref()))
        .child(node("td", "heatmap-table__number compare__ratio").text(ratio))
}

/// What all tabs show stands first and once.
fn groups(moment: &Moment, keys: [&Key; 2]) -> Vec<Group> {
    let [one, other] = keys.map(|key| moment.bubbles(key));
    let both = |tab: Tab| [one[tab.index()], other[tab.index()]];
    let first = both(Tab::Performance);
    let confidence = |bubble: &Bubble| bubble.confidence.map(f64::from);
    let percent = |value: f64| [&number::full(value), "%"].concat();
    let requests = |bubble: &Bubble| Some(bubble.requests as f64);
    let mut groups = vec![Group {
        title: "In all three",
        rows: vec![
            of("Confidence", first, confidence, percent),
            of("Requests", first, requests, |value| count(value as u64)),
            dimension(&moment.heatmaps.performance.x, first, |bubble| bubble.x),
        ],
    }];
    for tab in Tab::ALL {
        let map = tab.heatmap(&moment.heatmaps);
        let both = both(tab);
        let mut rows = vec![dimension(&map.y, both, |bubble| bubble.y)];
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
    let absent = both.map(|bubble| bubble.is_none().then(|| "–".to_owned()));
    let [one, other] = values.map(|value| value.map(text));
    let [no_one, no_other] = absent;
    Row {
        name: name.to_owned(),
        values: [no_one.or(one), no_other.or(other)],
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
        assert_eq!(rps.values, ["–", "2"].map(|text| Some(text.to_owned())));
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

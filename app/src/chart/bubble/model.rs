//! What one heatmap shows, before it has a size: its axes' scales, its points with their
//! levels, the medians to compare with. Pure; knows no pixels.

use shared::{AttackId, Bubble, Dimension, Heatmap, Scope, Verification};

use super::tab::Tab;
use super::travel::Moment;
use crate::chart::axis::AxisView;
use crate::chart::legend;
use crate::chart::order::ordered;
use crate::format::visible;

/// What a bubble is recognised by across the three heatmaps and across updates.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Key {
    Attack(AttackId),
    /// One address of an unfolded campaign.
    Member(AttackId, String),
    /// A reference bubble has no attack: its name, and whether the name is true.
    Reference(String, Option<Verification>),
}

/// What a bubble stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    ThisBot,
    Other,
    /// An address of an unfolded campaign.
    Member,
    Reference,
}

/// One bubble with its levels on the absolute scales.
#[derive(Debug, Clone, PartialEq)]
pub struct Spot {
    pub key: Key,
    pub role: Role,
    pub campaign: bool,
    /// It is a campaign whose members stand beside it.
    pub unfolded: bool,
    pub pinned: bool,
    pub x: Option<f64>,
    pub y: Option<f64>,
    /// The step of the heat scale; absent if not measured.
    pub heat: Option<u8>,
    /// 0 to 1; absent if not measured.
    pub size: Option<f64>,
    /// As it came, but for its label: that is from a log, and made safe to read.
    pub bubble: Bubble,
}

/// The second reading of an axis: the time between requests, from their rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Inverse {
    /// Seconds in the unit of the rate: 1 for requests/s, 60 for requests/min.
    seconds: f64,
}

/// One axis.
#[derive(Debug, Clone, PartialEq)]
pub struct AxisModel {
    pub dimension: Dimension,
    pub view: AxisView,
    /// All values are whole numbers, so ticks should be.
    pub whole: bool,
    /// The median of the other bots; absent without any.
    pub median: Option<f64>,
    pub inverse: Option<Inverse>,
}

/// One heatmap.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    pub tab: Tab,
    pub x: AxisModel,
    pub y: AxisModel,
    pub color: Dimension,
    pub size: Dimension,
    /// In the order they came: this bot, the most suspicious, references.
    pub spots: Vec<Spot>,
}

impl Model {
    /// One heatmap of a moment. The axes also hold what `extent` says of x and of y, so that
    /// they stay while the bubbles move.
    pub fn new(tab: Tab, moment: &Moment, extent: [Vec<Option<f64>>; 2]) -> Self {
        let heatmap = tab.heatmap(&moment.heatmaps);
        let bubbles = &heatmap.bubbles;
        let unfolded = moment.unfolded.as_ref();
        let members: &[Bubble] = unfolded.map_or(&[], |all| &all.members[tab.index()]);
        let [mut xs, mut ys] = extent;
        xs.extend(members.iter().map(|bubble| bubble.x));
        ys.extend(members.iter().map(|bubble| bubble.y));
        let x = AxisModel::new(&heatmap.x, bubbles, xs, |bubble| bubble.x);
        let mut y = AxisModel::new(&heatmap.y, bubbles, ys, |bubble| bubble.y);
        if tab == Tab::Performance {
            y.inverse = Some(Inverse::of(&heatmap.y.unit));
        }
        Self {
            tab,
            x,
            y,
            color: heatmap.color.clone(),
            size: heatmap.size.clone(),
            spots: bubbles
                .iter()
                .map(|bubble| Spot {
                    unfolded: unfolded.is_some_and(|all| bubble.attack_id == Some(all.campaign)),
                    ..Spot::new(heatmap, bubble)
                })
                .chain(members.iter().map(|bubble| Spot {
                    key: Key::Member(
                        unfolded.map_or(AttackId(0), |all| all.campaign),
                        bubble.label.clone(),
                    ),
                    role: Role::Member,
                    ..Spot::new(heatmap, bubble)
                }))
                .collect(),
        }
    }

    /// Marks what is pinned, which keeps a label.
    pub fn pin(mut self, pins: &[Key]) -> Self {
        for spot in &mut self.spots {
            spot.pinned = pins.contains(&spot.key);
        }
        self
    }

    pub fn spot(&self, key: &Key) -> Option<&Spot> {
        self.spots.iter().find(|spot| spot.key == *key)
    }

    pub fn this_bot(&self) -> Option<&Spot> {
        self.spots.iter().find(|spot| spot.role == Role::ThisBot)
    }
}

impl Spot {
    fn new(heatmap: &Heatmap, bubble: &Bubble) -> Self {
        Self {
            key: Key::of(bubble),
            role: if bubble.this_bot {
                Role::ThisBot
            } else if bubble.attack_id.is_some() {
                Role::Other
            } else {
                Role::Reference
            },
            campaign: bubble.scope == Some(Scope::Cluster),
            unfolded: false,
            pinned: false,
            x: bubble.x,
            y: bubble.y,
            heat: bubble
                .color
                .map(|value| legend::heat(&heatmap.color, value)),
            size: bubble.size.map(|value| legend::level(&heatmap.size, value)),
            bubble: Bubble {
                label: visible(&bubble.label).into_owned(),
                ..bubble.clone()
            },
        }
    }
}

impl Key {
    pub fn of(bubble: &Bubble) -> Self {
        match bubble.attack_id {
            Some(attack) => Self::Attack(attack),
            None => Self::Reference(bubble.label.clone(), bubble.verification),
        }
    }

    pub fn attack(&self) -> Option<AttackId> {
        match self {
            Self::Attack(attack) => Some(*attack),
            Self::Member(..) | Self::Reference(..) => None,
        }
    }

    /// The campaign that it is an address of.
    pub fn campaign(&self) -> Option<AttackId> {
        match self {
            Self::Member(campaign, _) => Some(*campaign),
            Self::Attack(_) | Self::Reference(..) => None,
        }
    }
}

impl AxisModel {
    fn new(
        dimension: &Dimension,
        bubbles: &[Bubble],
        mut values: Vec<Option<f64>>,
        value: fn(&Bubble) -> Option<f64>,
    ) -> Self {
        values.extend(bubbles.iter().map(value));
        let others = bubbles
            .iter()
            .filter(|bubble| !bubble.this_bot && bubble.attack_id.is_some());
        Self {
            dimension: dimension.clone(),
            view: AxisView::fit(&values, dimension.normal),
            whole: values.iter().flatten().any(|value| *value != 0.0)
                && values.iter().flatten().all(|value| value.fract() == 0.0),
            median: median(&others.filter_map(value).collect::<Vec<_>>()),
            inverse: None,
        }
    }
}

impl Inverse {
    fn of(unit: &str) -> Self {
        let seconds = match unit.rsplit_once('/') {
            Some((_, "min" | "minute")) => 60.0,
            Some((_, "h" | "hour")) => 3_600.0,
            _ => 1.0,
        };
        Self { seconds }
    }

    /// The interval in seconds for a rate; none for no requests at all.
    pub fn interval(self, rate: f64) -> Option<f64> {
        (rate > 0.0).then(|| self.seconds / rate)
    }
}

/// The middle value, or the mean of the two in the middle.
fn median(values: &[f64]) -> Option<f64> {
    let order = ordered(values.len(), &|one, other| {
        values[one].total_cmp(&values[other])
    });
    let middle = values.len() / 2;
    let upper = values[*order.get(middle)?];
    if values.len().is_multiple_of(2) {
        Some(f64::midpoint(values[order[middle - 1]], upper))
    } else {
        Some(upper)
    }
}

#[cfg(test)]
pub mod tests {
    use shared::{Heatmaps, Scale, Timestamp};

    use super::*;

    pub fn dimension(normal: f64, full: f64) -> Dimension {
        Dimension {
            name: "name".to_owned(),
            label: "Label".to_owned(),
            unit: "requests/s".to_owned(),
            explanation: "What it is.".to_owned(),
            normal,
            full,
            scale: Scale::Log2,
        }
    }

    pub fn bubble(id: u64, x: f64, y: f64, color: f64, size: f64) -> Bubble {
        Bubble {
            attack_id: Some(AttackId(id)),
            label: format!("10.0.0.{id}"),
            this_bot: id == 0,
            bot_type: None,
            scope: Some(Scope::Address),
            confidence: Some(90),
            verification: None,
            requests: 10 * id,
            x: Some(x),
            y: Some(y),
            color: Some(color),
            size: Some(size),
        }
    }

    pub fn model(bubbles: Vec<Bubble>) -> Model {
        let heatmap = Heatmap {
            x: dimension(0.5, 16.0),
            y: dimension(1.0, 32.0),
            color: dimension(10.0, 320.0),
            size: dimension(10.0, 320.0),
            bubbles,
        };
        let moment = Moment {
            heatmaps: Heatmaps {
                attack_id: AttackId(0),
                application: "shop".to_owned(),
                window_from: Timestamp(0),
                window_until: Timestamp(Timestamp::DAY),
                live: false,
                bots_total: 1,
                bots_shown: 1,
                performance: heatmap.clone(),
                behavior: heatmap.clone(),
                http_errors: heatmap,
            },
            at: None,
            unfolded: None,
        };
        Model::new(Tab::Performance, &moment, [Vec::new(), Vec::new()])
    }

    #[test]
    fn the_median_is_of_the_other_bots_only() {
        let mut reference = bubble(9, 1e6, 1e6, 1.0, 1.0);
        reference.attack_id = None;
        let model = model(vec![
            bubble(0, 900.0, 900.0, 1.0, 1.0),
            bubble(1, 1.0, 10.0, 1.0, 1.0),
            bubble(2, 3.0, 30.0, 1.0, 1.0),
            reference,
        ]);
        assert_eq!(model.x.median, Some(2.0));
        assert_eq!(model.y.median, Some(20.0));
    }

    #[test]
    fn alone_this_bot_has_no_median_to_compare_with() {
        let model = model(vec![bubble(0, 1.0, 1.0, 1.0, 1.0)]);
        assert_eq!(model.x.median, None);
        assert!(model.this_bot().is_some());
    }

    #[test]
    fn what_was_not_measured_has_no_level() {
        let mut unmeasured = bubble(1, 1.0, 1.0, 1.0, 1.0);
        unmeasured.color = None;
        unmeasured.size = None;
        let model = model(vec![unmeasured]);
        assert_eq!(model.spots[0].heat, None);
        assert_eq!(model.spots[0].size, None);
    }

    #[test]
    fn a_rate_per_minute_is_read_as_an_interval_in_seconds_too() {
        assert_eq!(Inverse::of("requests/min").interval(30.0), Some(2.0));
        assert_eq!(Inverse::of("requests/s").interval(4.0), Some(0.25));
        assert_eq!(Inverse::of("requests/s").interval(0.0), None);
    }

    #[test]
    fn counts_are_recognised() {
        let whole = model(vec![bubble(0, 3.0, 0.5, 1.0, 1.0)]);
        assert!(whole.x.whole);
        assert!(!whole.y.whole);
    }
}

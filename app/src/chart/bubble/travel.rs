//! Time travel: the heatmaps as they were at a moment, from the steps of each bot; where a bot
//! came along; and the addresses of an unfolded campaign. Pure.

use shared::{AttackId, BotSteps, Bubble, Heatmap, HeatmapSteps, Heatmaps, Scope, Timestamp};

use super::model::Key;
use super::tab::Tab;

/// The heatmaps at one moment, with what is unfolded in them.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment {
    pub heatmaps: Heatmaps,
    /// The moment; absent for the window's end.
    pub at: Option<Timestamp>,
    pub unfolded: Option<Unfolded>,
}

/// An unfolded campaign.
#[derive(Debug, Clone, PartialEq)]
pub struct Unfolded {
    pub campaign: AttackId,
    /// Its addresses as bubbles, by tab.
    pub members: [Vec<Bubble>; 3],
}

impl Moment {
    /// The heatmaps at `at`. Bots without a step by then are left out.
    pub fn new(
        heatmaps: &Heatmaps,
        steps: Option<&HeatmapSteps>,
        at: Option<Timestamp>,
        members: Option<&HeatmapSteps>,
    ) -> Self {
        let mut heatmaps = heatmaps.clone();
        if let (Some(at), Some(steps)) = (at, steps) {
            for map in [
                &mut heatmaps.performance,
                &mut heatmaps.behavior,
                &mut heatmaps.http_errors,
            ] {
                let columns = Columns::of(map, &steps.dimensions);
                let bubbles = std::mem::take(&mut map.bubbles);
                map.bubbles = bubbles
                    .into_iter()
                    .filter_map(|bubble| {
                        let bot = find(steps, &Key::of(&bubble))?;
                        columns.set(bubble, bot, row_at(bot, steps.window_from, at)?)
                    })
                    .collect();
            }
        }
        let unfolded = members.map(|members| Unfolded {
            campaign: members.attack_id,
            members: Tab::ALL.map(|tab| bubbles(tab.heatmap(&heatmaps), members, at)),
        });
        Self {
            heatmaps,
            at,
            unfolded,
        }
    }

    /// A bot's bubbles by tab; absent where it is not there.
    pub fn bubbles(&self, key: &Key) -> [Option<&Bubble>; 3] {
        Tab::ALL.map(|tab| {
            let members = match (key, &self.unfolded) {
                (Key::Member(campaign, address), Some(unfolded))
                    if *campaign == unfolded.campaign =>
                {
                    let mut members = unfolded.members[tab.index()].iter();
                    return members.find(|member| member.label == *address);
                }
                _ => tab.heatmap(&self.heatmaps).bubbles.iter(),
            };
            let mut bubbles = members;
            bubbles.find(|bubble| Key::of(bubble) == *key)
        })
    }
}

/// Where in a step's values those of a heatmap are: requests, x, y, colour, size.
struct Columns([Option<usize>; 5]);

impl Columns {
    fn of(map: &Heatmap, dimensions: &[String]) -> Self {
        let names = [
            "requests",
            &map.x.name,
            &map.y.name,
            &map.color.name,
            &map.size.name,
        ];
        Self(names.map(|name| dimensions.iter().position(|known| known == name)))
    }

    fn set(&self, bubble: Bubble, bot: &BotSteps, row: usize) -> Option<Bubble> {
        let row = bot.values.get(row)?;
        let [requests, x, y, color, size] = self
            .0
            .map(|column| column.and_then(|column| *row.get(column)?));
        Some(Bubble {
            requests: requests.unwrap_or(0.0) as u64,
            x,
            y,
            color,
            size,
            ..bubble
        })
    }
}

/// The last step up to a moment.
fn row_at(bot: &BotSteps, from: Timestamp, at: Timestamp) -> Option<usize> {
    let ms = at.since(from);
    let past = bot
        .at
        .partition_point(|step| i64::from(*step) * 1_000 <= ms);
    past.checked_sub(1)
}

/// The steps of a bot or crawler.
fn find<'a>(steps: &'a HeatmapSteps, key: &Key) -> Option<&'a BotSteps> {
    steps.bots.iter().find(|bot| match key {
        Key::Attack(id) => bot.attack_id == Some(*id),
        Key::Reference(name, verification) => {
            bot.attack_id.is_none() && bot.label == *name && bot.verification == *verification
        }
        Key::Member(..) => false,
    })
}

fn bubbles(map: &Heatmap, members: &HeatmapSteps, at: Option<Timestamp>) -> Vec<Bubble> {
    let columns = Columns::of(map, &members.dimensions);
    let campaign = map
        .bubbles
        .iter()
        .find(|one| one.attack_id == Some(members.attack_id));
    let bubbles = members.bots.iter().filter_map(|member| {
        let row = match at {
            Some(at) => row_at(member, members.window_from, at)?,
            None => member.values.len().checked_sub(1)?,
        };
        let bubble = Bubble {
            attack_id: Some(members.attack_id),
            label: member.label.clone(),
            this_bot: false,
            bot_type: campaign.and_then(|campaign| campaign.bot_type),
            scope: Some(Scope::Address),
            confidence: None,
            verification: None,
            requests: 0,
            x: None,
            y: None,
            color: None,
            size: None,
        };
        columns.set(bubble, member, row)
    });
    bubbles.collect()
}

/// The values of x and of y at all steps of all bots, so that the axes of a picture in which
/// they move need not.
pub fn extent(map: &Heatmap, steps: &HeatmapSteps) -> [Vec<Option<f64>>; 2] {
    let columns = Columns::of(map, &steps.dimensions);
    [columns.0[1], columns.0[2]].map(|column| {
        let rows = steps.bots.iter().flat_map(|bot| &bot.values);
        rows.filter_map(|row| row.get(column?).copied()).collect()
    })
}

/// Where a bot was at its steps before the last one up to a moment, oldest first.
pub fn trail(
    map: &Heatmap,
    steps: &HeatmapSteps,
    key: &Key,
    at: Timestamp,
) -> Vec<(Option<f64>, Option<f64>)> {
    let columns = Columns::of(map, &steps.dimensions);
    let Some(bot) = find(steps, key) else {
        return Vec::new();
    };
    let last = row_at(bot, steps.window_from, at).unwrap_or(0);
    let value = |row: &Vec<Option<f64>>, column: Option<usize>| *row.get(column?)?;
    bot.values[..last.min(bot.values.len())]
        .iter()
        .map(|row| (value(row, columns.0[1]), value(row, columns.0[2])))
        .collect()
}

#[cfg(test)]
pub mod tests {
    use super::super::model::tests::{bubble, dimension};
    use super::*;

    fn named(names: [&str; 4], bubbles: Vec<Bubble>) -> Heatmap {
        let [x, y, color, size] = names.map(|name| shared::Dimension {
            name: name.to_owned(),
            ..dimension(1.0, 32.0)
        });
        Heatmap {
            x,
            y,
            color,
            size,
            bubbles,
        }
    }

    fn bot(id: u64, at: &[u32], values: &[[f64; 3]]) -> BotSteps {
        BotSteps {
            attack_id: Some(AttackId(id)),
            label: format!("10.0.0.{id}"),
            verification: None,
            at: at.to_vec(),
            values: values.iter().map(|row| row.map(Some).to_vec()).collect(),
        }
    }

    /// Two bots; the first has three steps, the second one.
    pub fn travelled() -> (Heatmaps, HeatmapSteps) {
        let bubbles = || {
            vec![
                bubble(0, 4.0, 40.0, 1.0, 1.0),
                bubble(1, 9.0, 90.0, 1.0, 1.0),
            ]
        };
        let heatmaps = Heatmaps {
            attack_id: AttackId(0),
            application: "shop".to_owned(),
            window_from: Timestamp(0),
            window_until: Timestamp(Timestamp::DAY),
            live: false,
            bots_total: 2,
            bots_shown: 2,
            performance: named(["rps", "rate", "none", "none"], bubbles()),
            behavior: named(["rps", "none", "none", "none"], bubbles()),
            http_errors: named(["rps", "none", "none", "none"], bubbles()),
        };
        let steps = HeatmapSteps {
            attack_id: AttackId(0),
            window_from: Timestamp(0),
            window_until: Timestamp(Timestamp::DAY),
            dimensions: ["requests", "rps", "rate"].map(str::to_owned).to_vec(),
            activity: vec![0, 3, 0, 9],
            bots_total: 2,
            complete: true,
            bots: vec![
                bot(
                    0,
                    &[3_600, 7_200, 86_400],
                    &[[5.0, 1.0, 10.0], [9.0, 2.0, 20.0], [20.0, 4.0, 40.0]],
                ),
                bot(1, &[50_000], &[[7.0, 9.0, 90.0]]),
            ],
        };
        (heatmaps, steps)
    }

    fn at(seconds: i64) -> Moment {
        let (heatmaps, steps) = travelled();
        Moment::new(
            &heatmaps,
            Some(&steps),
            Some(Timestamp(seconds * 1_000)),
            None,
        )
    }

    #[test]
    fn a_bot_stands_where_its_last_step_by_then_says() {
        let place = |seconds: i64| {
            let moment = at(seconds);
            let [found, ..] = moment.bubbles(&Key::Attack(AttackId(0)));
            found.map(|bubble| (bubble.requests, bubble.x, bubble.y))
        };
        assert_eq!(place(3_599), None, "not there yet");
        assert_eq!(place(3_600), Some((5, Some(1.0), Some(10.0))));
        assert_eq!(place(7_199), Some((5, Some(1.0), Some(10.0))));
        assert_eq!(place(50_000), Some((9, Some(2.0), Some(20.0))));
        assert_eq!(at(49_999).heatmaps.behavior.bubbles.len(), 1);
        assert_eq!(at(50_000).heatmaps.behavior.bubbles.len(), 2);
    }

    #[test]
    fn without_a_moment_everything_is_as_it_came() {
        let (heatmaps, steps) = travelled();
        let moment = Moment::new(&heatmaps, Some(&steps), None, None);
        assert_eq!(moment.heatmaps, heatmaps);
    }

    #[test]
    fn a_trail_holds_the_steps_before_the_last() {
        let (heatmaps, steps) = travelled();
        let key = Key::Attack(AttackId(0));
        let trail = |s: i64| trail(&heatmaps.performance, &steps, &key, Timestamp(s * 1_000));
        assert_eq!(trail(100), []);
        assert_eq!(trail(3_600), []);
        assert_eq!(
            trail(86_400),
            [(Some(1.0), Some(10.0)), (Some(2.0), Some(20.0))]
        );
        let [x, y] = extent(&heatmaps.performance, &steps);
        assert_eq!(x, [1.0, 2.0, 4.0, 9.0].map(Some));
        assert_eq!(y.len(), 4);
    }

    #[test]
    fn an_unfolded_campaign_has_bubbles_of_its_members() {
        let (heatmaps, steps) = travelled();
        let members = HeatmapSteps {
            attack_id: AttackId(1),
            bots: vec![
                BotSteps {
                    attack_id: None,
                    ..bot(7, &[10, 50_000], &[[1.0, 0.1, 1.0], [3.0, 0.3, 3.0]])
                },
                BotSteps {
                    attack_id: None,
                    ..bot(8, &[60_000], &[[4.0, 0.4, 4.0]])
                },
            ],
            ..steps.clone()
        };
        let key = |address: &str| Key::Member(AttackId(1), address.to_owned());
        let end = Moment::new(&heatmaps, Some(&steps), None, Some(&members));
        let [found, ..] = end.bubbles(&key("10.0.0.8"));
        assert_eq!(
            found.map(|bubble| (bubble.requests, bubble.x)),
            Some((4, Some(0.4)))
        );
        let early = Moment::new(
            &heatmaps,
            Some(&steps),
            Some(Timestamp(20_000)),
            Some(&members),
        );
        let unfolded = early.unfolded.as_ref().unwrap();
        assert_eq!(unfolded.members.each_ref().map(Vec::len), [1, 1, 1]);
        assert_eq!(early.bubbles(&key("10.0.0.7"))[0].unwrap().x, Some(0.1));
        assert_eq!(unfolded.members[0][0].color, None, "not measured");
    }
}

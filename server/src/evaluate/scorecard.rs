//! Figures by class, from what is true and what was found.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use shared::{AttackId, BotType, DetectorKind};

use super::judged::{Actor, Judged};
use super::statistics::{Interval, average_precision, interval, median, share};
use super::truth::Truth;

/// Who is called so must not be flagged.
const NEGATIVE_NAMES: &[&str] = &[
    "benign",
    "customer",
    "good",
    "human",
    "legit",
    "legitimate",
    "normal",
    "people",
    "person",
    "real",
    "user",
    "visitor",
];

/// How good the judgement was on labelled logs.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Scorecard {
    /// The version of the engine.
    pub engine_version: &'static str,
    /// Lines of the logs.
    pub lines: u64,
    /// Those that are requests.
    pub requests: u64,
    /// Those that are not.
    pub rejected: u64,
    /// Why they are not, most first.
    pub rejected_by_reason: Vec<Reason>,
    /// Labelled actors without a request in the logs; they count nowhere else.
    pub absent: u64,
    /// Attacks, labelled or not.
    pub attacks: u64,
    /// Microseconds of judgement a request, on one core.
    pub judge_us: f64,
    /// By the class's name.
    pub classes: BTreeMap<String, Class>,
    /// By the class's name: what its actors were taken for.
    pub confusion: BTreeMap<String, Confusion>,
    /// Every labelled actor, if asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub actors: Vec<ActorLine>,
}

/// What was found of one labelled actor.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ActorLine {
    /// The actor, as the truth names it.
    pub actor: String,
    /// Its class.
    pub class: String,
    /// Its requests.
    pub requests: u64,
    /// As what it was flagged.
    pub flagged: Option<BotType>,
    /// The highest confidence, 0 to 100.
    pub confidence: f64,
    /// The type that came nearest.
    pub nearest: Option<BotType>,
    /// Who voted for it, and how much, 0 to 1.
    pub votes: Vec<(DetectorKind, f64)>,
}

/// Lines that are no requests.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reason {
    /// Why.
    pub reason: String,
    /// How many.
    pub lines: u64,
    /// One of them.
    pub example: String,
}

/// Figures of one class.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Class {
    /// Whether its actors must not be flagged: then `flagged_rate` is a rate of false positives.
    pub negative: bool,
    /// Actors with a request in the logs.
    pub actors: u64,
    /// Those that an attack holds.
    pub flagged: u64,
    /// Their share; the recall of a class that should be found.
    pub flagged_rate: Option<f64>,
    /// Its 95% interval.
    pub flagged_rate_interval: Option<Interval>,
    /// Among the flagged the share of the right type; `None` unless the class is a bot type.
    pub right_type_rate: Option<f64>,
    /// Its 95% interval.
    pub right_type_rate_interval: Option<Interval>,
    /// Among those flagged of this class and of negative ones the share of this class.
    pub precision: Option<f64>,
    /// Its 95% interval.
    pub precision_interval: Option<Interval>,
    /// `flagged_rate` of a class that should be found.
    pub recall: Option<f64>,
    /// The harmonic mean of precision and recall.
    pub f1: Option<f64>,
    /// Flagged among negative actors.
    pub false_positive_rate: Option<f64>,
    /// Its 95% interval.
    pub false_positive_rate_interval: Option<Interval>,
    /// The area under the precision-recall curve of the confidence, against negative actors.
    pub average_precision: Option<f64>,
    /// Among the flagged: requests until then, that one included.
    pub median_requests_to_flag: Option<u64>,
    /// Among the flagged: seconds from the first request until then.
    pub median_seconds_to_flag: Option<u64>,
    /// Flagged by a list of user agents alone.
    pub baseline_flagged: u64,
    /// Their share.
    pub baseline_flagged_rate: Option<f64>,
    /// By bot, where the truth ties addresses to bots.
    pub by_bot: Option<ByBot>,
}

/// Figures by bot: one that half of its addresses are flagged of is found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct ByBot {
    /// Bots with a request in the logs.
    pub bots: u64,
    /// Those found.
    pub found: u64,
    /// Their share.
    pub found_rate: Option<f64>,
    /// Among those found the share of the right type (of most of its flagged addresses).
    pub right_type_rate: Option<f64>,
    /// Among bots of several addresses: the smallest share of one's addresses in one attack.
    pub least_in_one_attack: Option<f64>,
}

/// What the actors of a class were taken for.
pub type Confusion = BTreeMap<&'static str, u64>;

impl Scorecard {
    /// Compares what was found with what is true. Classes in `negatives`, and those whose names
    /// say so, must not be flagged.
    pub(super) fn new(truth: &Truth, judged: &Judged, negatives: &[String]) -> Self {
        let is_negative: Vec<bool> = truth
            .classes
            .iter()
            .map(|class| negatives.contains(class) || is_negative_name(class))
            .collect();
        let labelled = || {
            let labels = truth.labels.iter().zip(&judged.actors);
            labels.filter(|(_, actor)| actor.requests > 0)
        };
        let free: Vec<&Actor> = labelled()
            .filter(|(label, _)| is_negative[label.class])
            .map(|(_, actor)| actor)
            .collect();
        let mut card = Self {
            engine_version: engine::VERSION,
            attacks: judged.attacks,
            absent: (truth.len() - labelled().count()) as u64,
            ..Self::default()
        };
        for (number, name) in truth.classes.iter().enumerate() {
            let members: Vec<(Option<usize>, &Actor)> = labelled()
                .filter(|(label, _)| label.class == number)
                .map(|(label, actor)| (label.bot, actor))
                .collect();
            let actors: Vec<&Actor> = members.iter().map(|(_, actor)| *actor).collect();
            let right = name.parse::<BotType>().ok();
            let mut class = Class::of(&actors, right);
            class.negative = is_negative[number];
            if !class.negative {
                class.compare(&actors, &free);
            }
            class.by_bot = by_bot(&members, right);
            card.confusion.insert(name.clone(), confusion(&actors));
            card.classes.insert(name.clone(), class);
        }
        card
    }
}

/// What was found of every labelled actor, the surest first.
pub(super) fn actor_lines(truth: &Truth, judged: &Judged) -> Vec<ActorLine> {
    let labelled = truth.labels.iter().zip(&judged.actors);
    let mut lines: Vec<ActorLine> = labelled
        .filter(|(_, actor)| actor.requests > 0)
        .map(|(label, actor)| ActorLine {
            actor: label.actor.clone(),
            class: truth.classes[label.class].clone(),
            requests: actor.requests,
            flagged: actor.flagged.map(|flag| flag.bot_type),
            confidence: actor.confidence,
            nearest: actor.nearest.as_ref().map(|told| told.bot_type),
            votes: actor
                .nearest
                .as_ref()
                .map_or_else(Vec::new, |told| told.votes.clone()),
        })
        .collect();
    lines.sort_by(|a, b| {
        (&a.class, a.flagged.is_none())
            .cmp(&(&b.class, b.flagged.is_none()))
            .then(b.confidence.total_cmp(&a.confidence))
    });
    lines
}

fn is_negative_name(class: &str) -> bool {
    let class = class.to_ascii_lowercase();
    let mut words = class.split(|character: char| !character.is_ascii_alphanumeric());
    words.next().is_some_and(|first| {
        let one = first.strip_suffix('s').unwrap_or(first);
        NEGATIVE_NAMES.contains(&one)
    })
}

impl Class {
    fn of(actors: &[&Actor], right: Option<BotType>) -> Self {
        let flagged = || actors.iter().filter_map(|actor| actor.flagged);
        let (count, found) = (actors.len() as u64, flagged().count() as u64);
        let named = actors.iter().filter(|actor| actor.named_by_user_agent);
        let named = named.count() as u64;
        let right =
            right.map(|right| flagged().filter(|flag| flag.bot_type == right).count() as u64);
        let mut requests: Vec<u64> = flagged().map(|flag| flag.requests).collect();
        let mut seconds: Vec<u64> = flagged().map(|flag| flag.seconds).collect();
        Self {
            actors: count,
            flagged: found,
            flagged_rate: share(found, count),
            flagged_rate_interval: interval(found, count),
            right_type_rate: right.and_then(|right| share(right, found)),
            right_type_rate_interval: right.and_then(|right| interval(right, found)),
            median_requests_to_flag: median(&mut requests),
            median_seconds_to_flag: median(&mut seconds),
            baseline_flagged: named,
            baseline_flagged_rate: share(named, count),
            ..Self::default()
        }
    }

    /// Compares a class that should be found with those that should not.
    fn compare(&mut self, actors: &[&Actor], free: &[&Actor]) {
        let wrong = free.iter().filter(|actor| actor.flagged.is_some());
        let (wrong, free_count) = (wrong.count() as u64, free.len() as u64);
        self.recall = self.flagged_rate;
        self.precision = share(self.flagged, self.flagged + wrong);
        self.precision_interval = interval(self.flagged, self.flagged + wrong);
        self.f1 = match (self.precision, self.recall) {
            (Some(precision), Some(recall)) if precision + recall > 0.0 => {
                Some(2.0 * precision * recall / (precision + recall))
            }
            (None, Some(_)) | (Some(_), Some(_)) => Some(0.0),
            _ => None,
        };
        self.false_positive_rate = share(wrong, free_count);
        self.false_positive_rate_interval = interval(wrong, free_count);
        let wanted = actors.iter().map(|actor| (actor.confidence, true));
        let others = free.iter().map(|actor| (actor.confidence, false));
        let mut scored: Vec<(f64, bool)> = wanted.chain(others).collect();
        self.average_precision = average_precision(&mut scored);
    }
}

fn confusion(actors: &[&Actor]) -> Confusion {
    let mut confusion = Confusion::new();
    for actor in actors {
        let taken_for = actor.flagged.map_or("none", |flag| flag.bot_type.as_str());
        *confusion.entry(taken_for).or_default() += 1;
    }
    confusion
}

/// Figures by bot; `None` where no address is tied to one.
fn by_bot(members: &[(Option<usize>, &Actor)], right: Option<BotType>) -> Option<ByBot> {
    let mut addresses: BTreeMap<usize, Vec<&Actor>> = BTreeMap::new();
    for (bot, actor) in members {
        if let Some(bot) = bot {
            addresses.entry(*bot).or_default().push(actor);
        }
    }
    if addresses.is_empty() {
        return None;
    }
    let mut figures = ByBot {
        bots: addresses.len() as u64,
        ..ByBot::default()
    };
    let mut rightly = 0;
    for actors in addresses.values() {
        let flagged: Vec<_> = actors.iter().filter_map(|actor| actor.flagged).collect();
        if 2 * flagged.len() >= actors.len() {
            figures.found += 1;
            let rightful = flagged.iter().filter(|flag| Some(flag.bot_type) == right);
            rightly += u64::from(2 * rightful.count() >= flagged.len());
        }
        if actors.len() > 1 {
            let attacks: BTreeSet<AttackId> = flagged.iter().map(|flag| flag.attack).collect();
            let largest = attacks
                .iter()
                .map(|attack| flagged.iter().filter(|flag| flag.attack == *attack).count())
                .max();
            let held = largest.unwrap_or(0) as f64 / actors.len() as f64;
            let least = figures.least_in_one_attack.unwrap_or(1.0);
            figures.least_in_one_attack = Some(least.min(held));
        }
    }
    figures.found_rate = share(figures.found, figures.bots);
    figures.right_type_rate = right.and_then(|_| share(rightly, figures.found));
    Some(figures)
}

//! What of the heatmaps is looked at, and how it stands in a link: as query parameters, each
//! left out while it is at its default. Pure.

use shared::{AttackId, Timestamp, Verification};

use super::layout::Views;
use super::model::Key;
use super::tab::Tab;
use crate::chart::axis::AxisView;
use crate::chart::scale::{Scale, Spacing};
use crate::math::log10;

/// How many bots can be pinned.
pub const PINS: usize = 2;

/// Everything that a link restores.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Shown {
    pub tab: Tab,
    /// Whether all three stand beside one another.
    pub all: bool,
    /// The moment; absent for the window's end.
    pub at: Option<Timestamp>,
    /// The bot whose card stays open.
    pub picked: Option<Key>,
    /// The bots that are compared, at most two.
    pub pins: Vec<Key>,
    /// The campaign that is unfolded.
    pub unfolded: Option<AttackId>,
    /// Per tab the part of its axes that is shown.
    pub zooms: [Option<Views>; 3],
}

impl Shown {
    /// Pins a bubble or lets it go; a third takes the place of the first.
    pub fn toggle_pin(&mut self, key: Key) {
        let before = self.pins.len();
        self.pins.retain(|pinned| *pinned != key);
        if self.pins.len() == before {
            if self.pins.len() == PINS {
                self.pins.remove(0);
            }
            self.pins.push(key);
        }
    }

    /// Unfolds a campaign or folds it again. What was unfolded before is gone, and with it
    /// whatever named it.
    pub fn toggle_fold(&mut self, campaign: AttackId) {
        let unfold = self.unfolded != Some(campaign);
        self.unfolded = unfold.then_some(campaign);
        self.pins.retain(|key| key.campaign().is_none());
        self.picked.take_if(|key| key.campaign().is_some());
    }
}

/// A query parameter and its value; absent to leave it out.
pub type Parameter = (&'static str, Option<String>);

impl Shown {
    /// Reads what a link says. What makes no sense counts as not said.
    pub fn read(value: impl Fn(&str) -> Option<String>) -> Self {
        let text = |name: &str| value(name).unwrap_or_default();
        let mut shown = Self {
            tab: Tab::ALL
                .into_iter()
                .find(|tab| tab.slug() == text("map"))
                .unwrap_or_default(),
            all: text("maps") == "all",
            at: text("at").parse().ok(),
            picked: key_of(&text("bot")),
            pins: text("pins").split(',').filter_map(key_of).collect(),
            unfolded: text("unfold").parse().ok(),
            zooms: [None; 3],
        };
        shown.pins.truncate(PINS);
        shown.pins.dedup();
        for part in text("zoom").split('!') {
            let mut fields = part.split('~');
            let tab = fields.next().and_then(|field| field.parse::<usize>().ok());
            let views = (fields.next(), fields.next());
            if let (Some(slot), (Some(x), Some(y))) =
                (tab.and_then(|tab| shown.zooms.get_mut(tab)), views)
            {
                *slot = view_of(x).zip(view_of(y)).map(|(x, y)| Views { x, y });
            }
        }
        shown
    }

    /// As query parameters.
    pub fn parameters(&self) -> [Parameter; 7] {
        let filled = |text: String| (!text.is_empty()).then_some(text);
        let pins: Vec<String> = self.pins.iter().map(name_of).collect();
        let zooms: Vec<String> = self
            .zooms
            .iter()
            .enumerate()
            .filter_map(|(tab, views)| {
                let views = (*views)?;
                Some([tab.to_string(), text_of(views.x), text_of(views.y)].join("~"))
            })
            .collect();
        [
            (
                "map",
                (self.tab != Tab::default()).then(|| self.tab.slug().to_owned()),
            ),
            ("maps", self.all.then(|| "all".to_owned())),
            ("at", self.at.map(|at| at.to_string())),
            ("bot", self.picked.as_ref().map(name_of)),
            ("pins", filled(pins.join(","))),
            ("unfold", self.unfolded.map(|id| id.to_string())),
            ("zoom", filled(zooms.join("!"))),
        ]
    }
}

/// How a bubble is named in a link.
pub fn name_of(key: &Key) -> String {
    match key {
        Key::Attack(id) => id.to_string(),
        Key::Member(id, address) => format!("{id}~{address}"),
        Key::Reference(name, verification) => {
            let verification = verification.map_or("", Verification::as_str);
            format!("~{name}~{verification}")
        }
    }
}

fn key_of(text: &str) -> Option<Key> {
    let mut parts = text.split('~');
    let (first, second) = (parts.next()?, parts.next());
    match second {
        None => first.parse().ok().map(Key::Attack),
        Some(name) if first.is_empty() => {
            let word = parts.next().unwrap_or("");
            let mut known = Verification::ALL.iter().copied();
            let verification = known.find(|one| one.as_str() == word);
            Some(Key::Reference(name.to_owned(), verification))
        }
        Some(address) => {
            let attack = first.parse().ok()?;
            Some(Key::Member(attack, address.to_owned()))
        }
    }
}

/// `g` for log or `n` for linear, `z` and `m` for the bands of zeros and of what was not
/// measured, and the two ends.
fn text_of(view: AxisView) -> String {
    let letter = |present: bool, letter: &'static str| if present { letter } else { "" };
    let is_log = view.scale.spacing == Spacing::Log;
    [
        if is_log { "g" } else { "n" },
        letter(view.zero, "z"),
        letter(view.missing, "m"),
        &short(view.scale.min),
        "_",
        &short(view.scale.max),
    ]
    .concat()
}

fn view_of(text: &str) -> Option<AxisView> {
    let numbers = text.trim_start_matches(|letter: char| letter.is_ascii_lowercase());
    let letters = &text[..text.len() - numbers.len()];
    let (min, max) = numbers.split_once('_')?;
    let (min, max) = (long(min)?, long(max)?);
    let spacing = if letters.starts_with('g') {
        Spacing::Log
    } else {
        Spacing::Linear
    };
    let sane = min < max && (spacing == Spacing::Linear || min > 0.0);
    sane.then_some(AxisView {
        scale: Scale { spacing, min, max },
        zero: letters.contains('z'),
        missing: letters.contains('m'),
    })
}

/// A number of at most six digits, as digits and power of ten: `125e-4`.
fn short(value: f64) -> String {
    let (digits, power) = six_digits(value);
    format!("{digits}e{power}")
}

fn long(text: &str) -> Option<f64> {
    let (digits, power) = text.split_once('e')?;
    let (digits, power): (i64, i32) = (digits.parse().ok()?, power.parse().ok()?);
    (digits.abs() < 10_000_000 && power.abs() < 300).then(|| scaled(digits, power))
}

/// A value cut to six digits, as it comes back from a link.
pub fn rounded(value: f64) -> f64 {
    let (digits, power) = six_digits(value);
    scaled(digits, power)
}

fn six_digits(value: f64) -> (i64, i32) {
    if value == 0.0 || !value.is_finite() {
        return (0, 0);
    }
    let power = (log10(value.abs()).floor() as i32 - 5).clamp(-250, 250);
    let digits = if power < 0 {
        value * 10f64.powi(-power)
    } else {
        value / 10f64.powi(power)
    };
    (digits.round() as i64, power)
}

fn scaled(digits: i64, power: i32) -> f64 {
    let digits = digits as f64;
    if power < 0 {
        digits / 10f64.powi(-power)
    } else {
        digits * 10f64.powi(power)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[(&str, &str)]) -> Shown {
        Shown::read(|name| {
            let found = text.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    fn everything() -> Shown {
        let view = |spacing, min, max, zero| AxisView {
            scale: Scale { spacing, min, max },
            zero,
            missing: !zero,
        };
        Shown {
            tab: Tab::HttpErrors,
            all: true,
            at: Some("2026-03-02T10:20:30Z".parse().unwrap()),
            picked: Some(Key::Reference(
                "Yahoo! Slurp".to_owned(),
                Some(Verification::Unverified),
            )),
            pins: vec![
                Key::Attack(AttackId(0xa1)),
                Key::Member(AttackId(0xa2), "2001:db8::1".to_owned()),
            ],
            unfolded: Some(AttackId(0xa2)),
            zooms: [
                None,
                Some(Views {
                    x: view(Spacing::Log, 0.0125, 30.0, true),
                    y: view(Spacing::Linear, -0.5, 7.25, false),
                }),
                None,
            ],
        }
    }

    #[test]
    fn a_link_restores_everything() {
        let shown = everything();
        let parameters = shown.parameters();
        let read = Shown::read(|name| {
            let found = parameters.iter().find(|(known, _)| *known == name);
            found.and_then(|(_, value)| value.clone())
        });
        assert_eq!(read, shown);
    }

    #[test]
    fn six_digits_come_back_as_they_went() {
        for value in [
            0.012_345_678,
            1.0,
            32.0,
            1e-7,
            123_456_789.0,
            -0.5,
            0.0,
            1.0 / 3.0,
        ] {
            let once = rounded(value);
            assert_eq!(long(&short(once)), Some(once), "{value}");
            assert!((once - value).abs() <= value.abs() * 1e-5);
        }
        assert_eq!(short(0.0125), "125000e-7");
    }

    #[test]
    fn a_third_pin_takes_the_place_of_the_first() {
        let key = |id| Key::Attack(AttackId(id));
        let mut shown = Shown::default();
        for id in 1..4 {
            shown.toggle_pin(key(id));
        }
        assert_eq!(shown.pins, [key(2), key(3)]);
        shown.toggle_pin(key(2));
        assert_eq!(shown.pins, [key(3)]);
    }

    #[test]
    fn folding_a_campaign_lets_its_addresses_go() {
        let mut shown = everything();
        shown.picked = Some(shown.pins[1].clone());
        shown.toggle_fold(AttackId(0xa2));
        assert_eq!(shown.unfolded, None);
        assert_eq!(shown.picked, None);
        assert_eq!(shown.pins, [Key::Attack(AttackId(0xa1))]);
        shown.toggle_fold(AttackId(7));
        assert_eq!(shown.unfolded, Some(AttackId(7)));
    }

    #[test]
    fn what_is_as_usual_is_not_in_the_link() {
        let parameters = Shown::default().parameters();
        assert!(parameters.iter().all(|(_, value)| value.is_none()));
        assert_eq!(read(&[]), Shown::default());
    }

    #[test]
    fn nonsense_counts_as_not_said() {
        for text in [
            "",
            "~",
            "!!~~",
            "xyz",
            "0~g0e0_1e0~n1e0_0e0",
            "9~n0e0_1e0~n0e0_1e0",
            "0~nNaN_1~n0e0_1e999",
            "💥",
        ] {
            let shown = read(&[
                ("map", text),
                ("maps", text),
                ("at", text),
                ("unfold", text),
                ("zoom", text),
            ]);
            assert_eq!(shown, Shown::default(), "{text}");
        }
        assert_eq!(read(&[("pins", "a1,zz,a1,a1")]).pins.len(), 1);
        assert_eq!(read(&[("pins", "a1,a2,a3")]).pins.len(), PINS);
    }
}

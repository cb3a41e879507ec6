//! What the reader has chosen of the heatmaps, and the picture that follows from it. All parts
//! of the heatmaps share it.

use leptos::prelude::*;
use shared::{AttackId, HeatmapSteps, Timestamp};

use super::course::Course;
use super::layout::Views;
use super::model::{Key, Model};
use super::shown::Shown;
use super::tab::Tab;
use super::text;
use super::travel::Moment;
use crate::format::visible;

/// Where pointer and keyboard are.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Pointed {
    /// In which heatmap.
    pub tab: Tab,
    /// All bubbles there, the one meant first.
    pub here: Vec<Key>,
    /// The bubbles that a drag over one of the three heatmaps marks in all of them.
    pub marked: Vec<Key>,
}

/// The choices, and the picture that follows from them.
#[derive(Clone, Copy)]
pub struct State {
    /// The heatmap of this part; absent for whichever is chosen.
    pub of: Option<Tab>,
    pub model: Memo<Model>,
    /// What a link restores, all but its moment: that changes with every frame while it plays.
    pub choice: RwSignal<Shown>,
    /// The moment that is looked at; absent for the window's end.
    pub at: RwSignal<Option<Timestamp>>,
    pub pointed: RwSignal<Pointed>,
    pub playing: RwSignal<bool>,
    /// The number of the last run: an earlier one is over.
    pub run: StoredValue<u32>,
    /// How fast it plays, as a place in the time bar's speeds.
    pub speed: RwSignal<usize>,
    /// How the bots came to where they are, once that has come.
    pub steps: RwSignal<Option<HeatmapSteps>>,
    pub course: Memo<Option<Course>>,
    /// The heatmaps at the moment.
    pub moment: Memo<Moment>,
    pub on_open: Callback<AttackId>,
}

impl State {
    /// The heatmap of this part. Reactive.
    pub fn tab(self) -> Tab {
        self.of.unwrap_or_else(|| self.choice.read().tab)
    }

    /// Whether all three stand beside one another. Reactive.
    pub fn all(self) -> bool {
        self.choice.read().all
    }

    /// What a link to this would say. Reactive.
    pub fn shown(self) -> Shown {
        let at = self.at.get();
        Shown {
            at,
            ..self.choice.read().clone()
        }
    }

    /// The part of its axes that a heatmap shows; those beside one another show the whole.
    pub fn zoom(self) -> Option<Views> {
        let index = self.tab().index();
        let choice = self.choice.read();
        choice.zooms[index].filter(|_| !choice.all)
    }

    pub fn choose(self, change: impl FnOnce(&mut Shown)) {
        let mut choice = self.choice.get_untracked();
        change(&mut choice);
        self.choice.set(choice);
    }

    pub fn set_zoom(self, zoom: Option<Views>) {
        let index = untrack(|| self.tab()).index();
        self.choose(|choice| choice.zooms[index] = zoom);
    }

    pub fn pick(self, key: Option<Key>) {
        self.choose(|choice| choice.picked = key);
    }

    /// Puts the cursor on the first of `here`.
    pub fn point(self, here: Vec<Key>) {
        let mut pointed = self.pointed.get_untracked();
        if !here.is_empty() {
            pointed.tab = untrack(|| self.tab());
        }
        pointed.here = here;
        self.set_pointed(pointed);
    }

    /// Marks bubbles in all heatmaps.
    pub fn mark(self, marked: Vec<Key>) {
        let pointed = self.pointed.get_untracked();
        self.set_pointed(Pointed { marked, ..pointed });
    }

    fn set_pointed(self, pointed: Pointed) {
        if *self.pointed.read_untracked() != pointed {
            self.pointed.set(pointed);
        }
    }

    /// The bubble under the pointer or the keyboard's cursor. Reactive.
    pub fn cursor(self) -> Option<Key> {
        self.pointed.read().here.first().cloned()
    }

    /// Whether the cursor is in this part's heatmap. Reactive.
    pub fn has_cursor(self) -> bool {
        self.pointed.read().tab == self.tab()
    }

    /// What the card tells of. Reactive.
    pub fn subject(self) -> Option<Key> {
        self.cursor().or_else(|| self.choice.read().picked.clone())
    }

    /// Whether a bubble is pinned. Reactive.
    pub fn is_pinned(self, key: &Key) -> bool {
        self.choice.read().pins.contains(key)
    }

    /// Opens the attack behind a bubble. References have none, and *this bot* is open already.
    pub fn open(self, key: &Key) {
        if let Some(attack) = key.attack().filter(|_| !self.is_this(key)) {
            self.on_open.run(attack);
        }
    }

    pub fn is_this(self, key: &Key) -> bool {
        let model = self.model.read_untracked();
        model.this_bot().is_some_and(|spot| spot.key == *key)
    }

    /// What a bubble is called, also one that is not there at the moment. Reactive.
    pub fn name(self, key: &Key) -> String {
        let label = match key {
            Key::Member(_, name) | Key::Reference(name, _) => Some(name.clone()),
            Key::Attack(id) => {
                let (model, steps) = (self.model.read(), self.steps.read());
                let there = model.spot(key).map(|spot| spot.bubble.label.clone());
                there.or_else(|| {
                    let mut bots = steps.as_ref()?.bots.iter();
                    let bot = bots.find(|bot| bot.attack_id == Some(*id))?;
                    Some(bot.label.clone())
                })
            }
        };
        label.map_or_else(|| "a bot".to_owned(), |label| visible(&label).into_owned())
    }

    /// The caption of what is shown. Reactive.
    pub fn caption(self) -> String {
        let moment = self.moment.read();
        let at = self.at.get().filter(|_| moment.at.is_some());
        text::caption(&moment, at, year_now())
    }

    /// The title of what is shown, as a file has it. Reactive.
    pub fn title(self) -> String {
        let maps = if self.all() {
            "Heatmaps".to_owned()
        } else {
            format!("{} heatmap", self.tab().label())
        };
        let model = self.model.read();
        let this_bot = model.this_bot();
        let this_bot = this_bot.map_or("", |spot| spot.bubble.label.as_str());
        let moment = self.moment.read();
        format!("{maps} of {this_bot} on {}", moment.heatmaps.application)
    }
}

/// This year, which is left out of what is written.
pub fn year_now() -> i32 {
    js_sys::Date::new_0().get_full_year() as i32
}

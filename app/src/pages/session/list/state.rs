//! What of a list has come from the server, and asking for more of it. Knows no pixels.

use std::ops::Range;
use std::sync::Arc;

use crate::state::effect::effect;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::{Problem, SessionId, SessionRequest, SessionRequests};

use super::chunks::{CHUNK, Chunks, wanted};
use crate::api;

/// Chunks that may be on their way at a time. A reader who drags the scroll bar passes
/// hundreds, and only the last ones are looked at.
const UNDERWAY: usize = 3;

/// The requests of a session that a filter keeps.
#[derive(Clone, Copy)]
pub(crate) struct List {
    id: SessionId,
    question: Memo<String>,
    /// How many there are; absent before the first answer.
    pub(crate) total: RwSignal<Option<usize>>,
    /// Why the last question failed.
    pub(crate) problem: RwSignal<Option<Problem>>,
    /// Whether what is shown answers an earlier question.
    pub(crate) is_stale: RwSignal<bool>,
    /// Counts the answered questions: what is at a place differs from one to the next.
    pub(crate) answered: RwSignal<u32>,
    arrived: RwSignal<u32>,
    held: StoredValue<Held>,
}

#[derive(Default)]
struct Held {
    chunks: Chunks<SessionRequest>,
    underway: Vec<usize>,
    view: Range<usize>,
    is_upwards: bool,
    /// Counts the questions; answers to earlier ones are dropped.
    asked: u32,
}

/// Asks for the beginning of the list whenever `question` changes.
pub(crate) fn use_list(id: SessionId, question: Memo<String>) -> List {
    let list = List {
        id,
        question,
        total: RwSignal::new(None),
        problem: RwSignal::new(None),
        is_stale: RwSignal::new(false),
        answered: RwSignal::new(0),
        arrived: RwSignal::new(0),
        held: StoredValue::new(Held::default()),
    };
    effect(move || {
        question.track();
        list.begin();
    });
    list
}

impl List {
    /// Asks anew, from the beginning.
    fn begin(self) {
        self.held.update_value(|held| {
            held.asked += 1;
            held.underway = vec![0];
        });
        self.is_stale.set(true);
        self.fetch(0, true);
    }

    /// Asks again after a failure.
    pub(crate) fn retry(self) {
        self.problem.set(None);
        if self.total.get_untracked().is_none() || self.is_stale.get_untracked() {
            self.begin();
        } else {
            self.ask();
        }
    }

    /// The request at a place, once it has come. Reactive.
    pub(crate) fn item(self, place: usize) -> Option<Arc<SessionRequest>> {
        self.arrived.track();
        self.held.with_value(|held| held.chunks.item(place))
    }

    /// The reader looks at these places.
    pub(crate) fn look_at(self, view: Range<usize>) {
        self.held.update_value(|held| {
            held.is_upwards = view.start < held.view.start;
            held.view = view;
        });
        self.ask();
    }

    /// Asks for what is wanted and neither there nor on its way.
    fn ask(self) {
        let total = self.total.get_untracked().unwrap_or(0);
        // After a failure the reader decides.
        if self.problem.read_untracked().is_some() || self.is_stale.get_untracked() {
            return;
        }
        let mut next = Vec::new();
        self.held.update_value(|held| {
            for number in wanted(&held.view, total, held.is_upwards) {
                let is_known = held.chunks.has(number) || held.underway.contains(&number);
                if !is_known && held.underway.len() < UNDERWAY {
                    held.underway.push(number);
                    next.push(number);
                }
            }
        });
        for number in next {
            self.fetch(number, false);
        }
    }

    /// Asks for a chunk; `is_first` of a question begins the list anew.
    fn fetch(self, number: usize, is_first: bool) {
        let asked = self.held.with_value(|held| held.asked);
        let question = self.question.get_untracked();
        spawn_local(async move {
            let start = (number * CHUNK).to_string();
            let answer = api::session_requests(self.id, &question, ("start", &start), CHUNK).await;
            // The page may be gone, or have asked something else meanwhile.
            if self.held.try_with_value(|held| held.asked) != Some(asked) {
                return;
            }
            self.held
                .update_value(|held| held.underway.retain(|other| *other != number));
            match answer {
                Ok(page) => self.take(number, page, is_first),
                Err(problem) => self.problem.set(Some(problem)),
            }
        });
    }

    fn take(self, number: usize, page: SessionRequests, is_first: bool) {
        self.held.update_value(|held| {
            if is_first {
                held.chunks = Chunks::default();
            }
            let Held { chunks, view, .. } = held;
            chunks.put(number, page.items, view);
        });
        if is_first {
            self.problem.set(None);
            self.is_stale.set(false);
            self.total.set(Some(page.total as usize));
            self.answered.update(|answered| *answered += 1);
        }
        self.arrived.update(|arrived| *arrived += 1);
        self.ask();
    }

    /// The place of what `from` names: a `request`, or what came `at` a moment or later.
    pub(crate) async fn find(self, from: (&str, &str)) -> Result<usize, Problem> {
        let question = self.question.get_untracked();
        let page = api::session_requests(self.id, &question, from, 1).await?;
        Ok(page.start as usize)
    }
}

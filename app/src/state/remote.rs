//! Answers of the server as signals. What was there stays while its successor is on the way,
//! and an answer that comes after its question changed is dropped. Knows no route.

use std::pin::Pin;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::{Page, Problem};

use super::effect::effect;
use super::turn::Turn;
use crate::api::Answer;

/// One answer: what came last, whether another is on the way, and why the last one failed.
pub struct Remote<T: Send + Sync + 'static> {
    /// The last good answer.
    pub value: RwSignal<Option<T>>,
    /// Why the last question failed; absent after a good answer.
    pub problem: RwSignal<Option<Problem>>,
    /// Whether an answer is on the way.
    pub loading: RwSignal<bool>,
    again: Again,
}

/// The way to ask the same question again, whatever it is.
#[derive(Clone, Copy)]
struct Again {
    attempt: RwSignal<u32>,
    /// Whether the question that comes next does not show.
    is_quiet: StoredValue<bool>,
    /// Whose turn it is among those that do not.
    turn: StoredValue<Turn>,
}

impl Again {
    fn ask(self, quietly: bool) {
        self.is_quiet.set_value(quietly);
        self.attempt.update(|attempt| *attempt += 1);
    }

    /// Asks without anybody noticing before the answer is there: now, or once more after the one
    /// that is on its way.
    fn ask_quietly(self) {
        if self.turn.try_update_value(Turn::take) == Some(true) {
            self.ask(true);
        }
    }
}

impl<T: Send + Sync + 'static> Clone for Remote<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Remote<T> {}

impl<T: Send + Sync + 'static> Remote<T> {
    /// Asks the same question again.
    pub fn retry(self) {
        self.again.ask(false);
    }

    /// The same without anybody noticing before the answer is there. Where one is on its way, it
    /// is asked once more after that.
    pub(super) fn retry_quietly(self) {
        self.again.ask_quietly();
    }

    /// Asks again every so often, while somebody looks at the page and `may` allows it.
    pub fn ask_every(self, every: Duration, may: impl Fn() -> bool + 'static) {
        let Self { again, .. } = self;
        let may = move || !document().hidden() && untrack(&may);
        ask_every(again, every, Box::new(may));
    }

    /// Asks again whenever `revision` changes and `may` allows it.
    pub fn follow(self, revision: RwSignal<u64>, may: impl Fn() -> bool + 'static) {
        let Self { again, .. } = self;
        follow(
            revision,
            Box::new(move || {
                if untrack(&may) {
                    again.ask_quietly();
                }
            }),
        );
    }
}

fn ask_every(again: Again, every: Duration, may: Box<dyn Fn() -> bool>) {
    let ask = move || {
        // What is on its way is new enough.
        if !again.turn.with_value(Turn::is_on_way) && may() {
            again.ask_quietly();
        }
    };
    // Fails only outside a browser.
    if let Ok(asking) = set_interval_with_handle(ask, every) {
        on_cleanup(move || asking.clear());
    }
}

/// Calls `tell` whenever `revision` changes.
pub(super) fn follow(revision: RwSignal<u64>, tell: Box<dyn Fn()>) {
    Effect::new(move |before: Option<u64>| {
        let revision = revision.get();
        if before.is_some_and(|before| before != revision) {
            tell();
        }
        revision
    });
}

/// What becomes of the last answer while the next one is on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meanwhile {
    /// It stays: the next one is about the same thing.
    Keep,
    /// It goes: the next one is about another thing.
    Clear,
}

/// What is to be done with a good answer.
type Take = Box<dyn FnOnce()>;

/// An answer on its way, whatever it is of.
pub(super) type Coming = Pin<Box<dyn Future<Output = Answer<Take>>>>;

/// Forgets what `answer` is of: what is left is to do `then` with it, if it is a good one.
pub(super) fn coming<T: 'static>(
    answer: impl Future<Output = Answer<T>> + 'static,
    then: impl FnOnce(T) + 'static,
) -> Coming {
    Box::pin(async move {
        let answer = answer.await?;
        Ok(Box::new(move || then(answer)) as Take)
    })
}

/// What of a [`Remote`] does not depend on what it is of, and what the rest of it does.
struct Asking {
    meanwhile: Meanwhile,
    problem: RwSignal<Option<Problem>>,
    loading: RwSignal<bool>,
    again: Again,
    /// The question as it is now, tracked: whether it is another one than the last time.
    is_another: Box<dyn FnMut() -> bool>,
    clear: Box<dyn Fn()>,
    ask: Box<dyn Fn() -> Coming>,
}

/// Asks `fetch` whenever `question` changes.
pub fn use_remote<Q, T, F>(
    meanwhile: Meanwhile,
    question: impl Fn() -> Q + Send + Sync + 'static,
    fetch: impl Fn(Q) -> F + 'static,
) -> Remote<T>
where
    Q: Clone + PartialEq + Send + Sync + 'static,
    T: Send + Sync + 'static,
    F: Future<Output = Answer<T>> + 'static,
{
    let value = RwSignal::new(None);
    let remote = Remote {
        value,
        problem: RwSignal::new(None),
        loading: RwSignal::new(true),
        again: Again {
            attempt: RwSignal::new(0),
            is_quiet: StoredValue::new(false),
            turn: StoredValue::default(),
        },
    };
    let question = Memo::new(move |_| question());
    let mut previous = None;
    keep_asking(Asking {
        meanwhile,
        problem: remote.problem,
        loading: remote.loading,
        again: remote.again,
        is_another: Box::new(move || {
            let current = Some(question.get());
            let is_another = previous.is_some() && previous != current;
            previous = current;
            is_another
        }),
        clear: Box::new(move || value.set(None)),
        ask: Box::new(move || {
            let answer = fetch(question.get_untracked());
            coming(answer, move |answer| value.set(Some(answer)))
        }),
    });
    remote
}

fn keep_asking(mut asking: Asking) {
    let Asking {
        meanwhile,
        problem,
        loading,
        again,
        ..
    } = asking;
    let asked = StoredValue::new(0_u64);
    effect(move || {
        let is_another = (asking.is_another)();
        again.attempt.track();
        again.turn.update_value(Turn::take_anyway);
        let number = asked.get_value() + 1;
        asked.set_value(number);
        if meanwhile == Meanwhile::Clear && is_another {
            (asking.clear)();
            problem.set(None);
        }
        // Another question shows, also if the same was to be asked again at that moment.
        let quietly = again.is_quiet.get_value() && !is_another;
        again.is_quiet.set_value(false);
        if !quietly {
            loading.set(true);
        }
        let answer = (asking.ask)();
        spawn_local(async move {
            let answer = answer.await;
            // The page may be gone, or have asked something else meanwhile.
            if asked.try_get_value() != Some(number) {
                return;
            }
            match answer {
                Ok(take) => {
                    take();
                    problem.set(None);
                }
                // What was there is still good enough; the next change asks again.
                Err(_) if quietly => {}
                Err(failure) => problem.set(Some(failure)),
            }
            loading.set(false);
            if again.turn.try_update_value(Turn::end) == Some(true) {
                again.ask_quietly();
            }
        });
    });
}

/// A list that grows by pages.
pub struct Pages<T: Send + Sync + 'static> {
    /// The first page; its failures are the list's.
    pub first: Remote<Page<T>>,
    /// The items of all further pages.
    pub further: RwSignal<Vec<T>>,
    /// How it goes on.
    pub growth: Growth,
}

/// How a list goes on beyond what is shown, whatever it is of.
#[derive(Clone, Copy)]
pub struct Growth {
    /// Where the next page begins; absent at the end.
    pub next_cursor: RwSignal<Option<String>>,
    /// Whether a further page is on the way.
    pub growing: RwSignal<bool>,
    /// Why the last further page failed.
    pub problem: RwSignal<Option<Problem>>,
    grow: StoredValue<Box<dyn Fn() + Send + Sync>>,
}

impl Growth {
    /// Fetches the next page, if there is one and none is on the way.
    pub fn grow(self) {
        self.grow.with_value(|grow| grow());
    }
}

impl<T: Send + Sync + 'static> Clone for Pages<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Pages<T> {}

impl<T: Send + Sync + 'static> Pages<T> {
    /// Asks for the first page again whenever `revision` changes and `may` allows it. Who has
    /// read on, or is at a row, stays where they are: rows do not move under the reader.
    pub fn follow(self, revision: RwSignal<u64>, may: impl Fn() -> bool + 'static) {
        self.first
            .follow(revision, move || may() && !self.is_read());
    }

    /// Whether the reader has read on, or is at a row.
    pub(super) fn is_read(self) -> bool {
        !self.further.with_untracked(Vec::is_empty) || is_at_a_row()
    }

    /// How many items the first page has; absent until there is one.
    pub fn length(self) -> Memo<Option<usize>> {
        Memo::new(move |_| {
            let page = self.first.value.read();
            page.as_ref().map(|page| page.items.len())
        })
    }
}

/// Whether pointer or keyboard are at a row of a table.
fn is_at_a_row() -> bool {
    let row = document().query_selector("tbody:hover,tbody:focus-within");
    row.is_ok_and(|row| row.is_some())
}

impl<T: Clone + Send + Sync + 'static> Pages<T> {
    /// The items of the first page.
    pub fn items(self) -> Signal<Vec<T>> {
        Signal::derive(move || {
            let page = self.first.value.read();
            page.as_ref()
                .map_or_else(Vec::new, |page| page.items.clone())
        })
    }

    /// All that is shown as one page, if anything is and its owner is still there.
    pub fn try_all(self) -> Option<Page<T>> {
        let mut page = self.first.value.try_get_untracked()??;
        page.items.extend(self.further.try_get_untracked()?);
        page.next_cursor = self.growth.next_cursor.try_get_untracked()?;
        Some(page)
    }
}

/// Asks `fetch` for the first page whenever `question` changes, for further ones on demand.
pub fn use_pages<Q, T, F>(
    meanwhile: Meanwhile,
    question: impl Fn() -> Q + Clone + Send + Sync + 'static,
    fetch: impl Fn(Q, Option<String>) -> F + Clone + Send + Sync + 'static,
) -> Pages<T>
where
    Q: Clone + PartialEq + Send + Sync + 'static,
    T: Send + Sync + 'static,
    F: Future<Output = Answer<Page<T>>> + 'static,
{
    let first = use_remote(meanwhile, question.clone(), {
        let fetch = fetch.clone();
        move |question| fetch(question, None)
    });
    let further = RwSignal::new(Vec::new());
    let next_cursor = RwSignal::new(None);
    let growing = RwSignal::new(false);
    let growing_problem = RwSignal::new(None);
    // Pages that were asked for before the first one changed belong to another list.
    let generation = StoredValue::new(0_u64);
    let begin_again = move || {
        let cursor = first
            .value
            .with(|page| page.as_ref().and_then(|page| page.next_cursor.clone()));
        generation.update_value(|generation| *generation += 1);
        further.set(Vec::new());
        growing.set(false);
        growing_problem.set(None);
        next_cursor.set(cursor);
    };
    effect(begin_again);
    let ask = move |cursor| -> Coming {
        let answer = fetch(untrack(&question), Some(cursor));
        coming(answer, move |page: Page<T>| {
            further.update(|items: &mut Vec<T>| items.extend(page.items));
            next_cursor.set(page.next_cursor);
        })
    };
    let grow = move || {
        let cursor = next_cursor.get_untracked();
        if let Some(cursor) = cursor
            && !growing.get_untracked()
        {
            let current = generation.get_value();
            growing.set(true);
            let answer = ask(cursor);
            spawn_local(growth(
                answer,
                current,
                generation,
                growing,
                growing_problem,
            ));
        }
    };
    Pages {
        first,
        further,
        growth: Growth {
            next_cursor,
            growing,
            problem: growing_problem,
            grow: StoredValue::new(Box::new(grow)),
        },
    }
}

/// Takes a further page when it comes, if it still belongs to the list.
async fn growth(
    answer: Coming,
    current: u64,
    generation: StoredValue<u64>,
    growing: RwSignal<bool>,
    growing_problem: RwSignal<Option<Problem>>,
) {
    let answer = answer.await;
    if generation.try_get_value() != Some(current) {
        return;
    }
    match answer {
        Ok(take) => {
            take();
            growing_problem.set(None);
        }
        Err(problem) => growing_problem.set(Some(problem)),
    }
    growing.set(false);
}

//! What a form or a button sends to the server: whether an answer is on the way, and what was
//! wrong with the last one.

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::Problem;

use super::remote::{Coming, coming};
use super::toast::{Toasts, use_toasts};
use crate::api::Answer;

/// One form.
#[derive(Clone, Copy)]
pub struct Sending {
    /// Whether an answer is on the way.
    pub is_busy: RwSignal<bool>,
    /// Why the last one was refused; absent after a good one.
    pub problem: RwSignal<Option<Problem>>,
}

/// A form that nothing was sent of yet.
pub fn use_sending() -> Sending {
    Sending {
        is_busy: RwSignal::new(false),
        problem: RwSignal::new(None),
    }
}

impl Sending {
    /// Sends, unless something is on the way; after a good answer `then`. The form may be gone by
    /// then: it is for signals to be set and messages to be shown.
    pub fn send<T: 'static>(
        self,
        answer: impl Future<Output = Answer<T>> + 'static,
        then: impl FnOnce(T) + 'static,
    ) {
        if !self.is_busy.get_untracked() {
            self.is_busy.set(true);
            spawn_local(self.take(coming(answer, then)));
        }
    }

    async fn take(self, coming: Coming) {
        let answer = coming.await;
        let _ = self.is_busy.try_set(false);
        match answer {
            Ok(take) => {
                let _ = self.problem.try_set(None);
                take();
            }
            Err(problem) => _ = self.problem.try_set(Some(problem)),
        }
    }
}

/// What is changed on a page without a form: what came of it is said in a message, and the page
/// asks again.
#[derive(Clone, Copy)]
pub struct Doing {
    /// Grows with every change.
    pub changed: RwSignal<u32>,
    /// Where it is said.
    pub toasts: Toasts,
}

/// A page on which nothing was done yet.
pub fn use_doing() -> Doing {
    Doing {
        changed: RwSignal::new(0),
        toasts: use_toasts(),
    }
}

impl Doing {
    /// Has the page ask again.
    pub fn touch(self) {
        self.changed.update(|changed| *changed += 1);
    }

    /// Does it, then `then`, which says what was done.
    pub fn run<T: 'static>(
        self,
        answer: impl Future<Output = Answer<T>> + 'static,
        then: impl FnOnce(T) + 'static,
    ) {
        spawn_local(self.take(coming(answer, then)));
    }

    /// Does what a control shows already; if it is refused, `put_back` shows what was before.
    pub fn run_or<T: 'static>(
        self,
        answer: impl Future<Output = Answer<T>> + 'static,
        put_back: impl FnOnce() + 'static,
        then: impl FnOnce(T) + 'static,
    ) {
        let answer = async move {
            let answer = answer.await;
            if answer.is_err() {
                put_back();
            }
            answer
        };
        self.run(answer, then);
    }

    /// Does it and says that it was done.
    pub fn run_and_say<T: 'static>(
        self,
        answer: impl Future<Output = Answer<T>> + 'static,
        said: impl Into<String>,
    ) {
        let said = said.into();
        self.run(answer, move |_| self.toasts.show(said));
    }

    async fn take(self, coming: Coming) {
        take_or_say(coming, self.toasts).await;
        self.touch();
    }
}

/// Takes back what was saved, and says `said` once it is. The page may be left by then: `show` is
/// for signals to be set that may be gone.
pub fn take_back<T: 'static>(
    answer: impl Future<Output = Answer<T>> + 'static,
    toasts: Toasts,
    said: &'static str,
    show: impl FnOnce(T) + 'static,
) {
    let coming = coming(answer, move |now| {
        show(now);
        toasts.show(said);
    });
    spawn_local(take_or_say(coming, toasts));
}

/// Takes a good answer, and says what was wrong with another.
async fn take_or_say(coming: Coming, toasts: Toasts) {
    match coming.await {
        Ok(take) => take(),
        Err(problem) => toasts.show(problem.detail),
    }
}

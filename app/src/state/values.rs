//! Values that the store holds under a key, for completion and filters. Asked for when the
//! reader pauses; a question that is outdated is taken back.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::search::List;
use shared::{Problem, SearchValue};
use web_sys::AbortController;

use super::effect::effect;
use crate::api::{self, Wanted};

/// How long the reader must have paused.
const PAUSE: Duration = Duration::from_millis(120);

/// The values that came last, or why none came.
#[derive(Clone, Copy)]
pub struct Values {
    /// The last good answer; absent until there is one under the wanted key.
    pub found: RwSignal<Option<Vec<SearchValue>>>,
    /// Why the last question failed.
    pub problem: RwSignal<Option<Problem>>,
    attempt: RwSignal<u32>,
}

impl Values {
    /// Asks the same question again.
    pub fn retry(self) {
        self.attempt.update(|attempt| *attempt += 1);
    }
}

/// Asks for the values that `wanted` names, whenever that changes; for none while it names
/// none.
pub fn use_values(list: List, wanted: impl Fn() -> Option<Wanted> + 'static) -> Values {
    ask_for(list, Box::new(wanted))
}

fn ask_for(list: List, wanted: Box<dyn Fn() -> Option<Wanted>>) -> Values {
    let values = Values {
        found: RwSignal::new(None),
        problem: RwSignal::new(None),
        attempt: RwSignal::new(0),
    };
    let asked = StoredValue::new(0_u64);
    // What is waited for; dropping it takes the question back.
    let mut pending = None::<Pending>;
    let mut before = None::<(u32, Option<Wanted>)>;
    effect(move || {
        let now = (values.attempt.get(), wanted());
        if before.as_ref() == Some(&now) {
            return;
        }
        drop(pending.take());
        let number = asked.get_value() + 1;
        asked.set_value(number);
        let key = now.1.as_ref().map(|wanted| wanted.key);
        let key_before = before
            .as_ref()
            .map(|(_, before)| before.as_ref().map(|it| it.key));
        let is_typing = key_before == Some(key);
        if !is_typing {
            values.found.set(None);
            values.problem.set(None);
        }
        let asks_for = now.1.clone();
        before = Some(now);
        let Some(wanted) = asks_for else { return };
        let controller = AbortController::new().ok();
        let signal = controller.as_ref().map(AbortController::signal);
        pending = controller.map(Pending);
        let is_outdated = move || asked.try_get_value() != Some(number);
        let ask = async move {
            if is_outdated() {
                return;
            }
            let answer = api::values(list, &wanted, signal.as_ref()).await;
            if is_outdated() {
                return;
            }
            match answer {
                Ok(found) => {
                    values.found.set(Some(found));
                    values.problem.set(None);
                }
                Err(problem) => values.problem.set(Some(problem)),
            }
        };
        let pause = if is_typing { PAUSE } else { Duration::ZERO };
        set_timeout(move || spawn_local(ask), pause);
    });
    values
}

/// A question on its way.
struct Pending(AbortController);

impl Drop for Pending {
    fn drop(&mut self) {
        self.0.abort();
    }
}

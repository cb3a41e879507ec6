//! The browser's end of the server's stream of changes, and what is done between two streams.
//! What is heard, whoever opened it decides about.

use shared::Changes;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Event, EventSource, MessageEvent};

use crate::api;

/// The first wait after a stream was lost, and the longest, in milliseconds.
const FIRST_WAIT_MS: f64 = 1_000.0;
const LONGEST_WAIT_MS: f64 = 60_000.0;

/// What a stream says.
pub(super) enum Heard {
    /// Something changed.
    Changes(Changes),
    /// It lives.
    Beat,
    /// It ended, or there was none.
    End,
}

/// A stream; closed when it is dropped.
pub(super) struct Stream {
    source: EventSource,
    /// Called as long as the stream is there.
    _listener: Closure<dyn FnMut(Event)>,
}

impl Stream {
    /// Opens one. Absent if the browser has none.
    pub(super) fn open(address: &str, mut heard: impl FnMut(Heard) + 'static) -> Option<Self> {
        let source = EventSource::new(address).ok()?;
        let listener = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
            match &*event.type_() {
                "message" => {
                    let data = event.unchecked_ref::<MessageEvent>().data().as_string();
                    let changes = data.and_then(|data| api::read_changes(&data));
                    // What cannot be read may be anything.
                    heard(changes.map_or(Heard::End, Heard::Changes));
                }
                "beat" => heard(Heard::Beat),
                _ => heard(Heard::End),
            }
        });
        for name in ["message", "beat", "error"] {
            let target = listener.as_ref().unchecked_ref();
            source.add_event_listener_with_callback(name, target).ok()?;
        }
        Some(Self {
            source,
            _listener: listener,
        })
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.source.close();
    }
}

/// How long to wait before another stream is tried, in milliseconds, after `lost` in a row: longer
/// each time, and not all at once when a server comes back.
pub(super) fn retry_after(lost: u32, random: f64) -> f64 {
    let doubled = f64::from(1 << lost.saturating_sub(1).min(16));
    let wait = (FIRST_WAIT_MS * doubled).min(LONGEST_WAIT_MS);
    wait * (0.5 + random)
}

/// Adds what changed later.
pub(super) fn merge(changes: &mut Changes, later: Changes) {
    changes.seq = later.seq;
    changes.missed |= later.missed;
    changes.lists |= later.lists;
    changes.applications.extend(later.applications);
    changes.judged.extend(later.judged);
    changes.attacks.extend(later.attacks);
}

#[cfg(test)]
mod tests {
    use shared::AttackId;

    use super::*;

    #[test]
    fn waits_grow_up_to_a_minute_and_differ() {
        assert!((retry_after(1, 0.5) - 1_000.0).abs() < 1e-9);
        assert!((retry_after(4, 0.5) - 8_000.0).abs() < 1e-9);
        assert!((retry_after(1_000, 0.5) - 60_000.0).abs() < 1e-9);
        assert!(retry_after(3, 0.0) < retry_after(3, 0.9));
    }

    #[test]
    fn nothing_of_what_changed_meanwhile_is_lost() {
        let of = |seq, attack| Changes {
            seq,
            attacks: vec![AttackId(attack)],
            ..Changes::default()
        };
        let mut changes = of(1, 7);
        let later = Changes {
            missed: true,
            lists: true,
            ..of(2, 8)
        };
        merge(&mut changes, later);
        assert_eq!(changes.attacks, [AttackId(7), AttackId(8)]);
        assert!(changes.missed && changes.lists && changes.seq == 2);
    }
}

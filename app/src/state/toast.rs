//! One short message to the reader at a time, gone after a while, with *Undo* where something
//! was changed.

use std::time::Duration;

use leptos::prelude::*;

const SHOWN_FOR: Duration = Duration::from_secs(4);

/// To read a message and decide against it takes longer.
const UNDO_FOR: Duration = Duration::from_secs(12);

/// A message.
#[derive(Clone)]
pub struct Toast {
    /// Its text.
    pub text: String,
    /// Takes back what it tells of.
    pub undo: Option<Callback<()>>,
}

/// The message on the screen.
#[derive(Clone, Copy)]
pub struct Toasts {
    /// Absent while there is none.
    pub message: RwSignal<Option<Toast>>,
    /// While the reader points at it, it stays.
    pub is_held: RwSignal<bool>,
    shown: StoredValue<u64>,
}

/// Makes messages possible on all pages.
pub fn provide() {
    provide_context(Toasts {
        message: RwSignal::new(None),
        is_held: RwSignal::new(false),
        shown: StoredValue::new(0),
    });
}

/// The message on the screen.
pub fn use_toasts() -> Toasts {
    expect_context()
}

impl Toasts {
    /// Shows `message` in place of whatever is shown.
    pub fn show(self, message: impl Into<String>) {
        self.put(message.into(), None);
    }

    /// Shows what was done in place of whatever is shown, with a button that takes it back.
    pub fn offer_undo(self, message: impl Into<String>, undo: impl Fn() + Send + Sync + 'static) {
        self.put(message.into(), Some(Callback::new(move |()| undo())));
    }

    /// Takes the message away.
    pub fn close(self) {
        self.message.set(None);
        self.is_held.set(false);
    }

    fn put(self, text: String, undo: Option<Callback<()>>) {
        let time = if undo.is_some() { UNDO_FOR } else { SHOWN_FOR };
        self.message.set(Some(Toast { text, undo }));
        self.shown.update_value(|shown| *shown += 1);
        self.close_after(time, self.shown.get_value());
    }

    /// Takes message `number` away, if it is still the one shown, once nobody holds it.
    fn close_after(self, time: Duration, number: u64) {
        set_timeout(
            move || {
                if self.shown.get_value() != number {
                    return;
                }
                if self.is_held.get_untracked() {
                    self.close_after(SHOWN_FOR, number);
                } else {
                    self.close();
                }
            },
            time,
        );
    }
}

//! One short message to the reader at a time, gone after a while.

use std::time::Duration;

use leptos::prelude::*;

const SHOWN_FOR: Duration = Duration::from_secs(4);

/// The message on the screen.
#[derive(Clone, Copy)]
pub struct Toasts {
    /// Its text; absent while there is none.
    pub message: RwSignal<Option<String>>,
    shown: StoredValue<u64>,
}

/// Makes messages possible on all pages.
pub fn provide() {
    provide_context(Toasts {
        message: RwSignal::new(None),
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
        self.message.set(Some(message.into()));
        self.shown.update_value(|shown| *shown += 1);
        let number = self.shown.get_value();
        set_timeout(
            move || {
                if self.shown.get_value() == number {
                    self.message.set(None);
                }
            },
            SHOWN_FOR,
        );
    }
}

//! One question before something that cannot be taken back: what will be lost, and whether it is
//! meant. Its dialog is in the frame of the settings.

use leptos::prelude::*;

/// What is asked.
#[derive(Clone)]
pub struct Question {
    /// What is about to be done, as a heading: `Delete Acme`.
    pub title: String,
    /// What will be lost.
    pub text: String,
    /// What the button that does it says.
    pub button: &'static str,
    /// What has to be typed before, where a press is not enough.
    pub typed: Option<String>,
    /// Does it.
    pub act: Callback<()>,
}

/// The question that is open.
#[derive(Clone, Copy)]
pub struct Confirmation {
    /// Whether the dialog is open.
    pub open: RwSignal<bool>,
    /// What is asked.
    pub question: StoredValue<Option<Question>>,
}

/// Makes questions possible on all pages.
pub fn provide() {
    provide_context(Confirmation {
        open: RwSignal::new(false),
        question: StoredValue::new(None),
    });
}

/// The one dialog that asks.
pub fn use_confirmation() -> Confirmation {
    expect_context()
}

impl Confirmation {
    /// Asks.
    pub fn ask(self, question: Question) {
        self.question.set_value(Some(question));
        self.open.set(true);
    }
}

//! Effects whose type is forgotten. Every distinct closure given to [`Effect::new`] compiles to
//! code of its own, which was a good part of the console's size.

use leptos::prelude::*;

/// Runs `act` now and whenever something changes that it read.
pub fn effect(act: impl FnMut() + 'static) {
    run(Box::new(act));
}

fn run(mut act: Box<dyn FnMut()>) {
    Effect::new(move |_| act());
}

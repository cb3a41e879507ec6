//! The title of the document, one per page.

use leptos::prelude::*;

use super::effect::effect;

/// Keeps the document's title at `title`, followed by the product's name.
pub fn use_title(title: impl Fn() -> String + 'static) {
    effect(move || document().set_title(&format!("{} · Botscope", title())));
}

//! The title of the document, one per page.

use leptos::prelude::*;

/// Keeps the document's title at `title`, followed by the product's name.
pub fn use_title(title: impl Fn() -> String + 'static) {
    Effect::new(move |_| document().set_title(&format!("{} · Botscope", title())));
}

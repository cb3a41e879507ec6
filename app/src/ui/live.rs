//! Parts of a view that change, with their types forgotten. Every distinct closure in a view
//! compiles to code of its own; these all share theirs. What is there is changed in place, so
//! that the focus stays where it is.

use leptos::prelude::*;

/// What changes.
pub type Live = Box<dyn FnMut() -> AnyView + Send>;

/// Shows what `content` makes, and makes it anew whenever something changes that it read.
pub fn live<V: IntoAny>(mut content: impl FnMut() -> V + Send + 'static) -> Live {
    Box::new(move || content().into_any())
}

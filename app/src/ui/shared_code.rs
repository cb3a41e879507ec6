//! Leptos' own building blocks with their closures in boxes. Given by their own types, each use
//! of one brings a copy of its code, kilobytes each; in boxes all uses share it.

use std::sync::Arc;

use leptos::ev::MouseEvent;
use leptos::prelude::*;

/// What a press does.
pub fn press(mut action: impl FnMut() + 'static) -> Box<dyn FnMut(MouseEvent)> {
    Box::new(move |_| action())
}

/// What is in it while `when` holds, else the fallback.
#[component]
pub fn Show(
    /// The condition.
    when: impl Fn() -> bool + Send + Sync + 'static,
    /// What is shown while it holds.
    children: ChildrenFn,
    /// What is shown while it does not; nothing by default.
    #[prop(optional, into)]
    fallback: ViewFn,
) -> impl IntoView {
    show(Box::new(when), children, fallback)
}

fn show(
    when: Box<dyn Fn() -> bool + Send + Sync>,
    children: ChildrenFn,
    fallback: ViewFn,
) -> AnyView {
    let holds = Memo::new(move |_| when());
    let shown = move || {
        if holds.get() {
            children()
        } else {
            fallback.run()
        }
    };
    shown.into_any()
}

/// An item by its key, and how its view is made.
type Item = (String, Box<dyn FnOnce() -> AnyView + Send>);

/// A view for each item; those whose key stays are not made anew.
#[component]
pub fn Each<T: Send + 'static, N: IntoView + 'static>(
    /// The items.
    items: impl Fn() -> Vec<T> + Send + 'static,
    /// What makes an item what it is.
    key: fn(&T) -> String,
    /// Makes the view of an item.
    children: impl Fn(T) -> N + Send + Sync + 'static,
) -> impl IntoView {
    let children = Arc::new(children);
    each(Box::new(move || {
        let item = |item| -> Item {
            let (key, children) = (key(&item), children.clone());
            (key, Box::new(move || children(item).into_any()))
        };
        items().into_iter().map(item).collect()
    }))
}

fn each(items: Box<dyn Fn() -> Vec<Item> + Send>) -> AnyView {
    let children = |(_, view): Item| view();
    view! { <For each=items key=|(key, _)| key.clone() children /> }.into_any()
}

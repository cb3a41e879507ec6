//! The address as state: whatever can be shared is read from its query and written there.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate, use_params_map, use_query_map};
use std::str::FromStr;

/// The query parameter `name`; absent and empty are the same.
pub fn use_parameter(name: &'static str) -> Memo<Option<String>> {
    let query = use_query_map();
    Memo::new(move |_| {
        query.with(|query| {
            query
                .get_str(name)
                .filter(|value| !value.is_empty())
                .map(str::to_owned)
        })
    })
}

/// The identifier in the page's path; absent if it is none.
pub fn use_path_id<T>() -> Memo<Option<T>>
where
    T: FromStr + PartialEq + Send + Sync + 'static,
{
    let params = use_params_map();
    Memo::new(move |_| params.with(|params| params.get_str("id")?.parse().ok()))
}

/// Changes of query parameters: name and new value, `None` to take it away.
pub type Changes<'a> = &'a [(&'static str, Option<String>)];

type Navigate = Box<dyn Fn(&str, bool) + Send + Sync>;

/// The address of the current page with other query parameters.
#[derive(Clone, Copy)]
pub struct Address {
    location: StoredValue<leptos_router::location::Location>,
    navigate: StoredValue<Navigate>,
}

/// The address of the current page.
pub fn use_address() -> Address {
    let navigate = use_navigate();
    Address {
        location: StoredValue::new(use_location()),
        navigate: StoredValue::new(Box::new(move |target: &str, replace: bool| {
            let options = NavigateOptions {
                scroll: false,
                replace,
                ..NavigateOptions::default()
            };
            navigate(target, options);
        })),
    }
}

impl Address {
    /// The current page with `changes`, as a link. Reactive.
    pub fn with(self, changes: Changes<'_>) -> String {
        self.location.with_value(|location| {
            let mut query = location.query.get();
            for (name, value) in changes {
                query.remove(name);
                if let Some(value) = value {
                    query.insert(*name, value.clone());
                }
            }
            format!("{}{}", location.pathname.get(), query.to_query_string())
        })
    }

    /// Goes to the current page with `changes`, keeping the scroll position.
    pub fn set(self, changes: Changes<'_>) {
        let target = untrack(|| self.with(changes));
        self.navigate
            .with_value(|navigate| navigate(&target, false));
    }

    /// As [`Address::set`], in place of the current entry of the browser's history.
    pub fn replace(self, changes: Changes<'_>) {
        let target = untrack(|| self.with(changes));
        self.navigate.with_value(|navigate| navigate(&target, true));
    }
}

/// A path with one query parameter, as a link.
pub fn link(path: &str, name: &'static str, value: &str) -> String {
    let mut query = leptos_router::params::ParamsMap::new();
    query.insert(name, value.to_owned());
    format!("{path}{}", query.to_query_string())
}

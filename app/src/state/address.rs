//! The address as state: whatever can be shared is read from its query and written there.

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate, use_params_map};
use std::str::FromStr;

/// The parameters of an address: names with their values, in order.
pub type Query = Vec<(String, String)>;

/// The parameters of the current address. Not the router's map of them, which decodes what was
/// decoded already: a `%` in a value would not survive.
pub fn use_query() -> Memo<Query> {
    let search = use_location().search;
    Memo::new(move |_| search.with(|search| read(search)))
}

/// The query parameter `name`; absent and empty are the same.
pub fn use_parameter(name: &'static str) -> Memo<Option<String>> {
    let query = use_query();
    Memo::new(move |_| {
        query.with(|query| {
            let mut values = query
                .iter()
                .filter(|(key, value)| key == name && !value.is_empty());
            values.next_back().map(|(_, value)| value.clone())
        })
    })
}

fn read(search: &str) -> Query {
    let pairs = search.trim_start_matches('?').split('&');
    pairs
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (decode(name), decode(value)))
        .collect()
}

fn decode(text: &str) -> String {
    let text = text.replace('+', " ");
    // What is no encoding stands for itself.
    js_sys::decode_uri_component(&text).map_or(text, String::from)
}

/// Parameters as an address has them, without the question mark.
pub fn write(query: &[(impl AsRef<str>, impl AsRef<str>)]) -> String {
    let encode = |text: &str| String::from(js_sys::encode_uri_component(text));
    let pairs = query
        .iter()
        .map(|(name, value)| [encode(name.as_ref()), encode(value.as_ref())].join("="));
    pairs.collect::<Vec<_>>().join("&")
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
        self.edited(|query| {
            for (name, value) in changes {
                query.retain(|(key, _)| key != name);
                if let Some(value) = value {
                    query.push(((*name).to_owned(), value.clone()));
                }
            }
        })
    }

    /// The current page with its parameters changed by `edit`, as a link. Reactive.
    pub fn edited(self, edit: impl FnOnce(&mut Query)) -> String {
        self.location.with_value(|location| {
            let mut query = location.search.with(|search| read(search));
            edit(&mut query);
            let path = location.pathname.get();
            if query.is_empty() {
                path
            } else {
                [path, write(&query)].join("?")
            }
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
    [path, &write(&[(name, value)])].join("?")
}

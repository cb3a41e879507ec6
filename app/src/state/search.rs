//! The search in the address, as text and as a query. Filters read the query and write the
//! text, so that text, filters and address stay in step.

use leptos::prelude::*;
use shared::search::{self, List, Query, SearchError};

use super::address::{Address, use_address, use_parameter};

/// The search of a page.
#[derive(Clone, Copy)]
pub struct Search {
    /// Which list is searched.
    pub list: List,
    /// The text as it stands in the address.
    pub text: Memo<String>,
    /// What it says, or why it says nothing.
    pub query: Memo<Result<Query, SearchError>>,
    address: Address,
}

/// The search of the current page, from its address.
pub fn use_search(list: List) -> Search {
    let parameter = use_parameter("q");
    let text = Memo::new(move |_| parameter.get().unwrap_or_default());
    Search {
        list,
        text,
        query: Memo::new(move |_| text.with(|text| search::parse(list, text))),
        address: use_address(),
    }
}

impl Search {
    /// Searches for `text`.
    pub fn set_text(self, text: &str) {
        self.address.set(&[("q", parameter(text))]);
    }

    /// What is searched for; everything where the text cannot be read. Reactive.
    pub fn read(self) -> Query {
        self.query
            .with(|query| query.as_ref().cloned().unwrap_or_default())
    }

    /// Whether the text cannot be read, so that filters have nothing to change. Reactive.
    pub fn is_unreadable(self) -> bool {
        self.query.with(Result::is_err)
    }

    /// Searches for what `change` makes of the query. Does nothing to a text that cannot be
    /// read.
    pub fn edit(self, change: impl FnOnce(&mut Query)) {
        if let Ok(mut query) = self.query.get_untracked() {
            change(&mut query);
            self.set_text(&query.to_string());
        }
    }

    /// The current page searching for `query`, as a link. Reactive.
    pub fn link(self, query: &Query) -> String {
        self.address.with(&[("q", parameter(&query.to_string()))])
    }
}

fn parameter(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

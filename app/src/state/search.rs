//! The search in the address, as text and as a query, and the links of the filters that stay
//! in step with it.

use leptos::prelude::*;
use shared::BotType;
use shared::search::{self, List, Period, Query, SearchError};

use super::address::{Address, use_address, use_parameter};

/// The search of a page.
#[derive(Clone, Copy)]
pub struct Search {
    /// The text as it stands in the address.
    pub text: Memo<String>,
    /// What it says, or why it says nothing.
    pub query: Memo<Result<Query, SearchError>>,
    /// Which list it searches.
    pub list: List,
    address: Address,
}

/// The search of the current page, which shows `list`, from its address.
pub fn use_search(list: List) -> Search {
    let parameter = use_parameter("q");
    let text = Memo::new(move |_| parameter.get().unwrap_or_default());
    Search {
        text,
        query: Memo::new(move |_| text.with(|text| search::parse(list, text))),
        list,
        address: use_address(),
    }
}

impl Search {
    /// Searches for `text`.
    pub fn set_text(self, text: &str) {
        let text = text.trim();
        let value = (!text.is_empty()).then(|| text.to_owned());
        self.address.set(&[("q", value)]);
    }

    /// The types that are searched for; none means any.
    pub fn types(self) -> Vec<BotType> {
        self.query
            .with(|query| query.as_ref().map_or_else(|_| Vec::new(), Query::types))
    }

    /// The period that is searched; absent for the default one.
    pub fn period(self) -> Option<Period> {
        self.query
            .with(|query| query.as_ref().ok().and_then(|query| query.period))
    }

    /// Adds a type to those searched for, or takes it away. Does nothing to a text that cannot
    /// be read.
    pub fn toggle_type(self, bot_type: BotType) {
        self.edit(|query| query.with_types(&toggled(&query.types(), bot_type)));
    }

    /// Searches for exactly these types. Does nothing to a text that cannot be read.
    pub fn set_types(self, types: &[BotType]) {
        self.edit(|query| query.with_types(types));
    }

    /// Searches another period. Does nothing to a text that cannot be read.
    pub fn set_period(self, period: Option<Period>) {
        self.edit(|query| query.with_period(period));
    }

    fn edit(self, change: impl FnOnce(&Query) -> Query) {
        let changed = self
            .query
            .with_untracked(|query| query.as_ref().ok().map(change));
        if let Some(query) = changed {
            self.set_text(&query.to_string());
        }
    }
}

fn toggled(types: &[BotType], bot_type: BotType) -> Vec<BotType> {
    let mut types = types.to_vec();
    match types.iter().position(|other| *other == bot_type) {
        Some(index) => {
            types.remove(index);
        }
        None => types.push(bot_type),
    }
    types
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_added_and_taken_away_again() {
        let one = toggled(&[], BotType::Scraping);
        assert_eq!(one, [BotType::Scraping]);
        let two = toggled(&one, BotType::ApiAbuse);
        assert_eq!(two, [BotType::Scraping, BotType::ApiAbuse]);
        assert_eq!(toggled(&two, BotType::Scraping), [BotType::ApiAbuse]);
    }
}

//! The values that the rows of a search have under a key: what both lists take and answer.

use shared::search::{Condition, Key, List};
use shared::{SearchValue, SearchValues};
use utoipa::IntoParams;

use super::params::SearchParams;
use crate::http::error::ApiError;
use crate::http::fields::{Fields, Params};
use crate::http::reply::Json;
use crate::http::route::Context;

/// A longer beginning of a value is refused.
const MAX_PREFIX: usize = 200;

/// Keys whose values are listed; those of one list only are not listed in the other.
const LISTED: &[Key] = &[
    Key::Type,
    Key::Status,
    Key::Bot,
    Key::Address,
    Key::Country,
    Key::Source,
    Key::StatusCode,
    Key::Method,
    Key::Domain,
    Key::Url,
    Key::Application,
    Key::UserAgent,
    Key::Detector,
    Key::User,
    Key::Role,
    Key::Verified,
    Key::Outcome,
];

/// Which values.
#[derive(IntoParams)]
pub(super) struct WantedParams {
    /// The key.
    #[param(value_type = String)]
    key: Key,
    /// What a word of the value begins with, in any case.
    #[param(max_length = 200, required = false)]
    prefix: String,
    /// How many values at most.
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: u32,
}

impl WantedParams {
    /// The values that were found as the API shows them.
    fn answer(&self, mut found: Vec<(String, u64)>) -> SearchValues {
        let more = found.len() > self.limit as usize;
        found.truncate(self.limit as usize);
        let values = found.into_iter().filter_map(|(value, count)| {
            let term = Condition::of(self.key, &value)?.to_string();
            Some(SearchValue { value, term, count })
        });
        SearchValues {
            key: self.key,
            values: values.collect(),
            more,
        }
    }
}

/// What the values of a list take.
pub(in crate::http) struct ValuesParams {
    search: SearchParams,
    wanted: WantedParams,
}

impl ValuesParams {
    /// The values of the rows of `list`.
    pub(super) async fn find(
        self,
        list: List,
        context: &Context,
    ) -> Result<Json<SearchValues>, ApiError> {
        let (search, wanted) = (self.search.to_search(context.now), self.wanted);
        let store = &context.store;
        let found = store.count_values(list, &search, wanted.key, &wanted.prefix);
        Ok(Json(wanted.answer(found.await?)))
    }

    fn read_for(list: List, fields: &mut Fields) -> Result<Self, ApiError> {
        let search = SearchParams::read_for(list, fields)?;
        let possible = || {
            let keys = LISTED.iter().filter(|key| key.is_of(list));
            let names: Vec<&str> = keys.map(|key| key.as_str()).collect();
            format!("expected one of: {}", names.join(", "))
        };
        let key: Option<String> = fields.optional("key")?;
        let key = key
            .unwrap_or_else(|| Key::Type.to_string())
            .parse::<Key>()
            .ok()
            .filter(|key| LISTED.contains(key) && key.is_of(list))
            .ok_or_else(|| ApiError::field("key", possible()))?;
        let prefix: String = fields.optional("prefix")?.unwrap_or_default();
        if prefix.chars().count() > MAX_PREFIX {
            let message = format!("at most {MAX_PREFIX} characters");
            return Err(ApiError::field("prefix", message));
        }
        let limit = fields.number("limit", 1..=100, 20)?;
        Ok(Self {
            search,
            wanted: WantedParams {
                key,
                prefix,
                limit: u32::try_from(limit).expect("from 1 to 100"),
            },
        })
    }
}

/// What the values of attacks take.
pub(in crate::http) struct AttackValuesParams(pub(super) ValuesParams);

/// What the values of sessions take.
pub(in crate::http) struct SessionValuesParams(pub(super) ValuesParams);

impl IntoParams for ValuesParams {
    fn into_params(
        location: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
    ) -> Vec<utoipa::openapi::path::Parameter> {
        let mut params = WantedParams::into_params(&location);
        params.extend(SearchParams::into_params(&location));
        params
    }
}

impl IntoParams for AttackValuesParams {
    fn into_params(
        location: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
    ) -> Vec<utoipa::openapi::path::Parameter> {
        ValuesParams::into_params(location)
    }
}

impl IntoParams for SessionValuesParams {
    fn into_params(
        location: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
    ) -> Vec<utoipa::openapi::path::Parameter> {
        ValuesParams::into_params(location)
    }
}

impl Params for AttackValuesParams {
    fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        ValuesParams::read_for(List::Attacks, fields).map(Self)
    }
}

impl Params for SessionValuesParams {
    fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        ValuesParams::read_for(List::Sessions, fields).map(Self)
    }
}

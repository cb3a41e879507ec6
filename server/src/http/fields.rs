//! The parameters of a request, from its path and its query, read one by one. Strict: a
//! parameter that is wrong, unknown or given twice is an error that names it.

use std::fmt::Display;
use std::str::FromStr;

use axum::extract::Query;
use http::Uri;

use super::error::ApiError;
use super::mask::asks_too_much;

/// How many values a parameter takes that may be given several times.
const MAX_VALUES: usize = 50;

/// The parameters of one route, read from [`Fields`]; the derived description is what the API
/// document says of them.
pub(super) trait Params: utoipa::IntoParams + Sized + Send + 'static {
    /// Reads them all.
    fn read(fields: &mut Fields) -> Result<Self, ApiError>;
}

/// Parameters not read yet.
pub(super) struct Fields {
    path: Vec<(String, String)>,
    query: Vec<(String, String)>,
}

impl Fields {
    pub(super) fn new(path: Vec<(String, String)>, uri: &Uri) -> Result<Self, ApiError> {
        let Query(query) = Query::<Vec<(String, String)>>::try_from_uri(uri)
            .map_err(|error| ApiError::field("query", error.body_text()))?;
        Ok(Self { path, query })
    }

    /// A part of the path.
    pub(super) fn path<T>(&mut self, name: &str) -> Result<T, ApiError>
    where
        T: FromStr<Err: Display>,
    {
        let (_, text) = self
            .path
            .iter()
            .find(|(key, _)| key == name)
            .expect("the route's path has the parameter");
        text.parse()
            .map_err(|error: T::Err| ApiError::field(name, error.to_string()))
    }

    /// A parameter of the query that may be missing. Empty is missing, as a form sends it.
    pub(super) fn optional<T>(&mut self, name: &str) -> Result<Option<T>, ApiError>
    where
        T: FromStr<Err: Display>,
    {
        let Some(at) = self.query.iter().position(|(key, _)| key == name) else {
            return Ok(None);
        };
        let (_, text) = self.query.remove(at);
        if text.is_empty() {
            return Ok(None);
        }
        text.parse()
            .map(Some)
            .map_err(|error: T::Err| ApiError::field(name, error.to_string()))
    }

    /// All values of a parameter that may be given several times, each once. Empty ones count
    /// as none.
    pub(super) fn list<T>(&mut self, name: &str) -> Result<Vec<T>, ApiError>
    where
        T: FromStr<Err: Display> + PartialEq,
    {
        let mut values = Vec::new();
        for (_, text) in self.query.extract_if(.., |(key, _)| key == name) {
            if text.is_empty() {
                continue;
            }
            let value = text.parse();
            let value = value.map_err(|error: T::Err| ApiError::field(name, error.to_string()))?;
            if !values.contains(&value) {
                values.push(value);
            }
            if values.len() > MAX_VALUES {
                let message = format!("takes at most {MAX_VALUES} values");
                return Err(ApiError::field(name, message));
            }
        }
        Ok(values)
    }

    /// A whole number of a range, or `default`.
    pub(super) fn number(
        &mut self,
        name: &str,
        range: std::ops::RangeInclusive<i32>,
        default: i32,
    ) -> Result<i32, ApiError> {
        let Some(text) = self.optional::<String>(name)? else {
            return Ok(default);
        };
        text.parse()
            .ok()
            .filter(|number| range.contains(number))
            .ok_or_else(|| {
                let (first, last) = range.into_inner();
                ApiError::field(name, format!("expected a number from {first} to {last}"))
            })
    }

    /// Fails if something names an address more exactly than it is shown to the caller.
    pub(super) fn refuse_addresses(&self) -> Result<(), ApiError> {
        let asked = self
            .query
            .iter()
            .find(|(name, value)| asks_too_much(name, value));
        match asked {
            None => Ok(()),
            Some((name, _)) => {
                let shown: String = name.chars().take(40).collect();
                let message = "your role sees addresses only in part, so it can ask for networks of \
                               256 addresses (IPv6: a /48) or more, such as 203.0.113.0/24";
                Err(ApiError::field(&shown, message))
            }
        }
    }

    /// Fails if something was given that nothing has read.
    pub(super) fn finish(self) -> Result<(), ApiError> {
        match self.query.first() {
            None => Ok(()),
            Some((name, _)) => {
                let shown: String = name.chars().take(40).collect();
                Err(ApiError::field(
                    &shown,
                    "this route has no such parameter, or takes it only once",
                ))
            }
        }
    }
}

/// A route without parameters.
pub(super) struct NoParams;

impl utoipa::IntoParams for NoParams {
    fn into_params(
        _: impl Fn() -> Option<utoipa::openapi::path::ParameterIn>,
    ) -> Vec<utoipa::openapi::path::Parameter> {
        Vec::new()
    }
}

impl Params for NoParams {
    fn read(_: &mut Fields) -> Result<Self, ApiError> {
        Ok(Self)
    }
}

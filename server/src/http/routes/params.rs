//! Parameters that several routes take.

use std::fmt::Display;
use std::str::FromStr;

use shared::Timestamp;
use shared::search::{Condition, Key, List, Query, parse};
use utoipa::IntoParams;

use super::attacks::LONGEST_SILENCE_MS;
use crate::http::error::ApiError;
use crate::http::fields::{Fields, Params};
use crate::store::{Cursor, PageRequest, Period, Search};

/// Requests that a search may name: each is looked for in segments and sessions.
const MAX_REQUESTS: usize = 20;

/// The identifier in a path.
#[derive(IntoParams)]
pub(in crate::http) struct IdParams<T: utoipa::ToSchema> {
    /// Its identifier.
    #[param(value_type = String, pattern = "^[0-9a-fA-F]{1,16}$")]
    pub(super) id: T,
}

impl<T> Params for IdParams<T>
where
    T: FromStr<Err: Display> + utoipa::ToSchema + Send + 'static,
{
    fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        Ok(Self {
            id: fields.path("id")?,
        })
    }
}

/// Which part of a list.
#[derive(IntoParams)]
pub(in crate::http) struct PageParams {
    /// Where the page begins: `next_cursor` of the page before it.
    #[param(value_type = String)]
    cursor: Option<Cursor>,
    /// How many items at most.
    #[param(minimum = 1, maximum = 200, default = 50)]
    limit: u32,
}

impl Params for PageParams {
    fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        let limit = fields.number("limit", 1..=200, 50)?;
        Ok(Self {
            cursor: fields.optional("cursor")?,
            limit: u32::try_from(limit).expect("from 1 to 200"),
        })
    }
}

impl PageParams {
    pub(super) fn to_request(&self) -> PageRequest {
        PageRequest {
            cursor: self.cursor,
            limit: self.limit,
        }
    }
}

/// What is searched for, and where the reader is.
#[derive(IntoParams)]
pub(in crate::http) struct SearchParams {
    /// The search, e.g. `account_takeover last 3 days ip:192.168.`; without a period, the last
    /// 24 hours.
    #[param(value_type = String)]
    q: Query,
    /// Minutes that the reader's clock is ahead of UTC: decides when `today` begins.
    #[param(minimum = -1440, maximum = 1440, default = 0)]
    zone: i32,
}

impl Params for SearchParams {
    fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        Self::read_for(List::Attacks, fields)
    }
}

impl SearchParams {
    /// Reads what searches `list`.
    pub(super) fn read_for(list: List, fields: &mut Fields) -> Result<Self, ApiError> {
        let text: Option<String> = fields.optional("q")?;
        let q = parse(list, &text.unwrap_or_default())?;
        if q.terms_of(Key::Request).count() > MAX_REQUESTS {
            let message = format!("a search names at most {MAX_REQUESTS} requests");
            return Err(ApiError::field("q", message));
        }
        Ok(Self {
            q,
            zone: fields.number("zone", -1_440..=1_440, 0)?,
        })
    }

    /// The two ends of the period, the second not included.
    pub(super) fn period(&self, now: Timestamp) -> (Timestamp, Timestamp) {
        self.q.resolve_period(now, self.zone)
    }

    /// What the store searches for.
    pub(super) fn to_search(&self, now: Timestamp) -> Search {
        let (from, until) = self.period(now);
        Search {
            query: self.q.clone(),
            // Without its end there, with its last millisecond here.
            period: Period {
                from,
                until: until.plus(-1),
            },
            ongoing_since: now.plus(-LONGEST_SILENCE_MS),
        }
    }

    /// This search for `condition` too.
    pub(super) fn with(mut self, condition: Option<Condition>) -> Self {
        if let Some(condition) = condition {
            self.q = self.q.with_condition(condition);
        }
        self
    }
}

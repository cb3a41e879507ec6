//! Parameters that several routes take.

use std::fmt::Display;
use std::str::FromStr;

use shared::Timestamp;
use shared::search::{Condition, Key, List, Query, Term, parse};
use utoipa::IntoParams;

use crate::http::error::ApiError;
use crate::http::fields::{Fields, Params};
use crate::store::{AddressRange, Cursor, PageRequest, Period};

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
        // What the store cannot search by yet.
        let unknown = |term: &&Term| {
            let known = match &term.condition {
                Condition::Type(_) | Condition::Address(_) | Condition::AddressCount(_) => true,
                Condition::Text(Key::Application, name) => name.as_literal().is_some(),
                _ => false,
            };
            term.negated || !known
        };
        if let Some(term) = q.terms.iter().find(unknown) {
            return Err(ApiError::field(
                "q",
                format!("`{term}` is not supported yet"),
            ));
        }
        Ok(Self {
            q,
            zone: fields.number("zone", -1_440..=1_440, 0)?,
        })
    }

    pub(super) fn query(&self) -> &Query {
        &self.q
    }

    /// The two ends of the period, the second not included.
    pub(super) fn period(&self, now: Timestamp) -> (Timestamp, Timestamp) {
        self.q.resolve_period(now, self.zone)
    }
}

/// A period without its end as the store takes it, with its last millisecond.
pub(super) fn stored_period((from, until): (Timestamp, Timestamp)) -> Period {
    Period {
        from,
        until: until.plus(-1),
    }
}

/// The addresses that a search asks for, as the store takes them.
pub(super) fn address_ranges(query: &Query) -> Vec<AddressRange> {
    let ranges = query.terms.iter().filter_map(|term| match term.condition {
        Condition::Address(term) => Some(term.bounds()),
        _ => None,
    });
    ranges
        .map(|(from, until)| AddressRange {
            from: engine::Address(from),
            until: engine::Address(until),
        })
        .collect()
}

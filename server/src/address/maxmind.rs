//! Databases in MaxMind's format, whoever makes them: of countries and cities, of what is
//! anonymous, of who runs a network. Read whole into ranges once; nothing is decoded later.

use std::collections::HashMap;
use std::net::IpAddr;

use engine::Address;
use maxminddb::{MaxMindDbError, Reader, WithinOptions};
use serde_json::Value;

use super::fields::{self, Found};
use super::{BookBuilder, Fact, Full};

/// Why a database could not be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum DatabaseError {
    #[error(transparent)]
    Format(#[from] MaxMindDbError),
    #[error(transparent)]
    Full(#[from] Full),
}

/// Reads a database and returns what it calls itself, with the day it was made.
pub(super) fn read(bytes: Vec<u8>, book: &mut BookBuilder) -> Result<String, DatabaseError> {
    let reader = Reader::from_source(bytes)?;
    let metadata = reader.metadata();
    let made_at = time::OffsetDateTime::from_unix_timestamp(metadata.build_epoch.cast_signed());
    let made_on = made_at.map_or(String::new(), |at| format!(" of {}", at.date()));
    let name = format!("{}{made_on}", metadata.database_type);
    // Many networks share a record; each is decoded once.
    let mut records: HashMap<usize, Found> = HashMap::new();
    for network in reader.networks(WithinOptions::default())? {
        let network = network?;
        let Some(offset) = network.offset() else {
            continue;
        };
        let found = match records.get(&offset) {
            Some(found) => found,
            None => {
                let record: Option<Value> = network.decode()?;
                let found = fields::find(&record.unwrap_or_default());
                records.entry(offset).or_insert(found)
            }
        };
        if found.country.is_none() && found.source.is_none() {
            continue;
        }
        let network = network.network()?;
        let range = bounds(network.ip(), network.prefix());
        if let Some(country) = found.country {
            book.add(range, &Fact::Country(country))?;
        }
        if let Some(source) = &found.source {
            book.add(range, &Fact::Source(source))?;
        }
    }
    Ok(name)
}

fn bounds(first: IpAddr, prefix: u8) -> (u128, u128) {
    let bits = if first.is_ipv4() { 32 } else { 128 };
    let first = Address::from(first).0;
    let host_bits = u32::from(bits - prefix.min(bits));
    let mask = match host_bits {
        128 => u128::MAX,
        bits => (1 << bits) - 1,
    };
    (first, first | mask)
}

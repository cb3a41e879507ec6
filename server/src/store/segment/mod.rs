//! A segment: some thousand requests as compressed columns, the form in which requests are
//! stored. Encoding and decoding only; where segments are kept is the backend's business.
//!
//! ```text
//! version (1 byte)
//! texts:   length of the frame, length of its content, zstd frame
//! numbers: length of its content, zstd frame (the rest)
//! ```
//!
//! *texts* holds, for each text column, how many distinct texts it has, their lengths and their
//! bytes, in order of first appearance; facts only in version 2. *numbers* holds the source, the resolution, the number of rows and
//! the columns, each with the length it takes. Rows of one client stand together, so most
//! columns are written relative to the row before (see `column`).

mod client;
mod column;
mod decode;
mod encode;
#[cfg(test)]
mod tests;
mod told;

use std::sync::Arc;

pub(crate) use client::{ClientRequests, Whose};
use engine::attribute::resolve_keys;
use engine::{Address, Batch, ClientKey, Input, Request, TextId};
use rustc_hash::FxHashMap;
use shared::ApplicationSettings;
pub(crate) use told::decode as decode_told;

use super::bytes::Malformed;
use super::cache::Weigh;

/// What a segment without facts begins with.
const VERSION: u8 = 1;

/// What one with facts begins with: they are the last text column.
const VERSION_WITH_FACTS: u8 = 2;

/// How hard to compress: beyond 3 costs more time than it saves space.
const LEVEL: i32 = 3;

/// No segment has more rows; guards against allocating what a corrupt header asks for.
const MAX_ROWS: usize = 1 << 20;

/// No frame holds more; guards likewise.
const MAX_FRAME: usize = 1 << 28;

/// The columns that are texts, in the order in which they are written.
const TEXT_COLUMNS: usize = 10;

/// The place of the user agent among them.
const USER_AGENT: usize = 5;

fn texts_of(request: &Request) -> [TextId; TEXT_COLUMNS] {
    [
        request.method,
        request.host,
        request.path,
        request.query,
        request.protocol,
        request.user_agent,
        request.referer,
        request.user,
        request.headers,
        request.facts,
    ]
}

/// What the engine was told.
#[derive(Debug)]
pub enum Logged {
    /// Requests.
    Requests(Segment),
    /// Something else.
    Told {
        /// Its number in the log.
        number: u64,
        /// What was judged before it: everything older than this.
        judged_until: i64,
        /// What.
        input: Input,
    },
}

/// What a segment holds that is not requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SegmentKind {
    /// Exceptions, one a line.
    Exceptions = 1,
    /// Where crawlers come from.
    Origins = 2,
    /// Addresses of who claims to be a crawler, looked up.
    OriginChecks = 3,
}

/// A segment ready to be stored: the encoded requests and what the store keeps beside them.
#[derive(Debug, Clone)]
pub struct EncodedSegment {
    /// Its number in the application; the position in the engine's log.
    pub number: u64,
    /// `None` for requests.
    pub kind: Option<SegmentKind>,
    /// Its oldest request.
    pub min_at: i64,
    /// Its newest.
    pub max_at: i64,
    /// How many requests.
    pub rows: u32,
    /// How many of them are new; fewer than all if the segment has grown.
    pub added: u32,
    /// The hosts that the new ones ask for, with requests.
    pub hosts: Vec<(String, u64)>,
    /// The encoded requests.
    pub bytes: Vec<u8>,
}

impl EncodedSegment {
    /// Encodes `batch` as segment `number`. Rows compress best when those of one client stand
    /// together.
    #[must_use]
    pub fn new(number: u64, batch: &Batch) -> Self {
        Self::grown(number, batch, 0)
    }

    /// Encodes `batch` as segment `number`, whose first `before` rows are stored.
    #[must_use]
    pub fn grown(number: u64, batch: &Batch, before: usize) -> Self {
        let mut hosts: FxHashMap<TextId, u64> = FxHashMap::default();
        let new = batch.requests.get(before..).unwrap_or_default();
        for request in new {
            *hosts.entry(request.host).or_default() += 1;
        }
        hosts.remove(&TextId::EMPTY);
        let mut hosts: Vec<(String, u64)> = hosts
            .into_iter()
            .map(|(host, requests)| (batch.text(host).to_owned(), requests))
            .collect();
        hosts.sort_unstable();
        let times = || batch.requests.iter().map(|request| request.at);
        Self {
            number,
            kind: None,
            min_at: times().min().unwrap_or(0),
            max_at: times().max().unwrap_or(0),
            rows: u32::try_from(batch.requests.len()).expect("a batch has some thousand rows"),
            added: u32::try_from(new.len()).expect("a batch has some thousand rows"),
            hosts,
            bytes: encode::encode(batch),
        }
    }

    /// Segment `number` of the log: something that is not requests, which holds for what is not
    /// older than `judged_until`; `None` for what is not logged like this.
    #[must_use]
    pub fn told(number: u64, judged_until: i64, input: &Input) -> Option<Self> {
        let (kind, bytes) = told::encode(input)?;
        Some(Self {
            number,
            kind: Some(kind),
            min_at: judged_until,
            max_at: judged_until,
            rows: 0,
            added: 0,
            hosts: Vec::new(),
            bytes,
        })
    }
}

/// A segment read back, its session keys, users and roles as settings say.
#[derive(Debug)]
pub struct Segment {
    /// Its number in the application.
    pub number: u64,
    /// Its requests; row `i` is `batch.requests[i]`.
    pub batch: Batch,
    /// The client of each row.
    pub clients: Vec<ClientKey>,
    /// By what its keys were found.
    pub settings: Arc<ApplicationSettings>,
}

impl Segment {
    /// Reads what [`EncodedSegment::new`] wrote.
    pub(crate) fn decode(
        number: u64,
        bytes: &[u8],
        settings: &Arc<ApplicationSettings>,
    ) -> Result<Self, Malformed> {
        let mut batch = decode_batch(bytes)?;
        resolve_keys(settings, &mut batch);
        let clients = clients_of(&batch);
        Ok(Self {
            number,
            batch,
            clients,
            settings: Arc::clone(settings),
        })
    }

    /// The requests of one client with their rows.
    pub(crate) fn requests_of(&self, client: ClientKey) -> impl Iterator<Item = (u32, &Request)> {
        let rows = (0u32..).zip(self.clients.iter().zip(&self.batch.requests));
        rows.filter(move |(_, (other, _))| **other == client)
            .map(|(row, (_, request))| (row, request))
    }
}

impl Weigh for Segment {
    fn weight(&self) -> usize {
        weigh(&self.batch) + size_of_val(&self.clients[..])
    }
}

/// About how many bytes `batch` takes in memory.
pub(crate) fn weigh(batch: &Batch) -> usize {
    size_of_val(&batch.requests[..]) + batch.texts.bytes() + batch.texts.len() * 12
}

/// Reads what [`EncodedSegment::new`] wrote, as it was written.
pub(crate) fn decode_batch(bytes: &[u8]) -> Result<Batch, Malformed> {
    decode::decode(bytes)
}

/// Whether a segment has requests from `address`; no column is decoded for it but one.
pub(crate) fn has_address(bytes: &[u8], address: Address) -> Result<bool, Malformed> {
    Ok(decode::Frames::read(bytes)?.addresses()?.contains(&address))
}

/// Whether one of `names` stands anywhere in a segment's texts; no column is decoded for it.
pub(crate) fn has_text(bytes: &[u8], names: &[String]) -> Result<bool, Malformed> {
    let texts = decode::Frames::read(bytes)?.texts()?;
    let mut names = names.iter();
    Ok(names.any(|name| memchr::memmem::find(&texts, name.as_bytes()).is_some()))
}

/// The client of each row; rows of one client mostly follow each other.
fn clients_of(batch: &Batch) -> Vec<ClientKey> {
    let mut clients = Vec::with_capacity(batch.requests.len());
    let mut previous: Option<(&Request, ClientKey)> = None;
    for request in &batch.requests {
        let key = match previous {
            Some((before, key))
                if before.address == request.address
                    && before.user_agent == request.user_agent
                    && before.session_key == request.session_key =>
            {
                key
            }
            _ => engine::attribute::client_key(batch, request),
        };
        previous = Some((request, key));
        clients.push(key);
    }
    clients
}

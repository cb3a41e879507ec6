//! Requests into a segment's bytes. The inverse is in `decode`.

use engine::{Address, Batch, TextId};

use super::column::{Recall, Targets, put_size};
use super::{LEVEL, TEXT_COLUMNS, VERSION, VERSION_WITH_FACTS, texts_of};
use crate::store::bytes::{put_signed, put_varint};
use crate::store::frame;

pub(super) fn encode(batch: &Batch) -> Vec<u8> {
    let mut columns = Columns::new(batch.requests.len(), batch.texts.len());
    let unit = time_unit(batch);
    let mut previous_at = 0i64;
    for request in &batch.requests {
        put_signed(
            &mut columns.at,
            (request.at / unit).wrapping_sub(previous_at),
        );
        previous_at = request.at / unit;
        columns.addresses.put(&mut columns.address, request.address);
        columns
            .session_keys
            .put(&mut columns.session_key, request.session_key);
        let texts = texts_of(request);
        for (column, text) in columns.texts.iter_mut().zip(texts) {
            column.0.put(&mut column.1, text);
        }
        columns
            .statuses
            .put(&mut columns.status, (request.status, request.blocked));
        let target = (request.path, request.query, request.status);
        let sizes = columns.targets.sizes(target);
        let (response, request_size) = (request.response_bytes, request.request_bytes);
        put_size(&mut columns.response_bytes, &mut sizes.response, response);
        put_size(&mut columns.request_bytes, &mut sizes.request, request_size);
        put_varint(
            &mut columns.time_us,
            request.time_us.map_or(0, |time| u64::from(time) + 1),
        );
    }
    columns.finish(batch, unit)
}

/// The columns while they are written.
struct Columns {
    at: Vec<u8>,
    addresses: Recall<Address>,
    address: Vec<u8>,
    session_keys: Recall<u64>,
    session_key: Vec<u8>,
    texts: [(Recall<TextId>, Vec<u8>); TEXT_COLUMNS],
    statuses: Recall<(u16, bool)>,
    status: Vec<u8>,
    targets: Targets,
    response_bytes: Vec<u8>,
    request_bytes: Vec<u8>,
    time_us: Vec<u8>,
}

impl Columns {
    fn new(rows: usize, texts: usize) -> Self {
        let column = || Vec::with_capacity(rows);
        Self {
            at: column(),
            addresses: Recall::new(),
            address: column(),
            session_keys: Recall::new(),
            session_key: column(),
            texts: std::array::from_fn(|_| (Recall::new(), column())),
            statuses: Recall::new(),
            status: column(),
            targets: Targets::new(texts),
            response_bytes: column(),
            request_bytes: column(),
            time_us: column(),
        }
    }

    fn finish(self, batch: &Batch, unit: i64) -> Vec<u8> {
        let has_facts = (batch.requests.iter()).any(|request| request.facts != TextId::EMPTY);
        let (version, text_columns) = if has_facts {
            (VERSION_WITH_FACTS, &self.texts[..])
        } else {
            (VERSION, &self.texts[..TEXT_COLUMNS - 1])
        };
        let mut texts = Vec::with_capacity(batch.texts.bytes());
        for (recall, _) in text_columns {
            put_varint(&mut texts, recall.distinct.len() as u64);
            for text in &recall.distinct {
                put_varint(&mut texts, batch.text(*text).len() as u64);
            }
            for text in &recall.distinct {
                texts.extend_from_slice(batch.text(*text).as_bytes());
            }
        }

        let mut numbers = Vec::with_capacity(batch.requests.len() * 16);
        put_varint(&mut numbers, batch.requests.len() as u64);
        numbers.extend_from_slice(&batch.source.to_le_bytes());
        put_varint(&mut numbers, u64::from(batch.resolution_ms));
        put_varint(&mut numbers, unit as u64);
        put_column(&mut numbers, &distinct_addresses(&self.addresses.distinct));
        put_column(&mut numbers, &self.address);
        let keys: Vec<u8> = self
            .session_keys
            .distinct
            .iter()
            .flat_map(|key| key.to_le_bytes())
            .collect();
        put_column(&mut numbers, &keys);
        put_column(&mut numbers, &self.session_key);
        let mut statuses = Vec::new();
        for (status, blocked) in &self.statuses.distinct {
            put_varint(&mut statuses, u64::from(*status) << 1 | u64::from(*blocked));
        }
        put_column(&mut numbers, &statuses);
        put_column(&mut numbers, &self.status);
        put_column(&mut numbers, &self.at);
        for (_, column) in text_columns {
            put_column(&mut numbers, column);
        }
        put_column(&mut numbers, &self.response_bytes);
        put_column(&mut numbers, &self.request_bytes);
        put_column(&mut numbers, &self.time_us);

        let packed_texts = frame::pack(&texts, LEVEL);
        let packed_numbers = frame::pack(&numbers, LEVEL);
        let mut bytes = Vec::with_capacity(packed_texts.len() + packed_numbers.len() + 16);
        bytes.push(version);
        put_varint(&mut bytes, packed_texts.len() as u64);
        put_varint(&mut bytes, texts.len() as u64);
        bytes.extend_from_slice(&packed_texts);
        put_varint(&mut bytes, numbers.len() as u64);
        bytes.extend_from_slice(&packed_numbers);
        bytes
    }
}

/// The largest step that all times are multiples of: the source's resolution, or else 1 ms.
fn time_unit(batch: &Batch) -> i64 {
    let unit = i64::from(batch.resolution_ms.max(1));
    if batch.requests.iter().all(|request| request.at % unit == 0) {
        unit
    } else {
        1
    }
}

/// IPv4 addresses as 4 bytes after a 4, others as 16 after a 6.
fn distinct_addresses(addresses: &[Address]) -> Vec<u8> {
    let mut out = Vec::with_capacity(addresses.len() * 5);
    for address in addresses {
        if address.0 >> 32 == 0xffff {
            out.push(4);
            out.extend_from_slice(&(address.0 as u32).to_be_bytes());
        } else {
            out.push(6);
            out.extend_from_slice(&address.0.to_be_bytes());
        }
    }
    out
}

fn put_column(out: &mut Vec<u8>, column: &[u8]) {
    put_varint(out, column.len() as u64);
    out.extend_from_slice(column);
}

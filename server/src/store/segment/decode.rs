//! A segment's bytes back into requests. Every bound is checked: what cannot be read is
//! [`Malformed`], never a panic.

use engine::{Address, Batch, Request, TextId, Texts};

use super::column::{Recalled, Targets, read_size};
use super::{MAX_FRAME, MAX_ROWS, TEXT_COLUMNS, VERSION, VERSION_WITH_FACTS};
use crate::store::bytes::{Malformed, Reader};
use crate::store::frame;

/// So many rows have their texts read column by column before the rest of them is.
const TOGETHER: usize = 256;

/// A segment's two frames, compressed as they are stored.
pub(super) struct Frames<'a> {
    texts: (&'a [u8], u64),
    numbers: (&'a [u8], u64),
    /// How many columns are texts.
    written: usize,
}

impl<'a> Frames<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, Malformed> {
        let mut reader = Reader(bytes);
        let written = match reader.byte()? {
            VERSION => TEXT_COLUMNS - 1,
            VERSION_WITH_FACTS => TEXT_COLUMNS,
            _ => return Err(Malformed),
        };
        let packed = reader.count()?;
        let length = reader.varint()?;
        let texts = (reader.take(packed)?, length);
        let length = reader.varint()?;
        Ok(Self {
            texts,
            numbers: (reader.0, length),
            written,
        })
    }

    pub(super) fn texts(&self) -> Result<Vec<u8>, Malformed> {
        decompress(self.texts.0, self.texts.1)
    }

    pub(super) fn numbers(&self) -> Result<Vec<u8>, Malformed> {
        decompress(self.numbers.0, self.numbers.1)
    }

    /// The distinct addresses.
    pub(super) fn addresses(&self) -> Result<Vec<Address>, Malformed> {
        let numbers = self.numbers()?;
        let mut reader = Reader(&numbers);
        Header::read(&mut reader)?;
        read_addresses(column(&mut reader)?)
    }
}

pub(super) fn decode(bytes: &[u8]) -> Result<Batch, Malformed> {
    let frames = Frames::read(bytes)?;
    let (texts, columns) = read_texts(&mut Reader(&frames.texts()?), frames.written)?;
    let numbers = frames.numbers()?;
    read_requests(&mut Reader(&numbers), texts, &columns[..frames.written])
}

/// What stands before the columns of numbers.
struct Header {
    rows: usize,
    source: u64,
    resolution_ms: u32,
    unit: i64,
}

impl Header {
    fn read(reader: &mut Reader<'_>) -> Result<Self, Malformed> {
        let rows = reader.count()?;
        if rows > MAX_ROWS {
            return Err(Malformed);
        }
        Ok(Self {
            rows,
            source: u64::from_le_bytes(reader.array()?),
            resolution_ms: reader.small()?,
            unit: i64::try_from(reader.varint()?).map_err(|_| Malformed)?,
        })
    }
}

/// The distinct texts of each column.
type TextColumns = [Vec<TextId>; TEXT_COLUMNS];

fn read_texts(reader: &mut Reader<'_>, written: usize) -> Result<(Texts, TextColumns), Malformed> {
    let mut texts = Texts::default();
    let mut columns = TextColumns::default();
    for column in &mut columns[..written] {
        let count = reader.count()?;
        let mut lengths = Vec::with_capacity(count);
        for _ in 0..count {
            lengths.push(usize::try_from(reader.varint()?).map_err(|_| Malformed)?);
        }
        let bytes = lengths.iter().copied().fold(0, usize::saturating_add);
        let mut rest = std::str::from_utf8(reader.take(bytes)?).map_err(|_| Malformed)?;
        column.reserve(count);
        texts.reserve(count, bytes);
        for length in lengths {
            let (text, after) = rest.split_at_checked(length).ok_or(Malformed)?;
            // A column has each of its texts once; few are in two.
            column.push(texts.push(text));
            rest = after;
        }
    }
    Ok((texts, columns))
}

fn read_requests(
    reader: &mut Reader<'_>,
    texts: Texts,
    columns: &[Vec<TextId>],
) -> Result<Batch, Malformed> {
    let Header {
        rows,
        source,
        resolution_ms,
        unit,
    } = Header::read(reader)?;
    let addresses = read_addresses(column(reader)?)?;
    let mut address = Recalled::new(column(reader)?, &addresses);
    let session_keys = read_session_keys(column(reader)?)?;
    let mut session_key = Recalled::new(column(reader)?, &session_keys);
    let statuses = read_statuses(column(reader)?)?;
    let mut status = Recalled::new(column(reader)?, &statuses);
    let mut at = column(reader)?;
    let mut text_columns = Vec::with_capacity(TEXT_COLUMNS);
    for distinct in columns {
        text_columns.push(Recalled::new(column(reader)?, distinct));
    }
    let mut response_bytes = column(reader)?;
    let mut request_bytes = column(reader)?;
    let mut time_us = column(reader)?;
    // Each row has a byte of each column; of what a damaged header says there is no more.
    if rows > at.0.len() {
        return Err(Malformed);
    }
    let mut targets = Targets::new(texts.len());

    let mut requests = Vec::with_capacity(rows);
    let mut ticks = 0i64;
    let mut texts_of_rows = [[TextId::EMPTY; TEXT_COLUMNS]; TOGETHER];
    while requests.len() < rows {
        let block = &mut texts_of_rows[..TOGETHER.min(rows - requests.len())];
        for (place, column) in text_columns.iter_mut().enumerate() {
            column.read_into(block.iter_mut().map(|texts| &mut texts[place]))?;
        }
        for text in block {
            ticks = ticks.wrapping_add(at.signed()?);
            let [
                method,
                host,
                path,
                query,
                protocol,
                user_agent,
                referer,
                user,
                headers,
                facts,
            ] = *text;
            let (status, blocked) = status.read()?;
            let sizes = targets.sizes((path, query, status));
            requests.push(Request {
                at: ticks.checked_mul(unit).ok_or(Malformed)?,
                address: address.read()?,
                session_key: session_key.read()?,
                response_bytes: read_size(&mut response_bytes, &mut sizes.response)?,
                request_bytes: read_size(&mut request_bytes, &mut sizes.request)?,
                time_us: match time_us.varint()? {
                    0 => None,
                    time => Some(u32::try_from(time - 1).map_err(|_| Malformed)?),
                },
                method,
                host,
                path,
                query,
                protocol,
                user_agent,
                referer,
                user,
                headers,
                facts,
                status,
                blocked,
                ..Request::default()
            });
        }
    }
    Ok(Batch {
        source,
        resolution_ms,
        requests,
        texts,
    })
}

fn read_addresses(mut column: Reader<'_>) -> Result<Vec<Address>, Malformed> {
    let mut addresses = Vec::new();
    while !column.is_empty() {
        addresses.push(match column.byte()? {
            4 => Address(0xffff << 32 | u128::from(u32::from_be_bytes(column.array()?))),
            6 => Address(u128::from_be_bytes(column.array()?)),
            _ => return Err(Malformed),
        });
    }
    Ok(addresses)
}

fn read_session_keys(mut column: Reader<'_>) -> Result<Vec<u64>, Malformed> {
    let mut keys = Vec::new();
    while !column.is_empty() {
        keys.push(u64::from_le_bytes(column.array()?));
    }
    Ok(keys)
}

fn read_statuses(mut column: Reader<'_>) -> Result<Vec<(u16, bool)>, Malformed> {
    let mut statuses = Vec::new();
    while !column.is_empty() {
        let value = column.varint()?;
        let status = u16::try_from(value >> 1).map_err(|_| Malformed)?;
        statuses.push((status, value & 1 == 1));
    }
    Ok(statuses)
}

fn column<'a>(reader: &mut Reader<'a>) -> Result<Reader<'a>, Malformed> {
    let length = reader.count()?;
    Ok(Reader(reader.take(length)?))
}

fn decompress(packed: &[u8], length: u64) -> Result<Vec<u8>, Malformed> {
    let length = usize::try_from(length).map_err(|_| Malformed)?;
    if length > MAX_FRAME {
        return Err(Malformed);
    }
    let bytes = frame::unpack(packed, length)?;
    if bytes.len() != length {
        return Err(Malformed);
    }
    Ok(bytes)
}

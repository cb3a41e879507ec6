//! A segment's bytes back into requests. Every bound is checked: what cannot be read is
//! [`Malformed`], never a panic.

use engine::{Address, Batch, Request, TextId, Texts};

use super::column::{Recalled, Target, Targets, read_size};
use super::{MAX_FRAME, MAX_ROWS, TEXT_COLUMNS, USER_AGENT, VERSION, VERSION_WITH_FACTS};
use crate::store::bytes::{Malformed, Reader};
use crate::store::frame;

/// Of so many rows at a time who sent them is read, then, if one is wanted, their texts and the rest.
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

    /// Whether something is known of any request that settings may ask for.
    pub(super) fn has_facts(&self) -> bool {
        self.written == TEXT_COLUMNS
    }

    /// The requests that `pick` wants.
    pub(super) fn decode(&self, pick: &mut impl Pick) -> Result<Batch, Malformed> {
        let (texts, columns) = read_texts(&mut Reader(&self.texts()?), self.written)?;
        let numbers = self.numbers()?;
        read_requests(&mut Reader(&numbers), texts, &columns[..self.written], pick)
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
    Frames::read(bytes)?.decode(&mut All)
}

/// Which requests are read. What nobody wants takes little time.
pub(super) trait Pick {
    /// Whether what is read comes with its sizes and the time it took.
    const IN_FULL: bool;

    /// Whether the requests of `sender` are wanted; asked more than once of each.
    fn wants(&mut self, texts: &Texts, sender: Sender) -> bool;

    /// The next request is that of `row`.
    fn took(&mut self, _row: usize) {}
}

/// What tells the client of a request, where no settings say more.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sender {
    pub(super) address: Address,
    pub(super) session_key: u64,
    pub(super) user_agent: TextId,
}

/// Every request in full.
struct All;

impl Pick for All {
    const IN_FULL: bool = true;

    fn wants(&mut self, _: &Texts, _: Sender) -> bool {
        true
    }
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

fn read_requests<P: Pick>(
    reader: &mut Reader<'_>,
    texts: Texts,
    columns: &[Vec<TextId>],
    pick: &mut P,
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
    // Each row has a byte of each column; of what a damaged header says there is no more.
    if rows > at.0.len() {
        return Err(Malformed);
    }
    let mut amounts = match P::IN_FULL {
        true => Some(Amounts::read(reader, texts.len())?),
        false => None,
    };

    let mut requests = Vec::with_capacity(if P::IN_FULL { rows } else { 0 });
    let mut ticks = 0i64;
    let mut senders = [Sender::default(); TOGETHER];
    let mut texts_of_rows = [[TextId::EMPTY; TEXT_COLUMNS]; TOGETHER];
    for first in (0..rows).step_by(TOGETHER) {
        let senders = &mut senders[..TOGETHER.min(rows - first)];
        address.read_into(senders.iter_mut().map(|sender| &mut sender.address))?;
        session_key.read_into(senders.iter_mut().map(|sender| &mut sender.session_key))?;
        let user_agent = &mut text_columns[USER_AGENT];
        user_agent.read_into(senders.iter_mut().map(|sender| &mut sender.user_agent))?;
        let others = text_columns.iter_mut().enumerate();
        let others = others.filter(|(place, _)| *place != USER_AGENT);
        if !senders.iter().any(|sender| pick.wants(&texts, *sender)) {
            for (_, column) in others {
                column.pass(senders.len())?;
            }
            status.pass(senders.len())?;
            for _ in &*senders {
                ticks = ticks.wrapping_add(at.signed()?);
            }
            continue;
        }
        let block = &mut texts_of_rows[..senders.len()];
        for (place, column) in others {
            column.read_into(block.iter_mut().map(|texts| &mut texts[place]))?;
        }
        for (row, (sender, text)) in (first..).zip(senders.iter().zip(block)) {
            ticks = ticks.wrapping_add(at.signed()?);
            let [
                method,
                host,
                path,
                query,
                protocol,
                _,
                referer,
                user,
                headers,
                facts,
            ] = *text;
            let (status, blocked) = status.read()?;
            if !pick.wants(&texts, *sender) {
                continue;
            }
            pick.took(row);
            let amounts = match &mut amounts {
                Some(amounts) => amounts.next((path, query, status))?,
                None => Amount::default(),
            };
            requests.push(Request {
                at: ticks.checked_mul(unit).ok_or(Malformed)?,
                address: sender.address,
                session_key: sender.session_key,
                response_bytes: amounts.response_bytes,
                request_bytes: amounts.request_bytes,
                time_us: amounts.time_us,
                method,
                host,
                path,
                query,
                protocol,
                user_agent: sender.user_agent,
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

/// The columns of how much and how long.
struct Amounts<'a> {
    response_bytes: Reader<'a>,
    request_bytes: Reader<'a>,
    time_us: Reader<'a>,
    targets: Targets,
}

/// How much a request was, and how long it took.
#[derive(Default)]
struct Amount {
    response_bytes: Option<u64>,
    request_bytes: Option<u64>,
    time_us: Option<u32>,
}

impl<'a> Amounts<'a> {
    /// The columns that are next, of a segment with so many texts.
    fn read(reader: &mut Reader<'a>, texts: usize) -> Result<Self, Malformed> {
        Ok(Self {
            response_bytes: column(reader)?,
            request_bytes: column(reader)?,
            time_us: column(reader)?,
            targets: Targets::new(texts),
        })
    }

    fn next(&mut self, target: Target) -> Result<Amount, Malformed> {
        let sizes = self.targets.sizes(target);
        Ok(Amount {
            response_bytes: read_size(&mut self.response_bytes, &mut sizes.response)?,
            request_bytes: read_size(&mut self.request_bytes, &mut sizes.request)?,
            time_us: match self.time_us.varint()? {
                0 => None,
                time => Some(u32::try_from(time - 1).map_err(|_| Malformed)?),
            },
        })
    }
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

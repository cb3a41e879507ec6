//! The small stored forms of what the engine emits: session summaries, the requests of an
//! attack in a segment, records. Decoding checks every bound.

use engine::{ClientKey, DetectorMask, MethodId, MethodSet, SessionCodes, SessionSegments, Slice};
use serde::Serialize;
use serde::de::DeserializeOwned;
use shared::Timestamp;

use super::bytes::{Malformed, Reader, put_text, put_varint};
use super::frame;

/// What is stored of a session beside the columns that lists filter and sort by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SessionPack {
    pub(crate) keyed: bool,
    /// Absent where address and user agent give it.
    pub(crate) client: Option<ClientKey>,
    pub(crate) requests: u32,
    pub(crate) errors: u32,
    /// Ascending.
    pub(crate) codes: SessionCodes,
    pub(crate) methods: MethodSet,
    pub(crate) bytes: u64,
    pub(crate) address_count: u32,
    pub(crate) endpoint_count: u32,
    /// The user agent's number in the store; 0 if unknown.
    pub(crate) user_agent: u32,
    pub(crate) user: String,
    pub(crate) role: String,
    pub(crate) segments: SessionSegments,
}

const KEYED: u64 = 1;
const CLIENT: u64 = 2;
const USER: u64 = 4;
/// Most sessions have one address, and no errors.
const MANY_ADDRESSES: u64 = 8;
const ERRORS: u64 = 16;
/// Many sessions get nothing but 200, and most send nothing but GET.
const CODES: u64 = 32;
const METHODS: u64 = 64;
/// Few applications have roles, so this is what a second byte is for.
const ROLE: u64 = 128;

/// Response statuses that take a bit; the most frequent first.
const USUAL_CODES: [u16; 13] = [
    200, 304, 404, 302, 301, 0, 403, 401, 206, 500, 400, 503, 201,
];
const UNUSUAL: u64 = 1 << USUAL_CODES.len();

fn only_get() -> MethodSet {
    MethodSet::default().with(MethodId::of("GET"))
}

impl SessionPack {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let flag = |set: bool, flag: u64| if set { flag } else { 0 };
        let flags = flag(self.keyed, KEYED)
            | flag(self.client.is_some(), CLIENT)
            | flag(!self.user.is_empty(), USER)
            | flag(self.address_count != 1, MANY_ADDRESSES)
            | flag(self.errors > 0, ERRORS)
            | flag(!self.role.is_empty(), ROLE)
            | flag(self.codes[..] != [200], CODES)
            | flag(self.methods != only_get(), METHODS);
        let mut out = Vec::with_capacity(24);
        put_varint(&mut out, flags);
        put_varint(&mut out, u64::from(self.requests));
        put_varint(&mut out, self.bytes);
        put_varint(&mut out, u64::from(self.endpoint_count));
        put_varint(&mut out, u64::from(self.user_agent));
        if let Some(client) = self.client {
            out.extend_from_slice(&client.0.to_le_bytes());
        }
        if !self.user.is_empty() {
            put_text(&mut out, &self.user);
        }
        if !self.role.is_empty() {
            put_text(&mut out, &self.role);
        }
        if self.address_count != 1 {
            put_varint(&mut out, u64::from(self.address_count));
        }
        if self.errors > 0 {
            put_varint(&mut out, u64::from(self.errors));
        }
        if self.codes[..] != [200] {
            put_codes(&mut out, &self.codes);
        }
        if self.methods != only_get() {
            put_varint(&mut out, u64::from(self.methods.0));
        }
        let mut previous = 0;
        for segment in &self.segments {
            put_varint(&mut out, segment.wrapping_sub(previous));
            previous = *segment;
        }
        out
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, Malformed> {
        let mut reader = Reader(bytes);
        let flags = reader.varint()?;
        let mut pack = Self {
            keyed: flags & KEYED != 0,
            requests: reader.small()?,
            bytes: reader.varint()?,
            endpoint_count: reader.small()?,
            user_agent: reader.small()?,
            address_count: 1,
            ..Self::default()
        };
        if flags & CLIENT != 0 {
            pack.client = Some(ClientKey(u64::from_le_bytes(reader.array()?)));
        }
        if flags & USER != 0 {
            reader.text()?.clone_into(&mut pack.user);
        }
        if flags & ROLE != 0 {
            reader.text()?.clone_into(&mut pack.role);
        }
        if flags & MANY_ADDRESSES != 0 {
            pack.address_count = reader.small()?;
        }
        if flags & ERRORS != 0 {
            pack.errors = reader.small()?;
        }
        pack.codes = if flags & CODES != 0 {
            read_codes(&mut reader)?
        } else {
            [200].into_iter().collect()
        };
        pack.methods = if flags & METHODS != 0 {
            MethodSet(reader.small()?)
        } else {
            only_get()
        };
        let mut previous = 0u64;
        while !reader.is_empty() {
            previous = previous.wrapping_add(reader.varint()?);
            pack.segments.push(previous);
        }
        Ok(pack)
    }
}

pub(super) fn put_codes(out: &mut Vec<u8>, codes: &[u16]) {
    let mut mask = 0;
    let mut unusual = Vec::new();
    for code in codes {
        match USUAL_CODES.iter().position(|usual| usual == code) {
            Some(place) => mask |= 1 << place,
            None => unusual.push(*code),
        }
    }
    if !unusual.is_empty() {
        mask |= UNUSUAL;
    }
    put_varint(out, mask);
    if !unusual.is_empty() {
        put_varint(out, unusual.len() as u64);
    }
    for code in unusual {
        put_varint(out, u64::from(code));
    }
}

pub(super) fn read_codes(reader: &mut Reader<'_>) -> Result<SessionCodes, Malformed> {
    let mask = reader.varint()?;
    let mut codes: SessionCodes = (0..)
        .zip(USUAL_CODES)
        .filter(|(place, _)| mask & 1 << place != 0)
        .map(|(_, code)| code)
        .collect();
    if mask & UNUSUAL != 0 {
        for _ in 0..reader.count()? {
            codes.push(u16::try_from(reader.varint()?).map_err(|_| Malformed)?);
        }
    }
    codes.sort_unstable();
    Ok(codes)
}

/// Writes rows and what each fed as runs: rows that follow each other with the same mask.
pub(crate) fn encode_attack_rows(rows: &[(u32, DetectorMask)]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut next_row = 0u32;
    let mut rest = rows;
    while let Some((first, mask)) = rest.first().copied() {
        let run = rest
            .iter()
            .zip(first..)
            .take_while(|((row, other), expected)| row == expected && *other == mask)
            .count();
        put_varint(&mut out, u64::from(first.wrapping_sub(next_row)));
        put_varint(&mut out, run as u64);
        put_varint(&mut out, u64::from(mask.0));
        next_row = first.wrapping_add(run as u32);
        rest = &rest[run..];
    }
    out
}

/// Reads what [`encode_attack_rows`] wrote, appending to `rows`.
pub(crate) fn decode_attack_rows(
    bytes: &[u8],
    rows: &mut Vec<(u32, DetectorMask)>,
) -> Result<(), Malformed> {
    /// No segment has more rows.
    const MAX_RUN: u32 = 1 << 20;
    let mut reader = Reader(bytes);
    let mut next_row = 0u32;
    while !reader.is_empty() {
        let first = next_row.wrapping_add(reader.small()?);
        let run = reader.small()?;
        let mask = DetectorMask(reader.small()?);
        if run == 0 || run > MAX_RUN {
            return Err(Malformed);
        }
        next_row = first.checked_add(run).ok_or(Malformed)?;
        rows.extend((first..next_row).map(|row| (row, mask)));
    }
    Ok(())
}

/// A record as postcard in a zstd frame, after the length of its content.
pub(crate) fn encode_record<T: Serialize>(record: &T) -> Vec<u8> {
    let plain = encode_plain(record);
    let mut out = Vec::with_capacity(plain.len() / 2);
    frame::put(&mut out, &plain, 3);
    out
}

/// Reads what [`encode_record`] wrote.
pub(crate) fn decode_record<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Malformed> {
    /// A record is a few kilobytes.
    const MAX_RECORD: u64 = 1 << 24;
    decode_plain(&frame::take(Reader(bytes), MAX_RECORD)?)
}

/// A record as postcard alone, for what is too small to compress.
pub(crate) fn encode_plain<T: Serialize>(record: &T) -> Vec<u8> {
    postcard::to_stdvec(record).expect("a record of plain data can always be written")
}

/// Reads what [`encode_plain`] wrote.
pub(crate) fn decode_plain<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Malformed> {
    postcard::from_bytes(bytes).map_err(|_| Malformed)
}

/// What crawlers did on a day, or a part of it, as it is stored in one row.
pub(crate) struct CrawlerRow<'a> {
    /// The crawler of the first slice.
    pub(crate) name: &'a str,
    /// When that begins; with its crawler it names the row.
    pub(crate) from: Timestamp,
    /// When the last one ends.
    pub(crate) until: Timestamp,
    /// The first slice, and after it the others with the names of their crawlers.
    pub(crate) bytes: Vec<u8>,
}

/// The rows of slices of crawlers, which come in the order in which they began.
pub(crate) fn crawler_rows<'a>(slices: &[&'a (String, Slice)]) -> Vec<CrawlerRow<'a>> {
    /// A larger row would not fit into a page with others.
    const MOST_BYTES: usize = 960;
    let mut rows: Vec<CrawlerRow> = Vec::new();
    for named in slices {
        let (name, slice) = named;
        let same_day = |row: &&mut CrawlerRow| row.from.day() == slice.from.day();
        if let Some(row) = rows.last_mut().filter(same_day) {
            let other = encode_plain(named);
            if row.bytes.len() + other.len() <= MOST_BYTES {
                row.bytes.extend(other);
                row.until = row.until.max(slice.until);
                continue;
            }
        }
        rows.push(CrawlerRow {
            name,
            from: slice.from,
            until: slice.until,
            bytes: encode_plain(slice),
        });
    }
    rows
}

/// Reads the bytes of a [`CrawlerRow`], whose first slice is that of the crawler `first`.
pub(crate) fn decode_crawler_row(
    first: String,
    bytes: &[u8],
) -> Result<Vec<(String, Slice)>, Malformed> {
    let (slice, mut rest) = postcard::take_from_bytes(bytes).map_err(|_| Malformed)?;
    let mut slices = vec![(first, slice)];
    while !rest.is_empty() {
        let (other, after) = postcard::take_from_bytes(rest).map_err(|_| Malformed)?;
        slices.push(other);
        rest = after;
    }
    Ok(slices)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_crawlers_did_comes_back_in_rows_of_a_day_that_fit_into_a_page() {
        let slice = |place: i64| Slice {
            from: Timestamp(place * Timestamp::HOUR),
            until: Timestamp((place + 1) * Timestamp::HOUR),
            ..Slice::default()
        };
        let slices: Vec<_> = (0..100)
            .map(|place| (format!("crawler {place}"), slice(place)))
            .collect();
        let rows = crawler_rows(&slices.iter().collect::<Vec<_>>());
        assert!((5..20).contains(&rows.len()), "{}", rows.len());
        let mut read = Vec::new();
        for row in &rows {
            assert!(row.bytes.len() < 1_000);
            let slices = decode_crawler_row(row.name.to_owned(), &row.bytes).unwrap();
            let (first, last) = (&slices[0].1, &slices[slices.len() - 1].1);
            assert_eq!((row.from, row.until), (first.from, last.until));
            assert_eq!(first.from.day(), last.from.day());
            read.extend(slices);
            let cut = &row.bytes[..row.bytes.len() - 1];
            assert_eq!(decode_crawler_row(String::new(), cut), Err(Malformed));
        }
        assert_eq!(read, slices);
        // Earlier versions wrote each by itself.
        let (name, alone) = &slices[7];
        let read = decode_crawler_row(name.clone(), &encode_plain(alone));
        assert_eq!(read.as_deref(), Ok(&slices[7..8]));
    }

    proptest! {
        #[test]
        fn a_session_comes_back_as_it_went_in(
            keyed in any::<bool>(), client in prop::option::of(any::<u64>()),
            numbers in any::<[u32; 5]>(), bytes in any::<u64>(), user in any::<String>(),
            role in any::<String>(),
            segments in prop::collection::btree_set(any::<u64>(), 0..5),
            codes in prop::collection::btree_set(prop_oneof![any::<u16>(), 199..206u16], 0..6),
            methods in prop_oneof![Just(2), any::<u32>()],
        ) {
            let [requests, errors, address_count, endpoint_count, user_agent] = numbers;
            let pack = SessionPack {
                keyed, client: client.map(ClientKey), requests, errors, bytes, address_count,
                codes: codes.into_iter().collect(), methods: MethodSet(methods), endpoint_count, user_agent, user, role,
                segments: segments.into_iter().collect(),
            };
            prop_assert_eq!(SessionPack::decode(&pack.encode()), Ok(pack));
        }

        #[test]
        fn rows_of_an_attack_come_back_as_they_went_in(
            rows in prop::collection::btree_map(0u32..100_000, 0u32..4, 0..200),
        ) {
            let rows: Vec<_> = rows.into_iter().map(|(row, mask)| (row, DetectorMask(mask))).collect();
            let mut read = Vec::new();
            decode_attack_rows(&encode_attack_rows(&rows), &mut read).unwrap();
            prop_assert_eq!(read, rows);
        }

        #[test]
        fn damaged_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let _ = SessionPack::decode(&bytes);
            let _ = decode_record::<String>(&bytes);
            // A run may be long, so only short inputs are tried here.
            let _ = decode_attack_rows(&bytes[..bytes.len().min(6)], &mut Vec::new());
        }
    }

    #[test]
    fn a_run_of_rows_takes_three_bytes() {
        let rows: Vec<_> = (100..4000).map(|row| (row, DetectorMask(3))).collect();
        assert!(encode_attack_rows(&rows).len() <= 4);
    }
}

//! Sessions that are over, many in one value: a column each, compressed together, which takes a
//! third of what a row each does. They change no more. Which sessions are stored like that, and
//! which as rows, is `sql`'s.
//!
//! ```text
//! count (varint) · identifiers (8 bytes each) · length of the columns (varint)
//! the columns in a zstd frame, each after its length (varint)
//! ```
//!
//! Identifiers are random: they stand before the frame, so that a block is asked for one without
//! being unpacked.

use engine::{Address, ClientKey, MethodSet};
use shared::SessionId;
use smallvec::SmallVec;

use super::bytes::{Malformed, Reader, put_signed, put_text, put_varint};
use super::frame;
use super::pack::{SessionPack, put_codes, read_codes};

/// Sessions of a block, at most.
pub(crate) const BLOCK_SESSIONS: usize = 1_024;

/// What the columns of a block take at most before they are compressed; guards against what a
/// damaged length asks for.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// How hard the columns are compressed: 9 takes twice as long and saves 1.5%.
const LEVEL: i32 = 5;

/// A session as it is stored, in a block or as a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredSession {
    pub(crate) id: SessionId,
    /// Milliseconds since 1970 UTC.
    pub(crate) ended_at: i64,
    pub(crate) duration_ms: i64,
    pub(crate) address: Address,
    /// The numbers of its most requested endpoints, three at most.
    pub(crate) endpoints: SmallVec<[i64; 3]>,
    /// Whether it is a preview's.
    pub(crate) provisional: bool,
    pub(crate) pack: SessionPack,
}

const KEYED: u8 = 1;
const CLIENT: u8 = 2;
const V6: u8 = 4;
const USER: u8 = 8;
const ROLE: u8 = 16;

/// Where each thing stands.
enum Column {
    Flags,
    EndedAt,
    Duration,
    V4,
    V6,
    Endpoints,
    Requests,
    Errors,
    Codes,
    Methods,
    Bytes,
    Addresses,
    EndpointCount,
    UserAgent,
    Client,
    Texts,
    Segments,
}

const COLUMNS: usize = Column::Segments as usize + 1;

/// Writes sessions, none of which is a preview's.
pub(crate) fn encode_block(sessions: &[StoredSession]) -> Vec<u8> {
    let mut columns: [Vec<u8>; COLUMNS] = std::array::from_fn(|_| Vec::new());
    let unit = unit(sessions);
    let (mut ended_at, mut v4, mut segment) = (0i64, 0i64, 0u64);
    for session in sessions {
        let StoredSession { pack, address, .. } = session;
        let mut put = |column: Column, value: u64| put_varint(&mut columns[column as usize], value);
        put(Column::Duration, (session.duration_ms / unit) as u64);
        for place in 0..3 {
            let number = session.endpoints.get(place).map_or(0, |number| number + 1);
            put(Column::Endpoints, number as u64);
        }
        put(Column::Requests, u64::from(pack.requests));
        put(Column::Errors, u64::from(pack.errors));
        put(Column::Methods, u64::from(pack.methods.0));
        put(Column::Bytes, pack.bytes);
        put(Column::Addresses, u64::from(pack.address_count));
        put(Column::EndpointCount, u64::from(pack.endpoint_count));
        put(Column::UserAgent, u64::from(pack.user_agent));
        put(Column::Segments, pack.segments.len() as u64);
        put_codes(&mut columns[Column::Codes as usize], &pack.codes);
        let at = session.ended_at / unit;
        put_signed(&mut columns[Column::EndedAt as usize], at - ended_at);
        ended_at = at;
        let mut flags = if pack.keyed { KEYED } else { 0 };
        if address.0 >> 32 == 0xffff {
            let short = i64::from(address.0 as u32);
            put_signed(&mut columns[Column::V4 as usize], short - v4);
            v4 = short;
        } else {
            flags |= V6;
            columns[Column::V6 as usize].extend_from_slice(&address.0.to_be_bytes());
        }
        if let Some(client) = pack.client {
            flags |= CLIENT;
            columns[Column::Client as usize].extend_from_slice(&client.0.to_le_bytes());
        }
        for (text, flag) in [(&pack.user, USER), (&pack.role, ROLE)] {
            if !text.is_empty() {
                flags |= flag;
                put_text(&mut columns[Column::Texts as usize], text);
            }
        }
        columns[Column::Flags as usize].push(flags);
        for number in &pack.segments {
            let step = number.wrapping_sub(segment) as i64;
            put_signed(&mut columns[Column::Segments as usize], step);
            segment = *number;
        }
    }
    let mut plain = Vec::new();
    put_varint(&mut plain, unit as u64);
    for column in columns {
        put_varint(&mut plain, column.len() as u64);
        plain.extend_from_slice(&column);
    }
    let mut out = Vec::with_capacity(sessions.len() * 24);
    put_varint(&mut out, sessions.len() as u64);
    for session in sessions {
        out.extend_from_slice(&session.id.0.to_le_bytes());
    }
    frame::put(&mut out, &plain, LEVEL);
    out
}

/// In how many milliseconds all times are whole: logs often know seconds.
fn unit(sessions: &[StoredSession]) -> i64 {
    let mut times = sessions.iter();
    let whole = times.all(|it| it.ended_at % 1_000 == 0 && it.duration_ms % 1_000 == 0);
    if whole { 1_000 } else { 1 }
}

/// The identifiers of a block's sessions, in their order.
pub(crate) fn block_ids(
    bytes: &[u8],
) -> Result<impl Iterator<Item = SessionId> + use<'_>, Malformed> {
    let (ids, _) = split(bytes)?;
    Ok(ids
        .as_chunks()
        .0
        .iter()
        .map(|id| SessionId(u64::from_le_bytes(*id))))
}

/// The identifiers, and what follows them.
fn split(bytes: &[u8]) -> Result<(&[u8], Reader<'_>), Malformed> {
    let mut reader = Reader(bytes);
    let count = reader.count()?;
    let ids = reader.take(count.checked_mul(8).ok_or(Malformed)?)?;
    Ok((ids, reader))
}

/// Reads what [`encode_block`] wrote.
pub(crate) fn decode_block(bytes: &[u8]) -> Result<Vec<StoredSession>, Malformed> {
    let (_, rest) = split(bytes)?;
    let plain = frame::take(rest, MAX_BYTES)?;
    let mut plain = Reader(&plain);
    let unit = i64::try_from(plain.varint()?).map_err(|_| Malformed)?;
    let mut columns = [Reader(&[]); COLUMNS];
    for column in &mut columns {
        let length = plain.count()?;
        *column = Reader(plain.take(length)?);
    }
    let (mut ended_at, mut v4, mut segment) = (0i64, 0i64, 0u64);
    let mut sessions = Vec::new();
    for id in block_ids(bytes)? {
        let flags = columns[Column::Flags as usize].byte()?;
        let mut number = |column: Column| columns[column as usize].varint();
        let duration = number(Column::Duration)?;
        let mut endpoints = SmallVec::new();
        for _ in 0..3 {
            let endpoint = number(Column::Endpoints)? as i64;
            endpoints.extend((endpoint != 0).then(|| endpoint.wrapping_sub(1)));
        }
        let bytes = number(Column::Bytes)?;
        let mut small = |column: Column| columns[column as usize].small();
        let mut pack = SessionPack {
            keyed: flags & KEYED != 0,
            requests: small(Column::Requests)?,
            errors: small(Column::Errors)?,
            methods: MethodSet(small(Column::Methods)?),
            address_count: small(Column::Addresses)?,
            endpoint_count: small(Column::EndpointCount)?,
            user_agent: small(Column::UserAgent)?,
            bytes,
            codes: read_codes(&mut columns[Column::Codes as usize])?,
            ..SessionPack::default()
        };
        let step = columns[Column::EndedAt as usize].signed()?;
        ended_at = ended_at.wrapping_add(step);
        let address = if flags & V6 == 0 {
            v4 = v4.wrapping_add(columns[Column::V4 as usize].signed()?);
            let short = u32::try_from(v4).map_err(|_| Malformed)?;
            Address(0xffff << 32 | u128::from(short))
        } else {
            Address(u128::from_be_bytes(columns[Column::V6 as usize].array()?))
        };
        if flags & CLIENT != 0 {
            let client = columns[Column::Client as usize].array()?;
            pack.client = Some(ClientKey(u64::from_le_bytes(client)));
        }
        for (flag, text) in [(USER, &mut pack.user), (ROLE, &mut pack.role)] {
            if flags & flag != 0 {
                let written = columns[Column::Texts as usize].text()?;
                written.clone_into(text);
            }
        }
        let segments = &mut columns[Column::Segments as usize];
        for _ in 0..segments.count()? {
            segment = segment.wrapping_add(segments.signed()? as u64);
            pack.segments.push(segment);
        }
        let time = |of: i64| of.checked_mul(unit).ok_or(Malformed);
        sessions.push(StoredSession {
            id,
            ended_at: time(ended_at)?,
            duration_ms: time(i64::try_from(duration).map_err(|_| Malformed)?)?,
            address,
            endpoints,
            provisional: false,
            pack,
        });
    }
    Ok(sessions)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn session() -> impl Strategy<Value = StoredSession> {
        let numbers = any::<[u32; 5]>();
        let codes = prop::collection::btree_set(prop_oneof![any::<u16>(), 199..206u16], 0..4);
        let segments = prop::collection::btree_set(any::<u64>(), 0..4);
        let address = prop_oneof![
            any::<u128>(),
            any::<u32>().prop_map(|it| { 0xffff << 32 | u128::from(it) })
        ];
        let endpoints = prop::collection::vec(1..i64::MAX / 2, 0..4);
        let times = (-1i64 << 45..1 << 45, 0i64..1 << 40);
        let client = (any::<bool>(), prop::option::of(any::<u64>()));
        let texts = (any::<String>(), "[a-z]{0,4}");
        let of = (
            any::<[u64; 2]>(),
            times,
            numbers,
            codes,
            segments,
            address,
            endpoints,
        );
        (of, client, texts).prop_map(|(of, (keyed, client), (user, role))| {
            let (
                [id, bytes],
                (ended_at, duration_ms),
                numbers,
                codes,
                segments,
                address,
                endpoints,
            ) = of;
            let [requests, errors, address_count, endpoint_count, user_agent] = numbers;
            StoredSession {
                id: SessionId(id),
                ended_at,
                duration_ms,
                address: Address(address),
                endpoints: endpoints.into_iter().take(3).collect(),
                provisional: false,
                pack: SessionPack {
                    keyed,
                    client: client.map(ClientKey),
                    requests,
                    errors,
                    codes: codes.into_iter().collect(),
                    methods: MethodSet(errors),
                    bytes,
                    address_count,
                    endpoint_count,
                    user_agent,
                    user,
                    role,
                    segments: segments.into_iter().collect(),
                },
            }
        })
    }

    proptest! {
        #[test]
        fn sessions_come_back_as_they_went_in(
            mut sessions in prop::collection::vec(session(), 0..20), whole in any::<bool>(),
        ) {
            if whole {
                for session in &mut sessions {
                    session.ended_at = session.ended_at / 1_000 * 1_000;
                    session.duration_ms = session.duration_ms / 1_000 * 1_000;
                }
            }
            let bytes = encode_block(&sessions);
            let ids: Vec<SessionId> = block_ids(&bytes).unwrap().collect();
            prop_assert_eq!(ids, sessions.iter().map(|it| it.id).collect::<Vec<_>>());
            prop_assert_eq!(decode_block(&bytes), Ok(sessions));
        }

        #[test]
        fn damaged_bytes_never_panic(
            sessions in prop::collection::vec(session(), 0..6), at in any::<prop::sample::Index>(),
            flip in 1..=u8::MAX, cut in any::<prop::sample::Index>(),
        ) {
            let mut bytes = encode_block(&sessions);
            let place = at.index(bytes.len());
            bytes[place] ^= flip;
            let _ = decode_block(&bytes);
            let _ = decode_block(&bytes[..cut.index(bytes.len())]);
        }
    }
}

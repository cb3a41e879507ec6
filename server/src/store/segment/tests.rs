//! A segment gives back what went in, and corrupt bytes give an error.

use engine::{Address, Batch, Request, Texts};
use proptest::prelude::*;

use super::decode::Frames;
use super::{
    ClientRequests, EncodedSegment, Segment, TEXT_COLUMNS, VERSION, Whose, decode_batch,
    has_address, has_text, texts_of,
};
use crate::store::bytes::{Malformed, put_varint};
use crate::store::frame;

/// A request with its texts written out.
type Plain = (Request, Vec<String>);

fn plain(batch: &Batch) -> Vec<Plain> {
    let strip = |request: &Request| Request {
        method: Default::default(),
        host: Default::default(),
        path: Default::default(),
        query: Default::default(),
        protocol: Default::default(),
        user_agent: Default::default(),
        referer: Default::default(),
        user: Default::default(),
        headers: Default::default(),
        facts: Default::default(),
        ..*request
    };
    batch
        .requests
        .iter()
        .map(|request| {
            let texts = texts_of(request).map(|id| batch.text(id).to_owned());
            (strip(request), texts.to_vec())
        })
        .collect()
}

fn batch_of(resolution_ms: u32, rows: Vec<Plain>) -> Batch {
    let mut texts = Texts::default();
    let mut requests = Vec::new();
    for (mut request, plain) in rows {
        let mut ids = plain.iter().map(|text| texts.intern(text));
        let mut next = || ids.next().unwrap();
        request.method = next();
        request.host = next();
        request.path = next();
        request.query = next();
        request.protocol = next();
        request.user_agent = next();
        request.referer = next();
        request.user = next();
        request.headers = next();
        request.facts = next();
        requests.push(request);
    }
    Batch {
        source: 0xfeed,
        resolution_ms,
        requests,
        texts,
    }
}

fn few() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        "[a-c]{1,2}",
        any::<String>(),
        Just("/wp-login.php".to_owned()),
    ]
}

fn row() -> impl Strategy<Value = Plain> {
    let numbers = (
        prop_oneof![
            any::<i64>(),
            0i64..100_000,
            (0i64..100).prop_map(|s| s * 1000)
        ],
        prop_oneof![any::<u128>(), (0u128..3).prop_map(|low| 0xffff << 32 | low)],
        prop_oneof![Just(0u64), any::<u64>()],
        prop::option::of(prop_oneof![any::<u64>(), 0u64..3, Just(u64::MAX)]),
        prop::option::of(any::<u64>()),
        prop::option::of(any::<u32>()),
        any::<u16>(),
        any::<bool>(),
    );
    (numbers, prop::collection::vec(few(), 10)).prop_map(|(numbers, texts)| {
        let (at, address, session_key, response_bytes, request_bytes, time_us, status, blocked) =
            numbers;
        let request = Request {
            at,
            address: Address(address),
            session_key,
            response_bytes,
            request_bytes,
            time_us,
            status,
            blocked,
            ..Request::default()
        };
        (request, texts)
    })
}

proptest! {
    #[test]
    fn every_request_comes_back_as_it_went_in(
        rows in prop::collection::vec(row(), 0..60),
        resolution in prop_oneof![Just(0u32), Just(1), Just(1000), any::<u32>()],
    ) {
        let batch = batch_of(resolution, rows);
        let encoded = EncodedSegment::new(3, &batch);
        let read = decode_batch(&encoded.bytes).unwrap();
        prop_assert_eq!(read.source, batch.source);
        prop_assert_eq!(read.resolution_ms, batch.resolution_ms);
        prop_assert_eq!(plain(&read), plain(&batch));
        let segment = Segment::decode(3, &encoded.bytes, &Default::default()).unwrap();
        for (request, client) in segment.batch.requests.iter().zip(&segment.clients) {
            prop_assert_eq!(engine::attribute::client_key(&segment.batch, request), *client);
        }
    }

    #[test]
    fn the_requests_of_one_client_are_those_of_the_segment_without_their_amounts(
        mut rows in prop::collection::vec(row(), 1..60),
        has_facts in prop::bool::weighted(0.1),
        whose in any::<prop::sample::Index>(),
        times in 1usize..20,
    ) {
        if !has_facts {
            for (_, texts) in &mut rows {
                texts[TEXT_COLUMNS - 1].clear();
            }
        }
        // Some clients are of whole blocks, others of a few rows.
        let rows: Vec<Plain> = rows.iter().flat_map(|row| vec![row.clone(); times]).collect();
        let bytes = EncodedSegment::new(3, &batch_of(1, rows)).bytes;
        let segment = Segment::decode(3, &bytes, &Default::default()).unwrap();
        let whose = whose_is(&segment, whose.index(segment.clients.len()));
        let found = ClientRequests::decode(&bytes, &Default::default(), whose).unwrap();
        let has_facts = bytes[0] != VERSION;
        prop_assert_eq!(found.is_none(), has_facts);
        let read = |batch: &Batch, (row, request): (u32, &Request)| {
            let texts = texts_of(request).map(|id| batch.text(id).to_owned());
            (row, request.at, request.status, request.blocked, request.address, texts)
        };
        if let Some(found) = found {
            let all = segment.requests_of(whose.client);
            let all: Vec<_> = all.map(|it| read(&segment.batch, it)).collect();
            let found: Vec<_> = found.requests().map(|it| read(found.batch(), it)).collect();
            prop_assert_eq!(found, all);
        }
    }

    #[test]
    fn damaged_bytes_never_panic(
        rows in prop::collection::vec(row(), 1..20),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        keep in any::<prop::sample::Index>(),
    ) {
        let (mut bytes, whose) = encoded_without_facts(rows);
        for (place, value) in damage {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        read_all_ways(&bytes, whose);
        read_all_ways(&bytes[..keep.index(bytes.len())], whose);
    }

    #[test]
    fn neither_do_frames_of_damaged_bytes(
        rows in prop::collection::vec(row(), 1..20),
        damage in prop::collection::vec((any::<prop::sample::Index>(), 0u8..20), 1..4),
    ) {
        let (bytes, whose) = encoded_without_facts(rows);
        let frames = Frames::read(&bytes).unwrap();
        let (mut texts, mut numbers) = (frames.texts().unwrap(), frames.numbers().unwrap());
        for (place, value) in damage {
            let place = place.index(texts.len() + numbers.len());
            let byte = texts.iter_mut().chain(&mut numbers).nth(place);
            *byte.unwrap() = value;
        }
        read_all_ways(&framed(bytes[0], &texts, &numbers), whose);
    }
}

/// A segment of these rows, whose clients' requests can be read alone, and the first one.
fn encoded_without_facts(mut rows: Vec<Plain>) -> (Vec<u8>, Whose) {
    for (_, texts) in &mut rows {
        texts[TEXT_COLUMNS - 1].clear();
    }
    let bytes = EncodedSegment::new(0, &batch_of(1, rows)).bytes;
    let segment = Segment::decode(0, &bytes, &Default::default()).unwrap();
    let whose = whose_is(&segment, 0);
    (bytes, whose)
}

/// Whose a row of a segment is.
fn whose_is(segment: &Segment, row: usize) -> Whose {
    let request = &segment.batch.requests[row];
    Whose {
        client: segment.clients[row],
        address: (request.session_key == 0).then_some(request.address),
    }
}

/// Reads a segment that may be damaged: it may be malformed, and that is all.
fn read_all_ways(bytes: &[u8], whose: Whose) {
    let _ = decode_batch(bytes);
    let _ = ClientRequests::decode(bytes, &Default::default(), whose);
}

#[test]
fn many_rows_come_back_as_they_went_in_whether_they_repeat_or_change() {
    let rows = (0u16..2_000).map(|row| {
        let request = Request {
            at: i64::from(row) * 250,
            status: 200 + row / 700,
            response_bytes: (row % 3 > 0).then(|| u64::from(row / 50)),
            ..Request::default()
        };
        // One that never changes, some that do after a while, some that always do.
        let texts = [1, 600, 1, 900, 2_000, 40, 1, 300, 2, 7]
            .map(|kinds| (kinds > 1).then(|| format!("é{}", row * 7 % kinds)))
            .map(Option::unwrap_or_default);
        (request, texts.to_vec())
    });
    let mut rows: Vec<Plain> = rows.collect();
    let again = rows[1_234].clone();
    rows.extend(vec![again; 1_000]);
    let batch = batch_of(1, rows);
    let read = decode_batch(&EncodedSegment::new(0, &batch).bytes).unwrap();
    assert_eq!(plain(&read), plain(&batch));
}

/// A segment of what is in its frames.
fn framed(version: u8, texts: &[u8], numbers: &[u8]) -> Vec<u8> {
    let packed = frame::pack(texts, 1);
    let mut bytes = vec![version];
    put_varint(&mut bytes, packed.len() as u64);
    put_varint(&mut bytes, texts.len() as u64);
    bytes.extend(packed);
    frame::put(&mut bytes, numbers, 1);
    bytes
}

/// Numbers of one row, whose method is `method` steps back.
fn numbers(method: u8) -> Vec<u8> {
    let mut numbers = vec![1];
    numbers.extend([0; 8]);
    numbers.extend([0, 1]);
    numbers.extend([5, 4, 192, 0, 2, 7, 1, 0]);
    numbers.extend([8, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0]);
    numbers.extend([2, 0x90, 0x03, 1, 0, 1, 2]);
    numbers.extend([1, method]);
    numbers.extend([1, 0].repeat(TEXT_COLUMNS - 2));
    numbers.extend([1, 1, 1, 1, 1, 0]);
    numbers
}

#[test]
fn texts_are_cut_between_characters_or_malformed() {
    let read = |lengths: [u8; 2]| {
        let mut texts = vec![2, lengths[0], lengths[1]];
        texts.extend("aé".bytes());
        texts.extend([1, 0].repeat(TEXT_COLUMNS - 2));
        let batch = decode_batch(&framed(VERSION, &texts, &numbers(0)))?;
        Ok(batch.text(batch.requests[0].method).to_owned())
    };
    assert_eq!(read([1, 2]).as_deref(), Ok("a"));
    assert_eq!(read([3, 0]).as_deref(), Ok("aé"));
    for lengths in [[2, 1], [1, 1], [9, 9], [0xff, 2]] {
        assert_eq!(read(lengths), Err(Malformed), "{lengths:?}");
    }
}

#[test]
fn a_row_that_repeats_what_never_came_is_malformed() {
    let texts = [1, 0].repeat(TEXT_COLUMNS - 1);
    let read = |method| decode_batch(&framed(VERSION, &texts, &numbers(method)));
    assert!(read(0).is_ok());
    assert_eq!(read(1).unwrap_err(), Malformed);
    assert_eq!(read(2).unwrap_err(), Malformed);
}

#[test]
fn a_segment_cut_short_is_malformed() {
    let batch = batch_of(
        1,
        vec![(Request::default(), vec![String::new(); TEXT_COLUMNS])],
    );
    let bytes = EncodedSegment::new(0, &batch).bytes;
    for length in 0..bytes.len() {
        let error = decode_batch(&bytes[..length]).unwrap_err();
        assert_eq!(error, Malformed, "{length}");
    }
}

#[test]
fn facts_cost_nothing_where_there_are_none() {
    let row = || (Request::default(), vec!["GET".to_owned(); TEXT_COLUMNS - 1]);
    let with = |facts: &str| {
        let mut row = row();
        row.1.push(facts.to_owned());
        EncodedSegment::new(0, &batch_of(1, vec![row])).bytes
    };
    let (without, with) = (with(""), with("cookie:sid=~42"));
    assert_eq!(without[0], VERSION);
    assert!(with.len() > without.len() && with[0] != VERSION);
}

#[test]
fn a_segment_is_read_with_the_keys_that_settings_name() {
    let mut texts = vec![String::new(); TEXT_COLUMNS];
    texts[TEXT_COLUMNS - 1] = "cookie:sid=~42\nfield:plan=gold".to_owned();
    let bytes = EncodedSegment::new(0, &batch_of(1, vec![(Request::default(), texts)])).bytes;
    let plain = Segment::decode(0, &bytes, &Default::default()).unwrap();
    let settings = shared::ApplicationSettings {
        session_key: vec!["cookie:sid".parse().unwrap()],
        user: Vec::new(),
        role: vec!["field:plan".parse().unwrap()],
    };
    let alone = ClientRequests::decode(&bytes, &settings, whose_is(&plain, 0));
    assert!(alone.unwrap().is_none());
    let keyed = Segment::decode(0, &bytes, &settings.into()).unwrap();
    assert_ne!(keyed.clients, plain.clients);
    let request = keyed.batch.requests[0];
    assert_eq!(
        (request.key_source, keyed.batch.text(request.role)),
        (1, "gold")
    );
}

#[test]
fn whom_a_segment_may_hold_is_told_without_decoding_it() {
    let mut texts = vec![String::new(); TEXT_COLUMNS];
    texts[TEXT_COLUMNS - 1] = "cookie:user=ann".to_owned();
    let address = |last: u128| Address(0xffff << 32 | 0xc000_0200 | last);
    let request = Request {
        address: address(7),
        ..Request::default()
    };
    let bytes = EncodedSegment::new(0, &batch_of(1, vec![(request, texts)])).bytes;
    let names = |name: &str| vec!["nobody".to_owned(), name.to_owned()];
    assert!(has_address(&bytes, address(7)).unwrap() && !has_address(&bytes, address(8)).unwrap());
    assert!(has_text(&bytes, &names("ann")).unwrap() && !has_text(&bytes, &names("bob")).unwrap());
    assert_eq!(has_address(&bytes[..9], address(7)), Err(Malformed));
}

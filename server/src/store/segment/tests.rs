//! A segment gives back what went in, and corrupt bytes give an error.

use engine::{Address, Batch, Request, Texts};
use proptest::prelude::*;

use super::{
    EncodedSegment, Segment, TEXT_COLUMNS, VERSION, decode_batch, has_address, has_text, texts_of,
};
use crate::store::bytes::Malformed;

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
    fn damaged_bytes_never_panic(
        rows in prop::collection::vec(row(), 1..20),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        keep in any::<prop::sample::Index>(),
    ) {
        let mut bytes = EncodedSegment::new(0, &batch_of(1, rows)).bytes;
        for (place, value) in damage {
            let place = place.index(bytes.len());
            bytes[place] = value;
        }
        let _ = decode_batch(&bytes);
        let _ = decode_batch(&bytes[..keep.index(bytes.len())]);
    }
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

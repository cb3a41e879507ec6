//! Sources as they lie on a disk.

use std::io::Write;

use super::*;
use crate::ingest::decode::FieldMap;
use crate::ingest::import::{Outcome, decode_source};
use crate::ingest::normalize::SecretKey;

fn line(number: usize) -> String {
    format!("192.0.2.7 - - [17/May/2015:10:05:03 +0000] \"GET /{number} HTTP/1.1\" 200 1\n")
}

fn text(lines: impl Iterator<Item = usize>) -> String {
    lines.map(line).collect()
}

/// Imports `bytes` as a file called `name`. Returns the paths of the new requests.
fn import(known: &mut Known, name: &str, bytes: &[u8]) -> (Vec<String>, Outcome) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    let config = SourceConfig::default();
    let mut source = Source::open(path.to_str().unwrap(), &config, Arc::default()).unwrap();
    let mut paths = Vec::new();
    let mut marks = Vec::new();
    let key = SecretKey([7; 16]);
    let outcome = decode_source(
        &mut source,
        known,
        &FieldMap::default(),
        &key.into(),
        |part| {
            let batch = &part.batch;
            paths.extend(
                batch
                    .requests
                    .iter()
                    .map(|request| batch.text(request.path).to_owned()),
            );
            marks.push((part.begin, part.end));
            true
        },
    )
    .unwrap();
    for (begin, end) in marks {
        known.add(begin, false);
        known.add(end, true);
    }
    (paths, outcome)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

#[test]
fn importing_again_adds_nothing_whatever_the_name_and_the_packing() {
    let mut known = Known::default();
    let plain = text(0..10_000);
    assert_eq!(
        import(&mut known, "access.log", plain.as_bytes()).0.len(),
        10_000
    );
    assert_eq!(
        import(&mut known, "access.log.1", plain.as_bytes()).0.len(),
        0
    );
    assert_eq!(
        import(&mut known, "access.log.2.gz", &gzip(plain.as_bytes()))
            .0
            .len(),
        0
    );
    let zst = zstd::encode_all(plain.as_bytes(), 1).unwrap();
    assert_eq!(import(&mut known, "access.log.3.zst", &zst).0.len(), 0);
}

#[test]
fn a_grown_file_adds_only_what_is_new() {
    let mut known = Known::default();
    import(&mut known, "a.log", text(0..1).as_bytes());
    let (paths, _) = import(&mut known, "a.log", text(0..5_000).as_bytes());
    assert_eq!((paths.len(), paths[0].as_str()), (4_999, "/1"));
    let (paths, _) = import(&mut known, "a.log.1.gz", &gzip(text(0..5_002).as_bytes()));
    assert_eq!(paths, ["/5000", "/5001"]);
}

#[test]
fn files_that_begin_alike_are_both_read() {
    let mut known = Known::default();
    import(&mut known, "a.log", text(0..100).as_bytes());
    let other = text((0..50).chain(500..600));
    assert_eq!(import(&mut known, "b.log", other.as_bytes()).0.len(), 150);
    let shorter = text((0..50).chain(700..710));
    assert_eq!(import(&mut known, "c.log", shorter.as_bytes()).0.len(), 60);
}

#[test]
fn identical_lines_are_separate_requests() {
    let same = line(1).repeat(5_000);
    let (paths, outcome) = import(&mut Known::default(), "a.log", same.as_bytes());
    assert_eq!((paths.len(), outcome.accepted), (5_000, 5_000));
}

#[test]
fn a_last_line_without_line_break_is_neither_lost_nor_doubled() {
    let whole = text(0..3);
    for cut in 0..=whole.len() {
        let mut known = Known::default();
        let (mut paths, _) = import(&mut known, "a.log", &whole.as_bytes()[..cut]);
        paths.extend(import(&mut known, "a.log", whole.as_bytes()).0);
        assert_eq!(paths.len(), 3, "cut at {cut}: {paths:?}");
    }
}

#[test]
fn of_a_truncated_gzip_what_was_readable_is_kept_and_the_rest_comes_later() {
    // Numbers that do not repeat, so that the packed file is long.
    let plain = text((0..20_000).map(|number| number * 7_919 % 1_000_003));
    let packed = gzip(plain.as_bytes());
    let mut known = Known::default();
    let (first, outcome) = import(&mut known, "a.log.gz", &packed[..packed.len() / 2]);
    assert!(first.len() > 5_000, "{}", first.len());
    assert!(outcome.failure.is_some());
    let (second, outcome) = import(&mut known, "a.log.gz", &packed);
    assert_eq!(first.len() + second.len(), 20_000);
    assert_eq!(outcome.failure, None);
}

#[test]
fn a_gzip_of_several_members_is_read_whole() {
    let packed = [gzip(text(0..2).as_bytes()), gzip(text(2..5).as_bytes())].concat();
    assert_eq!(import(&mut Known::default(), "a.gz", &packed).0.len(), 5);
}

#[test]
fn rubbish_is_counted_and_the_rest_is_read() {
    let mut bytes = vec![0, 159, 146, 150, b'\n'];
    bytes.extend(line(1).as_bytes());
    bytes.extend(vec![b'x'; 1_000_000]);
    bytes.extend(b"\n\n");
    bytes.extend(line(2).as_bytes());
    let (paths, outcome) = import(&mut Known::default(), "a.log", &bytes);
    assert_eq!(paths, ["/1", "/2"]);
    assert_eq!((outcome.lines, outcome.rejects.total()), (5, 3));
}

#[test]
fn an_empty_file_is_read() {
    let (paths, outcome) = import(&mut Known::default(), "a.log", b"");
    assert!(paths.is_empty() && outcome.failure.is_none());
}

#[test]
fn what_cannot_be_opened_is_explained() {
    let directory = tempfile::tempdir().unwrap();
    let open = |name: &str| {
        let path = directory.path().join(name);
        let opened = Source::open(
            path.to_str().unwrap(),
            &SourceConfig::default(),
            Arc::default(),
        );
        opened
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default()
    };
    assert!(open("missing.log").contains("missing.log cannot be read"));
    assert!(open("").contains("is a directory"));
    std::fs::write(directory.path().join("a.xz"), b"\xfd7zXZ\0rest").unwrap();
    assert!(open("a.xz").contains("xzcat"));
}

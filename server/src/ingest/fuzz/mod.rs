//! Made-up input for every decoder of what strangers send: a function each, to which bytes are
//! given that were changed from a few good ones. None may panic, hang, or make much of little.
//! A short run is a test; `BOTSCOPE_FUZZ_INPUTS` says how many inputs a long one has
//! (`cargo xtask soak`). The same seed makes the same inputs.

mod mutate;
mod seeds;

use std::time::{Duration, Instant};

use engine::Batch;

use super::body::{self, BodyError, DecodedBody, Reading};
use super::decode::otlp::LogRecord;
use super::decode::{Decoder, FieldMap, Format, FormatChoice, Sample, sniff};
use super::normalize::{Protection, SecretKey};
use super::syslog::{Frame, Framer};
use mutate::Mutator;

/// How many inputs each decoder is given in a short run.
const INPUTS: u64 = 20_000;

/// How many inputs are told of once.
const TOLD: u64 = 1_000_000;

/// How long one input may take, also unoptimised and on a machine that does much else.
const LONGEST: Duration = Duration::from_secs(5);

/// What a body may have when unpacked.
const MAX_BYTES: usize = 64 * 1024;

/// What one byte may become, and what may come from nothing: escapes are four times as long as
/// what they stand for, keyed hashes nine bytes.
const GROWTH: usize = 12;
const BASE: usize = 4_096;

/// A decoder with what is changed into its inputs.
struct Target {
    name: &'static str,
    run: fn(&[u8], &FieldMap, &Protection),
    seeds: fn() -> Vec<Vec<u8>>,
}

const TARGETS: [Target; 9] = [
    Target {
        name: "unpack",
        run: fuzz_unpack,
        seeds: seeds::packed,
    },
    Target {
        name: "body",
        run: fuzz_body,
        seeds: seeds::bodies,
    },
    Target {
        name: "line",
        run: fuzz_line,
        seeds: seeds::lines,
    },
    Target {
        name: "sniff",
        run: fuzz_sniff,
        seeds: seeds::lines,
    },
    Target {
        name: "otlp",
        run: fuzz_otlp,
        seeds: seeds::otlp,
    },
    Target {
        name: "log record",
        run: fuzz_log_record,
        seeds: seeds::log_records,
    },
    Target {
        name: "elastic",
        run: fuzz_elastic,
        seeds: seeds::elastic,
    },
    Target {
        name: "firehose",
        run: fuzz_firehose,
        seeds: seeds::firehose,
    },
    Target {
        name: "syslog",
        run: fuzz_syslog,
        seeds: seeds::syslog,
    },
];

fn reading<'r>(fields: &'r FieldMap, by: &'r Protection) -> Reading<'r> {
    Reading {
        max_bytes: MAX_BYTES,
        ..Reading::new(fields, by)
    }
}

/// What is in a body was counted, and is not much more than was sent.
fn check(decoded: &DecodedBody, plain: usize) {
    let answer = &decoded.answer;
    assert_eq!(answer.accepted, decoded.batch.requests.len() as u64);
    assert_eq!(answer.rejected, decoded.rejects.total());
    assert!(answer.accepted + answer.rejected <= plain as u64 + 1);
    check_batch(&decoded.batch, plain);
}

fn check_batch(batch: &Batch, plain: usize) {
    assert!(batch.texts.bytes() <= plain * GROWTH + BASE);
}

fn check_result(result: Result<DecodedBody, BodyError>) {
    if let Ok(decoded) = result {
        // What it was unpacked to is at most this.
        check(&decoded, MAX_BYTES);
    }
}

fn fuzz_unpack(input: &[u8], _: &FieldMap, _: &Protection) {
    for encoding in [None, Some("deflate"), Some("gzip, zstd"), Some("br")] {
        if let Ok(plain) = body::unpack(input, encoding, MAX_BYTES) {
            assert!(plain.len() <= MAX_BYTES);
        }
    }
    // The first byte may be part of the header as well.
    let header = String::from_utf8_lossy(&input[..input.len().min(20)]);
    let _refused = body::unpack(input, Some(&header), MAX_BYTES);
}

fn fuzz_body(input: &[u8], fields: &FieldMap, by: &Protection) {
    check_result(body::decode_body(input, None, &reading(fields, by)));
}

fn fuzz_line(input: &[u8], fields: &FieldMap, by: &Protection) {
    for format in Format::ALL {
        let sample = Sample::of_format(format);
        let mut decoder = Decoder::of_source(&sample, fields, by.clone());
        let mut batch = Batch::default();
        for line in input.split(|byte| *byte == b'\n') {
            let before = batch.requests.len();
            let result = decoder.decode(line, &mut batch);
            assert_eq!(batch.requests.len() - before, usize::from(result.is_ok()));
        }
        check_batch(&batch, input.len());
    }
}

fn fuzz_sniff(input: &[u8], fields: &FieldMap, by: &Protection) {
    let sample = sniff(input, FormatChoice::Auto, fields);
    let keeping = fields.clone().keeping(&sample.kept);
    let mut decoder = Decoder::of_source(&sample, &keeping, by.clone());
    let mut batch = Batch::default();
    for line in input.split(|byte| *byte == b'\n') {
        let _rejected = decoder.decode(line, &mut batch);
    }
}

fn fuzz_otlp(input: &[u8], fields: &FieldMap, by: &Protection) {
    let (kind, decoded) = body::otlp::decode(input, None, "", &reading(fields, by));
    if let Ok(decoded) = &decoded {
        assert!(kind.answer(&decoded.answer).len() < 2_000);
    }
    check_result(decoded);
}

fn fuzz_log_record(input: &[u8], fields: &FieldMap, by: &Protection) {
    use prost::Message;
    let Ok(record) = LogRecord::decode(input) else {
        return;
    };
    let mut batch = Batch::default();
    let mut decoder = Decoder::new(Format::Clf, fields, by.clone());
    let result = decoder.decode_record(&record, &Default::default(), &mut batch);
    assert_eq!(batch.requests.len(), usize::from(result.is_ok()));
    check_batch(&batch, input.len());
}

fn fuzz_elastic(input: &[u8], fields: &FieldMap, by: &Protection) {
    if let Ok(bulk) = body::elastic::decode(input, None, Some("logs"), &reading(fields, by)) {
        let answer = bulk.answer(1);
        serde_json::from_str::<serde::de::IgnoredAny>(&answer).expect("the answer is JSON");
        check(&bulk.decoded, MAX_BYTES);
    }
}

fn fuzz_firehose(input: &[u8], fields: &FieldMap, by: &Protection) {
    if let Ok(delivery) = body::firehose::decode(input, None, &reading(fields, by)) {
        check(&delivery.decoded, MAX_BYTES);
        let answer = body::firehose::answer(&delivery.request_id, 0, None);
        assert!(answer.len() < 1_000);
    }
}

/// A stream says the same however it was cut on its way, and no more than came.
fn fuzz_syslog(input: &[u8], fields: &FieldMap, by: &Protection) {
    let frames = |step: usize| {
        let mut framer = Framer::default();
        let parts = input.chunks(step);
        let mut frames: Vec<Frame> = parts.flat_map(|part| framer.push(part)).collect();
        frames.extend(framer.finish());
        frames
    };
    let whole = frames(input.len().max(1));
    // What is kept of one that is too long is what is there when that is seen.
    let messages = |frames: &[Frame]| {
        let messages = frames.iter().map(|frame| match frame {
            Frame::Message(text) => Some(text.clone()),
            Frame::TooLong(_) => None,
        });
        messages.collect::<Vec<_>>()
    };
    assert_eq!(messages(&frames(61)), messages(&whole));
    let mut decoder = Decoder::new(Format::Clf, fields, by.clone());
    let (mut batch, mut bytes) = (Batch::default(), 0);
    for frame in whole.iter().chain(&Frame::of_datagram(input)) {
        let (Frame::Message(text) | Frame::TooLong(text)) = frame;
        bytes += text.len();
        let _rejected = decoder.decode(text, &mut batch);
    }
    assert!(bytes <= 2 * input.len());
    check_batch(&batch, 2 * input.len());
}

/// Gives a decoder inputs, says from time to time how many were given, and returns how long the
/// slowest took.
fn run(target: &Target, seed: u64, inputs: u64) -> Duration {
    let (fields, by) = (FieldMap::default(), Protection::from(SecretKey([7; 16])));
    let mut mutator = Mutator::new(seed, (target.seeds)());
    let mut longest = Duration::ZERO;
    for number in 0..inputs {
        let input = mutator.next();
        // A machine that does much else may be slow once; a decoder that hangs is so again.
        let took = (0..3)
            .map(|_| {
                let started = Instant::now();
                (target.run)(input, &fields, &by);
                started.elapsed()
            })
            .find(|took| *took < LONGEST);
        let took = took.unwrap_or_else(|| {
            panic!(
                "{} took too long for input {number} of seed {seed}",
                target.name
            )
        });
        longest = longest.max(took);
        if (number + 1) % TOLD == 0 {
            println!("{}: {} of {inputs} inputs", target.name, number + 1);
        }
    }
    longest
}

fn inputs() -> u64 {
    let told = std::env::var("BOTSCOPE_FUZZ_INPUTS").ok();
    told.map_or(INPUTS, |told| {
        told.parse().expect("BOTSCOPE_FUZZ_INPUTS is a number")
    })
}

fn fuzz(name: &str) {
    let target = TARGETS.iter().find(|target| target.name == name);
    let target = target.expect("there is such a decoder");
    let (inputs, started) = (inputs(), Instant::now());
    let longest = run(target, 7, inputs);
    println!(
        "{name}: {inputs} inputs in {:.0?}, the slowest took {longest:.1?}",
        started.elapsed()
    );
}

#[test]
fn unpacking_survives_what_is_made_up() {
    fuzz("unpack");
}

#[test]
fn bodies_survive_what_is_made_up() {
    fuzz("body");
}

#[test]
fn lines_survive_what_is_made_up() {
    fuzz("line");
}

#[test]
fn sniffing_survives_what_is_made_up() {
    fuzz("sniff");
}

#[test]
fn opentelemetry_survives_what_is_made_up() {
    fuzz("otlp");
}

#[test]
fn log_records_survive_what_is_made_up() {
    fuzz("log record");
}

#[test]
fn bulk_requests_survive_what_is_made_up() {
    fuzz("elastic");
}

#[test]
fn streams_of_syslog_survive_what_is_made_up() {
    fuzz("syslog");
}

#[test]
fn deliveries_survive_what_is_made_up() {
    fuzz("firehose");
}

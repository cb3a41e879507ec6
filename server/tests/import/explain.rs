//! Verdicts explained and made again by the real binary: after an import, after files in the
//! wrong order, after exceptions, and when their requests are gone.

use serde_json::Value;

use crate::binary::Directory;
use crate::dump::list_attack_ids;
use crate::generator::{generate, split_by_time};

/// What `explain` says of an attack, and whether it succeeded.
fn explain(directory: &Directory, id: &str) -> (Value, bool) {
    let (text, is_good) = directory.say("explain", &["--json", id]);
    let line = text.lines().next().unwrap_or_default();
    (serde_json::from_str(line).unwrap_or(Value::Null), is_good)
}

/// Fails unless the verdict of every attack comes out again. Returns how many there are.
#[track_caller]
fn assert_reproduced(directory: &Directory) -> usize {
    let ids = list_attack_ids(directory);
    for id in &ids {
        let (explanation, is_good) = explain(directory, id);
        let reproduction = &explanation["reproduction"];
        assert_eq!(reproduction["outcome"], "reproduced", "{reproduction:#}");
        assert!(is_good);
    }
    ids.len()
}

#[test]
fn every_verdict_of_an_import_comes_out_again() {
    let log = generate(21, 9_000);
    let directory = Directory::new();
    directory.write("access.log", &log);
    directory.import(&["access.log"]);
    assert!(assert_reproduced(&directory) > 2);
    // More of the same: the verdicts so far grow.
    directory.write("later.log", &generate(22, 3_000));
    directory.import(&["--app", "default", "later.log"]);
    assert_reproduced(&directory);
}

#[test]
fn verdicts_come_out_again_after_all_was_judged_again_and_with_exceptions() {
    let log = generate(23, 9_000);
    let parts = split_by_time(&log, 3);
    let directory = Directory::new();
    for (name, part) in ["1.log", "2.log", "3.log"].iter().zip(&parts) {
        directory.write(name, part);
    }
    directory.import(&["--app", "shop", "2.log"]);
    let ids = list_attack_ids(&directory);
    assert!(!ids.is_empty());
    super::except(&directory, "192.0.2.0/31", true);
    directory.import(&["--app", "shop", "1.log"]);
    assert_reproduced(&directory);
    super::except(&directory, "192.0.2.0/31", false);
    directory.import(&["--app", "shop", "3.log"]);
    assert!(assert_reproduced(&directory) > 0);
}

#[test]
fn a_verdict_whose_requests_have_expired_says_so() {
    let log = generate(24, 9_000);
    let directory = Directory::new();
    directory.write("access.log", &log);
    directory.import(&["--retention", "1", "access.log"]);
    let ids = list_attack_ids(&directory);
    let (explanation, is_good) = explain(&directory, &ids[0]);
    assert_eq!(explanation["reproduction"]["outcome"], "expired");
    assert!(is_good);
    // What it was made of is still there.
    assert!(explanation["detectors"].as_array().unwrap().len() > 5);
}

#[test]
fn the_arithmetic_gives_the_confidence() {
    let log = generate(25, 6_000);
    let directory = Directory::new();
    directory.write("access.log", &log);
    directory.import(&["access.log"]);
    let mut counted = 0;
    for id in list_attack_ids(&directory) {
        let (explanation, _) = explain(&directory, &id);
        let requests = explanation["requests"].as_f64().unwrap();
        for found in explanation["types"].as_array().unwrap() {
            let number = |name: &str| found[name].as_f64().unwrap();
            let share = number("votes") / number("weights");
            let confidence = 100.0 * share * requests / (requests + 5.0);
            let is_there = number("confidence");
            match found["rule"].as_str().unwrap() {
                "counted" => {
                    counted += 1;
                    assert!((confidence - is_there).abs() < 1e-6, "{found:#}");
                }
                "decisive" => assert!(is_there >= 80.0 && confidence < is_there + 1e-6),
                _ => {}
            }
            let steps = found["steps"].as_array().unwrap();
            assert!(
                steps
                    .last()
                    .unwrap()
                    .as_str()
                    .unwrap()
                    .starts_with("Confidence ")
            );
        }
    }
    assert!(counted > 0);
}

#[test]
fn explain_is_readable_and_wrong_attacks_are_explained() {
    let directory = Directory::new();
    directory.write("access.log", &generate(26, 4_000));
    directory.import(&["access.log"]);
    let id = &list_attack_ids(&directory)[0];
    let (text, is_good) = directory.say("explain", &[id]);
    assert!(is_good, "{text}");
    for part in ["detector", "Σ weight × vote", "of evidence", "reproduced: "] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let (text, _) = directory.say("explain", &["--no-reproduce", id]);
    assert!(!text.contains("reproduced"), "{text}");
    let (text, is_good) = directory.say("explain", &["00000000000000ff"]);
    assert!(!is_good && text.contains("there is no attack"), "{text}");
}

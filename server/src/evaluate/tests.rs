//! Small logs with what is true of them.

use std::fmt::Write as _;

use super::*;
use crate::ingest::decode::SourceConfig;

fn options(by: By) -> Options {
    Options {
        by,
        source: SourceConfig::default(),
        settings: ApplicationSettings::default(),
        request_id: KeySource::Field("request_id".to_owned()),
        tells_actors: true,
        negatives: Vec::new(),
    }
}

/// A guesser (40 failed sign-ins), and a person who reads four pages.
fn log() -> String {
    let mut log = String::new();
    for index in 0..40 {
        let (minute, second) = (index / 12, index % 12 * 5);
        writeln!(
            log,
            r#"192.0.2.1 - - [22/Nov/2026:13:{minute:02}:{second:02} +0000] "POST /login HTTP/1.1" 401 9 "-" "python-requests/2.31""#
        )
        .unwrap();
    }
    for (index, page) in ["/", "/news", "/about", "/news/7"].iter().enumerate() {
        writeln!(
            log,
            r#"192.0.2.9 - - [22/Nov/2026:13:4{index}:17 +0000] "GET {page} HTTP/1.1" 200 9 "-" "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0""#
        )
        .unwrap();
    }
    log
}

fn card(truth: &str, log: &str, by: By) -> Result<Scorecard, EvaluateError> {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("access.log");
    std::fs::write(&path, log).unwrap();
    let truth = Truth::read(truth, by).unwrap();
    evaluate(&truth, &[path.display().to_string()], &options(by))
}

#[test]
fn a_guesser_is_found_rightly_and_a_person_is_not_flagged() {
    let truth = "actor\tclass\n192.0.2.1\taccount_takeover\n192.0.2.9\thuman\n10.0.0.1\thuman\n";
    let card = card(truth, &log(), By::Actor).unwrap();
    let bots = &card.classes["account_takeover"];
    assert_eq!((bots.actors, bots.flagged, bots.recall), (1, 1, Some(1.0)));
    assert_eq!(
        (bots.right_type_rate, bots.precision),
        (Some(1.0), Some(1.0))
    );
    assert_eq!(bots.average_precision, Some(1.0));
    assert!(bots.median_requests_to_flag.unwrap() <= 12, "{bots:?}");
    assert_eq!(bots.baseline_flagged, 1);
    let people = &card.classes["human"];
    assert!(people.negative);
    assert_eq!((people.actors, people.flagged, people.recall), (1, 0, None));
    assert_eq!(card.absent, 1);
    assert_eq!(
        (card.actors.len(), card.actors[0].actor.as_str()),
        (2, "192.0.2.1")
    );
    assert!(!card.actors[0].votes.is_empty());
    assert_eq!(card.confusion["account_takeover"]["account_takeover"], 1);
    assert!(card.to_text().contains("account_takeover"));
}

#[test]
fn what_is_flagged_wrongly_costs_precision() {
    let truth = "actor\tclass\n192.0.2.1\thuman\n192.0.2.9\tscraping\n";
    let card = card(truth, &log(), By::Actor).unwrap();
    let bots = &card.classes["scraping"];
    assert_eq!((bots.flagged, bots.precision), (0, Some(0.0)));
    assert_eq!(bots.false_positive_rate, Some(1.0));
    assert_eq!(card.classes["human"].flagged_rate, Some(1.0));
}

#[test]
fn a_bot_is_found_when_half_of_its_addresses_are_flagged() {
    let truth = "actor\tactor_id\tclass\n192.0.2.1\tb1\taccount_takeover\n\
                 192.0.2.9\tb1\taccount_takeover\n";
    let card = card(truth, &log(), By::Actor).unwrap();
    let by_bot = card.classes["account_takeover"].by_bot.unwrap();
    assert_eq!((by_bot.bots, by_bot.found), (1, 1));
    assert_eq!(by_bot.least_in_one_attack, Some(0.5));
}

#[test]
fn sessions_and_requests_are_found_by_what_the_log_calls_them() {
    let mut log = String::new();
    for index in 0..40 {
        writeln!(
            log,
            r#"{{"time":"2026-11-22T13:{:02}:{:02}Z","remote_addr":"192.0.2.1","method":"POST","path":"/login","status":401,"user_agent":"curl/8","session_id":"s1","request_id":"aacf1274cdb05d14680a7e157ee3b2{index:02}"}}"#,
            index / 12,
            index % 12 * 5
        )
        .unwrap();
    }
    let by_session = card("actor\tclass\ns1\taccount_takeover\n", &log, By::Session).unwrap();
    assert_eq!(by_session.classes["account_takeover"].flagged, 1);
    let truth = "actor\tclass\naacf1274cdb05d14680a7e157ee3b207\taccount_takeover\n";
    let by_request = card(truth, &log, By::Request).unwrap();
    assert_eq!(by_request.classes["account_takeover"].flagged, 1);
}

#[test]
fn a_truth_that_names_nobody_says_so() {
    let nobody = card("actor\tclass\n10.9.9.9\thuman\n", &log(), By::Actor);
    assert!(matches!(nobody, Err(EvaluateError::NobodyFound(1))));
}

#[test]
fn a_bad_row_is_named_by_its_line() {
    let read = |text| Truth::read(text, By::Actor).unwrap_err();
    assert_eq!(read(""), TruthError::NoHeader);
    assert_eq!(read("address\tclass\n"), TruthError::NoHeader);
    assert_eq!(read("actor\tclass\n"), TruthError::Empty);
    let missing = read("actor\tclass\n192.0.2.1\tx\n192.0.2.2\n");
    assert_eq!(
        missing.to_string(),
        "line 3: no class; a row has the columns of the first line, separated by tabs"
    );
    let text = "nobody".to_owned();
    assert_eq!(
        read("actor\tclass\nnobody\tx\n"),
        TruthError::NoAddress { line: 2, text }
    );
    assert!(matches!(
        read("actor\tclass\n::1\tx\n::1\ty\n"),
        TruthError::TwoClasses { line: 3, .. }
    ));
}

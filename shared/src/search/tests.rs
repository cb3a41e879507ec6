//! Tests of the search language: what it reads, what it refuses and where, and the way back.

use std::net::IpAddr;

use proptest::prelude::*;

use super::*;
use crate::{BotType, Timestamp};

fn read(text: &str) -> Query {
    parse(List::Attacks, text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The parts of the text that the error points at, and its message.
fn refused(text: &str) -> (String, String) {
    refused_in(List::Attacks, text)
}

fn refused_in(list: List, text: &str) -> (String, String) {
    let error = parse(list, text).expect_err(text);
    let marked = text
        .chars()
        .skip(error.position as usize)
        .take(error.len as usize)
        .collect();
    (marked, error.message)
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn nothing_asks_for_everything_of_the_last_24_hours() {
    for text in ["", "  \t\n"] {
        assert_eq!(read(text), Query::default());
    }
    let now = at("2026-11-23T08:00:00Z");
    assert_eq!(
        Query::default().resolve_period(now, 60),
        (at("2026-11-22T08:00:00Z"), now)
    );
}

#[test]
fn types_are_words_in_any_case_order_and_number() {
    assert_eq!(
        read("SCRAPING api_abuse scraping").types(),
        [BotType::ApiAbuse, BotType::Scraping]
    );
}

#[test]
fn a_whole_search_is_read() {
    let query = read("account_takeover ip:192.168. last 3 days ip:100+ app:'My \\'own\\' shop'");
    assert_eq!(query.types(), [BotType::AccountTakeover]);
    assert_eq!(query.period, Some(Period::Last(3, Unit::Day)));
    assert_eq!(query.values(Key::AddressCount), ["100+"]);
    assert_eq!(query.values(Key::Address), ["192.168."]);
    assert_eq!(query.values(Key::Application), ["My 'own' shop"]);
}

#[test]
fn every_period_resolves_to_the_readers_two_ends() {
    // Monday, 00:30 in a zone two hours east of UTC, where it is still Sunday.
    let now = at("2026-11-22T22:30:00Z");
    let check = |text: &str, from: &str, until: &str| {
        let period = read(text).period.unwrap();
        assert_eq!(period.resolve(now, 120), (at(from), at(until)), "{text}");
    };
    check("today", "2026-11-22T22:00:00Z", "2026-11-23T22:00:00Z");
    check("Yesterday", "2026-11-21T22:00:00Z", "2026-11-22T22:00:00Z");
    check(
        "this  month",
        "2026-10-31T22:00:00Z",
        "2026-11-30T22:00:00Z",
    );
    check("last week", "2026-11-15T22:30:00Z", "2026-11-22T22:30:00Z");
    check(
        "last 2 weeks",
        "2026-11-08T22:30:00Z",
        "2026-11-22T22:30:00Z",
    );
    check(
        "last 3 days",
        "2026-11-19T22:30:00Z",
        "2026-11-22T22:30:00Z",
    );
    check(
        "last 24 hours",
        "2026-11-21T22:30:00Z",
        "2026-11-22T22:30:00Z",
    );
    check("last hour", "2026-11-22T21:30:00Z", "2026-11-22T22:30:00Z");
    check("last month", "2026-10-23T22:30:00Z", "2026-11-22T22:30:00Z");
    check(
        "last 3 months",
        "2026-08-24T22:30:00Z",
        "2026-11-22T22:30:00Z",
    );
    check(
        "last 5 minutes",
        "2026-11-22T22:25:00Z",
        "2026-11-22T22:30:00Z",
    );
    check("2026-11-07", "2026-11-06T22:00:00Z", "2026-11-07T22:00:00Z");
    check("2016-02", "2016-01-31T22:00:00Z", "2016-02-29T22:00:00Z");
    for written in ["2015-12 - 2016-02", "2015-12-2016-02"] {
        check(written, "2015-11-30T22:00:00Z", "2016-02-29T22:00:00Z");
    }
    check(
        "2015-12 - 2016-02-07",
        "2015-11-30T22:00:00Z",
        "2016-02-07T22:00:00Z",
    );
    check(">2026-10", "2026-10-31T22:00:00Z", "2026-11-22T22:30:00Z");
    check(
        "<=2016-02 scraping",
        "1970-01-01T00:00:00Z",
        "2016-02-29T22:00:00Z",
    );
    check(
        "2026-11-01 - 2026-11-07",
        "2026-10-31T22:00:00Z",
        "2026-11-07T22:00:00Z",
    );
    check(
        "2026-11-01-2026-11-01",
        "2026-10-31T22:00:00Z",
        "2026-11-01T22:00:00Z",
    );
    check(
        "2026-11-07 09:00-12:00",
        "2026-11-07T07:00:00Z",
        "2026-11-07T10:00:00Z",
    );
    check(
        "2026-11-07 9:00 - 2026-11-08 10:00:30.5",
        "2026-11-07T07:00:00Z",
        "2026-11-08T08:00:30.5Z",
    );
    check(
        "2026-11-07T09:00Z - 2026-11-07T12:00:00+01:00",
        "2026-11-07T09:00:00Z",
        "2026-11-07T11:00:00Z",
    );
    check(
        ">2026-11-01",
        "2026-11-01T22:00:00Z",
        "2026-11-22T22:30:00Z",
    );
    check(
        ">= 2026-11-01",
        "2026-10-31T22:00:00Z",
        "2026-11-22T22:30:00Z",
    );
    check(
        ">2026-11-01 09:00",
        "2026-11-01T07:00:00Z",
        "2026-11-22T22:30:00Z",
    );
    check(
        "<2016-02-29",
        "1970-01-01T00:00:00Z",
        "2016-02-28T22:00:00Z",
    );
    check(
        "<=2016-02-29",
        "1970-01-01T00:00:00Z",
        "2016-02-29T22:00:00Z",
    );
}

#[test]
fn a_period_never_ends_before_it_begins() {
    let now = at("2026-11-22T22:30:00Z");
    for text in [
        ">2030-01-01",
        "<1960-01-01",
        "2026-11-07T09:00Z - 2026-11-07 08:00",
    ] {
        let (from, until) = read(text).period.unwrap().resolve(now, -720);
        assert!(from <= until, "{text}");
    }
}

#[test]
fn an_exact_period_reads_back_to_the_same_milliseconds_anywhere() {
    let (from, until) = (Timestamp(1_455_235_199_001), Timestamp(1_455_321_599_251));
    let text = Query::default()
        .with_period(Some(Period::exact(from, until)))
        .to_string();
    assert_eq!(text, "2016-02-11T23:59:59.001Z - 2016-02-12T23:59:59.251Z");
    assert_eq!(
        read(&text).resolve_period(Timestamp(0), -300),
        (from, until)
    );
    let extremes = Period::exact(Timestamp(i64::MIN), Timestamp(i64::MAX)).to_string();
    assert_eq!(extremes, "0001-01-01T00:00Z - 9999-12-31T23:59:59.999Z");
}

#[test]
fn addresses_are_one_or_a_range_or_a_prefix_or_a_network() {
    let check = |text: &str, inside: &[&str], outside: &[&str]| {
        let query = read(text);
        let contains = |address: &str| {
            let address: IpAddr = address.parse().unwrap();
            query.terms.iter().any(|term| match term.condition {
                Condition::Address(asked) => asked.contains(address),
                _ => false,
            })
        };
        assert!(inside.iter().all(|address| contains(address)), "{text}");
        assert!(!outside.iter().any(|address| contains(address)), "{text}");
    };
    check("ip:192.0.2.7", &["192.0.2.7"], &["192.0.2.8", "::c000:207"]);
    check(
        "IP:192.0.2.7-192.0.2.9",
        &["192.0.2.7", "192.0.2.9"],
        &["192.0.2.10"],
    );
    check(
        "ip:192.168.",
        &["192.168.0.0", "192.168.255.255"],
        &["192.169.0.0"],
    );
    check("ip:10.1.2.", &["10.1.2.255"], &["10.1.3.0"]);
    check("ip:10.1.2.3/8", &["10.255.0.1"], &["11.0.0.0"]);
    check("ip:0.0.0.0/0", &["1.2.3.4"], &["2001:db8::1"]);
    check("ip:2001:db8::/32", &["2001:db8:ffff::1"], &["2001:db9::"]);
    check("ip:::/0", &["1.2.3.4", "2001:db8::1"], &[]);
    check("ip:::1-::9", &["::5"], &["::a"]);
    check("ip:::ffff:1.2.3.4", &["1.2.3.4"], &[]);
    check(
        "ip:1.1.1.1 ip:2.2.2.2",
        &["1.1.1.1", "2.2.2.2"],
        &["3.3.3.3"],
    );
}

#[test]
fn the_smaller_of_two_counts_includes_the_larger() {
    assert_eq!(read("ip:100+ ip:20+").to_string(), "ip:20+");
    assert_eq!(read("!ip:100+ !ip:20+ ip:7+").to_string(), "ip:7+ !ip:20+");
}

#[test]
fn an_error_points_at_the_characters_and_says_what_is_possible() {
    let check = |text: &str, marked: &str, part: &str| {
        let (found, message) = refused(text);
        assert_eq!(found, marked, "{text}: {message}");
        assert!(message.contains(part), "{text}: {message}");
    };
    check("scraping ddos", "ddos", "account_takeover");
    check("ü äö today", "ü", "no word of the search");
    check("today scräping", "scräping", "`scräping`");
    check("today yesterday", "yesterday", "one period");
    check("!ddos", "!ddos", "no word of the search");
    check("! scraping", "!", "without a space");
    check("!!scraping", "!!scraping", "no word of the search");
    check("!today", "!today", "cannot be negated");
    check("scraping !2026-11-07", "!2026-11-07", "cannot be negated");
    check("country", "country", "a colon and a value");
    check("type:scraping", "type:", "no key `type:`");
    check("ip_count:3+", "ip_count:", "no key `ip_count:`");
    check("scraping country:DEU", "DEU", "two letters");
    check("!country:", "", "two letters");
    check("statuscode:404 statuscode:x5x", "x5x", "400-499");
    check("statuscode:0xx", "0xx", "expected numbers");
    check("statuscode:5xxx", "5xxx", "expected numbers");
    check("statuscode:500-400", "400", "before it begins");
    check("statuscode:1000", "1000", "from 0 to 999");
    check("hits:>", "", "expected numbers");
    check("hits:<0", "0", "nothing is less");
    check("hits:-5", "-5", "expected numbers");
    check("confidence:>101", "101", "from 0 to 100");
    check("detector:luck", "luck", "request_rate");
    check("session:xyz", "xyz", "hexadecimal");
    check("attack:", "", "takes an identifier");
    check("campaign:yes", "yes", "hexadecimal");
    check("verified:perhaps", "perhaps", "spoofed");
    check("outcome:gold", "gold", "signed_in");
    check("request_id:12", "12", "not an identifier");
    check("url:'/a b", "'", "never closed");
    check("foo:bar", "foo:", "no key `foo:`");
    check("ip:", "", "takes an address");
    check("ip: 1.2.3.4", "", "takes an address");
    check("ip:1.2.3", "1.2.3", "`1.2.3` is no address");
    check("ip:1.2.3.4-1.2.3", "1.2.3", "`1.2.3` is no address");
    check("ip:1.2.3.4-1.2.3.3", "1.2.3.3", "before it begins");
    check("ip:1.2.3.4-::1", "::1", "both");
    check("ip:1.2.3.4/33", "33", "0 to 32");
    check("ip:::1/129", "129", "0 to 128");
    check("ip:1.2.3.4/+8", "+8", "0 to 32");
    check("ip:1.2.3.4.", "1.2.3.4.", "no prefix");
    check("ip:0+", "0+", "number of addresses");
    check("ip:+5+", "+5+", "number of addresses");
    check("app:", "", "takes a name");
    check("app:'' today", "''", "takes a name");
    check("app:'shop", "'", "never closed");
    check("app:'a'b", "b", "expected a space");
    check("last", "", "last 3 days");
    check("last year", "year", "last 3 days");
    check("last 0 days", "0", "1 to 100000");
    check("last 3 moons", "moons", "weeks");
    check("this year", "year", "this month");
    check("2026-13-01", "2026-13-01", "no such date");
    check("2026-02-29", "2026-02-29", "no such date");
    check("0000-01-01", "0000-01-01", "no such date");
    check("2026-1-01", "1", "expected a date");
    check("2026-11-1", "1", "expected a date");
    check("2026-11-", "", "expected a date");
    check("2026-13", "2026-13", "no such date");
    check("2026-11x", "x", "expected a space");
    check("2026-11 - 2026-10", "2026-10", "before it begins");
    check("2026-11 09:00-12:00", "0", "expected a date");
    check("2026-11-07x", "x", "expected a space");
    check("2026-11-07 25:00-26:00", "25:00", "time of day");
    check("2026-11-07 09:0", "0", "expected a time");
    check("2026-11-07 09:00", "", "one end of a period");
    check("2026-11-07 - 2026-11-06", "2026-11-06", "before it begins");
    check("2026-11-07 09:00-09:00", "09:00", "before it begins");
    check("2026-11-07T09:00+9 - today", "+", "offset");
    check(">", "", "expected a date");
    check("> today", "t", "expected a date");
}

#[test]
fn what_is_mistyped_is_answered_with_what_was_meant() {
    let check = |text: &str, marked: &str, meant: &str| {
        let error = parse(List::Attacks, text).expect_err(text);
        let (found, message) = refused(text);
        assert_eq!(
            (&*found, error.meant.as_deref()),
            (marked, Some(meant)),
            "{text}"
        );
        assert!(message.contains("did you mean"), "{text}: {message}");
        // What was meant can be put in its place, and is then understood.
        let fixed = text.replacen(marked, meant, 1);
        let is_key = fixed.ends_with(':');
        assert!(
            is_key || parse(List::Attacks, &fixed).is_ok(),
            "{text}: {fixed}"
        );
    };
    check("today scrapping", "scrapping", "scraping");
    check("!Takeover", "!Takeover", "!account_takeover");
    check("yesturday", "yesturday", "yesterday");
    check("stauscode:404", "stauscode:", "statuscode:");
    check("!method_:GET", "!method_:", "!method:");
    check("countr", "countr", "country:");
    check("detector:request_rat", "request_rat", "request_rate");
    check("verified:verifed", "verifed", "verified");
    check("outcome:signed-in", "signed-in", "signed_in");
}

#[test]
fn a_search_too_long_is_refused_where_it_becomes_too_long() {
    let error = parse(List::Attacks, &"today ".repeat(400)).unwrap_err();
    assert_eq!((error.position, error.len), (2_000, 400));
}

#[test]
fn filters_change_their_part_and_leave_the_rest() {
    let query = read("ip:10.0.0.0/8 scraping today");
    let edited = query
        .with_types(&[
            BotType::ApiAbuse,
            BotType::AccountTakeover,
            BotType::ApiAbuse,
        ])
        .with_period(None);
    assert_eq!(
        edited.to_string(),
        "api_abuse account_takeover ip:10.0.0.0/8"
    );
    assert_eq!(query.with_types(&[]).to_string(), "today ip:10.0.0.0/8");
}

#[test]
fn filters_ask_and_exclude_and_take_back() {
    let query = read("domain:a.example !domain:b.example scraping");
    assert!(query.has(Key::Domain, "A.example") && !query.has(Key::Domain, "b.example"));
    assert!(query.excludes(Key::Domain, "b.example"));
    let check = |edited: Query, expected: &str| {
        assert_eq!(edited.to_string(), expected);
        assert_eq!(parse(List::Attacks, expected), Ok(edited));
    };
    check(
        query.toggled(Key::Domain, "b.example"),
        "scraping domain:a.example domain:b.example",
    );
    check(
        query.toggled(Key::Domain, "a.example"),
        "scraping !domain:b.example",
    );
    check(
        query.excluding(Key::Domain, "b.example"),
        "scraping domain:a.example",
    );
    check(
        query.excluding(Key::Type, "scraping"),
        "!scraping domain:a.example !domain:b.example",
    );
    check(query.only(Key::Domain, "c d*"), r"scraping domain:'c d\*'");
    check(
        query.without(Key::Domain).toggled(Key::Status, "blocked"),
        "scraping blocked",
    );
    check(
        query.toggled(Key::StatusCode, "404").without(Key::Domain),
        "scraping statuscode:404",
    );
    for (key, nonsense) in [
        (Key::Type, "ddos"),
        (Key::Domain, ""),
        (Key::StatusCode, "x"),
    ] {
        assert_eq!(query.toggled(key, nonsense), query);
        assert_eq!(query.only(key, nonsense), query);
    }
}

#[test]
fn every_key_is_read_and_written() {
    let check = |text: &str, canonical: &str| {
        let query = parse(List::Attacks, text).or_else(|_| parse(List::Sessions, text));
        assert_eq!(query.unwrap().to_string(), canonical, "{text}");
    };
    check(
        "!SCRAPING blocked !monitoring",
        "!scraping blocked !monitoring",
    );
    check("partially_blocked excepted", "partially_blocked excepted");
    check("!ongoing scraping", "scraping !ongoing");
    check("!bot", "!bot");
    check("country:de !Country:us", "country:DE !country:US");
    check("source:Tor source:'a b'", "source:Tor source:'a b'");
    check(
        "statuscode:404 statuscode:400-499 !statuscode:>=500",
        "statuscode:404 statuscode:400-499 !statuscode:500+",
    );
    check("!statuscode:5XX", "!statuscode:500-599");
    check("2016-02", "2016-02");
    check("2016-02-2016-03 blocked", "blocked 2016-02 - 2016-03");
    check("last  MONTH", "last month");
    check("method:post method:p*", "method:POST method:P*");
    check("hits:>100 hits:<=3 hits:<9", "hits:>100 hits:<=3 hits:<9");
    check("confidence:>80", "confidence:>80");
    check("domain:*.Example host:?.b", "domain:*.Example domain:?.b");
    check(
        r#"url:"/path" /other?x !/third"#,
        "url:/path url:/other?x !url:/third",
    );
    check(r"app:'my \'own\' \* shop*'", r"app:'my \'own\' \* shop*'");
    check(r"ua:my\ agent\*", r"ua:'my agent\*'");
    check("detector:REQUEST_RATE", "detector:request_rate");
    check(
        "user:anna role:'shop keeper'",
        "user:anna role:'shop keeper'",
    );
    check("session:ab", "session:00000000000000ab");
    check(
        "attack:AB !campaign:* campaign:1",
        "attack:00000000000000ab campaign:0000000000000001 !campaign:*",
    );
    check(
        "verified:spoofed outcome:signed_in",
        "verified:spoofed outcome:signed_in",
    );
    check("request_id:12-7", "request_id:12-7");
    check("today hits:3 blocked", "blocked today hits:3");
}

#[test]
fn what_only_the_other_list_knows_is_refused_with_its_place() {
    let check = |list, text: &str, marked: &str, part: &str| {
        let (found, message) = refused_in(list, text);
        assert_eq!(found, marked, "{text}: {message}");
        assert!(message.contains(part), "{text}: {message}");
    };
    check(
        List::Sessions,
        "today ip:100+",
        "ip:100+",
        "in attacks only",
    );
    check(List::Sessions, "!ip:100+", "!ip:100+", "in attacks only");
    check(List::Attacks, "bot", "bot", "in sessions only");
    check(List::Attacks, "!bot", "!bot", "in sessions only");
    check(
        List::Attacks,
        "/ü user:'anna",
        "user:'anna",
        "in sessions only",
    );
    check(
        List::Attacks,
        "role:admin",
        "role:admin",
        "in sessions only",
    );
    assert!(parse(List::Sessions, "ip:10. bot user:anna role:admin host:a").is_ok());
}

#[test]
fn what_is_named_by_its_identifier_is_found_whenever_it_was() {
    let now = at("2026-11-23T08:00:00Z");
    let from = |text: &str| read(text).resolve_period(now, 0).0;
    for text in ["attack:1", "session:1", "campaign:1", "request_id:1-2"] {
        assert_eq!(from(text), Timestamp(0), "{text}");
    }
    for text in ["!attack:1", "campaign:*", "scraping"] {
        assert_eq!(from(text), now.plus(-Timestamp::DAY), "{text}");
    }
    assert_eq!(from("attack:1 2026-11-07"), at("2026-11-07T00:00:00Z"));
}

/// Texts of single terms, valid ones, in many spellings.
fn term() -> impl Strategy<Value = String> {
    let address = prop_oneof![
        any::<[u8; 4]>().prop_map(|o| IpAddr::from(o).to_string()),
        any::<[u16; 8]>().prop_map(|o| IpAddr::from(o).to_string()),
    ];
    let network = (any::<[u8; 4]>(), 0..=32u8)
        .prop_map(|(octets, length)| format!("ip:{}/{length}", IpAddr::from(octets)));
    let network6 = (any::<[u16; 8]>(), 0..=128u8)
        .prop_map(|(parts, length)| format!("ip:{}/{length}", IpAddr::from(parts)));
    let key = prop::sample::select(vec![
        "source", "method", "DOMAIN", "host", "url", "APP", "ua",
    ]);
    let text = (key.clone(), "[ -~äß\n]{1,12}").prop_map(|(key, name)| {
        let escaped = name.replace('\\', r"\\").replace('"', "\\\"");
        format!("{key}:\"{escaped}\"")
    });
    let unquoted = (key, "[!-&(-~äß]{1,12}")
        .prop_map(|(key, name)| format!("{key}:{}", name.replace('"', "_")));
    let range = (0..100u32, 100..101u32, 0..7usize).prop_map(|(a, b, form)| match form {
        0 => format!("{a}"),
        1 => format!("{a}-{b}"),
        2 => format!("{a}+"),
        3 => format!(">{a}"),
        4 => format!(">={a}"),
        5 => format!("<{b}"),
        _ => format!("<={b}"),
    });
    let number = prop::sample::select(vec!["statuscode", "hits", "confidence"]);
    let number = (number, range).prop_map(|(key, range)| format!("{key}:{range}"));
    let identifier = prop::sample::select(vec!["session", "attack", "campaign"]);
    let identifier = (identifier, any::<u64>()).prop_map(|(key, id)| format!("{key}:{id:x}"));
    let word = prop::sample::select(vec![
        "blocked",
        "MONITORING",
        "partially_blocked",
        "excepted",
        "/login",
        "/a*?",
        "campaign:*",
        "detector:error_rate",
        "verified:Spoofed",
        "outcome:nothing",
        "request_id:3-4",
        "country:de",
    ]);
    let term = prop_oneof![
        prop::sample::select(BotType::ALL).prop_map(|kind| kind.as_str().to_uppercase()),
        address.prop_map(|address| format!("ip:{address}")),
        (any::<u8>(), any::<u8>()).prop_map(|(a, b)| format!("ip:{a}.{b}.")),
        network,
        network6,
        (1..5_000u32).prop_map(|count| format!("ip:{count}+")),
        text,
        unquoted,
        number,
        identifier,
        word.prop_map(str::to_owned),
    ];
    (any::<bool>(), term).prop_map(
        |(negated, term)| {
            if negated { format!("!{term}") } else { term }
        },
    )
}

/// Texts of periods, valid ones but for the order of their ends.
fn period() -> impl Strategy<Value = String> {
    let date = (1i32..=9999, 1..=12u8, 1..=28u8)
        .prop_map(|(year, month, day)| format!("{year:04}-{month:02}-{day:02}"));
    let time = (0..24u8, 0..60u8, 0..60u8, 0..1_000u16)
        .prop_map(|(h, m, s, ms)| format!("{h:02}:{m:02}:{s:02}.{ms:03}"));
    let zone = prop_oneof![
        Just("Z"),
        Just("+02:00"),
        Just("-09:30"),
        Just("-00:30"),
        Just("")
    ];
    let moment = (date, time, zone, 0..4).prop_map(|(date, time, zone, form)| match form {
        0 => date,
        3 => date[.."0000-00".len()].to_owned(),
        1 => format!("{date} {time}"),
        _ => format!("{date}T{time}{zone}"),
    });
    let word = prop::sample::select(vec![
        "today",
        "YESTERDAY",
        "this month",
        "last week",
        "last 1 week",
        "last 36 hours",
        "last minute",
        "last 2 months",
    ]);
    let sign = prop::sample::select(vec![">", "<", ">=", "<= "]);
    prop_oneof![
        word.prop_map(str::to_owned),
        (sign, moment.clone()).prop_map(|(sign, moment)| format!("{sign}{moment}")),
        (moment.clone(), moment).prop_map(|(a, b)| format!("{a} - {b}")),
    ]
}

proptest! {
    #[test]
    fn the_canonical_text_reads_back_as_the_same_query(
        terms in prop::collection::vec(term(), 0..8),
        period in period(),
        at in 0..8usize,
    ) {
        let mut terms = terms;
        terms.insert(at.min(terms.len()), period);
        if let Ok(query) = parse(List::Attacks, &terms.join("  ")) {
            let text = query.to_string();
            prop_assert_eq!(parse(List::Attacks, &text), Ok(query), "{}", text);
        } else {
            // Only the order of two ends can be wrong.
            prop_assert!(terms.iter().any(|term| term.contains(" - ")), "{:?}", terms);
        }
    }

    #[test]
    fn no_text_is_too_strange(text in "\\PC{0,40}") {
        if let Err(error) = parse(List::Sessions, &text) {
            let chars = text.chars().count() as u32;
            prop_assert!(error.position + error.len <= chars, "{:?} {:?}", text, error);
        }
    }

    #[test]
    fn no_text_of_the_languages_own_pieces_is_too_strange(
        pieces in prop::collection::vec(prop::sample::select(vec![
            "ip:", "app:", "'", "\"", "\\", " ", "last", "this", "3", "2026-11-07", "2026-11", "T", "09:00",
            "-", ">", "<", "=", "+", ".", "/", ":", "Z", "scraping", "week", "1.2.3.4", "!",
            "url:", "hits:", "statuscode:", "*", "?", "bot", "user:", "campaign:", "country:", "DE",
        ]), 0..12),
    ) {
        let text = pieces.concat();
        match parse(List::Sessions, &text) {
            Ok(query) => prop_assert_eq!(parse(List::Sessions, &query.to_string()), Ok(query)),
            Err(error) => {
                let chars = text.chars().count() as u32;
                prop_assert!(error.position + error.len <= chars, "{:?} {:?}", text, error);
            }
        }
    }
}

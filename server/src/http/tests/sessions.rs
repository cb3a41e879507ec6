//! Sessions: searching, one session, its facets and its requests.

use engine::{
    Batch, MethodId, MethodSet, Request, SessionRecord, UserAgentKey, UserAgentRecord, attribute,
};
use shared::{
    BotType, DetectorKind, ErrorCode, NamedCount, Page, SearchValues, SessionCounts, SessionDetail,
    SessionFacets, SessionId, SessionRequest, SessionRequests, SessionSummary, Timestamp,
    UnusualReason, UserAgentClass,
};

use super::seed::{
    ATTEMPTS, CAMPAIGN, GUESSING, GUESSING_SESSION, PERSON_SESSION, PROBES, PROBING,
    PROBING_SESSION,
};
use super::{NOW, TestApp, on_both};
use crate::auth::Caller;
use crate::store::{Commit, EncodedSegment};

on_both!(
    a_search_finds_what_it_names,
    the_counts_are_those_of_the_search,
    values_complete_what_is_typed,
    pages_hold_every_session_once,
    a_session_is_told_whole,
    facets_count_all_requests_or_the_hits_of_an_attack,
    a_facet_counts_what_all_others_keep_and_shows_what_is_named,
    requests_are_told_with_everything_the_log_had,
    requests_can_be_narrowed,
    a_page_begins_at_any_place_moment_or_request,
    too_many_values_are_refused,
    requests_come_as_csv_as_they_are_narrowed,
    sessions_that_continue_over_midnight_are_joined_on_demand,
    pages_of_requests_hold_every_request_once,
);

async fn found(app: &TestApp, query: &str) -> Vec<SessionId> {
    let page: Page<SessionSummary> = app.json(&format!("/sessions?{query}")).await;
    page.items.iter().map(|session| session.id).collect()
}

async fn a_search_finds_what_it_names() {
    let app = TestApp::new().await;
    let check = async |query: &str, expected: &[SessionId]| {
        assert_eq!(found(&app, query).await, expected, "{query}");
    };
    check("", &[PERSON_SESSION, GUESSING_SESSION, PROBING_SESSION]).await;
    check("q=account_takeover", &[GUESSING_SESSION]).await;
    check("q=ip:192.0.2.20", &[PERSON_SESSION]).await;
    check("q=app:blog", &[]).await;
    check("endpoint=wp-login", &[GUESSING_SESSION]).await;
    check("q=url:wp-login", &[GUESSING_SESSION]).await;
    check("q=/wp-login.php+method:post", &[GUESSING_SESSION]).await;
    check("q=method:GET+!bot", &[PERSON_SESSION]).await;
    check("q=statuscode:302", &[GUESSING_SESSION]).await;
    check("q=bot", &[GUESSING_SESSION, PROBING_SESSION]).await;
    check(&format!("q=session:{PERSON_SESSION}"), &[PERSON_SESSION]).await;
    check(&format!("q=attack:{PROBING}"), &[PROBING_SESSION]).await;
    check(&format!("attack={PROBING}"), &[PROBING_SESSION]).await;
    check(&format!("attack={PROBING}&q=yesterday"), &[PROBING_SESSION]).await;
    check(&format!("attack={PROBING}&q=2016-01-01"), &[]).await;
    check(&format!("attack={CAMPAIGN}"), &[]).await;
    check("q=2016-02-12+20:00-21:30", &[PROBING_SESSION]).await;
    let problem = app
        .problem("/sessions?q=today+ip:5%2B", ErrorCode::InvalidSearch)
        .await;
    assert_eq!(problem.errors[0].field, "q");
    assert_eq!(problem.errors[0].position, Some(6));
}

async fn the_counts_are_those_of_the_search() {
    let app = TestApp::new().await;
    let all: SessionCounts = app.json("/sessions/counts").await;
    assert_eq!((all.sessions, all.bots), (3, 2));
    assert_eq!(all.hits, u64::from(ATTEMPTS - 1 + PROBES));
    assert_eq!((all.from, all.until), (NOW.plus(-Timestamp::DAY), NOW));
    let people: SessionCounts = app.json("/sessions/counts?q=!bot").await;
    assert_eq!((people.sessions, people.hits, people.bots), (1, 0, 0));
    let guesser: SessionCounts = app.json("/sessions/counts?q=account_takeover").await;
    assert_eq!(
        (guesser.sessions, guesser.requests),
        (1, u64::from(ATTEMPTS))
    );
}

async fn values_complete_what_is_typed() {
    let app = TestApp::new().await;
    let values = async |query: &str| -> Vec<(String, String, u64)> {
        let found: SearchValues = app.json(&format!("/sessions/values?{query}")).await;
        let values = found.values.into_iter();
        values.map(|it| (it.value, it.term, it.count)).collect()
    };
    let row = |value: &str, term: &str, count| (value.to_owned(), term.to_owned(), count);
    assert_eq!(values("key=bot").await, [row("bot", "bot", 2)]);
    assert_eq!(
        values("key=ip&prefix=192.0.2.2").await,
        [row("192.0.2.20", "ip:192.0.2.20", 1)]
    );
    assert_eq!(
        values("key=statuscode&q=/wp-login.php").await,
        [
            row("200", "statuscode:200", 1),
            row("302", "statuscode:302", 1)
        ]
    );
    assert_eq!(values("key=user").await, []);
    for wrong in [
        "key=hits",
        "key=session",
        "key=ip_count",
        "key=",
        "key=nonsense",
        "limit=0",
        "key=ip&limit=101",
        "key=ip&q=ip:5%2B",
    ] {
        let code = if wrong.contains("q=") {
            ErrorCode::InvalidSearch
        } else {
            ErrorCode::InvalidRequest
        };
        if wrong != "key=" {
            app.problem(&format!("/sessions/values?{wrong}"), code)
                .await;
        }
    }
    let long = "x".repeat(201);
    let path = format!("/sessions/values?key=ip&prefix={long}");
    let problem = app.problem(&path, ErrorCode::InvalidRequest).await;
    assert_eq!(problem.errors[0].field, "prefix");
}

async fn pages_hold_every_session_once() {
    let app = TestApp::new().await;
    let first: Page<SessionSummary> = app.json("/sessions?limit=2").await;
    assert_eq!(first.items.len(), 2);
    let next = format!("/sessions?limit=2&cursor={}", first.next_cursor.unwrap());
    let second: Page<SessionSummary> = app.json(&next).await;
    assert_eq!(second.items[0].id, PROBING_SESSION);
    assert_eq!((second.items.len(), second.next_cursor), (1, None));
}

async fn a_session_is_told_whole() {
    let app = TestApp::new().await;
    let session: SessionDetail = app.json(&format!("/sessions/{GUESSING_SESSION}")).await;
    assert_eq!(session.grouped_by, "IP + user agent");
    assert_eq!(session.bytes, 60_000);
    let summary = session.summary;
    assert_eq!(
        (summary.requests, summary.hits, summary.errors),
        (60, 59, 0)
    );
    assert_eq!(summary.attacks[0].id, GUESSING);
    assert_eq!(
        (summary.ip.as_str(), summary.host.as_str()),
        ("192.0.2.7", "shop.example")
    );
    assert_eq!(summary.top_endpoints, ["POST /wp-login.php"]);
    assert_eq!(summary.user_agent, "python-requests/2.9");
    assert_eq!(summary.user, None);
}

fn names(counts: &[NamedCount]) -> Vec<(&str, u64)> {
    counts
        .iter()
        .map(|it| (it.name.as_str(), it.count))
        .collect()
}

async fn facets_count_all_requests_or_the_hits_of_an_attack() {
    let app = TestApp::new().await;
    let path = format!("/sessions/{GUESSING_SESSION}/facets");
    let facets: SessionFacets = app.json(&path).await;
    assert_eq!(facets.total, 60);
    assert_eq!(names(&facets.methods), [("POST", 60)]);
    assert_eq!(names(&facets.response_codes), [("200", 59), ("302", 1)]);
    assert_eq!(names(&facets.ips), [("192.0.2.7", 60)]);
    assert_eq!(names(&facets.endpoints), [("/wp-login.php", 60)]);
    assert_eq!(names(&facets.attack_types), [("account_takeover", 59)]);
    assert_eq!(names(&facets.unusual), [("odd_status", 1)]);
    assert_eq!(names(&facets.users), []);
    let hits: u32 = facets.timeline.bins.iter().map(|bin| bin.hits).sum();
    assert_eq!(hits, 59);
    let all = requests(&app, GUESSING_SESSION, "").await;
    assert_eq!(facets.crossed.unwrap().request, all[7].id);
    let facets: SessionFacets = app.json(&format!("{path}?attack={GUESSING}")).await;
    assert_eq!(names(&facets.methods), [("POST", 59)]);
    let facets: SessionFacets = app.json(&format!("{path}?attack={CAMPAIGN}")).await;
    assert_eq!(names(&facets.methods), []);
}

async fn a_facet_counts_what_all_others_keep_and_shows_what_is_named() {
    let app = TestApp::new().await;
    let path = format!("/sessions/{GUESSING_SESSION}/facets?status=302&method=PATCH");
    let facets: SessionFacets = app.json(&path).await;
    assert_eq!(facets.total, 0);
    assert_eq!(names(&facets.methods), [("POST", 1), ("PATCH", 0)]);
    assert_eq!(names(&facets.response_codes), [("302", 0)]);
}

async fn requests(app: &TestApp, id: SessionId, query: &str) -> Vec<SessionRequest> {
    let path = format!("/sessions/{id}/requests?limit=200&{query}");
    let page: SessionRequests = app.json(&path).await;
    assert_eq!((page.start, page.next_cursor), (0, None));
    assert_eq!(page.total, page.items.len() as u64);
    page.items
}

async fn requests_are_told_with_everything_the_log_had() {
    let app = TestApp::new().await;
    let all = requests(&app, GUESSING_SESSION, "").await;
    assert_eq!(all.len() as u32, ATTEMPTS);
    assert!(all.is_sorted_by_key(|request| request.at));
    assert!(all[0].attacks.is_empty());
    let crossed: Vec<usize> = (0..all.len())
        .filter(|i| all[*i].attacks.iter().any(|attack| attack.crossed_bar))
        .collect();
    assert_eq!(crossed, [7]);
    let request = &all[1];
    assert_eq!(request.attacks[0].id, GUESSING);
    assert_eq!(request.attacks[0].bot_type, BotType::AccountTakeover);
    assert_eq!(
        request.attacks[0].detectors,
        [DetectorKind::AuthenticationAbuse]
    );
    assert_eq!((request.time_ms, request.bytes), (Some(2.5), Some(1_000)));
    assert_eq!(request.referer, "https://shop.example/");
    assert_eq!(request.headers[0].name, "accept");
    assert_eq!(request.tags, [shared::EndpointTag::Authentication]);
    assert!(request.unusual.is_empty() && !request.blocked);
    assert_eq!(request.session_key, None);
    let odd = &all[59].unusual;
    assert_eq!(odd[0].reason, UnusualReason::OddStatus);
    assert!(odd[0].because.contains("60 answers"), "{odd:?}");
}

async fn requests_can_be_narrowed() {
    let app = TestApp::new().await;
    let check = async |query: &str, expected: u32| {
        let found = requests(&app, GUESSING_SESSION, query).await;
        assert_eq!(found.len() as u32, expected, "{query}");
    };
    check("malicious=true", ATTEMPTS - 1).await;
    check("malicious=false", ATTEMPTS).await;
    check(&format!("attack={GUESSING}"), ATTEMPTS - 1).await;
    check(&format!("attack={PROBING}"), 0).await;
    check("attack_type=account_takeover", ATTEMPTS - 1).await;
    check("attack_type=scraping", 0).await;
    check("status=302", 1).await;
    check("status=302&malicious=true", 1).await;
    check("method=POST", ATTEMPTS).await;
    check("method=GET", 0).await;
    check("ip=192.0.2.7", ATTEMPTS).await;
    check("ip=192.0.2.8", 0).await;
    check("template=/wp-login.php", ATTEMPTS).await;
    check("template=/", 0).await;
    check("status=302&status=200", ATTEMPTS).await;
    check("status=302&status=302&status=", 1).await;
    check("not_status=200", 1).await;
    check("not_status=200&not_status=302", 0).await;
    check("status=302&not_method=POST", 0).await;
    check("not_template=/wp-login.php", 0).await;
    check("not_attack_type=account_takeover", 1).await;
    check("not_attack_type=scraping", ATTEMPTS).await;
    check("not_ip=192.0.2.8", ATTEMPTS).await;
    check("user=alice", 0).await;
    check("not_user=alice", ATTEMPTS).await;
    check("unusual=odd_status", 1).await;
    check("not_unusual=odd_status", ATTEMPTS - 1).await;
    check("unusual=rare_endpoint", 0).await;
    check("join=true", ATTEMPTS).await;
}

async fn a_page_begins_at_any_place_moment_or_request() {
    let app = TestApp::new().await;
    let path = format!("/sessions/{GUESSING_SESSION}/requests?limit=2");
    let all = requests(&app, GUESSING_SESSION, "").await;
    let check = async |query: &str, expected: usize| {
        let page: SessionRequests = app.json(&format!("{path}&{query}")).await;
        assert_eq!((page.start, page.total), (expected as u64, 60), "{query}");
        let ids: Vec<_> = page.items.iter().map(|request| request.id).collect();
        let expected: Vec<_> = all.iter().map(|it| it.id).skip(expected).take(2).collect();
        assert_eq!(ids, expected, "{query}");
    };
    check("", 0).await;
    check("start=31", 31).await;
    check("start=59", 59).await;
    check("start=4000000000", 60).await;
    check(&format!("request={}", all[17].id), 17).await;
    check(&format!("at={}", all[8].at), 8).await;
    check("at=1970-01-01T00:00:00Z", 0).await;
    check("at=2100-01-01T00:00:00Z", 60).await;
    let missing = format!("{path}&request={}&malicious=true", all[0].id);
    app.problem(&missing, ErrorCode::NotFound).await;
    let first: SessionRequests = app.json(&path).await;
    let both = format!("{path}&start=1&cursor={}", first.next_cursor.unwrap());
    let problem = app.problem(&both, ErrorCode::InvalidRequest).await;
    assert_eq!(problem.errors[0].field, "cursor");
}

async fn too_many_values_are_refused() {
    let app = TestApp::new().await;
    let path = format!("/sessions/{GUESSING_SESSION}/requests?limit=1");
    let many = |count| -> String { (0..count).map(|i| format!("&status={i}")).collect() };
    let page: SessionRequests = app.json(&format!("{path}{}", many(50))).await;
    assert_eq!(page.total, 0);
    let problem = app
        .problem(&format!("{path}{}", many(51)), ErrorCode::InvalidRequest)
        .await;
    assert_eq!(problem.errors[0].field, "status");
}

async fn requests_come_as_csv_as_they_are_narrowed() {
    let app = TestApp::new().await;
    let path = format!("/sessions/{PROBING_SESSION}/requests.csv");
    let answer = app.get(&path).await;
    assert_eq!(answer.headers["content-type"], "text/csv; charset=utf-8");
    let file = format!("session-{PROBING_SESSION}-requests.csv");
    let disposition = answer.headers["content-disposition"].to_str().unwrap();
    assert!(disposition.contains(&file), "{disposition}");
    let text = answer.text();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len() as u32, PROBES + 1);
    assert!(lines[0].starts_with("request_id,at,ip,country,source,user,method,"));
    // What a spreadsheet would run is text.
    assert!(lines[1].contains("\"'=HYPERLINK("), "{}", lines[1]);
    assert!(
        lines[2].contains(",404,2.5,1000,security_crawlers,"),
        "{}",
        lines[2]
    );
    let none = app.get(&format!("{path}?not_status=404")).await.text();
    assert_eq!(none.lines().count(), 1);
    app.problem(&format!("{path}?limit=1"), ErrorCode::InvalidRequest)
        .await;
}

/// Stores two sessions of one client, 20 requests before midnight and 10 after it, one a
/// minute, as the application `night`.
async fn night(app: &TestApp) -> [SessionId; 2] {
    let tenant = app.store.tenant(&Caller::local());
    let application = tenant.find_or_create_application("night").await.unwrap();
    let mut batch = Batch::default();
    for minute in 0..30 {
        batch.requests.push(Request {
            at: NOW
                .plus((minute - 20) * Timestamp::MINUTE - Timestamp::DAY)
                .0,
            method: batch.texts.intern("GET"),
            path: batch.texts.intern("/feed"),
            user_agent: batch.texts.intern("monitor"),
            user: batch.texts.intern(if minute < 25 { "alice" } else { "" }),
            status: 200,
            ..Request::default()
        });
    }
    let ids = [SessionId(0x91), SessionId(0x92)];
    let mut commit = Commit::new(application.judgement, 0);
    commit.segments = vec![EncodedSegment::new(0, &batch)];
    commit.effects.user_agents = vec![UserAgentRecord {
        key: UserAgentKey(1),
        class: UserAgentClass::Automation,
        text: "monitor".to_owned(),
    }];
    for (id, rows) in ids.into_iter().zip([0..20, 20..30]) {
        let requests = &batch.requests[rows];
        commit.effects.sessions.push(SessionRecord {
            is_over: true,
            id,
            client: attribute::client_key(&batch, &requests[0]),
            keyed: false,
            started_at: Timestamp(requests[0].at),
            ended_at: Timestamp(requests[requests.len() - 1].at),
            requests: u32::try_from(requests.len()).unwrap(),
            errors: 0,
            codes: vec![200].into(),
            methods: MethodSet::default().with(MethodId::of("GET")),
            bytes: 0,
            address: requests[0].address,
            address_count: 1,
            user: String::new(),
            role: String::new(),
            user_agent: UserAgentKey(1),
            top_endpoints: Default::default(),
            endpoint_count: 1,
            segments: vec![0].into(),
        });
    }
    tenant.commit(commit).await.unwrap();
    ids
}

async fn sessions_that_continue_over_midnight_are_joined_on_demand() {
    let app = TestApp::new().await;
    let [before, after] = night(&app).await;
    let first: SessionDetail = app.json(&format!("/sessions/{before}")).await;
    assert_eq!(first.continues_from, None);
    let next = first.goes_on_as.unwrap();
    assert_eq!((next.id, next.requests), (after, 10));
    let second: SessionDetail = app.json(&format!("/sessions/{after}")).await;
    assert_eq!(second.continues_from.unwrap().id, before);
    for id in [before, after] {
        let alone: SessionFacets = app.json(&format!("/sessions/{id}/facets")).await;
        assert_eq!(alone.days.len(), 1);
        let whole = requests(&app, id, "join=true").await;
        assert_eq!(whole.len(), 30);
        assert!(whole.is_sorted_by_key(|request| request.at));
        let path = format!("/sessions/{id}/facets?join=true&user=alice");
        let facets: SessionFacets = app.json(&path).await;
        let days: Vec<_> = facets
            .days
            .iter()
            .map(|day| (day.session, day.start))
            .collect();
        assert_eq!(days, [(before, 0), (after, 20)]);
        assert_eq!(facets.days[1].requests, 5);
        assert_eq!(names(&facets.users), [("alice", 25)]);
        let csv = app
            .get(&format!("/sessions/{id}/requests.csv?join=true"))
            .await;
        assert_eq!(csv.text().lines().count(), 31);
    }
    // A session that nothing continues is joined with itself.
    let alone = requests(&app, PERSON_SESSION, "join=true").await;
    assert_eq!(alone.len(), requests(&app, PERSON_SESSION, "").await.len());
}

async fn pages_of_requests_hold_every_request_once() {
    let app = TestApp::new().await;
    let mut ids = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/sessions/{PROBING_SESSION}/requests?limit=7{cursor}");
        let page: SessionRequests = app.json(&path).await;
        ids.extend(page.items.iter().map(|request| request.id));
        let Some(next) = page.next_cursor else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(ids.len() as u32, PROBES);
    assert!(ids.is_sorted());
}

//! Sessions: searching, one session, its facets and its requests.

use shared::{
    BotType, DetectorKind, ErrorCode, NamedCount, Page, SessionDetail, SessionFacets, SessionId,
    SessionRequest, SessionSummary,
};

use super::TestApp;
use super::seed::{
    ATTEMPTS, CAMPAIGN, GUESSING, GUESSING_SESSION, PERSON_SESSION, PROBES, PROBING,
    PROBING_SESSION,
};

async fn found(app: &TestApp, query: &str) -> Vec<SessionId> {
    let page: Page<SessionSummary> = app.json(&format!("/sessions?{query}")).await;
    page.items.iter().map(|session| session.id).collect()
}

#[tokio::test]
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
    check("endpoint=post", &[GUESSING_SESSION]).await;
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

#[tokio::test]
async fn pages_hold_every_session_once() {
    let app = TestApp::new().await;
    let first: Page<SessionSummary> = app.json("/sessions?limit=2").await;
    assert_eq!(first.items.len(), 2);
    let next = format!("/sessions?limit=2&cursor={}", first.next_cursor.unwrap());
    let second: Page<SessionSummary> = app.json(&next).await;
    assert_eq!(second.items[0].id, PROBING_SESSION);
    assert_eq!((second.items.len(), second.next_cursor), (1, None));
}

#[tokio::test]
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

#[tokio::test]
async fn facets_count_all_requests_or_the_hits_of_an_attack() {
    let app = TestApp::new().await;
    let path = format!("/sessions/{GUESSING_SESSION}/facets");
    let facets: SessionFacets = app.json(&path).await;
    assert_eq!(names(&facets.methods), [("POST", 60)]);
    assert_eq!(names(&facets.response_codes), [("200", 59), ("302", 1)]);
    assert_eq!(names(&facets.ips), [("192.0.2.7", 60)]);
    assert_eq!(names(&facets.endpoints), [("/wp-login.php", 60)]);
    assert_eq!(names(&facets.attack_types), [("account_takeover", 59)]);
    let facets: SessionFacets = app.json(&format!("{path}?attack={GUESSING}")).await;
    assert_eq!(names(&facets.methods), [("POST", 59)]);
    let facets: SessionFacets = app.json(&format!("{path}?attack={CAMPAIGN}")).await;
    assert_eq!(names(&facets.methods), []);
}

async fn requests(app: &TestApp, id: SessionId, query: &str) -> Vec<SessionRequest> {
    let path = format!("/sessions/{id}/requests?limit=200&{query}");
    let page: Page<SessionRequest> = app.json(&path).await;
    assert_eq!(page.next_cursor, None);
    page.items
}

#[tokio::test]
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
}

#[tokio::test]
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
}

#[tokio::test]
async fn pages_of_requests_hold_every_request_once() {
    let app = TestApp::new().await;
    let mut ids = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/sessions/{PROBING_SESSION}/requests?limit=7{cursor}");
        let page: Page<SessionRequest> = app.json(&path).await;
        ids.extend(page.items.iter().map(|request| request.id));
        let Some(next) = page.next_cursor else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(ids.len() as u32, PROBES);
    assert!(ids.is_sorted());
}

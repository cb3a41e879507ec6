//! Attacks: searching, sorting, paging, one attack, its hits and its heatmaps.

use shared::{
    AttackCounts, AttackDetail, AttackId, AttackState, AttackSummary, BotType, ErrorCode,
    HeatmapSteps, Heatmaps, Hit, Overview, Page, SearchValues, SessionSummary, Timestamp,
};

use super::seed::{ATTEMPTS, CAMPAIGN, GUESSING, GUESSING_SESSION, PROBES, PROBING};
use super::{NOW, TestApp, on_both};
use crate::auth::Caller;

on_both!(
    a_search_finds_what_it_names,
    the_end_of_a_period_is_not_part_of_it,
    attacks_are_sorted_as_asked,
    pages_hold_every_attack_once,
    the_counts_leave_the_type_filter_out_of_the_types,
    values_leave_their_own_filter_out,
    a_wrong_search_is_answered_with_the_place,
    a_search_names_only_so_many_requests,
    an_attack_is_told_whole,
    endpoints_are_called_what_they_were_folded_into,
    hits_come_in_order_and_name_their_detectors_and_session,
    hits_can_be_downloaded_and_no_cell_is_a_formula,
    heatmaps_compare_with_the_bots_of_the_same_application_and_day,
    the_heatmaps_of_a_moment_hold_what_was_done_by_then,
    the_steps_are_of_the_same_bots_and_end_where_the_heatmaps_are,
    a_campaign_unfolds_into_its_addresses,
    the_heatmaps_as_a_file_have_a_line_for_each_bot,
    the_heatmaps_as_a_file_hold_the_addresses_of_an_unfolded_campaign,
    the_overview_says_where_the_newest_data_are,
    an_empty_store_has_empty_lists,
);

async fn found(app: &TestApp, query: &str) -> Vec<AttackId> {
    let page: Page<AttackSummary> = app.json(&format!("/attacks?{query}")).await;
    assert_eq!(page.next_cursor, None, "{query}");
    page.items.iter().map(|attack| attack.id).collect()
}

async fn a_search_finds_what_it_names() {
    let app = TestApp::new().await;
    let check = async |query: &str, expected: &[AttackId]| {
        assert_eq!(found(&app, query).await, expected, "{query}");
    };
    check("", &[GUESSING, PROBING]).await;
    check("q=", &[GUESSING, PROBING]).await;
    check("q=last+week", &[GUESSING, PROBING, CAMPAIGN]).await;
    check("q=last+week+scraping", &[CAMPAIGN]).await;
    check("q=api_abuse", &[GUESSING]).await;
    check("q=scraping", &[]).await;
    check("q=security_crawlers+account_takeover", &[GUESSING, PROBING]).await;
    check("q=ip:192.0.2.9", &[PROBING]).await;
    check("q=ip:192.0.2.0/29", &[GUESSING]).await;
    check("q=ip:192.0.", &[GUESSING, PROBING]).await;
    check(
        "q=ip:192.0.2.1-192.0.2.8+ip:192.0.2.9",
        &[GUESSING, PROBING],
    )
    .await;
    check("q=ip:100%2B+last+week", &[CAMPAIGN]).await;
    check("q=app:BLOG+last+week", &[CAMPAIGN]).await;
    check("q=app:nobody", &[]).await;
    check("q=!app:shop+last+week", &[CAMPAIGN]).await;
    check("q=campaign:*+last+week", &[CAMPAIGN]).await;
    check(&format!("q=attack:{CAMPAIGN}"), &[CAMPAIGN]).await;
    check(&format!("q=session:{GUESSING_SESSION}"), &[GUESSING]).await;
    check("q=hits:%3E30+/wp-login.php+domain:shop.*", &[GUESSING]).await;
    check("q=outcome:signed_in+ua:PYTHON", &[GUESSING]).await;
    check("q=statuscode:302", &[GUESSING]).await;
    check("q=!statuscode:302", &[PROBING]).await;
    check("q=excepted", &[]).await;
    check("q=request_id:0-5+app:shop", &[GUESSING]).await;
    check("q=2016-02-10", &[CAMPAIGN]).await;
    // The campaign began at midnight UTC; half an hour east of it that is the tenth already.
    check("q=2016-02-09&zone=30", &[]).await;
    check("q=2016-02-09&zone=-30", &[CAMPAIGN]).await;
    check("q=%3C2016-02-12", &[CAMPAIGN]).await;
}

async fn the_end_of_a_period_is_not_part_of_it() {
    let app = TestApp::new().await;
    let started_at = NOW.plus(-3 * Timestamp::DAY);
    let before = format!("q={} - {started_at}", started_at.plus(-60_000));
    let until_then = before.replace(' ', "%20");
    assert_eq!(found(&app, &until_then).await, []);
    let with = until_then.replace("00:00:00Z", "00:00:00.001Z");
    assert_eq!(found(&app, &with).await, [CAMPAIGN]);
}

async fn attacks_are_sorted_as_asked() {
    let app = TestApp::new().await;
    let check = async |sort: &str, expected: &[AttackId]| {
        let query = format!("q=last+week&sort={sort}");
        assert_eq!(found(&app, &query).await, expected, "{sort}");
    };
    check("-date", &[GUESSING, PROBING, CAMPAIGN]).await;
    check("date", &[CAMPAIGN, PROBING, GUESSING]).await;
    check("-hits", &[GUESSING, CAMPAIGN, PROBING]).await;
    check("hits", &[PROBING, CAMPAIGN, GUESSING]).await;
    check("-confidence", &[GUESSING, PROBING, CAMPAIGN]).await;
    check("confidence", &[CAMPAIGN, PROBING, GUESSING]).await;
}

async fn pages_hold_every_attack_once() {
    let app = TestApp::new().await;
    for sort in [
        "date",
        "-date",
        "hits",
        "-hits",
        "confidence",
        "-confidence",
    ] {
        let mut ids = Vec::new();
        let mut cursor = String::new();
        loop {
            let path = format!("/attacks?q=last+week&sort={sort}&limit=1{cursor}");
            let page: Page<AttackSummary> = app.json(&path).await;
            assert_eq!(page.items.len(), 1, "{path}");
            ids.push(page.items[0].id);
            let Some(next) = page.next_cursor else { break };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(ids, found(&app, &format!("q=last+week&sort={sort}")).await);
    }
}

async fn the_counts_leave_the_type_filter_out_of_the_types() {
    let app = TestApp::new().await;
    let counts: AttackCounts = app.json("/attacks/counts?q=scraping+last+week").await;
    assert_eq!((counts.attacks, counts.hits, counts.ongoing), (1, 40, 0));
    let by_type: Vec<_> = counts
        .by_type
        .iter()
        .map(|it| (it.bot_type, it.attacks))
        .collect();
    assert_eq!(
        by_type,
        [
            (BotType::ApiAbuse, 1),
            (BotType::AccountTakeover, 1),
            (BotType::Scraping, 1),
            (BotType::SecurityCrawlers, 1),
            (BotType::ResourceConsumption, 0),
        ]
    );
    assert_eq!(
        (counts.from, counts.until),
        (NOW.plus(-7 * Timestamp::DAY), NOW)
    );
    let counts: AttackCounts = app.json("/attacks/counts").await;
    let hits = u64::from(ATTEMPTS - 1 + PROBES);
    assert_eq!((counts.attacks, counts.hits, counts.ongoing), (2, hits, 1));
}

async fn values_leave_their_own_filter_out() {
    let app = TestApp::new().await;
    let found: SearchValues = app
        .json("/attacks/values?key=app&q=app:shop+last+week")
        .await;
    let values: Vec<_> = found
        .values
        .iter()
        .map(|it| (&*it.term, it.count))
        .collect();
    assert_eq!(values, [("app:shop", 2), ("app:blog", 1)]);
    assert!(!found.more);
    let found: SearchValues = app
        .json("/attacks/values?key=app&q=last+week&limit=1")
        .await;
    assert_eq!((found.values.len(), found.more), (1, true));
    let found: SearchValues = app.json("/attacks/values?key=type&prefix=tak").await;
    assert_eq!(found.values[0].term, "account_takeover");
    for key in ["user", "bot", "nonsense", "hits"] {
        let path = format!("/attacks/values?key={key}");
        let problem = app.problem(&path, ErrorCode::InvalidRequest).await;
        assert_eq!(problem.errors[0].field, "key");
    }
}

async fn a_wrong_search_is_answered_with_the_place() {
    let app = TestApp::new().await;
    let problem = app
        .problem("/attacks?q=scraping%20ddos", ErrorCode::InvalidSearch)
        .await;
    assert_eq!(problem.errors[0].position, Some(9));
    assert!(problem.detail.contains("`ddos`"), "{}", problem.detail);
}

async fn a_search_names_only_so_many_requests() {
    let app = TestApp::new().await;
    let naming = |count: u32| -> String {
        let terms = (0..count).map(|row| format!("request_id:0-{row}+"));
        ["q=app:shop+".to_owned()]
            .into_iter()
            .chain(terms)
            .collect()
    };
    assert_eq!(found(&app, &naming(20)).await, [GUESSING]);
    let path = format!("/attacks?{}", naming(21));
    let problem = app.problem(&path, ErrorCode::InvalidRequest).await;
    assert_eq!(problem.errors[0].field, "q");
}

async fn an_attack_is_told_whole() {
    let app = TestApp::new().await;
    let attack: AttackDetail = app.json(&format!("/attacks/{GUESSING}")).await;
    let summary = &attack.summary;
    assert_eq!(
        attack.sentence,
        "60 sign-in attempts in 10 min; 1 likely succeeded"
    );
    assert_eq!(summary.bot_type, BotType::AccountTakeover);
    assert_eq!(summary.secondary_types, [BotType::ApiAbuse]);
    assert_eq!((summary.requests, summary.hits), (60, 59));
    assert_eq!(
        (summary.application.as_str(), summary.domain.as_str()),
        ("shop", "shop.example")
    );
    assert_eq!(
        (summary.path.as_str(), summary.top_ip.as_str()),
        ("/wp-login.php", "192.0.2.7")
    );
    assert_eq!(summary.state, AttackState::Closed);
    assert_eq!(
        attack.crossed_at,
        Some(NOW.plus(-2 * Timestamp::HOUR + 70_000))
    );
    assert_eq!(attack.responses[0].name, "200");
    assert_eq!(
        (
            attack.endpoints[0].method.as_str(),
            attack.endpoints[0].share
        ),
        ("POST", 1.0)
    );
    assert_eq!((attack.session_count, attack.stored_sessions), (1, 1));
    assert_eq!(attack.sessions[0].id, GUESSING_SESSION);
    let detector = &attack.detectors[0];
    assert_eq!(
        (detector.value, detector.normal, detector.deviation),
        (60.0, 4.0, 15.0)
    );
    assert_eq!(detector.normal_source, "blended 40%");
    assert_eq!(detector.unit, "attempts");
}

async fn endpoints_are_called_what_they_were_folded_into() {
    let app = TestApp::new().await;
    let path = format!(
        "/sessions/{}/requests?template=/%7Bslug%7D",
        super::seed::PROBING_SESSION
    );
    let page: Page<shared::SessionRequest> = app.json(&path).await;
    assert_eq!(page.items.len() as u32, PROBES - 1);
    assert!(
        page.items
            .iter()
            .all(|request| request.template == "/{slug}")
    );
}

async fn hits_come_in_order_and_name_their_detectors_and_session() {
    let app = TestApp::new().await;
    let mut hits: Vec<Hit> = Vec::new();
    let mut cursor = String::new();
    loop {
        let path = format!("/attacks/{GUESSING}/hits?limit=25{cursor}");
        let page: Page<Hit> = app.json(&path).await;
        hits.extend(page.items);
        let Some(next) = page.next_cursor else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(hits.len() as u32, ATTEMPTS - 1);
    assert!(hits.is_sorted_by_key(|hit| (hit.at, hit.request_id)));
    for hit in &hits {
        assert_eq!(hit.session_id, Some(GUESSING_SESSION));
        assert_eq!(hit.detectors, [shared::DetectorKind::AuthenticationAbuse]);
        assert_eq!(
            (hit.method.as_str(), hit.target.as_str()),
            ("POST", "/wp-login.php")
        );
    }
}

async fn hits_can_be_downloaded_and_no_cell_is_a_formula() {
    let app = TestApp::new().await;
    let answer = app.get(&format!("/attacks/{PROBING}/hits.csv")).await;
    assert_eq!(answer.headers["content-type"], "text/csv; charset=utf-8");
    let disposition = answer.headers["content-disposition"].to_str().unwrap();
    assert_eq!(
        disposition,
        format!("attachment; filename=\"attack-{PROBING}-hits.csv\"")
    );
    let text = answer.text();
    let lines: Vec<&str> = text.trim_end().split("\r\n").collect();
    assert_eq!(lines.len() as u32, 1 + PROBES);
    assert!(lines[0].starts_with("request_id,at,"), "{}", lines[0]);
    assert!(lines[1].contains("\"'=HYPERLINK(\"\"http"), "{}", lines[1]);
    assert!(
        lines[2].contains("/backup-1.sql?q=<script>"),
        "{}",
        lines[2]
    );
}

async fn heatmaps_compare_with_the_bots_of_the_same_application_and_day() {
    let app = TestApp::new().await;
    let maps: Heatmaps = app.json(&format!("/attacks/{GUESSING}/heatmaps")).await;
    assert_eq!((maps.bots_total, maps.bots_shown), (2, 2));
    assert_eq!(maps.window_until.since(maps.window_from), Timestamp::DAY);
    assert!(!maps.live);
    for map in [&maps.performance, &maps.behavior, &maps.http_errors] {
        let ids: Vec<_> = map
            .bubbles
            .iter()
            .map(|bubble| bubble.attack_id.unwrap())
            .collect();
        assert_eq!(ids, [GUESSING, PROBING]);
        assert!(map.bubbles[0].this_bot && !map.bubbles[1].this_bot);
        assert_eq!(map.bubbles[0].label, "192.0.2.7");
        assert_eq!(map.bubbles[1].requests, u64::from(PROBES));
    }
    let maps: Heatmaps = app.json(&format!("/attacks/{CAMPAIGN}/heatmaps")).await;
    assert_eq!(
        maps.performance.bubbles[0].label,
        "Campaign of 120 addresses"
    );
    assert_eq!(maps.bots_total, 1);
    assert!(!maps.live);
}

async fn the_heatmaps_of_a_moment_hold_what_was_done_by_then() {
    let app = TestApp::new().await;
    let now: Heatmaps = app.json(&format!("/attacks/{GUESSING}/heatmaps")).await;
    let path = |at: Timestamp| format!("/attacks/{GUESSING}/heatmaps?at={at}");
    let end: Heatmaps = app.json(&path(now.window_until)).await;
    assert_eq!(end, now);
    // The prober was done an hour before the guesser began.
    let before: Heatmaps = app.json(&path(NOW.plus(-150 * Timestamp::MINUTE))).await;
    let bots = |maps: &Heatmaps| maps.behavior.bubbles.len();
    assert_eq!((bots(&before), bots(&now)), (1, 2));
    assert_eq!(before.behavior.bubbles[0].attack_id, Some(PROBING));
    assert_eq!(before.bots_total, 2);
    for at in [
        now.window_from.plus(-1).to_string(),
        now.window_until.plus(1).to_string(),
        "yesterday".to_owned(),
    ] {
        let path = format!("/attacks/{GUESSING}/heatmaps?at={at}");
        let problem = app.problem(&path, ErrorCode::InvalidRequest).await;
        assert_eq!(problem.errors[0].field, "at", "{at}");
    }
}

async fn the_steps_are_of_the_same_bots_and_end_where_the_heatmaps_are() {
    let app = TestApp::new().await;
    let maps: Heatmaps = app.json(&format!("/attacks/{GUESSING}/heatmaps")).await;
    let steps: HeatmapSteps = app
        .json(&format!("/attacks/{GUESSING}/heatmaps/steps"))
        .await;
    assert_eq!(steps.window_until, maps.window_until);
    assert_eq!(steps.activity.iter().sum::<u32>(), ATTEMPTS);
    assert_eq!(steps.bots.len(), maps.performance.bubbles.len());
    let rps = steps
        .dimensions
        .iter()
        .position(|name| *name == maps.performance.x.name);
    for (bot, bubble) in steps.bots.iter().zip(&maps.performance.bubbles) {
        assert_eq!(bot.attack_id, bubble.attack_id);
        assert_eq!(bot.at.len(), bot.values.len());
        let last = bot.values.last().unwrap();
        assert_eq!(last[0], Some(bubble.requests as f64));
        assert!((last[rps.unwrap()].unwrap() / bubble.x.unwrap() - 1.0).abs() < 1e-4);
    }
    assert_eq!(
        steps.bots[0].at,
        [86_400],
        "this bot's only slice ends with the window"
    );
}

async fn a_campaign_unfolds_into_its_addresses() {
    let app = TestApp::new().await;
    let path = |of: &str| format!("/attacks/{CAMPAIGN}/heatmaps/steps?of={of}");
    let unfolded: HeatmapSteps = app.json(&path(&CAMPAIGN.to_string())).await;
    assert_eq!((unfolded.attack_id, unfolded.bots_total), (CAMPAIGN, 1));
    assert!(unfolded.complete);
    let member = &unfolded.bots[0];
    assert_eq!(
        (member.label.as_str(), member.attack_id),
        ("198.51.100.1", None)
    );
    assert_eq!(member.values.last().unwrap()[0], Some(40.0));
    assert_eq!(unfolded.activity.iter().sum::<u32>(), 40);
    // Another bot's requests in this window: it had none three days ago.
    app.problem(&path(&PROBING.to_string()), ErrorCode::Expired)
        .await;
    app.problem(&path("fffffffffffffffe"), ErrorCode::NotFound)
        .await;
    let problem = app.problem(&path("me"), ErrorCode::InvalidRequest).await;
    assert_eq!(problem.errors[0].field, "of");
}

async fn the_heatmaps_as_a_file_have_a_line_for_each_bot() {
    let app = TestApp::new().await;
    let answer = app.get(&format!("/attacks/{GUESSING}/heatmaps.csv")).await;
    let text = answer.text();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 3, "{text}");
    assert!(lines[0].starts_with("bot,role,attack_id,type,confidence,requests,rps,"));
    let columns = lines[0].split(',').count();
    assert_eq!(columns, 16);
    assert!(lines.iter().all(|line| line.split(',').count() == columns));
    assert!(lines[1].starts_with(&format!("192.0.2.7,this bot,{GUESSING},account_takeover,")));
    let before = NOW.plus(-150 * Timestamp::MINUTE);
    let answer = app
        .get(&format!("/attacks/{GUESSING}/heatmaps.csv?at={before}"))
        .await;
    assert_eq!(answer.text().lines().count(), 2);
}

async fn the_heatmaps_as_a_file_hold_the_addresses_of_an_unfolded_campaign() {
    let app = TestApp::new().await;
    let lines = async |more: &str| {
        let path = format!("/attacks/{CAMPAIGN}/heatmaps.csv?of={CAMPAIGN}{more}");
        let text = app.get(&path).await.text();
        text.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let all = lines("").await;
    assert_eq!(all.len(), 3, "{all:?}");
    assert!(all[1].starts_with("Campaign of 120 addresses,this bot,"));
    let address = format!("198.51.100.1,address,{CAMPAIGN},,,40,");
    assert!(all[2].starts_with(&address), "{}", all[2]);
    let cells = |line: &str| line.split(',').count();
    assert_eq!(cells(&all[2]), cells(&all[0]));
    // As it stood in the middle of them: less than everything.
    let moment = NOW.plus(-3 * Timestamp::DAY + 35 * Timestamp::MINUTE);
    let then = lines(&format!("&at={moment}")).await;
    let requests = then.last().unwrap().split(',').nth(5).unwrap();
    assert!(requests.parse::<u64>().unwrap() < 40, "{then:?}");
    let path = format!("/attacks/{GUESSING}/heatmaps.csv?of=fffffffffffffffe");
    app.problem(&path, ErrorCode::NotFound).await;
}

async fn the_overview_says_where_the_newest_data_are() {
    let app = TestApp::new().await;
    let overview: Overview = app.json("/overview").await;
    let names: Vec<_> = overview
        .applications
        .iter()
        .map(|it| it.name.as_str())
        .collect();
    assert_eq!(names, ["blog", "shop"]);
    assert_eq!(
        (overview.requests, overview.sessions, overview.attacks),
        (123, 3, 3)
    );
    assert_eq!(overview.now, NOW);
    assert_eq!(
        overview.newest_attack_at,
        Some(NOW.plus(-2 * Timestamp::HOUR + 590_000))
    );
    assert_eq!(
        overview.newest_request_at,
        Some(NOW.plus(-Timestamp::HOUR + 60_000))
    );
}

async fn an_empty_store_has_empty_lists() {
    let app = TestApp::empty(Caller::local()).await;
    let overview: Overview = app.json("/overview").await;
    assert_eq!((overview.requests, overview.newest_attack_at), (0, None));
    assert_eq!(found(&app, "").await, []);
    let sessions: Page<SessionSummary> = app.json("/sessions").await;
    assert!(sessions.items.is_empty());
    let counts: AttackCounts = app.json("/attacks/counts").await;
    assert_eq!(
        (counts.attacks, counts.by_type.len()),
        (0, BotType::ALL.len())
    );
}

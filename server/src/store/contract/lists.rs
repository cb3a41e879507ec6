//! Lists: filters, orders and pages.

use engine::AttackSessionRecord;
use shared::search::{Key, List, parse};
use shared::{AttackId, BotType, SessionId};

use super::fixture::*;
use crate::store::{
    ApplicationState, AttackSort, Commit, Cursor, PageRequest, Period, Search, TenantStore,
};

/// Five attacks on `shop`, one on `blog`; attack `n` has `10 * n` hits, ended at minute `n`, and
/// comes from address `n`. Attack 5 is ongoing; 2 and 3 are scraping, 3 also API abuse.
async fn six_attacks(tenant: &TenantStore) -> (ApplicationState, ApplicationState) {
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    let blog = tenant.find_or_create_application("Blog").await.unwrap();
    for n in 1..=6u64 {
        let application = if n == 6 { &blog } else { &shop };
        let bot_type = if n == 2 || n == 3 {
            BotType::Scraping
        } else {
            BotType::AccountTakeover
        };
        let mut attack = attack(n, bot_type, n as i64 - 1, n as i64, 10 * n);
        attack.closed = n != 5;
        attack.address_count = n as u32;
        if n == 3 {
            let mut second = attack.types[0];
            second.bot_type = BotType::ApiAbuse;
            attack.types.push(second);
        }
        let mut commit = Commit::new(application.judgement, n);
        (commit.effects.endpoints, commit.effects.user_agents) = texts();
        commit.effects.attack_addresses = vec![(attack.id, address(n as u8))];
        commit.effects.attacks = vec![attack];
        tenant.commit(commit).await.unwrap();
    }
    (shop, blog)
}

fn search(list: List, text: &str) -> Search {
    Search {
        query: parse(list, text).unwrap(),
        ..Search::default()
    }
}

async fn found(tenant: &TenantStore, search: &Search) -> Vec<u64> {
    let page = tenant
        .list_attacks(search, AttackSort::Date, false, ALL)
        .await;
    let page = page.unwrap();
    let totals = tenant.count_attacks(search, minute(0)).await.unwrap();
    assert_eq!(totals.attacks, page.items.len() as u64);
    let hits: u64 = page.items.iter().map(|row| row.record.hits).sum();
    assert_eq!(totals.hits, hits);
    page.items.iter().map(|row| row.record.id.0).collect()
}

async fn attacks_are_found_by_what_is_asked(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    six_attacks(&tenant).await;
    let check = async |text: &str, expected: &[u64]| {
        let search = search(List::Attacks, text);
        assert_eq!(found(&tenant, &search).await, expected, "{text}");
    };
    let everything = [1, 2, 3, 4, 5, 6];
    check("", &everything).await;
    check("scraping", &[2, 3]).await;
    check("api_abuse", &[3]).await;
    check("api_abuse account_takeover", &[1, 3, 4, 5, 6]).await;
    check("!account_takeover", &[2, 3]).await;
    let period = async |from, until, expected: &[u64]| {
        let search = Search {
            period: Period {
                from: minute(from),
                until: minute(until),
            },
            ..Search::default()
        };
        assert_eq!(found(&tenant, &search).await, expected);
    };
    period(2, 3, &[2, 3, 4]).await;
    period(7, 9, &[]).await;
    check("ip:192.0.2.2-192.0.2.4", &[2, 3, 4]).await;
    check("ip:::/0", &everything).await;
    check("ip:2001:db8::/32", &[]).await;
    check("!ip:192.0.2.2-192.0.2.4", &[1, 5, 6]).await;
    check("app:blog", &[6]).await;
    check("app:SHOP", &[1, 2, 3, 4, 5]).await;
    check("app:sho", &[]).await;
    check("app:sho*", &[1, 2, 3, 4, 5]).await;
    check("ip:5+", &[5, 6]).await;
    check("hits:20-30", &[2, 3]).await;
    check("confidence:>63", &[4, 5, 6]).await;
    check("domain:shop.*", &everything).await;
    check(
        "/login statuscode:401 method:post ua:CURL monitoring",
        &everything,
    )
    .await;
    check("/article/*", &[]).await;
    check("detector:request_rate attack:4", &[4]).await;
    check("detector:wide_scope", &[]).await;
    check("outcome:nothing !verified:unverified", &everything).await;
}

async fn totals_per_type_leave_the_type_filter_out(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    six_attacks(&tenant).await;
    let search = search(List::Attacks, "account_takeover");
    let totals = tenant.count_attacks(&search, minute(5)).await.unwrap();
    assert_eq!((totals.attacks, totals.hits, totals.ongoing), (4, 160, 1));
    let by_type: Vec<u64> = totals.by_type.iter().map(|(_, attacks)| *attacks).collect();
    assert_eq!(by_type, [1, 4, 2, 0, 0]);
    let later = tenant.count_attacks(&search, minute(6)).await.unwrap();
    assert_eq!(later.ongoing, 0);
    let newest = tenant.find_newest_attack_at().await.unwrap();
    assert_eq!(newest, Some(minute(6)));
}

async fn pages_of_every_order_join_without_gap_or_overlap(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    six_attacks(&tenant).await;
    let orders = [AttackSort::Date, AttackSort::Hits, AttackSort::Confidence];
    for (sort, descending) in orders
        .into_iter()
        .flat_map(|sort| [(sort, true), (sort, false)])
    {
        let mut ids = Vec::new();
        let mut cursor: Option<Cursor> = None;
        loop {
            let page = PageRequest { cursor, limit: 2 };
            let search = Search::default();
            let page = tenant
                .list_attacks(&search, sort, descending, page)
                .await
                .unwrap();
            ids.extend(page.items.iter().map(|row| row.record.id.0));
            match page.next_cursor {
                Some(next) => cursor = Some(next.parse().unwrap()),
                None => break,
            }
        }
        let mut expected = vec![1, 2, 3, 4, 5, 6];
        if descending {
            expected.reverse();
        }
        assert_eq!(ids, expected, "{sort:?}");
    }
}

/// Sessions 1 to 4 on `shop`, one an hour from address `n`; 9 on `blog` at the time of 2.
async fn five_sessions(tenant: &TenantStore) {
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    let blog = tenant.find_or_create_application("blog").await.unwrap();
    for (application, ids) in [(&shop, vec![1, 2, 3, 4]), (&blog, vec![9])] {
        let mut commit = Commit::new(application.judgement, 9);
        (commit.effects.endpoints, commit.effects.user_agents) = texts();
        commit.effects.sessions = ids
            .iter()
            .map(|id| session(*id, *id as u8, if *id == 9 { 2 } else { *id }))
            .collect();
        tenant.commit(commit).await.unwrap();
    }
    let mut commit = Commit::new(shop.judgement, 9);
    commit.effects.attacks = vec![attack(1, BotType::Scraping, 0, 400, 5)];
    commit.effects.attack_sessions = [2, 3]
        .map(|session| AttackSessionRecord {
            attack: AttackId(1),
            session: SessionId(session),
            started_at: minute(0),
            ended_at: minute(60 * session as i64),
            requests: 3,
            hits: 2,
        })
        .to_vec();
    tenant.commit(commit).await.unwrap();
}

async fn sessions(tenant: &TenantStore, search: &Search) -> Vec<u64> {
    let page = tenant.list_sessions(search, ALL).await.unwrap();
    let totals = tenant.count_sessions(search).await.unwrap();
    assert_eq!(totals.sessions, page.items.len() as u64);
    page.items.iter().map(|row| row.id.0).collect()
}

async fn sessions_are_found_by_what_is_asked(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    five_sessions(&tenant).await;
    let check = async |text: &str, expected: &[u64]| {
        let search = search(List::Sessions, text);
        assert_eq!(sessions(&tenant, &search).await, expected, "{text}");
    };
    let everything = [4, 3, 9, 2, 1];
    check("", &everything).await;
    let period = Search {
        period: Period {
            from: minute(179),
            until: minute(180),
        },
        ..Search::default()
    };
    assert_eq!(sessions(&tenant, &period).await, [3, 9, 2]);
    check("ip:192.0.2.3-192.0.2.4", &[4, 3]).await;
    check("app:BLOG", &[9]).await;
    check("attack:1", &[3, 2]).await;
    check("scraping", &[3, 2]).await;
    check("!scraping", &[4, 9, 1]).await;
    check("bot", &[3, 2]).await;
    check("!bot app:shop", &[4, 1]).await;
    check("hits:2", &[3, 2]).await;
    check("api_abuse", &[]).await;
    check("/LOGIN", &everything).await;
    check("/article/17", &everything).await;
    check("url:'{number}'", &everything).await;
    check("url:log", &everything).await;
    check("url:%", &[]).await;
    check("url:_", &[]).await;
    check(r"url:'\\'", &[]).await;
    check("url:\"'; DROP TABLE session\"", &[]).await;
    check(
        "domain:shop.example statuscode:401 method:GET ua:curl",
        &everything,
    )
    .await;
    check("!statuscode:401", &[]).await;
    check("session:3 session:9", &[3, 9]).await;
    check("user:anna", &[]).await;
}

async fn values_are_those_of_what_is_found_without_the_keys_own_terms(on: On) {
    let (attacks, test) = (TestStore::open(on).await, TestStore::open(on).await);
    six_attacks(&attacks.tenant()).await;
    let tenant = test.tenant();
    five_sessions(&tenant).await;
    let of_attacks = async |key, text: &str, prefix: &str| {
        let search = search(List::Attacks, text);
        attacks
            .tenant()
            .count_values(List::Attacks, &search, key, prefix)
            .await
            .unwrap()
    };
    let of_sessions = async |key, text: &str, prefix: &str| {
        let search = search(List::Sessions, text);
        tenant
            .count_values(List::Sessions, &search, key, prefix)
            .await
            .unwrap()
    };
    let expected = |values: &[(&str, u64)]| -> Vec<(String, u64)> {
        values
            .iter()
            .map(|(value, rows)| ((*value).to_owned(), *rows))
            .collect()
    };
    assert_eq!(
        of_attacks(Key::Type, "api_abuse", "").await,
        expected(&[("account_takeover", 4), ("scraping", 2), ("api_abuse", 1)])
    );
    assert_eq!(
        of_attacks(Key::Domain, "hits:10", "SH").await,
        expected(&[("shop.example", 1)])
    );
    assert_eq!(of_attacks(Key::Domain, "", "hop").await, []);
    assert_eq!(
        of_attacks(Key::Address, "scraping", "192.0.2.3").await,
        expected(&[("192.0.2.3", 1)])
    );
    assert_eq!(
        of_attacks(Key::Application, "hits:>50", "").await,
        expected(&[("Blog", 1)])
    );
    assert_eq!(
        of_sessions(Key::StatusCode, "", "").await,
        expected(&[("200", 5), ("401", 5)])
    );
    assert_eq!(of_sessions(Key::Bot, "", "").await, expected(&[("bot", 2)]));
    assert_eq!(
        of_sessions(Key::Application, "app:blog", "").await,
        expected(&[("shop", 4), ("blog", 1)])
    );
    assert_eq!(of_sessions(Key::Address, "", "").await.len(), 5);
    assert_eq!(of_sessions(Key::User, "", "").await, []);
}

async fn pages_of_sessions_join_over_all_applications(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    five_sessions(&tenant).await;
    let mut ids = Vec::new();
    let mut cursor: Option<Cursor> = None;
    loop {
        let page = PageRequest { cursor, limit: 1 };
        let page = tenant
            .list_sessions(&Search::default(), page)
            .await
            .unwrap();
        ids.extend(page.items.iter().map(|row| row.id.0));
        match page.next_cursor {
            Some(next) => cursor = Some(next.parse().unwrap()),
            None => break,
        }
    }
    assert_eq!(ids, [4, 3, 9, 2, 1]);
}

on_both!(
    attacks_are_found_by_what_is_asked,
    totals_per_type_leave_the_type_filter_out,
    pages_of_every_order_join_without_gap_or_overlap,
    sessions_are_found_by_what_is_asked,
    values_are_those_of_what_is_found_without_the_keys_own_terms,
    pages_of_sessions_join_over_all_applications
);

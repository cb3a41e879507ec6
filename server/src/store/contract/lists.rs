//! Lists: filters, orders and pages.

use engine::{Address, AttackSessionRecord};
use shared::{AttackId, BotType, SessionId};

use super::fixture::*;
use crate::store::{
    AddressRange, ApplicationState, AttackFilter, AttackSort, Commit, Cursor, PageRequest, Period,
    SessionFilter, TenantStore,
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

async fn found(tenant: &TenantStore, filter: &AttackFilter) -> Vec<u64> {
    let page = tenant
        .list_attacks(filter, AttackSort::Date, false, ALL)
        .await;
    let page = page.unwrap();
    let totals = tenant.count_attacks(filter).await.unwrap();
    assert_eq!(totals.attacks, page.items.len() as u64);
    let hits: u64 = page.items.iter().map(|row| row.record.hits).sum();
    assert_eq!(totals.hits, hits);
    page.items.iter().map(|row| row.record.id.0).collect()
}

fn addresses(from: Address, until: Address) -> AttackFilter {
    AttackFilter {
        addresses: vec![AddressRange { from, until }],
        ..AttackFilter::default()
    }
}

#[tokio::test]
async fn attacks_are_found_by_what_is_asked() {
    let test = TestStore::open().await;
    let tenant = test.tenant();
    six_attacks(&tenant).await;
    let any = AttackFilter::default();
    assert_eq!(found(&tenant, &any).await, [1, 2, 3, 4, 5, 6]);
    let types = |types: &[BotType]| AttackFilter {
        types: types.to_vec(),
        ..any.clone()
    };
    assert_eq!(found(&tenant, &types(&[BotType::Scraping])).await, [2, 3]);
    assert_eq!(found(&tenant, &types(&[BotType::ApiAbuse])).await, [3]);
    let both = [BotType::ApiAbuse, BotType::AccountTakeover];
    assert_eq!(found(&tenant, &types(&both)).await, [1, 3, 4, 5, 6]);
    let period = |from, until| AttackFilter {
        period: Period {
            from: minute(from),
            until: minute(until),
        },
        ..any.clone()
    };
    assert_eq!(found(&tenant, &period(2, 3)).await, [2, 3, 4]);
    assert!(found(&tenant, &period(7, 9)).await.is_empty());
    assert_eq!(
        found(&tenant, &addresses(address(2), address(4))).await,
        [2, 3, 4]
    );
    let everything = addresses(Address(0), Address(u128::MAX));
    assert_eq!(found(&tenant, &everything).await.len(), 6);
    let nothing = addresses(address(4), address(2));
    assert!(found(&tenant, &nothing).await.is_empty());
    let v6 = addresses(Address(1 << 64), Address(u128::MAX));
    assert!(found(&tenant, &v6).await.is_empty());
    let named = |name: &str| AttackFilter {
        applications: vec![name.to_owned()],
        ..any.clone()
    };
    assert_eq!(found(&tenant, &named("blog")).await, [6]);
    assert_eq!(found(&tenant, &named("SHOP")).await.len(), 5);
    assert!(found(&tenant, &named("sho")).await.is_empty());
    let many = AttackFilter {
        min_addresses: 5,
        ..any.clone()
    };
    assert_eq!(found(&tenant, &many).await, [5, 6]);
}

#[tokio::test]
async fn totals_per_type_leave_the_type_filter_out() {
    let test = TestStore::open().await;
    let tenant = test.tenant();
    six_attacks(&tenant).await;
    let filter = AttackFilter {
        types: vec![BotType::AccountTakeover],
        ..AttackFilter::default()
    };
    let totals = tenant.count_attacks(&filter).await.unwrap();
    assert_eq!((totals.attacks, totals.hits, totals.ongoing), (4, 160, 1));
    let by_type: Vec<u64> = totals.by_type.iter().map(|(_, attacks)| *attacks).collect();
    assert_eq!(by_type, [1, 4, 2, 0, 0]);
    let newest = tenant.find_newest_attack_at().await.unwrap();
    assert_eq!(newest, Some(minute(6)));
}

#[tokio::test]
async fn pages_of_every_order_join_without_gap_or_overlap() {
    let test = TestStore::open().await;
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
            let filter = AttackFilter::default();
            let page = tenant
                .list_attacks(&filter, sort, descending, page)
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

async fn sessions(tenant: &TenantStore, filter: &SessionFilter) -> Vec<u64> {
    let page = tenant.list_sessions(filter, ALL).await.unwrap();
    page.items.iter().map(|row| row.id.0).collect()
}

#[tokio::test]
async fn sessions_are_found_by_what_is_asked() {
    let test = TestStore::open().await;
    let tenant = test.tenant();
    five_sessions(&tenant).await;
    let any = SessionFilter::default();
    assert_eq!(sessions(&tenant, &any).await, [4, 3, 9, 2, 1]);
    let period = SessionFilter {
        period: Period {
            from: minute(179),
            until: minute(180),
        },
        ..any.clone()
    };
    assert_eq!(sessions(&tenant, &period).await, [3, 9, 2]);
    let near = SessionFilter {
        addresses: vec![AddressRange {
            from: address(3),
            until: address(4),
        }],
        ..any.clone()
    };
    assert_eq!(sessions(&tenant, &near).await, [4, 3]);
    let blog = SessionFilter {
        applications: vec!["BLOG".to_owned()],
        ..any.clone()
    };
    assert_eq!(sessions(&tenant, &blog).await, [9]);
    let of_attack = SessionFilter {
        attack: Some(AttackId(1)),
        ..any.clone()
    };
    assert_eq!(sessions(&tenant, &of_attack).await, [3, 2]);
    for (bot_type, expected) in [(BotType::Scraping, vec![3, 2]), (BotType::ApiAbuse, vec![])] {
        let of_type = SessionFilter {
            types: vec![bot_type],
            ..any.clone()
        };
        assert_eq!(sessions(&tenant, &of_type).await, expected);
    }
    for (part, expected) in [
        ("/LOGIN", 5),
        ("post shop.example/log", 5),
        ("{number}", 5),
        ("%", 0),
        ("_", 0),
        (r"\", 0),
        ("'; DROP TABLE session", 0),
    ] {
        let on = SessionFilter {
            endpoint: Some(part.to_owned()),
            ..any.clone()
        };
        assert_eq!(sessions(&tenant, &on).await.len(), expected, "{part}");
    }
}

#[tokio::test]
async fn pages_of_sessions_join_over_all_applications() {
    let test = TestStore::open().await;
    let tenant = test.tenant();
    five_sessions(&tenant).await;
    let mut ids = Vec::new();
    let mut cursor: Option<Cursor> = None;
    loop {
        let page = PageRequest { cursor, limit: 1 };
        let page = tenant
            .list_sessions(&SessionFilter::default(), page)
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

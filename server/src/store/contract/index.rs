//! What searches read stays in step with the tables, whatever is written.

use engine::{AttackSessionRecord, EndpointRecord};
use shared::search::{Key, List, parse};
use shared::{AttackId, BotType, ListKind, RequestId, SessionId};

use super::fixture::*;
use super::ip_lists::{add, new};
use crate::store::{ApplicationState, AttackSort, Commit, Search, TenantStore};

/// Searches of attacks and of sessions that together see all that an index holds.
const SEARCHES: &[(&str, &str)] = &[
    ("", ""),
    ("account_takeover", "account_takeover"),
    ("ip:192.0.2.0-192.0.2.3 !excepted", "ip:192.0.2.0-192.0.2.3"),
    ("/login", "/users/{number}"),
    ("domain:shop.example ua:curl", "statuscode:401 method:POST"),
    ("session:5", "attack:1"),
    ("request_id:0-2", "bot hits:3"),
];

/// Everything that searches find.
async fn seen(tenant: &TenantStore) -> Vec<String> {
    let mut seen = Vec::new();
    for (of_attacks, of_sessions) in SEARCHES {
        let search = |list, text| Search {
            query: parse(list, text).unwrap(),
            ..Search::default()
        };
        let attacks = search(List::Attacks, of_attacks);
        let list = tenant
            .list_attacks(&attacks, AttackSort::Hits, true, ALL)
            .await;
        let totals = tenant.count_attacks(&attacks, minute(0)).await.unwrap();
        let hosts = tenant
            .count_values(List::Attacks, &attacks, Key::Domain, "")
            .await;
        seen.push(format!("{:?}", (list.unwrap(), totals, hosts.unwrap())));
        let sessions = search(List::Sessions, of_sessions);
        let list = tenant.list_sessions(&sessions, ALL).await;
        let totals = tenant.count_sessions(&sessions).await.unwrap();
        let types = tenant
            .count_values(List::Sessions, &sessions, Key::Type, "")
            .await;
        seen.push(format!("{:?}", (list.unwrap(), totals, types.unwrap())));
    }
    seen
}

/// The index was kept in step and says what one read anew says.
async fn check(tenant: &TenantStore, step: &str) {
    assert!(tenant.is_index_in_step().await, "{step}");
    let kept = seen(tenant).await;
    tenant.forget_index().await;
    assert!(!tenant.is_index_in_step().await, "{step}");
    assert_eq!(kept, seen(tenant).await, "{step}");
}

/// A commit of a segment, with the preview of an attack and a session that go on.
fn previewing(application: &ApplicationState, number: u64, attack: u64, id: u64) -> Commit {
    let mut commit = commit(application, number, attack, id);
    let mut preview = effects(7, 8, 1, 1);
    // A session that is over becomes part of an attack that is stored, and of a preview's.
    for attack in [1, 7] {
        preview.attack_sessions.push(AttackSessionRecord {
            attack: AttackId(attack),
            session: SessionId(6),
            started_at: minute(0),
            ended_at: minute(1),
            requests: 2,
            hits: 1,
        });
    }
    preview.attack_addresses.push((AttackId(1), address(3)));
    commit.preview = Some(preview);
    commit
}

/// Excepts an object on every application.
async fn except(tenant: &TenantStore, object: &str, at: i64) {
    let entry = new(ListKind::Exception, object);
    add(tenant, entry, at).await;
}

async fn searches_see_every_write_at_once(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    tenant.warm_index().await.unwrap();
    tenant.commit(commit(&shop, 0, 1, 5)).await.unwrap();
    check(&tenant, "the first commit").await;
    let mut second = commit(&shop, 1, 2, 6);
    second.effects = effects(2, 6, 1, 1);
    second.effects.attacks[0].addresses = vec![(address(1), 3)];
    tenant.commit(second).await.unwrap();
    check(&tenant, "the second, from another address").await;
    tenant.commit(previewing(&shop, 2, 4, 9)).await.unwrap();
    check(&tenant, "a preview").await;
    tenant.commit(previewing(&shop, 3, 5, 10)).await.unwrap();
    check(&tenant, "another in its place").await;

    let mut folding = Commit::new(shop.judgement, 4);
    let root = EndpointRecord {
        key: engine::EndpointKey(99),
        template: "/users/{number}".to_owned(),
        ..texts().0[1].clone()
    };
    let folded = EndpointRecord {
        folded_into: Some(root.key),
        ..texts().0[1].clone()
    };
    folding.effects.endpoints = vec![root, folded];
    folding.effects.attacks = vec![attack(1, BotType::Scraping, 0, 90, 40)];
    tenant.commit(folding).await.unwrap();
    check(&tenant, "folding, and an attack that went on").await;

    let attacks = async || {
        let found = tenant.count_attacks(&Search::default(), minute(0)).await;
        found.unwrap().attacks
    };
    assert_eq!(attacks().await, 4);
    except(&tenant, "192.0.2.0", 500).await;
    assert_eq!(attacks().await, 1);
    check(&tenant, "an exception").await;
    except(&tenant, "192.0.2.0/24", 501).await;
    assert_eq!(attacks().await, 0);
    check(&tenant, "a wider one").await;
    tenant
        .remove_before(shop.judgement, minute(100))
        .await
        .unwrap();
    check(&tenant, "retention").await;

    let other = tenant.find_or_create_application("blog").await.unwrap();
    tenant.warm_index().await.unwrap();
    tenant.commit(commit(&other, 0, 1, 5)).await.unwrap();
    check(&tenant, "another application with the same names").await;
    let again = tenant.create_judgement(shop.judgement).await.unwrap();
    let mut anew = commit(&shop, 5, 3, 7);
    anew.judgement = again;
    tenant.commit(anew).await.unwrap();
    check(&tenant, "another judgement beside").await;
    tenant.show_judgement(again).await.unwrap();
    check(&tenant, "the other judgement shown").await;
    while tenant.remove_old_judgements(again).await.unwrap() {}
    check(&tenant, "the old one removed").await;
    assert_eq!(seen(&test.stranger()).await.len(), 2 * SEARCHES.len());
}

async fn a_request_is_found_in_its_attacks_and_its_session(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    tenant.commit(commit(&shop, 0, 1, 5)).await.unwrap();
    let found = async |id: RequestId| {
        let search = |list| Search {
            query: parse(list, &format!("request_id:{id}")).unwrap(),
            ..Search::default()
        };
        let attacks = search(List::Attacks);
        let attacks = tenant
            .list_attacks(&attacks, AttackSort::Date, true, ALL)
            .await;
        let sessions = tenant.list_sessions(&search(List::Sessions), ALL).await;
        (attacks.unwrap().items.len(), sessions.unwrap().items.len())
    };
    let request = |segment, row| RequestId { segment, row };
    assert_eq!(found(request(0, 0)).await, (1, 1));
    // Of the session and not of the attack; of another client; nowhere.
    assert_eq!(found(request(0, 3)).await, (0, 1));
    assert_eq!(found(request(0, 7)).await, (0, 0));
    assert_eq!(found(request(0, 99)).await, (0, 0));
    assert_eq!(found(request(9, 0)).await, (0, 0));
}

async fn nobody_finds_what_another_tenants_index_holds(on: On) {
    let test = TestStore::open(on).await;
    let (owner, stranger) = (test.tenant(), test.stranger());
    let shop = owner.find_or_create_application("shop").await.unwrap();
    owner.commit(commit(&shop, 0, 1, 5)).await.unwrap();
    owner.warm_index().await.unwrap();
    let search = Search::default();
    let theirs = stranger.count_sessions(&search).await.unwrap();
    assert_eq!(theirs.sessions, 0);
    let values = stranger
        .count_values(List::Attacks, &search, Key::Domain, "")
        .await;
    assert!(values.unwrap().is_empty());
    except(&stranger, "192.0.2.0/24", 500).await;
    let attacks = owner.count_attacks(&search, minute(0)).await.unwrap();
    assert_eq!(attacks.attacks, 1);
}

on_both!(
    searches_see_every_write_at_once,
    a_request_is_found_in_its_attacks_and_its_session,
    nobody_finds_what_another_tenants_index_holds
);

//! IP lists: versions, the past, retention, exceptions and the attacks they cover, the wall
//! between tenants.

use shared::search::{List, parse};
use shared::{
    AttackId, BotType, ListAction, ListChange, ListEntryId, ListKind, ListOrigin, ListOutcome,
    ListState, Timestamp,
};

use super::fixture::*;
use crate::store::{
    AttackSort, Commit, ListAuthor, ListEdit, ListFilter, NewListEntry, Search, StoreError,
    TenantStore,
};

pub(super) fn new(list: ListKind, object: &str) -> NewListEntry {
    NewListEntry {
        list,
        object: object.parse().unwrap(),
        applications: None,
        reason: String::new(),
        expires_at: None,
    }
}

fn by(name: &'static str, now: Timestamp) -> ListAuthor<'static> {
    ListAuthor {
        name,
        origin: ListOrigin::Manual,
        now,
    }
}

pub(super) async fn add(tenant: &TenantStore, entry: NewListEntry, at: i64) -> ListEntryId {
    let added = tenant
        .create_list_entries(&[entry], by("anna", minute(at)))
        .await;
    added.unwrap()[0].row.id
}

fn filter(list: ListKind, at: Option<i64>, now: i64) -> ListFilter {
    ListFilter {
        list,
        state: ListState::Active,
        object: None,
        application: None,
        at: at.map(minute),
        now: minute(now),
    }
}

async fn objects(tenant: &TenantStore, filter: &ListFilter) -> Vec<String> {
    let page = tenant.list_entries(filter, ALL).await.unwrap();
    page.items
        .iter()
        .map(|row| row.object.to_string())
        .collect()
}

async fn listed(tenant: &TenantStore, excepted: bool) -> Vec<u64> {
    let filter = Search {
        query: parse(List::Attacks, if excepted { "excepted" } else { "" }).unwrap(),
        ..Search::default()
    };
    let page = tenant
        .list_attacks(&filter, AttackSort::Date, false, ALL)
        .await;
    page.unwrap()
        .items
        .iter()
        .map(|row| row.record.id.0)
        .collect()
}

async fn an_entry_keeps_every_version_and_the_list_every_moment(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    let deny = ListKind::Deny;
    let id = add(&tenant, new(deny, "192.0.2.7"), 0).await;
    let edit = ListEdit {
        expires_at: Some(Some(minute(100))),
        ..ListEdit::default()
    };
    let changed = tenant
        .update_list_entry(id, &edit, by("bert", minute(10)))
        .await;
    assert_eq!(changed.unwrap().unwrap().row.version, 2);
    add(&tenant, new(deny, "192.0.2.8"), 20).await;
    tenant
        .remove_list_entry(id, by("carl", minute(30)))
        .await
        .unwrap();

    for (at, expected) in [
        (-1, &[][..]),
        (0, &["192.0.2.7"]),
        (19, &["192.0.2.7"]),
        (20, &["192.0.2.8", "192.0.2.7"]),
        (30, &["192.0.2.8"]),
        (200, &["192.0.2.8"]),
    ] {
        assert_eq!(
            objects(&tenant, &filter(deny, Some(at), 500)).await,
            expected,
            "{at}"
        );
    }
    let history = tenant.list_entry_history(id).await.unwrap();
    let told: Vec<_> = history
        .iter()
        .map(|row| (row.version, row.author.as_str(), row.action, row.expires_at))
        .collect();
    let (end, created) = (Some(minute(100)), ListAction::Created);
    assert_eq!(
        told,
        [
            (3, "carl", ListAction::Removed, end),
            (2, "bert", ListAction::Changed, end),
            (1, "anna", created, None),
        ]
    );
    // Added again it is the same entry, from the beginning.
    assert_eq!(add(&tenant, new(deny, "192.0.2.7"), 40).await, id);
    let last = tenant.find_list_entry(id).await.unwrap().unwrap();
    assert_eq!(
        (last.version, last.action, last.expires_at),
        (4, created, None)
    );
}

async fn an_entry_whose_time_is_over_is_expired_and_can_be_added_again(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    let mut entry = new(ListKind::Deny, "192.0.2.7");
    entry.expires_at = Some(minute(10));
    let id = add(&tenant, entry.clone(), 0).await;
    let mut expired = filter(ListKind::Deny, None, 10);
    assert!(objects(&tenant, &expired).await.is_empty());
    expired.state = ListState::Expired;
    assert_eq!(objects(&tenant, &expired).await, ["192.0.2.7"]);
    assert!(
        tenant
            .list_in_force(ListKind::Deny, minute(10))
            .await
            .unwrap()
            .is_empty()
    );
    let gone = tenant.remove_list_entry(id, by("anna", minute(10))).await;
    assert_eq!(gone.unwrap(), None);
    entry.expires_at = Some(minute(40));
    let added = tenant
        .create_list_entries(&[entry], by("anna", minute(20)))
        .await;
    assert_eq!(added.unwrap()[0].outcome, ListOutcome::Created);
}

async fn undo_is_all_or_nothing_and_only_of_the_last_change(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    let deny = ListKind::Deny;
    let one = add(&tenant, new(deny, "192.0.2.7"), 0).await;
    let other = add(&tenant, new(deny, "192.0.2.8"), 1).await;
    let change = |id, version| ListChange { id, version };
    let refused = tenant
        .undo_list_changes(&[change(one, 1), change(other, 2)], by("bert", minute(2)))
        .await;
    assert!(matches!(refused, Err(StoreError::Conflict { .. })));
    assert_eq!(objects(&tenant, &filter(deny, None, 2)).await.len(), 2);
    let unknown = [change(one, 1), change(ListEntryId(7), 1)];
    let unknown = tenant
        .undo_list_changes(&unknown, by("bert", minute(2)))
        .await;
    assert_eq!(unknown.unwrap(), None);
    let undone = [change(one, 1), change(other, 1)];
    tenant
        .undo_list_changes(&undone, by("bert", minute(2)))
        .await
        .unwrap();
    assert!(objects(&tenant, &filter(deny, None, 2)).await.is_empty());
    assert_eq!(objects(&tenant, &filter(deny, Some(1), 2)).await.len(), 2);
}

async fn what_was_on_a_list_is_forgotten_after_ninety_days(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    let (deny, day) = (ListKind::Deny, 24 * 60);
    let stays = add(&tenant, new(deny, "192.0.2.7"), 0).await;
    let goes = add(&tenant, new(deny, "192.0.2.8"), 1).await;
    tenant
        .remove_list_entry(goes, by("anna", minute(2)))
        .await
        .unwrap();
    add(&tenant, new(deny, "192.0.2.9"), 89 * day).await;
    assert_eq!(tenant.list_entry_history(goes).await.unwrap().len(), 2);
    add(&tenant, new(deny, "192.0.2.10"), 91 * day).await;
    assert!(tenant.list_entry_history(goes).await.unwrap().is_empty());
    assert_eq!(tenant.list_entry_history(stays).await.unwrap().len(), 1);
}

async fn an_attack_is_excepted_while_all_its_addresses_are(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    tenant.commit(commit(&shop, 0, 1, 5)).await.unwrap();
    // A campaign whose record names only some of its addresses.
    let mut campaign = Commit::new(shop.judgement, 0);
    let mut record = attack(2, BotType::Scraping, 0, 5, 9);
    record.address_count = 3;
    campaign.effects.attack_addresses = (0..3).map(|n| (AttackId(2), address(n))).collect();
    campaign.effects.attacks = vec![record];
    tenant.commit(campaign).await.unwrap();
    let exception = ListKind::Exception;

    let first = add(&tenant, new(exception, "192.0.2.0/31"), 0).await;
    assert_eq!(listed(&tenant, false).await, [2]);
    assert_eq!(listed(&tenant, true).await, [1]);
    assert!(
        tenant
            .find_attack(AttackId(1))
            .await
            .unwrap()
            .unwrap()
            .excepted
    );
    add(&tenant, new(exception, "192.0.2.2"), 1).await;
    assert!(listed(&tenant, false).await.is_empty());

    // What is committed meanwhile is marked at once, also what another judgement says.
    let mut later = commit(&shop, 1, 3, 6);
    let mut record = attack(4, BotType::Scraping, 0, 5, 9);
    record.address_count = 3;
    later.effects.attacks.push(record);
    let addresses = (0..3).map(|n| (AttackId(4), address(n)));
    later.effects.attack_addresses.extend(addresses);
    tenant.commit(later).await.unwrap();
    assert_eq!(listed(&tenant, true).await.len(), 4);
    let again = tenant.create_judgement(shop.judgement).await.unwrap();
    let mut anew = commit(&shop, 2, 1, 5);
    anew.judgement = again;
    tenant.commit(anew).await.unwrap();
    tenant.show_judgement(again).await.unwrap();
    assert_eq!(listed(&tenant, true).await, [1]);

    tenant
        .remove_list_entry(first, by("anna", minute(3)))
        .await
        .unwrap();
    assert_eq!(listed(&tenant, false).await, [1]);
}

async fn an_exception_that_ends_gives_the_attacks_back(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    tenant.commit(commit(&shop, 0, 1, 5)).await.unwrap();
    let mut entry = new(ListKind::Exception, "192.0.2.0");
    entry.expires_at = Some(minute(10));
    entry.applications = Some(vec![shop.id]);
    tenant.lapse_exceptions(minute(0)).await.unwrap();
    add(&tenant, entry, 0).await;
    tenant.lapse_exceptions(minute(9)).await.unwrap();
    assert!(listed(&tenant, false).await.is_empty());
    assert!(!tenant.find_exceptions(shop.id).await.unwrap().is_empty());
    let changes = tenant.list_changes(0, 100).await.unwrap().len();
    tenant.lapse_exceptions(minute(10)).await.unwrap();
    assert_eq!(listed(&tenant, false).await, [1]);
    assert!(tenant.find_exceptions(shop.id).await.unwrap().is_empty());
    assert!(
        tenant.list_changes(0, 100).await.unwrap().len() > changes,
        "is told"
    );
}

async fn an_exception_takes_what_profiles_denied_off_the_list(on: On) {
    let test = TestStore::open(on).await;
    let tenant = test.tenant();
    let (deny, exception) = (ListKind::Deny, ListKind::Exception);
    let profile = ListAuthor {
        origin: ListOrigin::Automatic,
        ..by("profile", minute(0))
    };
    let denied = [new(deny, "192.0.2.7"), new(deny, "198.51.100.7")];
    tenant.create_list_entries(&denied, profile).await.unwrap();
    add(&tenant, new(deny, "192.0.2.8"), 1).await;
    add(&tenant, new(exception, "192.0.2.0/24"), 2).await;
    let left = objects(&tenant, &filter(deny, None, 2)).await;
    assert_eq!(left, ["192.0.2.8", "198.51.100.7"]);
}

async fn lists_end_at_the_wall_between_tenants(on: On) {
    let test = TestStore::open(on).await;
    let (owner, stranger) = (test.tenant(), test.stranger());
    let shop = stranger.find_or_create_application("shop").await.unwrap();
    stranger.commit(commit(&shop, 0, 1, 5)).await.unwrap();
    let id = add(&owner, new(ListKind::Exception, "192.0.2.0/24"), 0).await;
    assert_eq!(listed(&stranger, false).await, [1]);
    assert_eq!(stranger.find_list_entry(id).await.unwrap(), None);
    assert!(stranger.list_entry_history(id).await.unwrap().is_empty());
    let theirs = filter(ListKind::Exception, None, 1);
    assert!(objects(&stranger, &theirs).await.is_empty());
    assert!(stranger.find_exceptions(shop.id).await.unwrap().is_empty());
    let edit = ListEdit {
        reason: Some("mine".to_owned()),
        ..ListEdit::default()
    };
    let author = by("eve", minute(1));
    assert_eq!(
        stranger.update_list_entry(id, &edit, author).await.unwrap(),
        None
    );
    assert_eq!(stranger.remove_list_entry(id, author).await.unwrap(), None);
    let change = ListChange { id, version: 1 };
    assert_eq!(
        stranger.undo_list_changes(&[change], author).await.unwrap(),
        None
    );
    let found = owner
        .find_collateral("192.0.2.0/24".parse().unwrap(), None)
        .await;
    assert_eq!(found.unwrap().sessions, 0);
    // The same object is an entry of its own.
    assert_ne!(
        add(&stranger, new(ListKind::Exception, "192.0.2.0/24"), 0).await,
        id
    );
    assert_eq!(owner.find_list_entry(id).await.unwrap().unwrap().version, 1);
}

on_both!(
    an_entry_keeps_every_version_and_the_list_every_moment,
    an_entry_whose_time_is_over_is_expired_and_can_be_added_again,
    undo_is_all_or_nothing_and_only_of_the_last_change,
    what_was_on_a_list_is_forgotten_after_ninety_days,
    an_attack_is_excepted_while_all_its_addresses_are,
    an_exception_that_ends_gives_the_attacks_back,
    an_exception_takes_what_profiles_denied_off_the_list,
    lists_end_at_the_wall_between_tenants
);

//! A process that is killed while it writes loses nothing that was acknowledged and keeps
//! nothing by halves. The test starts itself as the process to kill.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use shared::{AttackId, SessionId};

use super::fixture::*;
use crate::address::AddressBook;
use crate::auth::Caller;
use crate::store::Store;

/// Where the child finds its data directory, or the address of its database.
const PLACE: &str = "BOTSCOPE_TEST_KILL_PLACE";

/// Commits segment after segment and says each number when it is durable.
async fn write_forever(place: &str) {
    let store = if place.starts_with("postgres") {
        Store::open_url(place, AddressBook::built_in()).await
    } else {
        Store::open(place.as_ref()).await
    };
    let store = store.unwrap();
    let tenant = store.tenant(&Caller::local());
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    for number in shop.next_segment.. {
        let commit = commit(&shop, number, number, number);
        tenant.commit(commit).await.unwrap();
        println!("durable {number}");
    }
}

async fn a_killed_process_keeps_what_it_acknowledged_and_nothing_by_halves(on: On) {
    if let Ok(place) = std::env::var(PLACE) {
        return write_forever(&place).await;
    }
    let place = Place::new(on).await;
    let named = match &place {
        Place::Directory(directory) => directory.path().display().to_string(),
        Place::Url(url) => url.clone(),
    };
    let database = match on {
        On::Sqlite => "sqlite",
        On::Postgres => "postgres",
    };
    let test = format!(
        "store::contract::kill::{database}::\
         a_killed_process_keeps_what_it_acknowledged_and_nothing_by_halves"
    );
    for round in 0..4 {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "--nocapture"])
            .arg(&test)
            .env(PLACE, &named)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let numbers = lines.filter_map(|line| line.ok()?.strip_prefix("durable ")?.parse().ok());
        // A different number of commits each time, so that the blow falls elsewhere.
        let acknowledged: u64 = numbers.take(2 + round * 3).last().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();

        let store = place.open().await.unwrap();
        let tenant = store.tenant(&Caller::local());
        let shop = tenant
            .find_application_state("shop")
            .await
            .unwrap()
            .unwrap();
        let last = shop.position.unwrap();
        assert!(last >= acknowledged, "{last} < {acknowledged}");
        assert_eq!(shop.next_segment, last + 1);
        let log = tenant
            .list_segments(shop.judgement, None, 1000)
            .await
            .unwrap();
        assert_eq!(log.len() as u64, last + 1);
        let source = &tenant.list_sources(shop.id).await.unwrap()[0];
        assert_eq!(source.lines, 10 * (last + 1));
        let snapshot = tenant.find_snapshot(shop.judgement).await.unwrap();
        assert_eq!(snapshot.unwrap().position, last);
        let found = &tenant.list_applications().await.unwrap()[0];
        assert_eq!((found.requests, found.attacks), (10 * (last + 1), last + 1));
        for (there, id) in [(true, last), (false, last + 1)] {
            let attack = tenant.find_attack(AttackId(id)).await.unwrap();
            let session = tenant.find_session(SessionId(id)).await.unwrap();
            assert_eq!((attack.is_some(), session.is_some()), (there, there));
        }
        store.close().await.unwrap();
    }
}

on_both!(a_killed_process_keeps_what_it_acknowledged_and_nothing_by_halves);

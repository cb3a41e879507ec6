//! Backups of a directory in which somebody writes, and what is restored from them.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use engine::{Address, Batch, Request};
use shared::Timestamp;
use tokio_util::sync::CancellationToken;

use super::{BackupError, StoredIn, back_up, restore};
use crate::auth::Caller;
use crate::pipeline::{Lanes, Live};
use crate::store::{Period, Store};

const START: Timestamp = Timestamp(1_772_600_000_000);

fn clock() -> Timestamp {
    START.plus(Timestamp::HOUR)
}

/// Requests half a second apart of one who looks for what is not for everybody.
fn requests(count: u32, from: i64) -> Batch {
    let mut batch = Batch {
        resolution_ms: 1,
        ..Batch::default()
    };
    for number in 0..count {
        let request = Request {
            at: START.0 + from + i64::from(number) * 500,
            address: Address(0xffff << 32 | 7),
            method: batch.texts.intern("GET"),
            path: batch.texts.intern(&format!("/.git/config?{number}")),
            user_agent: batch.texts.intern("curl/8.5"),
            status: 404,
            ..Request::default()
        };
        batch.requests.push(request);
    }
    batch
}

/// What is stored: how many requests, and every attack.
async fn stored(store: &Store) -> (u64, String) {
    let tenant = store.tenant(&Caller::local());
    let shop = tenant
        .find_application_state("shop")
        .await
        .unwrap()
        .unwrap();
    let application = tenant.find_application(shop.id).await.unwrap().unwrap();
    let period = Period {
        from: START,
        until: START.plus(Timestamp::DAY),
    };
    let attacks = tenant.list_attack_slices(shop.id, None, period).await;
    let attacks = attacks.unwrap();
    assert!(!attacks.is_empty());
    let ids: Vec<_> = attacks.iter().map(|it| (it.id, &it.slices)).collect();
    (application.requests, format!("{ids:?}"))
}

async fn filled(data: &Path) -> Store {
    let store = Store::open(data).await.unwrap();
    let tenant = store.tenant(&Caller::local());
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    let stop = CancellationToken::new();
    let (live, running) = Live::start(tenant, &shop, Lanes::default(), clock, stop.clone());
    live.append(requests(400, 0)).await.unwrap();
    drop(live);
    running.await.unwrap();
    store
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

#[tokio::test]
async fn what_is_restored_is_what_was_there_and_nobody_else_reads_the_backup() {
    let (data, room) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = filled(data.path()).await;
    let before = stored(&store).await;
    write(&data.path().join("secret.key"), "sixteen bytes...");
    // A log of what was admitted in which nothing is left.
    let log = "admitted/00000000000000000007.log";
    write(&data.path().join(log), "BSADMIT1log name");
    write(&data.path().join("published/tor.txt"), "192.0.2.1");
    write(&data.path().join("tail.json"), "{}");
    write(&data.path().join("half.new"), "not whole");
    let archive = room.path().join("backup.tar.zst");
    // While a server has it open.
    let made = back_up(data.path(), StoredIn::Archive, &archive, START).await;
    let made = made.unwrap();
    let names: Vec<&str> = made.files.iter().map(|file| file.path.as_str()).collect();
    let wanted = [
        "published/tor.txt",
        "secret.key",
        "tail.json",
        log,
        "botscope.db",
    ];
    assert_eq!(names, wanted, "each before what it moves into");
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::MetadataExt::mode(&fs::metadata(&archive).unwrap());
        assert_eq!(mode & 0o777, 0o600);
    }
    let left = fs::read_dir(room.path()).unwrap().count();
    assert_eq!(left, 1, "nothing but the archive is left");
    store.close().await.unwrap();

    let to = room.path().join("elsewhere/data");
    let restored = restore(&archive, &to).await.unwrap();
    assert_eq!(restored, made);
    let admitted = fs::read_to_string(to.join(log)).unwrap();
    assert_eq!(admitted, "BSADMIT1log name");
    // Positions that only the database has are not given again.
    let next = to.join("admitted/00000000004294967303.log");
    assert_eq!(fs::read(next).unwrap(), b"BSADMIT1log name");
    assert_eq!(
        fs::read(to.join("secret.key")).unwrap(),
        b"sixteen bytes..."
    );
    let again = Store::open(&to).await.unwrap();
    assert_eq!(stored(&again).await, before);
}

#[tokio::test]
async fn a_backup_taken_while_requests_come_has_all_that_were_acknowledged_before() {
    let (data, room) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let store = filled(data.path()).await;
    let stop = CancellationToken::new();
    let tenant = store.tenant(&Caller::local());
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    let (live, running) = Live::start(tenant, &shop, Lanes::default(), clock, stop.clone());
    let acknowledged = Arc::new(AtomicU64::new(400));
    let is_over = Arc::new(AtomicBool::new(false));
    let (counted, over) = (acknowledged.clone(), is_over.clone());
    let sending = tokio::spawn(async move {
        let mut from = 200_000;
        while !over.load(Ordering::Relaxed) {
            live.append(requests(20, from)).await.unwrap();
            counted.fetch_add(20, Ordering::Relaxed);
            from += 10_000;
        }
    });
    let archive = room.path().join("backup.tar.zst");
    let known = acknowledged.load(Ordering::Relaxed);
    let made = back_up(data.path(), StoredIn::Archive, &archive, START).await;
    made.unwrap();
    is_over.store(true, Ordering::Relaxed);
    sending.await.unwrap();
    running.await.unwrap();
    let all = acknowledged.load(Ordering::Relaxed);

    let to = room.path().join("data");
    restore(&archive, &to).await.unwrap();
    let again = Store::open(&to).await.unwrap();
    let (requests, _) = stored(&again).await;
    assert!(
        (known..=all).contains(&requests),
        "{known} {requests} {all}"
    );
    // What was restored goes on.
    let tenant = again.tenant(&Caller::local());
    let shop = tenant.find_or_create_application("shop").await.unwrap();
    let (live, running) = Live::start(tenant, &shop, Lanes::default(), clock, stop);
    live.append(self::requests(20, 3_000_000)).await.unwrap();
    drop(live);
    running.await.unwrap();
    assert_eq!(stored(&again).await.0, requests + 20);
}

#[tokio::test]
async fn nothing_that_is_there_is_written_over() {
    let (data, room) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    filled(data.path()).await.close().await.unwrap();
    let archive = room.path().join("backup.tar.zst");
    let make = async || back_up(data.path(), StoredIn::Archive, &archive, START).await;
    make().await.unwrap();
    assert!(matches!(make().await, Err(BackupError::Taken(_))));
    let refused = restore(&archive, data.path()).await;
    assert!(matches!(refused, Err(BackupError::NotEmpty(_))));
    let inside = data
        .path()
        .join("../")
        .join(data.path().file_name().unwrap());
    let inside = inside.join("backup.tar.zst");
    let refused = back_up(data.path(), StoredIn::Archive, &inside, START).await;
    assert!(matches!(refused, Err(BackupError::Inside(_))));
    assert!(!inside.exists());
    let nothing = room.path().join("nothing");
    let refused = back_up(&nothing, StoredIn::Archive, &archive, START).await;
    assert!(matches!(refused, Err(BackupError::Empty(_))));
}

#[tokio::test]
async fn a_damaged_backup_leaves_nothing_behind() {
    let (data, room) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    filled(data.path()).await.close().await.unwrap();
    let archive = room.path().join("backup.tar.zst");
    let made = back_up(data.path(), StoredIn::Archive, &archive, START).await;
    made.unwrap();
    let to = room.path().join("data");
    let refuse = async |bytes: &[u8], what: &str| {
        let damaged = room.path().join("damaged");
        fs::write(&damaged, bytes).unwrap();
        assert!(restore(&damaged, &to).await.is_err(), "{what}");
        assert!(!to.exists(), "{what}");
        fs::remove_file(damaged).unwrap();
    };
    let whole = fs::read(&archive).unwrap();
    refuse(&whole[..whole.len() / 2], "cut off").await;
    refuse(b"no archive at all", "something else").await;
    let mut plain = zstd::decode_all(&whole[..]).unwrap();
    let last = plain.len() - 4_096;
    plain[last] ^= 1;
    let changed = zstd::encode_all(&plain[..], 1).unwrap();
    refuse(&changed, "a bit of the database").await;
    assert_eq!(fs::read_dir(room.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn a_directory_whose_database_is_elsewhere_is_backed_up_without_it() {
    let (data, room) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(&data.path().join("secret.key"), "sixteen bytes...");
    // Left behind when everything was moved.
    write(&data.path().join("botscope.db"), "old");
    let archive = room.path().join("backup.tar.zst");
    let made = back_up(data.path(), StoredIn::Postgres, &archive, START).await;
    assert_eq!(made.unwrap().files.len(), 1);
    let to = room.path().join("data");
    restore(&archive, &to).await.unwrap();
    assert!(to.join("secret.key").exists() && !to.join("botscope.db").exists());
}

#[cfg(unix)]
#[tokio::test]
async fn what_a_link_leads_to_is_restored_in_its_place() {
    let (data, room) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(&data.path().join("secret.key"), "sixteen bytes...");
    let archive = room.path().join("backup.tar.zst");
    let made = back_up(data.path(), StoredIn::Postgres, &archive, START).await;
    made.unwrap();
    let (disk, link) = (room.path().join("disk"), room.path().join("link"));
    fs::create_dir(&disk).unwrap();
    std::os::unix::fs::symlink(&disk, &link).unwrap();
    restore(&archive, &link).await.unwrap();
    assert!(link.is_symlink() && disk.join("secret.key").exists());
}

use std::fs;
use std::sync::mpsc::{Receiver, channel};

use shared::{ApplicationId, TenantId};

use super::*;

type Log = AdmissionLog<&'static str>;

/// The log in a directory, and what it hands on.
fn open(directory: &Path) -> (Log, Receiver<Admitted<&'static str>>) {
    let (sender, handed) = channel();
    let sink = move |admitted| {
        let _gone = sender.send(admitted);
    };
    (Log::open(directory, sink).unwrap().0, handed)
}

fn record(payload: &[u8]) -> Record {
    Record {
        tenant: TenantId(1),
        application: ApplicationId(2),
        batch: None,
        receipt: Receipt::default(),
        payload: payload.to_vec(),
    }
}

fn files(directory: &Path) -> Vec<PathBuf> {
    let files = file::list(directory).unwrap();
    files.into_iter().map(|(_, path)| path).collect()
}

/// What is handed on by now: position, payload, whether it was read again.
fn read(handed: &Receiver<Admitted<&'static str>>) -> Vec<(u64, Vec<u8>, bool)> {
    let all = handed.try_iter();
    let all = all.map(|it| (it.position, it.record.payload, it.attached.is_none()));
    all.collect()
}

#[tokio::test]
async fn what_is_appended_is_handed_on_at_once_and_again_after_a_restart_until_it_is_settled() {
    let directory = tempfile::tempdir().unwrap();
    let (log, handed) = open(directory.path());
    let id = log.id();
    assert_eq!(log.append(record(b"a"), "").await.unwrap(), 1);
    assert_eq!(log.append(record(b"b"), "").await.unwrap(), 2);
    let a = (1, b"a".to_vec(), false);
    assert_eq!(read(&handed), [a, (2, b"b".to_vec(), false)]);
    drop(log);

    let (log, handed) = open(directory.path());
    assert_eq!(log.id(), id);
    let a = (1, b"a".to_vec(), true);
    assert_eq!(read(&handed), [a, (2, b"b".to_vec(), true)]);
    assert_eq!(log.append(record(b"c"), "").await.unwrap(), 3);
    log.settle(1);
    log.settle(2);
    drop(log);

    let (log, handed) = open(directory.path());
    assert_eq!(read(&handed), [(3, b"c".to_vec(), true)]);
    log.settle(3);
    drop(log);
    let (log, handed) = open(directory.path());
    assert_eq!(read(&handed), []);
    assert_eq!(
        log.append(record(b"d"), "").await.unwrap(),
        4,
        "positions rise"
    );
}

#[tokio::test]
async fn nothing_that_is_settled_stays_on_the_disk_once_all_is() {
    let directory = tempfile::tempdir().unwrap();
    let (log, thread) = Log::open(directory.path(), |_| {}).unwrap();
    for payload in [b"secret one", b"secret two"] {
        log.append(record(payload), "").await.unwrap();
    }
    log.settle(2);
    log.settle(1);
    drop(log);
    thread.join().unwrap();
    for path in files(directory.path()) {
        let bytes = fs::read(&path).unwrap();
        assert!(bytes.len() <= 16, "{}", path.display());
    }
}

#[tokio::test]
async fn a_record_that_a_crash_cut_off_is_none_and_what_stood_before_it_is_there() {
    let directory = tempfile::tempdir().unwrap();
    let (log, _) = open(directory.path());
    log.append(record(b"whole"), "").await.unwrap();
    log.append(record(b"cut off"), "").await.unwrap();
    drop(log);
    let path = files(directory.path()).pop().unwrap();
    let bytes = fs::read(&path).unwrap();
    for length in (0..bytes.len()).rev() {
        fs::write(&path, &bytes[..length]).unwrap();
        let (log, handed) = open(directory.path());
        let whole = bytes.len() - record(b"cut off").size();
        let expected = if length >= whole { 1 } else { 0 };
        assert_eq!(read(&handed).len(), expected, "{length} bytes");
        let next = log.append(record(b"next"), "").await.unwrap();
        assert_eq!(next, 1 + expected as u64, "{length} bytes");
        drop(log);
        for made in files(directory.path()) {
            fs::remove_file(made).unwrap();
        }
    }
}

#[tokio::test]
async fn a_file_that_is_none_stops_the_start_and_is_left_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("00000000000000000001.log");
    fs::write(&path, b"something else altogether").unwrap();
    let error = Log::open(directory.path(), |_| {}).unwrap_err();
    assert!(
        error.to_string().contains("is no log of admitted requests"),
        "{error}"
    );
    assert_eq!(fs::read(&path).unwrap(), b"something else altogether");
}

#[test]
fn a_disk_that_is_full_refuses_and_takes_again_in_another_file_once_there_is_room() {
    let directory = tempfile::tempdir().unwrap();
    let (sender, handed) = channel();
    let mut writing = Writing {
        id: LogId(7),
        directory: directory.path().to_owned(),
        file: Some(LogFile::full()),
        next: 5,
        files: Arc::default(),
        sink: Box::new(move |admitted: Admitted<&str>| {
            let _gone = sender.send(admitted);
        }),
    };
    let mut bytes = Vec::new();
    record(b"a").write(5, &mut bytes);
    let error = writing.append(&bytes, 1).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    assert!(writing.file.is_none());
    writing.append(&bytes, 1).unwrap();
    assert!(writing.file.is_some());
    drop((writing, handed));
    let (_log, handed) = open(directory.path());
    assert_eq!(read(&handed), [(5, b"a".to_vec(), true)]);
}

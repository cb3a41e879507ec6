//! Files that grow, are renamed, copied, emptied and packed; senders that are killed; places
//! that refuse.

use std::collections::{BTreeMap, VecDeque};
use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use super::*;

/// A folder with a log in it.
struct Logs {
    folder: tempfile::TempDir,
}

impl Logs {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn append(&self, name: &str, text: &str) {
        let mut options = OpenOptions::new();
        let file = options.create(true).append(true).open(self.path(name));
        file.unwrap().write_all(text.as_bytes()).unwrap();
    }

    fn rename(&self, from: &str, to: &str) {
        fs::rename(self.path(from), self.path(to)).unwrap();
    }

    /// As `copytruncate` of logrotate.
    fn copy_and_empty(&self, from: &str, to: &str) {
        fs::copy(self.path(from), self.path(to)).unwrap();
        let mut options = OpenOptions::new();
        let file = options.write(true).open(self.path(from)).unwrap();
        file.set_len(0).unwrap();
    }

    fn pack(&self, from: &str) {
        let plain = fs::read(self.path(from)).unwrap();
        let packed = File::create(self.path(&format!("{from}.gz"))).unwrap();
        let mut packer = flate2::write::GzEncoder::new(packed, flate2::Compression::fast());
        packer.write_all(&plain).unwrap();
        packer.finish().unwrap();
        fs::remove_file(self.path(from)).unwrap();
    }
}

/// What is known from one step to the next, as after a crash.
struct Stepper {
    follower: Follower,
    now: Instant,
}

impl Stepper {
    fn open(logs: &Logs, known: Vec<Position>) -> Self {
        let now = Instant::now();
        let path = logs.path("access.log");
        let follower = Follower::open(&path, known, false, now).unwrap();
        Self { follower, now }
    }

    /// Everything that is to be sent now.
    fn read(&mut self) -> String {
        let mut text = String::new();
        self.follower.look(self.now).unwrap();
        while let Some(mut chunk) = self.follower.next(self.now).unwrap() {
            let name = chunk.name.clone().unwrap_or_else(|| "batch".to_owned());
            self.follower.begin_sending(&mut chunk, name);
            self.follower.finish_sending(&chunk);
            text.push_str(&String::from_utf8_lossy(&chunk.bytes));
        }
        text
    }

    fn pass(&mut self, seconds: u64) {
        self.now += Duration::from_secs(seconds);
    }

    fn known(&self) -> Vec<Position> {
        self.follower.positions().cloned().collect()
    }
}

#[test]
fn lines_are_read_once_they_are_whole() {
    let logs = Logs::new();
    let mut stepper = Stepper::open(&logs, Vec::new());
    assert_eq!(stepper.read(), "", "it is not there yet");
    logs.append("access.log", "one\ntw");
    assert_eq!(stepper.read(), "one\n");
    assert_eq!(stepper.read(), "");
    logs.append("access.log", "o\nthree");
    assert_eq!(stepper.read(), "two\n");
    assert_eq!(Stepper::open(&logs, stepper.known()).read(), "");
    logs.append("access.log", "\n");
    assert_eq!(Stepper::open(&logs, stepper.known()).read(), "three\n");
}

#[test]
fn only_what_comes_from_now_on_is_read_where_that_is_wished() {
    let logs = Logs::new();
    logs.append("access.log", "#Fields: c-ip\nold\nold");
    let (path, now) = (logs.path("access.log"), Instant::now());
    let mut follower = Follower::open(&path, Vec::new(), true, now).unwrap();
    assert!(follower.next(now).unwrap().is_none());
    logs.append("access.log", " still\nnew\n");
    let chunk = follower.next(now).unwrap().unwrap();
    assert_eq!(
        (&chunk.head[..], &chunk.bytes[..]),
        (&b"#Fields: c-ip\n"[..], &b"new\n"[..])
    );
}

#[test]
fn a_batch_has_so_many_lines_and_bytes_and_each_is_told_what_columns_mean() {
    let logs = Logs::new();
    logs.append("access.log", "#Fields: c-ip\n");
    logs.append("access.log", &"1.2.3.4\n".repeat(BATCH_LINES));
    logs.append(
        "access.log",
        &format!("{}\n", "x".repeat(BATCH_BYTES / 3)).repeat(4),
    );
    let mut stepper = Stepper::open(&logs, Vec::new());
    let mut sizes = Vec::new();
    while let Some(mut chunk) = stepper.follower.next(stepper.now).unwrap() {
        let expected: &[u8] = if sizes.is_empty() {
            b""
        } else {
            b"#Fields: c-ip\n"
        };
        assert_eq!(chunk.head, expected);
        sizes.push(memchr::memchr_iter(b'\n', &chunk.bytes).count());
        stepper
            .follower
            .begin_sending(&mut chunk, "batch".to_owned());
        stepper.follower.finish_sending(&chunk);
    }
    assert_eq!(sizes, [BATCH_LINES, 3, 2]);
}

#[test]
fn a_line_of_any_length_is_passed_over_also_across_restarts() {
    let logs = Logs::new();
    logs.append("access.log", "a\n");
    logs.append("access.log", &"x".repeat(3 * BATCH_BYTES));
    let mut stepper = Stepper::open(&logs, Vec::new());
    assert_eq!(stepper.read(), "a\n");
    let mut again = Stepper::open(&logs, stepper.known());
    logs.append("access.log", "xx\nb\n");
    assert_eq!(again.read(), "b\n");
}

#[test]
fn what_was_renamed_is_read_to_its_end_also_while_the_new_one_is_there() {
    let logs = Logs::new();
    logs.append("access.log", "one\n");
    let mut stepper = Stepper::open(&logs, Vec::new());
    assert_eq!(stepper.read(), "one\n");
    logs.append("access.log", "two\n");
    logs.rename("access.log", "access.log.1");
    assert_eq!(stepper.read(), "two\n", "nobody has opened the new one");
    logs.append("access.log.1", "three\n");
    logs.append("access.log", "four\n");
    assert_eq!(stepper.read(), "three\nfour\n");
    logs.append("access.log.1", "late\n");
    logs.append("access.log", "five\n");
    assert_eq!(stepper.read(), "late\nfive\n");
    // A last line without its end is taken when nobody writes any more.
    logs.append("access.log.1", "cut");
    assert_eq!(stepper.read(), "");
    stepper.pass(61);
    assert_eq!(stepper.read(), "cut");
    stepper.pass(61);
    assert_eq!(stepper.read(), "");
    assert_eq!(stepper.known().len(), 1, "the old one is let go");
}

#[test]
fn rotations_while_it_did_not_run_are_found() {
    let logs = Logs::new();
    logs.append("access.log", "one, and how it begins\n");
    let mut stepper = Stepper::open(&logs, Vec::new());
    assert_eq!(stepper.read(), "one, and how it begins\n");
    let known = stepper.known();
    drop(stepper);
    logs.append("access.log", "two\n");
    logs.rename("access.log", "access.log.2");
    let older = File::open(logs.path("access.log.2")).unwrap();
    older
        .set_modified(std::time::SystemTime::now() - Duration::from_secs(5))
        .unwrap();
    logs.append("access.log.1", "three\n");
    logs.append("access.log", "four\n");
    logs.append("access.log.json", "of another\n");
    let mut again = Stepper::open(&logs, known);
    assert_eq!(again.read(), "two\nthree\nfour\n");
    assert_eq!(Stepper::open(&logs, again.known()).read(), "");
}

#[test]
fn what_was_packed_while_it_did_not_run_is_unpacked() {
    let logs = Logs::new();
    logs.append("access.log", "one\n");
    let mut stepper = Stepper::open(&logs, Vec::new());
    assert_eq!(stepper.read(), "one\n");
    let known = stepper.known();
    drop(stepper);
    logs.append("access.log", "two\n");
    logs.rename("access.log", "access.log-20260301");
    logs.pack("access.log-20260301");
    logs.append("access.log", "three\n");
    let mut again = Stepper::open(&logs, known);
    let first = again.follower.next(again.now).unwrap().unwrap();
    assert_eq!(first.bytes, b"two\n");
    // Killed before that was sent.
    let mut again = Stepper::open(&logs, again.known());
    assert_eq!(again.read(), "two\nthree\n");
}

#[test]
fn a_file_that_was_copied_and_emptied_is_read_from_its_copy_and_then_from_its_beginning() {
    let logs = Logs::new();
    logs.append("access.log", "one\n");
    let mut stepper = Stepper::open(&logs, Vec::new());
    assert_eq!(stepper.read(), "one\n");
    logs.append("access.log", "two\n");
    logs.copy_and_empty("access.log", "access.log.1");
    assert_eq!(stepper.read(), "two\n");
    logs.append("access.log", "three, longer than all before\n");
    assert_eq!(stepper.read(), "three, longer than all before\n");
    // The same while it does not run, and it has grown beyond where we were.
    let known = stepper.known();
    logs.append("access.log", "four\n");
    logs.copy_and_empty("access.log", "access.log.2");
    logs.append("access.log", &"five, which is long\n".repeat(10));
    let expected = format!("four\n{}", "five, which is long\n".repeat(10));
    assert_eq!(Stepper::open(&logs, known).read(), expected);
    // Without a copy what was not read is gone.
    assert_eq!(stepper.read(), expected);
    File::create(logs.path("access.log")).unwrap();
    logs.append("access.log", "six\n");
    assert_eq!(stepper.read(), "six\n");
}

#[test]
fn what_cannot_be_followed_says_why() {
    let logs = Logs::new();
    let open = |name: &str| {
        let opened = Follower::open(&logs.path(name), Vec::new(), false, Instant::now());
        opened.unwrap_err().to_string()
    };
    fs::create_dir(logs.path("folder")).unwrap();
    assert!(open("folder").contains("no file"), "{}", open("folder"));
    logs.append("access.log", "one\n");
    logs.pack("access.log");
    assert!(open("access.log.gz").contains("botscope import"));
}

/// Where batches go in these tests: known by their names, like Botscope does.
#[derive(Debug, Default)]
struct Shelf {
    taken: BTreeMap<String, String>,
    /// In the order in which they came.
    order: Vec<String>,
    /// What is said next, whether it is kept nevertheless.
    script: VecDeque<(bool, Answer)>,
    /// The largest batch that is taken.
    limit: Option<usize>,
}

impl Shelf {
    fn keep(&mut self, delivery: Delivery<'_>) {
        let body = String::from_utf8(delivery.body()).unwrap();
        if self
            .taken
            .insert(delivery.name.to_owned(), body.clone())
            .is_none()
        {
            self.order.push(body);
        }
    }
}

impl Destination for Shelf {
    async fn send(&mut self, delivery: Delivery<'_>) -> Answer {
        if self.limit.is_some_and(|limit| delivery.lines.len() > limit) {
            return Answer::TooLarge;
        }
        if let Some((is_kept, answer)) = self.script.pop_front() {
            if is_kept {
                self.keep(delivery);
            }
            return answer;
        }
        self.keep(delivery);
        Answer::Taken(Received::default())
    }
}

const NO_PAUSES: Pauses = Pauses {
    poll: Duration::ZERO,
    retry: (Duration::ZERO, Duration::ZERO),
    refused: Duration::ZERO,
    save: Duration::ZERO,
    stop: Duration::ZERO,
};

fn tail(logs: &Logs, shelf: Shelf) -> Tail<Shelf> {
    let state = StateFile::open(&logs.path("tail.json"), "shelf").unwrap();
    let paths = [logs.path("access.log"), logs.path("shop.log")];
    Tail::open(&paths, state, shelf, false, NO_PAUSES).unwrap()
}

/// Where it sent to, once it has let go of everything else.
fn shelf_of(tail: Tail<Shelf>) -> Shelf {
    tail.destination
}

async fn send_all(tail: &mut Tail<Shelf>) {
    let stop = CancellationToken::new();
    while tail.send_round(&stop).await.unwrap() {}
}

#[tokio::test]
async fn several_files_are_sent_and_again_only_what_is_new() {
    let logs = Logs::new();
    logs.append("access.log", "one\n");
    let mut first = tail(&logs, Shelf::default());
    logs.append("shop.log", "two\n");
    send_all(&mut first).await;
    let stop = CancellationToken::new();
    stop.cancel();
    first.run(&stop).await.unwrap();
    logs.append("access.log", "three\n");
    let mut second = tail(&logs, shelf_of(first));
    send_all(&mut second).await;
    assert_eq!(second.destination.order, ["one\n", "two\n", "three\n"]);
}

#[tokio::test]
async fn killed_after_it_was_sent_and_before_that_was_known_it_is_sent_again_by_its_name() {
    let logs = Logs::new();
    logs.append("access.log", "one\ntwo\n");
    let mut first = tail(&logs, Shelf::default());
    let stop = CancellationToken::new();
    first.destination.script = [(true, Answer::Later(None, "no answer".to_owned()))].into();
    // The answer does not come; then the process is killed, without tidying up.
    let stopping = stop.clone();
    first.pauses.retry.0 = Duration::from_secs(3_600);
    let waiting = first.send_round(&stop);
    let killed = async {
        tokio::task::yield_now().await;
        stopping.cancel();
    };
    let (sent, ()) = tokio::join!(waiting, killed);
    assert!(sent.unwrap());
    // More came meanwhile, and it was rotated.
    logs.append("access.log", "three\n");
    logs.rename("access.log", "access.log.1");
    logs.append("access.log", "four\n");
    let mut second = tail(&logs, shelf_of(first));
    send_all(&mut second).await;
    let shelf = second.destination;
    assert_eq!(shelf.order, ["one\ntwo\n", "three\n", "four\n"]);
    assert_eq!(shelf.taken.len(), 3);
}

#[tokio::test]
async fn what_is_too_large_is_sent_in_halves_and_a_line_that_is_too_large_is_left_out() {
    let logs = Logs::new();
    let long = "x".repeat(50);
    logs.append(
        "access.log",
        &format!("one\ntwo\nthree\nfour\n{long}\nfive\n"),
    );
    let mut tail = tail(
        &logs,
        Shelf {
            limit: Some(10),
            ..Shelf::default()
        },
    );
    send_all(&mut tail).await;
    let sent = tail.destination.order.concat();
    assert_eq!(sent, "one\ntwo\nthree\nfour\nfive\n");
    assert_eq!(tail.totals().1, 1);
}

#[tokio::test]
async fn what_is_not_taken_now_is_sent_again_and_refusals_end_it_only_at_first() {
    let logs = Logs::new();
    logs.append("access.log", "one\n");
    let refused = || (false, Answer::Refused("401".to_owned()));
    let later = || (false, Answer::Later(Some(Duration::ZERO), "503".to_owned()));
    let script = [later(), refused()].into();
    let mut first = tail(
        &logs,
        Shelf {
            script,
            ..Shelf::default()
        },
    );
    let stop = CancellationToken::new();
    let ended = first.send_round(&stop).await;
    assert!(matches!(ended, Err(TailError::Refused(_))));
    let mut second = tail(&logs, shelf_of(first));
    send_all(&mut second).await;
    logs.append("access.log", "two\n");
    second.destination.script = [refused(), later(), refused()].into();
    send_all(&mut second).await;
    assert_eq!(second.destination.order, ["one\n", "two\n"]);
}

#[tokio::test]
async fn a_file_that_is_rotated_while_nothing_can_be_sent_is_not_lost() {
    let logs = Logs::new();
    logs.append("access.log", "one\n");
    let mut tail = tail(&logs, Shelf::default());
    let follower = &mut tail.followers[0];
    for number in 0..5 {
        // What is in memory waits; the files are looked at meanwhile.
        follower.look(Instant::now()).unwrap();
        logs.append("access.log", &format!("{number}\n"));
        fs::remove_file(logs.path("access.log")).unwrap();
        logs.append("access.log", &format!("begin {number}\n"));
    }
    send_all(&mut tail).await;
    let sent = tail.destination.order.concat();
    let expected: String = (0..4)
        .map(|number| format!("begin {number}\n{}\n", number + 1))
        .collect();
    assert_eq!(sent, format!("one\n0\n{expected}begin 4\n"));
}

#[test]
fn what_rotation_makes_of_a_followed_path_is_not_followed_too() {
    let logs = Logs::new();
    let paths = [logs.path("access.log"), logs.path("access.log.1")];
    let state = StateFile::open(&logs.path("tail.json"), "shelf").unwrap();
    let opened = Tail::open(&paths, state, Shelf::default(), false, NO_PAUSES);
    assert!(matches!(opened, Err(TailError::Rotated(..))));
}

#[test]
fn batches_of_other_files_and_other_places_have_other_names() {
    let logs = Logs::new();
    logs.append("access.log", "one\none\n");
    logs.append("shop.log", "one\none\n");
    let tail = tail(&logs, Shelf::default());
    let chunk = |number: usize| {
        let mut follower = Follower::open(
            &[logs.path("access.log"), logs.path("shop.log")][number],
            Vec::new(),
            false,
            Instant::now(),
        )
        .unwrap();
        follower.next(Instant::now()).unwrap().unwrap()
    };
    let (one, other) = (chunk(0), chunk(1));
    assert_eq!(tail.name(&one), tail.name(&one));
    assert_ne!(tail.name(&one), tail.name(&other));
    assert_ne!(tail.name(&one), tail.name(&one.halve().unwrap()));
    let emptied = Chunk {
        file: (one.file.0, one.file.1, 1),
        ..one.clone()
    };
    assert_ne!(tail.name(&one), tail.name(&emptied));
}

//! Imports with the real binary: again, grown, in any order, killed at random moments. The
//! logs are made here.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod binary;
mod dump;
mod explain;
mod generator;
mod lists;
mod settings;

use binary::Directory;
use dump::{dump, dump_verdicts};
use generator::{Random, generate, split_by_time};
use server::auth::Caller;
use server::store::{ListAuthor, NewListEntry, Store};
use shared::{ListKind, ListOrigin, Timestamp};
use sqlx::{Connection, SqliteConnection};

#[test]
fn importing_again_adds_nothing_and_a_grown_file_only_what_is_new() {
    let log = generate(1, 12_000);
    let directory = Directory::new();
    let half = &log[..log.len() / 2];
    directory.write("access.log", half);
    let first = directory.import(&["access.log"]);
    assert_eq!((first.accepted, first.rejected), (6_000, 0));
    assert_eq!(directory.import(&["access.log"]).lines, 0);
    directory.write("access.log.1", &log);
    let grown = directory.import(&["access.log.1"]);
    assert_eq!((grown.lines, grown.accepted), (6_000, 6_000));
    let again = directory.import(&["access.log.1", "access.log"]);
    assert_eq!((again.lines, again.sessions), (0, grown.sessions));

    let at_once = Directory::new();
    at_once.write("access.log", &log);
    at_once.import(&["access.log"]);
    assert_eq!(dump_verdicts(&directory), dump_verdicts(&at_once));
}

#[test]
fn files_in_any_order_give_the_verdicts_of_the_order_in_time() {
    let log = generate(2, 15_000);
    let parts = split_by_time(&log, 3);
    let in_order = Directory::new();
    in_order.write("access.log", &log);
    in_order.import(&["access.log"]);
    let expected = dump_verdicts(&in_order);
    assert!(expected.matches("attack [").count() > 2, "{expected}");

    let names = ["access.log.2", "access.log.1", "access.log"];
    let together = Directory::new();
    let one_by_one = Directory::new();
    for directory in [&together, &one_by_one] {
        for (name, part) in names.iter().zip(&parts) {
            directory.write(name, part);
        }
    }
    together.import(&["access.log", "access.log.2", "access.log.1"]);
    assert_eq!(dump_verdicts(&together), expected);
    for name in ["access.log.1", "access.log", "access.log.2"] {
        one_by_one.import(&[name]);
    }
    assert_eq!(dump_verdicts(&one_by_one), expected);
}

#[test]
fn two_servers_of_one_application_give_the_verdicts_of_one() {
    let log = generate(3, 9_000);
    let (mut even, mut odd) = (Vec::new(), Vec::new());
    for line in &log {
        // A client stays with its server.
        let is_even = line.as_bytes()[8].is_multiple_of(2);
        let server = if is_even { &mut even } else { &mut odd };
        server.push(line.clone());
    }
    let one = Directory::new();
    one.write("access.log", &log);
    one.import(&["access.log"]);
    let two = Directory::new();
    two.write("web-1.log", &even);
    two.write("web-2.log", &odd);
    two.import(&["--app", "default", "web-1.log", "web-2.log"]);
    assert_eq!(dump_verdicts(&two), dump_verdicts(&one));
}

#[test]
fn an_import_killed_at_any_moment_ends_where_an_undisturbed_one_does() {
    let log = generate(4, 75_000);
    let parts = split_by_time(&log, 2);
    let undisturbed = Directory::new();
    let killed = Directory::new();
    for directory in [&undisturbed, &killed] {
        directory.write("access.log.1", &parts[0]);
        directory.write("access.log", &parts[1]);
    }
    let files = ["access.log.1", "access.log"];
    let began = std::time::Instant::now();
    undisturbed.import(&files);
    let duration = began.elapsed();
    let mut random = Random(5);
    for _ in 0..6 {
        // So that mostly something is left for the next one.
        let until = duration.mul_f64(random.below(400) as f64 / 1_000.0);
        killed.import_and_kill(&files, until);
    }
    killed.import(&files);
    assert_eq!(dump(&killed), dump(&undisturbed));
}

#[test]
fn older_files_after_newer_ones_survive_a_kill_while_all_is_judged_again() {
    let log = generate(6, 40_000);
    let parts = split_by_time(&log, 2);
    let in_order = Directory::new();
    in_order.write("access.log", &log);
    in_order.import(&["access.log"]);
    let killed = Directory::new();
    killed.write("access.log.1", &parts[0]);
    killed.write("access.log", &parts[1]);
    killed.import(&["access.log"]);
    let mut random = Random(7);
    for _ in 0..5 {
        let until = std::time::Duration::from_millis(random.below(1_500));
        killed.import_and_kill(&["access.log.1"], until);
    }
    killed.import(&["access.log.1"]);
    assert_eq!(dump_verdicts(&killed), dump_verdicts(&in_order));
}

#[test]
fn where_the_engines_state_is_damaged_all_is_judged_again_and_nothing_differs() {
    let log = generate(8, 12_000);
    let whole = Directory::new();
    whole.write("access.log", &log);
    whole.import(&["access.log"]);
    let damaged = Directory::new();
    damaged.write("access.log", &log[..log.len() / 2]);
    damaged.import(&["access.log"]);
    let judgement = damage_state(&damaged);
    damaged.write("access.log", &log);
    assert_eq!(damaged.import(&["access.log"]).accepted, 6_000);
    assert!(damage_state(&damaged) > judgement);
    assert_eq!(dump_verdicts(&damaged), dump_verdicts(&whole));
}

/// Changes one bit in the middle of the engine's state; returns the number of the judgement that it
/// is the state of.
fn damage_state(directory: &Directory) -> i64 {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let file = format!("sqlite:{}", directory.data().join("botscope.db").display());
        let mut store = SqliteConnection::connect(&file).await.unwrap();
        let part = "SELECT judgement, state FROM snapshot WHERE part = 0";
        let part = sqlx::query_as(part).fetch_one(&mut store).await;
        let (judgement, mut state): (i64, Vec<u8>) = part.unwrap();
        let middle = state.len() / 2;
        state[middle] ^= 1;
        let damage = sqlx::query("UPDATE snapshot SET state = $1 WHERE part = 0").bind(state);
        let damaged = damage.execute(&mut store).await.unwrap();
        assert_eq!(damaged.rows_affected(), 1);
        store.close().await.unwrap();
        judgement
    })
}

/// Excepts `object` on all applications, or no longer.
fn except(directory: &Directory, object: &str, is_excepted: bool) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = Store::open(&directory.data()).await.unwrap();
        let tenant = store.tenant(&Caller::local());
        let author = ListAuthor {
            name: "test",
            origin: ListOrigin::Manual,
            now: Timestamp::from(time::OffsetDateTime::now_utc()),
        };
        let entry = NewListEntry {
            list: ListKind::Exception,
            object: object.parse().unwrap(),
            applications: None,
            reason: String::new(),
            expires_at: None,
        };
        let added = tenant.create_list_entries(&[entry], author).await.unwrap();
        if !is_excepted {
            let id = added[0].row.id;
            tenant.remove_list_entry(id, author).await.unwrap().unwrap();
        }
        drop(tenant);
        store.close().await.unwrap();
    });
}

#[test]
fn an_exception_holds_for_what_comes_after_it_until_it_is_gone() {
    // The guesser, 203.0.113.5, is there from the first hour to the third.
    let log = generate(10, 24_000);
    let parts = split_by_time(&log, 4);
    let directory = Directory::new();
    let guessing = "203.0.113.5";
    let names = ["access.log.3", "access.log.2", "access.log.1", "access.log"];
    for (name, part) in names.iter().zip(&parts) {
        directory.write(name, part);
    }
    directory.import(&[names[0]]);
    assert!(attacks_of(&directory, guessing) > 0);

    let excepted = Directory::new();
    let undisturbed = Directory::new();
    for directory in [&excepted, &undisturbed] {
        for (name, part) in names.iter().zip(&parts) {
            directory.write(name, part);
        }
        // Nothing is stored yet; the exception is there first.
        except(directory, guessing, true);
        directory.import(&[names[0]]);
        assert_eq!(attacks_of(directory, guessing), 0);
    }
    // Killed and begun again, with a change of the exceptions between, ends the same.
    undisturbed.import(&[names[1]]);
    let mut random = Random(11);
    for _ in 0..4 {
        let until = std::time::Duration::from_millis(random.below(400));
        excepted.import_and_kill(&[names[1]], until);
    }
    excepted.import(&[names[1]]);
    for directory in [&excepted, &undisturbed] {
        except(directory, guessing, false);
        // The crawler comes only now.
        except(directory, "192.0.2.0/31", true);
        directory.import(&[names[2], names[3]]);
    }
    assert_eq!(dump(&excepted), dump(&undisturbed));
    assert_eq!(attacks_of(&excepted, "192.0.2.0"), 0);
}

/// How many attacks came from an address, listed or not.
fn attacks_of(directory: &Directory, source: &str) -> usize {
    let address = engine::Address::from(source.parse::<std::net::IpAddr>().unwrap());
    let address = format!("({address:?}, ");
    let verdicts = dump_verdicts(directory);
    let attacks = verdicts.lines().filter(|line| line.starts_with("attack"));
    attacks.filter(|line| line.contains(&address)).count()
}

#[test]
fn what_cannot_be_read_is_counted_explained_and_does_not_stop_the_import() {
    let mut log = generate(8, 100);
    log.insert(50, "\u{1b}[31mrubbish".to_owned());
    log.insert(60, "x".repeat(1_000_000));
    let directory = Directory::new();
    directory.write("shop.example.com-access.log", &log);
    let output = directory.run(&["shop.example.com-access.log"]);
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("102 lines"), "{text}");
    assert!(text.contains("100 accepted, 2 rejected"), "{text}");
    assert!(text.contains(r"\u{1b}[31mrubbish"), "{text}");
    assert!(text.contains("shop.example.com: "), "{text}");
}

#[test]
fn a_missing_file_is_named_before_anything_is_imported() {
    let directory = Directory::new();
    directory.write("access.log", &generate(9, 10));
    let output = directory.run(&["access.log", "missing.log"]);
    assert!(!output.status.success());
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("missing.log cannot be read"), "{text}");
    assert_eq!(directory.import(&["access.log"]).lines, 10);
}

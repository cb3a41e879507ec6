//! Settings of applications with the real binary: set before or after an import, and killed
//! while all is judged again.

use crate::binary::Directory;
use crate::dump::{dump, dump_verdicts};
use crate::generator::{Random, generate};

/// A JSON log: each two addresses that follow each other have one trail.
fn generate_json(seed: u64, count: usize) -> Vec<String> {
    let log = generate(seed, count);
    log.iter().map(|line| to_json(line)).collect()
}

fn to_json(line: &str) -> String {
    let parts: Vec<&str> = line.split('"').collect();
    let (address, date) = parts[0].split_once(" - - [").unwrap();
    let [status, bytes] = parts[2].split_whitespace().collect::<Vec<_>>()[..] else {
        panic!("{line}");
    };
    let last: u64 = address.rsplit('.').next().unwrap().parse().unwrap();
    let trail = (last / 2 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    serde_json::json!({
        "time_local": date.trim_end_matches([' ', ']']),
        "remote_addr": address,
        "request": parts[1],
        "status": status,
        "body_bytes_sent": bytes,
        "http_referer": parts[3],
        "http_user_agent": parts[5],
        "trail": format!("t{trail:016x}z9q"),
    })
    .to_string()
}

/// The secret that keys are hashed under, so that two directories name things alike.
fn share_secret(from: &Directory, to: &Directory) {
    std::fs::create_dir_all(to.data()).unwrap();
    std::fs::copy(from.data().join("secret.key"), to.data().join("secret.key")).unwrap();
}

const SET: [&str; 4] = ["set", "default", "--session-key", "field:trail,auto"];

#[test]
fn settings_give_the_same_verdicts_whether_set_before_an_import_or_after() {
    let log = generate_json(11, 9_000);
    let after = Directory::new();
    after.write("access.log", &log);
    let plain = after.import(&["access.log"]);
    let (text, is_fine) = after.applications(&SET);
    assert!(is_fine && text.contains("field:trail,auto"), "{text}");
    let verdicts = dump_verdicts(&after);

    let before = Directory::new();
    share_secret(&after, &before);
    before.write("access.log", &log);
    assert!(before.applications(&[&SET[..], &["--new"]].concat()).1);
    let keyed = before.import(&["access.log"]);
    assert!(keyed.sessions < plain.sessions, "{keyed:?} {plain:?}");
    assert_eq!(dump_verdicts(&before), verdicts);

    // Later imports go by the settings as well.
    let halves = Directory::new();
    share_secret(&after, &halves);
    halves.write("access.log", &log[..4_000]);
    halves.import(&["access.log"]);
    assert!(halves.applications(&SET).1);
    halves.write("access.log", &log);
    halves.import(&["access.log"]);
    assert_eq!(dump_verdicts(&halves), verdicts);

    let (text, is_fine) = after.applications(&["list"]);
    assert!(
        is_fine && text.contains("session key  field:trail,auto"),
        "{text}"
    );
    let (text, is_fine) = after.applications(&["set", "shop", "--user", "auto"]);
    assert!(!is_fine && text.contains("there are: default"), "{text}");
    let (text, is_fine) = after.applications(&["set", "default", "--user", "name"]);
    assert!(!is_fine && text.contains("is no source"), "{text}");
}

#[test]
fn settings_killed_while_all_is_judged_again_end_where_undisturbed_ones_do() {
    let log = generate_json(12, 40_000);
    let undisturbed = Directory::new();
    undisturbed.write("access.log", &log);
    undisturbed.import(&["access.log"]);
    let killed = Directory::new();
    share_secret(&undisturbed, &killed);
    killed.write("access.log", &log);
    killed.import(&["access.log"]);
    let began = std::time::Instant::now();
    assert!(undisturbed.applications(&SET).1);
    let duration = began.elapsed();
    let mut random = Random(13);
    for _ in 0..5 {
        let until = duration.mul_f64(random.below(900) as f64 / 1_000.0);
        killed.set_and_kill(&SET, until);
    }
    // The next import takes up what was left.
    killed.import(&["access.log"]);
    assert_eq!(dump(&killed), dump(&undisturbed));
}

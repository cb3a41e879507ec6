//! Bots after accounts: lists of leaked passwords tried fast from one machine or slowly from
//! many homes, and one account's password guessed.

use super::agents;
use super::people;
use super::random::Random;
use super::script::{Script, Sender};
use super::shop::{API, Meaning, SHOP};

/// How many homes a slow campaign comes from.
const HOMES: u64 = 110;

/// One leaked password in so many still works.
const STILL_WORKS: u64 = 260;

/// A list of leaked passwords, one after another from one machine, as OpenBullet does it: as
/// fast as the sign-in answers, with a browser's user agent and a new cookie each time.
pub(super) fn stuff_fast(script: &mut Script, address: &str) {
    let user_agent = agents::chrome(script.now, "Windows NT 10.0; Win64; x64", 9);
    script.host = API;
    while script.goes_on() {
        let user = people::leaked_account(&mut script.random);
        script.be(Sender {
            address: address.to_owned(),
            user_agent: user_agent.clone(),
            session: String::new(),
            user,
        });
        attempt(script, "/api/v1/login");
        script.wait(120..900);
    }
}

/// The same list through borrowed home connections: an attempt or two from each, minutes apart,
/// so that no address does anything unusual.
pub(super) fn stuff_slowly(script: &mut Script, _: &str) {
    let user_agent = agents::chrome(script.now, "Windows NT 10.0; Win64; x64", 4);
    let first = script.random.number(20_000..60_000);
    while script.goes_on() {
        let number = first + script.random.number(0..HOMES);
        let mut home = Random::of(&[script.seed, 4, number]);
        script.be(Sender {
            address: people::home_address(&mut home, number),
            user_agent: user_agent.clone(),
            session: String::new(),
            user: String::new(),
        });
        for _ in 0..script.random.number(1..3) {
            let user = people::leaked_account(&mut script.random);
            script.use_account(&user);
            script.referer = format!("https://{SHOP}/account/login");
            attempt(script, "/account/login");
            script.wait(2_000..9_000);
        }
        script.think(26_000);
    }
}

/// One account, a list of passwords, as hydra does it.
pub(super) fn guess_fast(script: &mut Script, address: &str) {
    script.be(Sender {
        address: address.to_owned(),
        user_agent: "Mozilla/5.0 (Hydra)".to_owned(),
        session: String::new(),
        user: "staff.noor".to_owned(),
    });
    while script.goes_on() {
        script.send("POST", "/admin/login", 52, Meaning::Wrong);
        script.wait(600..2_600);
    }
}

/// One account, a guess every three quarters of a minute for hours, in the hope that nobody
/// counts that slowly.
pub(super) fn guess_slowly(script: &mut Script, address: &str) {
    let user_agent = agents::chrome(script.now, "X11; Linux x86_64", 2);
    let user = people::leaked_account(&mut script.random);
    script.host = API;
    script.be(Sender {
        address: address.to_owned(),
        user_agent,
        session: String::new(),
        user,
    });
    while script.goes_on() {
        script.send("POST", "/api/v1/login", 70, Meaning::Wrong);
        script.wait(43_000..47_500);
    }
}

fn attempt(script: &mut Script, target: &str) {
    let meaning = if script.random.number(0..STILL_WORKS) == 0 {
        Meaning::Plain
    } else {
        Meaning::Wrong
    };
    script.send("POST", target, 70, meaning);
}

//! Who the shop's customers are: each with an address, a browser, an account and a password
//! that is sometimes mistyped. Not what they do: that is in `browsing` and `app`.

use super::agents;
use super::random::Random;
use super::script::{Script, Sender};

/// How many customers the shop has; they come again and again.
const CUSTOMERS: u64 = 6_000;

/// Where everybody in the office comes from.
const OFFICE: &str = "198.51.100.23";
/// How many people share it.
const COLLEAGUES: u64 = 14;

const FIRST: &[&str] = &[
    "mara", "jonas", "aylin", "pieter", "noor", "elif", "tomas", "ines", "liam", "sofia", "kofi",
    "yuki", "anna", "david", "leila", "oskar", "priya", "hugo", "zoe", "marek",
];
const LAST: &[&str] = &[
    "lindqvist",
    "moreno",
    "okafor",
    "berger",
    "tanaka",
    "rossi",
    "dubois",
    "novak",
    "silva",
    "haddad",
    "kim",
    "jansen",
    "weber",
    "costa",
    "larsen",
    "petrov",
];

/// A customer.
pub(super) struct Person {
    pub(super) sender: Sender,
    /// The account, whether signed in or not.
    pub(super) account: String,
    /// Whether the browser has the shop's files from an earlier visit.
    pub(super) has_cache: bool,
}

/// Somebody who comes with a browser.
pub(super) fn customer(script: &mut Script) -> Person {
    let number = script.random.number(0..CUSTOMERS);
    let mut own = Random::of(&[script.seed, 1, number]);
    let address = home_address(&mut own, number);
    let user_agent = agents::browser(&mut own, script.now);
    person(script, number, address, user_agent)
}

/// Somebody who comes with the app.
pub(super) fn app_customer(script: &mut Script) -> Person {
    let number = script.random.number(0..CUSTOMERS);
    let mut own = Random::of(&[script.seed, 2, number]);
    let address = home_address(&mut own, number);
    let user_agent = agents::app(&mut own);
    person(script, number, address, user_agent)
}

/// Somebody in the office. The first of them runs the shop.
pub(super) fn colleague(script: &mut Script, is_staff: bool) -> Person {
    let number = if is_staff {
        CUSTOMERS
    } else {
        CUSTOMERS + script.random.number(1..COLLEAGUES)
    };
    let mut own = Random::of(&[script.seed, 3, number]);
    let user_agent = agents::chrome(
        script.now,
        "Windows NT 10.0; Win64; x64",
        i64::from(own.chance(30)),
    );
    let mut person = person(script, number, OFFICE.to_owned(), user_agent);
    if is_staff {
        person.account = "staff.noor".to_owned();
    }
    person
}

/// The account of a customer.
pub(super) fn account(number: u64) -> String {
    let first = FIRST[(number % FIRST.len() as u64) as usize];
    let last = LAST[(number / 3 % LAST.len() as u64) as usize];
    format!("{first}.{last}{}", number % 97)
}

/// An account that somebody's list of leaked passwords holds; most are none of this shop.
pub(super) fn leaked_account(random: &mut Random) -> String {
    account(random.number(0..CUSTOMERS * 8))
}

/// An address as people have at home: half of them IPv6, with a network of their own.
pub(super) fn home_address(random: &mut Random, number: u64) -> String {
    if random.chance(50) {
        let (site, host) = (0x1000 + number / 256, random.next());
        return format!(
            "2001:db8:{site:x}:{:x}:{:x}:{:x}:{:x}:{:x}",
            number % 256,
            host >> 48,
            host >> 32 & 0xffff,
            host >> 16 & 0xffff,
            host & 0xffff
        );
    }
    let spread = number.wrapping_mul(40_503) & 0x003f_ffff;
    format!(
        "100.{}.{}.{}",
        64 + (spread >> 16),
        spread >> 8 & 0xff,
        spread & 0xff
    )
}

fn person(script: &mut Script, number: u64, address: String, user_agent: String) -> Person {
    Person {
        sender: Sender {
            address,
            user_agent,
            session: script.new_session(),
            user: String::new(),
        },
        account: account(number),
        has_cache: script.random.chance(45),
    }
}

//! What one actor does, written down: requests with their moments and answers. The files
//! beside this one write scripts; this is what they write with.

use std::ops::Range;
use std::sync::Arc;

use super::random::Random;
use super::shop::{self, Meaning, SHOP};

/// Whom requests come from, as a log shows it.
#[derive(Debug, Clone, Default)]
pub(super) struct Sender {
    pub(super) address: String,
    pub(super) user_agent: String,
    /// The session cookie; empty if there is none.
    pub(super) session: String,
    /// The account that is signed in, or that a sign-in names.
    pub(super) user: String,
}

/// One request and its answer.
#[derive(Debug, Clone)]
pub(super) struct Request {
    /// Milliseconds since 1970 UTC.
    pub(super) at: i64,
    pub(super) sender: Arc<Sender>,
    pub(super) host: &'static str,
    pub(super) method: &'static str,
    pub(super) target: String,
    pub(super) referer: String,
    pub(super) status: u16,
    pub(super) bytes: u64,
    pub(super) request_bytes: u64,
    pub(super) time_us: u64,
}

/// A script while it is written.
pub(super) struct Script {
    /// The seed of the whole traffic.
    pub(super) seed: u64,
    /// Chance, of this script alone.
    pub(super) random: Random,
    /// The moment that the script has come to.
    pub(super) now: i64,
    /// When it should have ended.
    pub(super) until: i64,
    pub(super) host: &'static str,
    /// The page that links to what is asked for next; empty for none.
    pub(super) referer: String,
    sender: Arc<Sender>,
    requests: Vec<Request>,
}

impl Script {
    pub(super) fn new(seed: u64, random: Random, now: i64, until: i64) -> Self {
        Self {
            seed,
            random,
            now,
            until,
            host: SHOP,
            referer: String::new(),
            sender: Arc::default(),
            requests: Vec::new(),
        }
    }

    /// What was written, in order of time.
    pub(super) fn into_requests(mut self) -> Vec<Request> {
        self.requests.sort_by_key(|request| request.at);
        self.requests
    }

    pub(super) fn sender(&self) -> &Sender {
        &self.sender
    }

    /// Requests come from `sender` from here on.
    pub(super) fn be(&mut self, sender: Sender) {
        self.sender = Arc::new(sender);
    }

    /// The account that is signed in from here on, or that a sign-in names.
    pub(super) fn use_account(&mut self, user: &str) {
        let mut sender = Sender::clone(&self.sender);
        user.clone_into(&mut sender.user);
        self.be(sender);
    }

    /// A new session cookie.
    pub(super) fn new_session(&mut self) -> String {
        format!(
            "{:016x}{:08x}",
            self.random.next(),
            self.random.next() as u32
        )
    }

    /// Lets time pass, in milliseconds.
    pub(super) fn wait(&mut self, ms: Range<i64>) {
        self.now += self.random.duration(ms);
    }

    /// Lets as much time pass as somebody takes who usually takes `usual` milliseconds.
    pub(super) fn think(&mut self, usual: i64) {
        self.now += self.random.think(usual);
    }

    /// Whether there is time left.
    pub(super) fn goes_on(&self) -> bool {
        self.now < self.until
    }

    /// Asks for `target` and waits for the answer, whose status is returned.
    pub(super) fn get(&mut self, target: impl Into<String>) -> u16 {
        self.send("GET", target, 0, Meaning::Plain)
    }

    /// Sends a body of `bytes` to `target` and waits for the answer.
    pub(super) fn post(&mut self, target: impl Into<String>, bytes: u64) -> u16 {
        self.send("POST", target, bytes, Meaning::Plain)
    }

    /// Sends anything and waits for the answer.
    pub(super) fn send(
        &mut self,
        method: &'static str,
        target: impl Into<String>,
        body_bytes: u64,
        meaning: Meaning,
    ) -> u16 {
        let (status, time_us) = self.send_at(self.now, method, target.into(), body_bytes, meaning);
        self.now += 1 + time_us as i64 / 1_000;
        status
    }

    /// Asks for `target` beside what is going on, `after` milliseconds from here: as browsers
    /// fetch what a page needs.
    pub(super) fn fetch(&mut self, after: Range<i64>, target: String, meaning: Meaning) {
        let at = self.now + self.random.duration(after);
        self.send_at(at, "GET", target, 0, meaning);
    }

    fn send_at(
        &mut self,
        at: i64,
        method: &'static str,
        target: String,
        body_bytes: u64,
        meaning: Meaning,
    ) -> (u16, u64) {
        let user = self.sender.user.as_str();
        let answer = shop::answer(method, &target, user, meaning, &mut self.random);
        let head_bytes = 180 + target.len() + self.sender.user_agent.len() + self.referer.len();
        self.requests.push(Request {
            at,
            sender: self.sender.clone(),
            host: self.host,
            method,
            target,
            referer: self.referer.clone(),
            status: answer.status,
            bytes: answer.bytes,
            request_bytes: head_bytes as u64 + body_bytes,
            time_us: answer.time_us,
        });
        (answer.status, answer.time_us)
    }
}

//! One attempt to sign in: what its beginning must tell its end. It is kept by the browser, in a
//! cookie that only this server can read or make, holds for ten minutes and ends once. Not what
//! the provider answers.

use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};

use data_encoding::BASE64URL_NOPAD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::hmac;
use serde::{Deserialize, Serialize};
use shared::Timestamp;

/// How long somebody may take at the provider, in seconds.
pub const ATTEMPT_SECONDS: i64 = 600;
/// The longest path that is returned to, in bytes: the cookie must fit in a header.
const MAX_NEXT: usize = 2_000;
/// The longest cookie that is looked at.
const MAX_COOKIE: usize = 4_096;
/// How many that ended are remembered. More in ten minutes than this, and only the provider,
/// which takes no code twice, stands against a second end.
const MAX_ENDED: usize = 10_000;
/// What the seal is for, so that one for something else with the same secret does not fit.
const PURPOSE: &[u8] = b"botscope single sign-on attempt 1";

/// What is kept between the two halves.
#[derive(PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Attempt {
    /// What the provider must send back with the browser.
    pub(super) state: String,
    /// What the provider must sign.
    pub(super) nonce: String,
    /// What proves to the provider that both halves are the same program's.
    pub(super) verifier: String,
    /// Where to go once signed in.
    pub(super) next: String,
    /// When it is too late, in milliseconds.
    pub(super) ends_at: i64,
}

/// Makes and reads the cookie.
pub(super) struct Seal(LessSafeKey);

impl Seal {
    /// The seal that belongs to `secret`.
    pub(super) fn new(secret: &[u8]) -> Self {
        let key = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), PURPOSE);
        let key = UnboundKey::new(&AES_256_GCM, key.as_ref());
        Self(LessSafeKey::new(key.expect("the key is as long as a hash")))
    }

    /// The value of the cookie.
    pub(super) fn close(&self, attempt: &Attempt) -> Result<String, getrandom::Error> {
        let mut nonce = [0; NONCE_LEN];
        getrandom::fill(&mut nonce)?;
        let mut sealed = serde_json::to_vec(attempt).expect("texts and a number can be written");
        let unique = Nonce::assume_unique_for_key(nonce);
        self.0
            .seal_in_place_append_tag(unique, Aad::from(PURPOSE), &mut sealed)
            .expect("a cookie is far below the cipher's limit");
        Ok(BASE64URL_NOPAD.encode(&[&nonce[..], &sealed].concat()))
    }

    /// What the cookie holds; `None` if this server did not make it.
    pub(super) fn open(&self, cookie: &str) -> Option<Attempt> {
        if cookie.len() > MAX_COOKIE {
            return None;
        }
        let mut bytes = BASE64URL_NOPAD.decode(cookie.as_bytes()).ok()?;
        let (nonce, sealed) = bytes.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let opened = self.0.open_in_place(nonce, Aad::from(PURPOSE), sealed);
        serde_json::from_slice(opened.ok()?).ok()
    }
}

/// Those that ended, until nobody could end them again anyway.
#[derive(Default)]
pub(super) struct Ended(Mutex<Remembered>);

#[derive(Default)]
struct Remembered {
    states: HashSet<String>,
    /// The same, with when each is over; the first to go first.
    queue: VecDeque<(i64, String)>,
}

impl Ended {
    /// Notes that `attempt` ends now; `false` if it did already, or is over.
    pub(super) fn end(&self, attempt: &Attempt, now: Timestamp) -> bool {
        let mut ended = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some((ends_at, _)) = ended.queue.front() {
            if *ends_at > now.0 && ended.queue.len() < MAX_ENDED {
                break;
            }
            ended.forget_first();
        }
        if attempt.ends_at <= now.0 || !ended.states.insert(attempt.state.clone()) {
            return false;
        }
        let entry = (attempt.ends_at, attempt.state.clone());
        ended.queue.push_back(entry);
        true
    }
}

impl Remembered {
    fn forget_first(&mut self) {
        if let Some((_, state)) = self.queue.pop_front() {
            self.states.remove(&state);
        }
    }
}

/// `next` if it is a page of this server, else the first one: nobody is led elsewhere by a link to
/// the sign-in, whoever made it.
#[must_use]
pub fn local_path(next: &str) -> &str {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b'\\';
    let is_local = next.starts_with('/')
        && !next.starts_with("//")
        && next.len() <= MAX_NEXT
        && next.bytes().all(is_plain);
    let leads_back = ["/sign-", "/api/v1/"].iter().any(|it| next.starts_with(it));
    if is_local && !leads_back { next } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_764_000_000_000);

    fn attempt(state: &str) -> Attempt {
        Attempt {
            state: state.to_owned(),
            nonce: "nonce".to_owned(),
            verifier: "verifier".to_owned(),
            next: "/attacks?q=ip:192.0.2.7".to_owned(),
            ends_at: NOW.0 + 1_000,
        }
    }

    #[test]
    fn a_cookie_says_what_was_put_in_and_only_where_it_was_made() {
        let seal = Seal::new(b"secret");
        let cookie = seal.close(&attempt("one")).unwrap();
        assert!(seal.open(&cookie) == Some(attempt("one")));
        assert!(Seal::new(b"another").open(&cookie).is_none());
        assert!(!cookie.contains("verifier"));
        let again = seal.close(&attempt("one")).unwrap();
        assert_ne!(cookie, again, "nothing can be learned by comparing two");
    }

    #[test]
    fn a_cookie_that_was_changed_anywhere_is_none() {
        let seal = Seal::new(b"secret");
        let cookie = seal.close(&attempt("one")).unwrap();
        for at in 0..cookie.len() {
            let mut changed = cookie.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(seal.open(&changed).is_none(), "{at}");
        }
        for other in ["", "A", &cookie[..20], &"A".repeat(100_000), "säge", "{}"] {
            assert!(seal.open(other).is_none(), "{other:.40}");
        }
    }

    #[test]
    fn an_attempt_ends_once_and_in_time() {
        let ended = Ended::default();
        assert!(ended.end(&attempt("one"), NOW));
        assert!(!ended.end(&attempt("one"), NOW.plus(999)));
        assert!(!ended.end(&attempt("one"), NOW.plus(1_000)), "it is over");
        assert!(ended.end(&attempt("other"), NOW.plus(999)));
    }

    #[test]
    fn only_so_many_are_remembered() {
        let ended = Ended::default();
        for state in 0..MAX_ENDED + 10 {
            assert!(ended.end(&attempt(&state.to_string()), NOW));
        }
        let remembered = ended.0.lock().unwrap();
        assert_eq!(remembered.queue.len(), MAX_ENDED);
        assert_eq!(remembered.states.len(), MAX_ENDED);
    }

    #[test]
    fn one_returns_to_a_page_of_this_server_only() {
        let same = [
            "/",
            "/attacks",
            "/attacks/7?q=ip:192.0.2.7#top",
            "/attacks?q=ip%3A1",
            "/sessions/12",
            "/settings",
            "/api/docs",
        ];
        for path in same {
            assert_eq!(local_path(path), path);
        }
        for path in [
            "",
            "attacks",
            "evil",
            "/a b",
            "//evil.example",
            "/\\evil.example",
            "\\/evil.example",
            "/\t/evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "/x\r\nSet-Cookie: a=b",
            "/sign-in/oidc",
            "/sign-in?next=/",
            "/sign-out",
            "/api/v1/attacks",
            &format!("/{}", "x".repeat(MAX_NEXT)),
        ] {
            assert_eq!(local_path(path), "/", "{path:.40}");
        }
    }
}

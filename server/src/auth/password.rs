//! Passwords: which may be chosen, and how they are hashed and checked (Argon2id). Not whose they
//! are, and not how often somebody may try.

use std::sync::Arc;

use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

/// The fewest characters. There are no rules of which: length is what counts (NIST SP 800-63B,
/// 3.1.1).
pub const MIN_PASSWORD: usize = 12;
/// The most characters.
pub const MAX_PASSWORD: usize = 256;

/// How many passwords are hashed at one time: each takes a core and 19 MiB for a moment.
const AT_ONCE: usize = 2;
/// How many may wait for their turn; who comes then is sent away.
const WAITING: usize = 32;

/// How much of a password is looked at, in characters: what begins well is good, and looking takes
/// time that grows faster than the password.
const LOOKED_AT: usize = 40;
/// How much of what is known of an account is looked for in its password, in words.
const MAX_KNOWN: usize = 20;

/// Why a password cannot be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WeakPassword {
    /// It is too short.
    #[error("expected at least {MIN_PASSWORD} characters")]
    Short,
    /// It is too long.
    #[error("expected at most {MAX_PASSWORD} characters")]
    Long,
    /// Others would try it soon.
    #[error(
        "others would guess this soon: it is a common password, or made of a few words, names, \
         dates or rows of keys that they try first; several unrelated words are better"
    )]
    Common,
    /// Whoever knows whose it is would.
    #[error(
        "others would guess this from your name, your e-mail address or “botscope”; several words \
         that have nothing to do with you are better"
    )]
    Known,
}

/// Checks a password that somebody called `name` chooses for the account of `email`.
///
/// # Errors
/// Why it cannot be chosen.
pub fn check_password(password: &str, email: &str, name: &str) -> Result<(), WeakPassword> {
    let characters = password.chars().count();
    if characters < MIN_PASSWORD {
        return Err(WeakPassword::Short);
    }
    if characters > MAX_PASSWORD {
        return Err(WeakPassword::Long);
    }
    let lower = password.to_lowercase();
    let (local, domain) = email.split_once('@').unwrap_or((email, ""));
    let local = local.to_lowercase();
    if lower.contains("botscope") || local.chars().count() > 3 && lower.contains(&local) {
        return Err(WeakPassword::Known);
    }
    let known: Vec<&str> = [&local, domain, name]
        .iter()
        .flat_map(|text| text.split(|letter: char| !letter.is_alphanumeric()))
        .filter(|word| !word.is_empty())
        .take(MAX_KNOWN)
        .collect();
    if is_guessed(password, &known) {
        return Err(match is_guessed(password, &[]) {
            true => WeakPassword::Common,
            false => WeakPassword::Known,
        });
    }
    Ok(())
}

/// Whether somebody who tries the likely ones first needs fewer than ten thousand million guesses:
/// passwords that were common in breaches, words, names, dates, rows of keys, repetitions, and
/// what they know of the account; also with capitals, digits for letters, and one after another.
fn is_guessed(password: &str, known: &[&str]) -> bool {
    let beginning: String = password.chars().take(LOOKED_AT).collect();
    zxcvbn::zxcvbn(&beginning, known).score() < zxcvbn::Score::Four
}

/// Why a password was neither hashed nor checked.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// Too many others wait for that.
    #[error("too many passwords are being checked")]
    Busy,
    /// The operating system has no random numbers.
    #[error("no random numbers: {0}")]
    Random(#[from] getrandom::Error),
    /// Hashing failed, or a stored hash cannot be read.
    #[error("a password cannot be hashed: {0}")]
    Hash(#[from] argon2::password_hash::Error),
}

/// What checking a password came to.
#[derive(Debug, PartialEq, Eq)]
pub enum Checked {
    /// It is not the one.
    Wrong,
    /// It is the one.
    Right {
        /// Its hash as it would be made today, where the stored one was made otherwise.
        rehashed: Option<String>,
    },
}

/// Hashes and checks, a few at a time. Cheap to clone.
#[derive(Clone)]
pub struct Passwords {
    params: Params,
    /// How every hash of today begins.
    prefix: Arc<str>,
    turns: Arc<Semaphore>,
    places: Arc<Semaphore>,
}

impl Default for Passwords {
    /// What OWASP asks for: 19 MiB, two passes, one lane.
    fn default() -> Self {
        Self::with_cost(19 * 1024, 2)
    }
}

impl Passwords {
    /// With so many KiB and so many passes.
    #[must_use]
    pub fn with_cost(memory: u32, passes: u32) -> Self {
        Self {
            params: Params::new(memory, passes, 1, None).expect("costs are in bounds"),
            prefix: format!("$argon2id$v=19$m={memory},t={passes},p=1$").into(),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            places: Arc::new(Semaphore::new(AT_ONCE + WAITING)),
        }
    }

    /// The hash of a password, as it is stored.
    ///
    /// # Errors
    /// If others wait already, or it cannot be made.
    pub async fn hash(&self, password: &str) -> Result<String, PasswordError> {
        let (argon2, password) = (self.argon2(), password.to_owned());
        self.take_turn(move || hash(&argon2, &password)).await
    }

    /// The hash of a password that somebody called `name` chooses for the account of `email`, or
    /// why it cannot be chosen: to tell that takes a core for a moment, too.
    ///
    /// # Errors
    /// If others wait already, or it cannot be made.
    pub async fn choose(
        &self,
        password: &str,
        email: &str,
        name: &str,
    ) -> Result<Result<String, WeakPassword>, PasswordError> {
        let argon2 = self.argon2();
        let [password, email, name] = [password, email, name].map(str::to_owned);
        self.take_turn(move || match check_password(&password, &email, &name) {
            Ok(()) => hash(&argon2, &password).map(Ok),
            Err(fault) => Ok(Err(fault)),
        })
        .await
    }

    /// Whether a password is the one of a stored hash. Without one it takes as long and is wrong,
    /// so that nobody learns which accounts there are.
    ///
    /// # Errors
    /// If others wait already, or the hash cannot be read.
    pub async fn check(
        &self,
        password: &str,
        stored: Option<&str>,
    ) -> Result<Checked, PasswordError> {
        let is_known = stored.is_some();
        let is_of_today = stored.is_none_or(|stored| stored.starts_with(&*self.prefix));
        let stored = stored.map_or_else(|| self.hash_of_nobody(), str::to_owned);
        let (argon2, password) = (self.argon2(), password.to_owned());
        self.take_turn(move || {
            match argon2.verify_password(password.as_bytes(), stored.as_str()) {
                Ok(()) if is_known => {}
                Ok(()) | Err(argon2::password_hash::Error::PasswordInvalid) => {
                    return Ok(Checked::Wrong);
                }
                Err(error) => return Err(error.into()),
            }
            let rehashed = (!is_of_today).then(|| hash(&argon2, &password));
            Ok(Checked::Right {
                rehashed: rehashed.transpose()?,
            })
        })
        .await
    }

    fn argon2(&self) -> Argon2<'static> {
        Argon2::new(Algorithm::Argon2id, Version::V0x13, self.params.clone())
    }

    /// A hash of today's cost that no password has.
    fn hash_of_nobody(&self) -> String {
        let (salt, output) = ("A".repeat(22), "A".repeat(43));
        format!("{}{salt}${output}", self.prefix)
    }

    async fn take_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let place = self.places.try_acquire();
        let _place = place.map_err(|_| PasswordError::Busy)?;
        let turn = Arc::clone(&self.turns).acquire_owned().await;
        tokio::task::spawn_blocking(move || {
            // Held until the work is done, also if whoever waits for it has gone.
            let _turn = turn;
            work()
        })
        .await
        .map_err(|_| PasswordError::Busy)?
    }
}

fn hash(argon2: &Argon2<'_>, password: &str) -> Result<String, PasswordError> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt)?;
    let hash = argon2.hash_password_with_salt(password.as_bytes(), &salt)?;
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMAIL: &str = "anna.example@example.com";
    const NAME: &str = "Anna Katharina Lindqvist";

    fn check(password: &str) -> Result<(), WeakPassword> {
        check_password(password, EMAIL, NAME)
    }

    #[test]
    fn a_long_password_may_be_anything_but_what_others_try_first() {
        for good in [
            "correct horse battery staple",
            "wintergarden 7 kettles",
            "пароль из нескольких слов",
            "jT8#qLw2vXe!",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for (bad, why) in [
            ("elevenchars", WeakPassword::Short),
            ("äöüäöüäöüäö", WeakPassword::Short),
            ("", WeakPassword::Short),
            ("password1234", WeakPassword::Common),
            ("Passw0rd2026!", WeakPassword::Common),
            ("qwertyqwerty", WeakPassword::Common),
            ("qwertyuiop[]", WeakPassword::Common),
            ("1qaz2wsx3edc", WeakPassword::Common),
            ("123456789012", WeakPassword::Common),
            ("987654321098", WeakPassword::Common),
            ("abcdefghijkl", WeakPassword::Common),
            ("aaaaaaaaaaaaaaaa", WeakPassword::Common),
            ("abababababab", WeakPassword::Common),
            ("iloveyou12345", WeakPassword::Common),
            ("christopher1", WeakPassword::Common),
            ("Summer2024!!", WeakPassword::Common),
            ("M4nch3st3r2020", WeakPassword::Common),
            ("my Botscope key", WeakPassword::Known),
            ("Anna.Example 2026", WeakPassword::Known),
            ("Lindqvist1987", WeakPassword::Known),
            ("katharina-lindqvist", WeakPassword::Known),
        ] {
            assert_eq!(check(bad), Err(why), "{bad}");
        }
        assert_eq!(check(&"ab cd".repeat(52)), Err(WeakPassword::Long));
        let others = check_password("four bananas and kettles", "ann@example.com", "Ann");
        assert_eq!(others, Ok(()));
    }

    #[tokio::test]
    async fn a_password_is_known_by_its_hash_alone() {
        let passwords = Passwords::with_cost(64, 1);
        let stored = passwords.hash("wintergarden").await.unwrap();
        assert!(
            stored.starts_with("$argon2id$v=19$m=64,t=1,p=1$"),
            "{stored}"
        );
        assert_ne!(passwords.hash("wintergarden").await.unwrap(), stored);
        let right = Checked::Right { rehashed: None };
        let check = async |password, stored| passwords.check(password, stored).await.unwrap();
        assert_eq!(check("wintergarden", Some(&*stored)).await, right);
        assert_eq!(check("Wintergarden", Some(&*stored)).await, Checked::Wrong);
        assert_eq!(check("wintergarden", None).await, Checked::Wrong);
    }

    #[tokio::test]
    async fn a_hash_of_another_cost_is_made_anew() {
        let former = Passwords::with_cost(64, 1);
        let today = Passwords::with_cost(128, 1);
        let stored = former.hash("wintergarden").await.unwrap();
        let checked = today.check("wintergarden", Some(&stored)).await.unwrap();
        let Checked::Right {
            rehashed: Some(rehashed),
        } = checked
        else {
            panic!("{checked:?}");
        };
        let again = today.check("wintergarden", Some(&rehashed)).await.unwrap();
        assert_eq!(again, Checked::Right { rehashed: None });
        let wrong = today.check("other", Some(&stored)).await.unwrap();
        assert_eq!(wrong, Checked::Wrong);
    }

    #[tokio::test]
    async fn a_crowd_is_sent_away_rather_than_queued_without_end() {
        let passwords = Passwords::with_cost(64, 1);
        let _all = passwords.places.acquire_many(34).await.unwrap();
        let error = passwords.check("wintergarden", None).await.unwrap_err();
        assert!(matches!(error, PasswordError::Busy));
    }

    #[tokio::test]
    async fn what_costs_nothing_today_is_refused_as_a_hash() {
        let passwords = Passwords::with_cost(64, 1);
        assert!(passwords.check("x", Some("plain")).await.is_err());
    }
}

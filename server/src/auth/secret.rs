//! The secret of a token, a login's cookie, or a link: 256 random bits, of which only a hash is
//! kept. A plain SHA-256 is enough for that: nobody guesses a secret as long as this one, unlike
//! a password.

use std::fmt;
use std::fmt::Write as _;

use sha2::{Digest, Sha256};
use shared::TokenId;

const BYTES: usize = 32;

/// A secret in clear.
#[derive(Clone)]
pub struct Secret(String);

/// What is kept of a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SecretHash(pub [u8; 32]);

impl Secret {
    /// What the secret of a token begins with, so that scanners for leaked credentials know one.
    pub const PREFIX: &str = "botscope_";

    /// A new one.
    ///
    /// # Errors
    /// If the operating system has no random numbers.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = [0; BYTES];
        getrandom::fill(&mut bytes)?;
        Ok(Self::of(bytes))
    }

    /// The one that these bytes make.
    #[must_use]
    pub fn of(bytes: [u8; BYTES]) -> Self {
        let mut text = Self::PREFIX.to_owned();
        for byte in bytes {
            write!(text, "{byte:02x}").expect("a text takes everything");
        }
        Self(text)
    }

    /// The one that somebody sent; `None` if it cannot be one.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(Self::PREFIX)?;
        let is_whole = digits.len() == 2 * BYTES
            && digits
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        is_whole.then(|| Self(text.to_owned()))
    }

    /// The text, for whoever had it made.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The same without what it begins with, for a cookie or a link.
    #[must_use]
    pub fn digits(&self) -> &str {
        &self.0[Self::PREFIX.len()..]
    }

    /// The one whose [digits](Self::digits) somebody sent; `None` if they cannot be.
    #[must_use]
    pub fn read_digits(digits: &str) -> Option<Self> {
        Self::read(&format!("{}{}", Self::PREFIX, digits.get(..2 * BYTES)?))
            .filter(|_| digits.len() == 2 * BYTES)
    }

    /// What is kept of it.
    #[must_use]
    pub fn hash(&self) -> SecretHash {
        SecretHash(Sha256::digest(self.0.as_bytes()).into())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

impl SecretHash {
    /// The identifier of its token: a part of the hash, from which no secret follows.
    #[must_use]
    pub fn token_id(&self) -> TokenId {
        TokenId(self.number())
    }

    /// A number that names what the secret opens, and from which no secret follows.
    #[must_use]
    pub fn number(&self) -> u64 {
        let [a, b, c, d, e, f, g, h, ..] = self.0;
        u64::from_be_bytes([a, b, c, d, e, f, g, h])
    }
}

/// An identifier that nobody can foretell.
///
/// # Errors
/// If the operating system has no random numbers.
pub fn random_id() -> Result<u64, getrandom::Error> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes)?;
    Ok(u64::from_be_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_read_back_and_nothing_else_is() {
        let secret = Secret::random().unwrap();
        let read = Secret::read(secret.reveal()).unwrap();
        assert_eq!(read.hash(), secret.hash());
        assert_ne!(Secret::random().unwrap().hash(), secret.hash());
        let text = secret.reveal();
        for wrong in [
            "",
            "botscope_",
            &text[1..],
            &text[..72],
            &text.to_uppercase(),
        ] {
            assert!(Secret::read(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_link_has_the_digits_alone() {
        let secret = Secret::of([7; 32]);
        let read = Secret::read_digits(secret.digits()).unwrap();
        assert_eq!(read.hash(), secret.hash());
        let long = format!("{}0", secret.digits());
        for wrong in ["", "07", &long, secret.reveal(), &"é".repeat(32)] {
            assert!(Secret::read_digits(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn logs_do_not_tell_it() {
        assert_eq!(format!("{:?}", Secret::of([7; 32])), "Secret(…)");
    }
}

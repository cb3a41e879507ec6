//! E-mail addresses, as far as an account needs them: who is called what. Whether mail arrives
//! there only mail can tell.

use std::fmt;

/// The longest address (RFC 5321, 4.5.3.1.3).
const MAX: usize = 254;

/// An e-mail address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email(String);

/// What is wrong with one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected an e-mail address, like ann@example.com")]
pub struct InvalidEmail;

impl Email {
    /// Reads one.
    ///
    /// # Errors
    /// If it is none.
    pub fn read(text: &str) -> Result<Self, InvalidEmail> {
        let text = text.trim();
        let (local, domain) = text.rsplit_once('@').ok_or(InvalidEmail)?;
        let is_plain =
            |c: char| !c.is_whitespace() && !c.is_control() && !"<>()[],;:\\\"".contains(c);
        let is_valid = text.len() <= MAX
            && !local.is_empty()
            && !local.contains('@')
            && text.chars().all(is_plain)
            && !domain.is_empty()
            && domain.split('.').all(|label| !label.is_empty());
        is_valid.then(|| Self(text.to_owned())).ok_or(InvalidEmail)
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As it is compared: hardly anybody has two mailboxes that differ in case.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

impl fmt::Display for Email {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_name_and_a_place() {
        for good in [
            "ann@example.com",
            " Ann.O'Hara+x@Example.COM ",
            "root@localhost",
            "ü@exämple.de",
        ] {
            assert!(Email::read(good).is_ok(), "{good}");
        }
        let long = format!("{}@example.com", "a".repeat(250));
        for bad in [
            "",
            "ann",
            "@example.com",
            "ann@",
            "ann@@example.com",
            "a b@example.com",
            "ann@example..com",
            "ann@.com",
            "Ann <ann@example.com>",
            "ann@example.com\r\nBcc: x@y",
            &long,
        ] {
            assert_eq!(Email::read(bad), Err(InvalidEmail), "{bad}");
        }
        assert_eq!(
            Email::read("Ann@Example.com").unwrap().key(),
            "ann@example.com"
        );
    }
}

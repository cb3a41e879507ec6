//! How long somebody waits who failed to sign in too often. Never for ever: whoever could lock an
//! account for good would only have to fail on purpose. Not where failures are kept: that is the
//! store's.

use std::net::IpAddr;

use sha2::{Digest, Sha256};
use shared::Timestamp;

/// After so long without a failure all are forgotten.
pub const FORGOTTEN_MS: i64 = Timestamp::DAY;

/// Whose failures are counted: an account's, also of one that does not exist, or an address's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject {
    /// What names it in the store; neither can be read back from it.
    pub key: [u8; 32],
    /// So many failures cost nothing.
    free: i64,
    /// The longest wait.
    longest_ms: i64,
}

impl Subject {
    /// The account with this e-mail address, in whatever case.
    #[must_use]
    pub fn account(email: &str) -> Self {
        Self {
            key: key("account", &email.to_lowercase()),
            free: 5,
            longest_ms: 5 * Timestamp::MINUTE,
        }
    }

    /// The address that attempts come from. Behind one address there may be many people; in IPv6
    /// one person has a whole /64.
    #[must_use]
    pub fn address(address: IpAddr) -> Self {
        let network = match address.to_canonical() {
            IpAddr::V4(address) => address.to_string(),
            IpAddr::V6(address) => format!("{:x?}", &address.segments()[..4]),
        };
        Self {
            key: key("address", &network),
            free: 20,
            longest_ms: 15 * Timestamp::MINUTE,
        }
    }

    /// Whoever asks for mail to the account with this e-mail address, in whatever case.
    #[must_use]
    pub fn mail(email: &str) -> Self {
        Self {
            key: key("mail", &email.to_lowercase()),
            free: 3,
            longest_ms: Timestamp::HOUR,
        }
    }

    /// Until when nothing is tried after so many failures, the last of them then.
    #[must_use]
    pub fn waits_until(&self, failures: i64, failed_at: Timestamp) -> Timestamp {
        let over = failures - self.free;
        if over < 0 {
            return failed_at;
        }
        let doubled = 1_000_i64 << over.min(20);
        failed_at.plus(doubled.min(self.longest_ms))
    }
}

fn key(kind: &str, name: &str) -> [u8; 32] {
    Sha256::digest(format!("{kind}:{name}").as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_fails_waits_longer_each_time_and_never_for_ever() {
        let ann = Subject::account("ann@example.com");
        assert_eq!(Subject::account("Ann@Example.com"), ann);
        let at = Timestamp(1_000_000);
        let wait = |failures| ann.waits_until(failures, at).0 - at.0;
        assert_eq!((wait(0), wait(4)), (0, 0));
        assert_eq!((wait(5), wait(6), wait(9)), (1_000, 2_000, 16_000));
        assert_eq!(wait(1_000), 5 * Timestamp::MINUTE);
        let here = Subject::address("192.0.2.1".parse().unwrap());
        let wait = |failures| here.waits_until(failures, at).0 - at.0;
        assert_eq!((wait(19), wait(20)), (0, 1_000));
        assert_eq!(wait(i64::MAX), 15 * Timestamp::MINUTE);
    }

    #[test]
    fn an_address_of_version_6_is_its_network() {
        let subject = |text: &str| Subject::address(text.parse().unwrap()).key;
        assert_eq!(subject("2001:db8::1"), subject("2001:db8::ffff:1"));
        assert_ne!(subject("2001:db8::1"), subject("2001:db8:0:1::1"));
        assert_eq!(subject("192.0.2.1"), subject("::ffff:192.0.2.1"));
        assert_ne!(subject("192.0.2.1"), subject("192.0.2.2"));
    }
}

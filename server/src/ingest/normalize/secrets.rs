//! Secrets in queries, replaced before anything else sees them: the value of a parameter with
//! a telling name becomes `~` and eight hexadecimal digits of a keyed hash. Equal values stay
//! equal inside one tenant; nobody without the key can guess them back. Not a scanner for
//! secrets in other places.

use std::fmt::Write;
use std::hash::Hasher;
use std::sync::Arc;

use shared::{Privacy, TenantId};
use siphasher::sip::SipHasher13;
use siphasher::sip128::{self, Hasher128};

/// The tenant's key for hashing secrets.
#[derive(Clone, Copy)]
pub struct SecretKey(pub [u8; 16]);

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

impl SecretKey {
    /// That of a tenant, where the data directory has this secret.
    #[must_use]
    pub fn of_tenant(secret: &[u8; 16], tenant: TenantId) -> Self {
        let mut hasher = sip128::SipHasher13::new_with_key(secret);
        hasher.write_u64(tenant.0);
        Self(hasher.finish128().as_bytes())
    }
}

/// How what is said of people is kept: which values become keyed hashes, and with which key.
#[derive(Debug, Clone)]
pub struct Protection {
    /// The tenant's key.
    pub key: SecretKey,
    /// Whether session keys and users are hashed too.
    pub hashes_session_keys: bool,
    /// Further names whose values are, folded as [`SESSION_NAMES`].
    names: Arc<[Vec<u8>]>,
}

impl Protection {
    /// What `privacy` asks for.
    #[must_use]
    pub fn new(key: SecretKey, privacy: &Privacy) -> Self {
        let fold = |name: &String| fold_name(name.as_bytes(), &mut [0; MAX_NAME]).to_vec();
        Self {
            key,
            hashes_session_keys: privacy.hashes_session_keys,
            names: privacy.hashed_fields.iter().map(fold).collect(),
        }
    }

    /// Whether the value of a parameter, header, cookie or field of this name is hashed.
    pub(super) fn hides(&self, name: &str) -> bool {
        is_secret_name(name) || self.is_chosen(name)
    }

    /// Whether the tenant chose names itself.
    pub(super) fn has_names(&self) -> bool {
        !self.names.is_empty()
    }

    /// Whether the tenant chose the name itself.
    pub(super) fn is_chosen(&self, name: &str) -> bool {
        if self.names.is_empty() {
            return false;
        }
        let mut folded = [0; MAX_NAME];
        let folded = fold_name(name.as_bytes(), &mut folded);
        self.names.iter().any(|chosen| chosen == folded)
    }
}

impl From<SecretKey> for Protection {
    /// Nothing but secrets.
    fn from(key: SecretKey) -> Self {
        Self::new(key, &Privacy::default())
    }
}

/// Names of session keys, in lower case without `-` and `_`: as JSON fields, as cookies, as
/// query parameters.
pub const SESSION_NAMES: &[&str] = &[
    "sid",
    "session",
    "sessionid",
    "sessid",
    "phpsessid",
    "jsessionid",
    "aspsessionid",
    "aspnetsessionid",
    "asp.netsessionid",
    "connect.sid",
    "cfid",
    "cftoken",
];

/// Further names of secrets, in the same spelling.
const SECRET_NAMES: &[&str] = &[
    "apikey",
    "auth",
    "authorization",
    "code",
    "credential",
    "credentials",
    "jwt",
    "key",
    "otp",
    "pass",
    "passcode",
    "passphrase",
    "passwd",
    "password",
    "pin",
    "pwd",
    "secret",
    "sig",
    "signature",
    "token",
];

/// A name that ends like this is one too: `access_token`, `X-Amz-Signature`, `user[password]`.
const SECRET_ENDINGS: &[&str] = &[
    "apikey",
    "password",
    "passwd",
    "secret",
    "sessid",
    "sessionid",
    "signature",
    "token",
];

/// The longest name looked at, in bytes; of longer ones the end.
const MAX_NAME: usize = 48;

/// Appends `query` to `out` with the values of secret parameters replaced.
pub(super) fn push_redacted_query(query: &str, by: &Protection, out: &mut String) {
    push_redacted(query, b'&', by, out);
}

/// Appends `path` to `out` with secret path parameters (`;jsessionid=…`) replaced.
pub(super) fn push_redacted_path(path: &str, by: &Protection, out: &mut String) {
    for (index, segment) in path.split('/').enumerate() {
        if index > 0 {
            out.push('/');
        }
        push_redacted(segment, b';', by, out);
    }
}

fn push_redacted(text: &str, separator: u8, by: &Protection, out: &mut String) {
    for (index, pair) in text.split(char::from(separator)).enumerate() {
        if index > 0 {
            out.push(char::from(separator));
        }
        match pair.split_once('=') {
            Some((name, value)) if !value.is_empty() && by.hides(name) => {
                out.push_str(name);
                write!(out, "=~{:08x}", hash_secret(value, &by.key))
                    .expect("writing to a string does not fail");
            }
            _ => out.push_str(pair),
        }
    }
}

/// Appends lines of `name: value` with the values of chosen names replaced.
pub(super) fn push_redacted_headers(lines: &str, by: &Protection, out: &mut String) {
    for line in lines.split_inclusive('\n') {
        match line.split_once(':') {
            Some((name, value)) if by.is_chosen(name.trim()) => {
                out.push_str(name);
                out.push_str(": ");
                push_hashed(value.trim().as_bytes(), &by.key, out);
                if line.ends_with('\n') {
                    out.push('\n');
                }
            }
            _ => out.push_str(line),
        }
    }
}

/// Appends the whole keyed hash of a secret that is a key: where millions are told apart, half
/// of it would not do.
pub(super) fn push_hashed(value: &[u8], key: &SecretKey, out: &mut String) {
    write!(out, "~{:016x}", hash(value, key)).expect("writing to a string does not fail");
}

/// What stands for a token once it was read.
#[must_use]
pub fn hash_token(value: &[u8], key: &SecretKey) -> String {
    let mut hashed = String::new();
    push_hashed(value, key, &mut hashed);
    hashed
}

fn hash_secret(value: &str, key: &SecretKey) -> u32 {
    // The upper half; any half of a keyed hash is as good.
    (hash(value.as_bytes(), key) >> 32) as u32
}

fn hash(value: &[u8], key: &SecretKey) -> u64 {
    let mut hasher = SipHasher13::new_with_key(&key.0);
    hasher.write(value);
    hasher.finish()
}

/// Whether a value was made by a machine to name something: long, of letters, digits and few
/// signs, letters and digits in turn. No user, role, moment or address is.
pub fn is_token(value: &str) -> bool {
    const SIGNS: &[u8] = b"-_+/=.:%~";
    let bytes = value.as_bytes();
    let turns = bytes
        .windows(2)
        .filter(|pair| pair[0].is_ascii_alphanumeric() && pair[1].is_ascii_alphanumeric())
        .filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit())
        .count();
    bytes.len() >= 16
        && turns >= 3
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || SIGNS.contains(byte))
}

/// Whether a parameter of this name holds a secret: case, `-`, `_`, array suffixes and percent
/// encoding do not matter; of `a[b]` and `a.b` the `b` counts as well.
pub fn is_secret_name(name: &str) -> bool {
    let mut folded = [0; MAX_NAME];
    let folded = fold_name(name.as_bytes(), &mut folded);
    // Of `a[]` the `a`.
    let folded = folded.strip_suffix(b"[").unwrap_or(folded);
    let last = folded
        .rsplit(|byte| matches!(byte, b'[' | b'.'))
        .next()
        .unwrap_or(folded);
    let is_listed = |name: &[u8]| {
        SECRET_NAMES
            .iter()
            .chain(SESSION_NAMES)
            .any(|listed| listed.as_bytes() == name)
    };
    is_listed(folded)
        || is_listed(last)
        || SECRET_ENDINGS
            .iter()
            .any(|ending| last.ends_with(ending.as_bytes()))
}

/// Whether a name is one of [`SESSION_NAMES`].
pub fn is_session_name(name: &[u8]) -> bool {
    let mut folded = [0; MAX_NAME];
    let folded = fold_name(name, &mut folded);
    SESSION_NAMES
        .iter()
        .any(|listed| listed.as_bytes() == folded)
}

/// Lower case, percent decoded, without `-`, `_`, `]` and white space; the last bytes only if
/// it is long.
fn fold_name<'a>(name: &[u8], folded: &'a mut [u8; MAX_NAME]) -> &'a [u8] {
    // Percent encoding triples a name at most, so the last bytes are among these.
    let name = &name[name.len().saturating_sub(3 * MAX_NAME)..];
    let mut length = 0;
    for byte in percent_encoding::percent_decode(name) {
        if matches!(byte, b'-' | b'_' | b']' | b' ' | b'+') {
            continue;
        }
        if length == MAX_NAME {
            folded.copy_within(1.., 0);
            length -= 1;
        }
        folded[length] = byte.to_ascii_lowercase();
        length += 1;
    }
    &folded[..length]
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: SecretKey = SecretKey([7; 16]);

    fn redact(query: &str) -> String {
        let mut out = String::new();
        push_redacted_query(query, &KEY.into(), &mut out);
        out
    }

    #[test]
    fn values_of_secret_names_are_replaced_and_others_stay() {
        let redacted = redact("user=ann&password=hunter2&page=2&flag");
        assert!(redacted.starts_with("user=ann&password=~"), "{redacted}");
        assert!(redacted.ends_with("&page=2&flag"), "{redacted}");
        assert!(!redacted.contains("hunter2"));
        assert_eq!(
            redacted.len(),
            "user=ann&password=~01234567&page=2&flag".len()
        );
    }

    #[test]
    fn equal_secrets_stay_equal_and_keys_tell_tenants_apart() {
        assert_eq!(redact("pwd=a"), redact("pwd=a"));
        assert_ne!(redact("pwd=a"), redact("pwd=b"));
        let mut other = String::new();
        push_redacted_query("pwd=a", &SecretKey([8; 16]).into(), &mut other);
        assert_ne!(redact("pwd=a"), other);
    }

    #[test]
    fn names_are_recognised_in_every_spelling() {
        for name in [
            "Password",
            "access_token",
            "X-Amz-Signature",
            "user[password]",
            "api-key",
            "p%61ss",
            "PHPSESSID",
            "refreshToken",
            "client_secret",
            "login.pwd",
            "code",
            "token[]",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in [
            "author", "keyword", "page", "barcode", "zipcode", "design", "compass", "",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn a_long_name_is_judged_by_its_end() {
        assert!(is_secret_name(&format!("{}_token", "x".repeat(500))));
    }

    #[test]
    fn tokens_are_told_from_names_and_addresses() {
        for token in [
            "f3a9c2e1d4b5a6978812",
            "9b1deb4d-3b7d-4bad-9bdd-2b0d7b3dcb6d",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.s3cr3t",
            "s%3AAbC0123456789xyzq.sig0",
        ] {
            assert!(is_token(token), "{token}");
        }
        for name in [
            "",
            "ann",
            "ann.example@example.com",
            "margaret-of-everything79",
            "10.20.0.5:8080",
            "2026-11-22T13:35:24.809",
            "shop-frontend.eu.west.example",
            "17",
        ] {
            assert!(!is_token(name), "{name}");
        }
    }

    #[test]
    fn a_session_in_the_path_is_replaced() {
        let mut out = String::new();
        push_redacted_path("/shop/cart;jsessionid=ABC/x;v=1", &KEY.into(), &mut out);
        assert!(
            out.starts_with("/shop/cart;jsessionid=~") && out.ends_with("/x;v=1"),
            "{out}"
        );
    }
}

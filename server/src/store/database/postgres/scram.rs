//! What PostgreSQL keeps of a password to check it by (SCRAM-SHA-256, RFC 5803), made here so that
//! the password itself is in no statement.

use std::num::NonZeroU32;

use data_encoding::BASE64;
use ring::{digest, hmac, pbkdf2};

/// As many as PostgreSQL itself takes: against guessing, which a random password needs no help
/// against.
const ITERATIONS: NonZeroU32 = NonZeroU32::new(4_096).expect("it is not zero");

/// The verifier of a password of plain letters and digits.
pub(super) fn verifier(password: &str, salt: &[u8; 16]) -> String {
    let mut salted = [0; digest::SHA256_OUTPUT_LEN];
    let (algorithm, secret) = (pbkdf2::PBKDF2_HMAC_SHA256, password.as_bytes());
    pbkdf2::derive(algorithm, ITERATIONS, salt, secret, &mut salted);
    let salted = hmac::Key::new(hmac::HMAC_SHA256, &salted);
    let client_key = hmac::sign(&salted, b"Client Key");
    let stored_key = digest::digest(&digest::SHA256, client_key.as_ref());
    let server_key = hmac::sign(&salted, b"Server Key");
    format!(
        "SCRAM-SHA-256${ITERATIONS}:{}${}:{}",
        BASE64.encode(salt),
        BASE64.encode(stored_key.as_ref()),
        BASE64.encode(server_key.as_ref())
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verifier_is_the_one_that_the_standard_comes_to() {
        // The salt and password of the exchange in RFC 7677.
        let salt = BASE64.decode(b"W22ZaJ0SNY7soEsUEjb6gQ==").unwrap();
        assert_eq!(
            verifier("pencil", &salt.try_into().unwrap()),
            "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$\
             WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:\
             wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
        );
    }
}

//! Codes of authenticator apps (RFC 6238: SHA-1, six digits, 30 seconds, which is what all apps
//! know) and the recovery codes that stand in for a lost app. Pure: whether a code was taken
//! before is the store's to say.

use data_encoding::BASE32_NOPAD;
use hmac::{Hmac, KeyInit, Mac};
use qrcode::{Color, EcLevel, QrCode};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use shared::{Timestamp, TotpOffer};

use super::SecretHash;

/// How long a code is shown.
const STEP_MS: i64 = 30_000;
/// Codes of so many steps before and after are good too: clocks differ, and people type slowly.
const SKEW: i64 = 1;
/// The bytes of a secret, as many as the hash has.
const BYTES: usize = 20;
/// How many recovery codes an account gets.
pub const RECOVERY_CODES: usize = 10;
/// The bytes of a recovery code: 120 bits, too many to guess even for whoever has its hash, which
/// is as fast as that of a token.
const RECOVERY_BYTES: usize = 15;

/// The secret that an app and the server share.
#[derive(Clone, PartialEq, Eq)]
pub struct TotpSecret(pub Vec<u8>);

impl TotpSecret {
    /// A new one.
    ///
    /// # Errors
    /// If the operating system has no random numbers.
    pub fn random() -> Result<Self, getrandom::Error> {
        let mut bytes = vec![0; BYTES];
        getrandom::fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// The step whose code this is; `None` if it is none of those around `now`.
    #[must_use]
    pub fn find_step(&self, code: &str, now: Timestamp) -> Option<i64> {
        let typed: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        if typed.len() != 6 || !typed.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let typed: u32 = typed.parse().ok()?;
        let current = now.0.div_euclid(STEP_MS);
        (current - SKEW..=current + SKEW).find(|step| self.code(*step) == typed)
    }

    /// What an app needs, for the account of `email`.
    #[must_use]
    pub fn offer(&self, email: &str) -> TotpOffer {
        let secret = BASE32_NOPAD.encode(&self.0);
        let set = percent_encoding::NON_ALPHANUMERIC;
        let email = percent_encoding::utf8_percent_encode(email, set);
        let uri = format!("otpauth://totp/Botscope:{email}?secret={secret}&issuer=Botscope");
        let qr = qr_rows(&uri);
        TotpOffer { secret, uri, qr }
    }

    fn code(&self, step: i64) -> u32 {
        let mut mac = Hmac::<Sha1>::new_from_slice(&self.0).expect("any length is a key");
        mac.update(&step.to_be_bytes());
        let hash = mac.finalize().into_bytes();
        let at = usize::from(hash[19] & 0xf);
        let bytes = [hash[at] & 0x7f, hash[at + 1], hash[at + 2], hash[at + 3]];
        u32::from_be_bytes(bytes) % 1_000_000
    }

    /// The code that an app shows at `now`.
    #[cfg(test)]
    pub(crate) fn shown(&self, now: Timestamp) -> String {
        format!("{:06}", self.code(now.0.div_euclid(STEP_MS)))
    }
}

/// Rows from the top, `1` for a dark module. Empty if the text is too long for a code.
fn qr_rows(text: &str) -> Vec<String> {
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else {
        return Vec::new();
    };
    let digit = |color: &Color| if *color == Color::Dark { '1' } else { '0' };
    code.to_colors()
        .chunks(code.width())
        .map(|row| row.iter().map(digit).collect())
        .collect()
}

/// New recovery codes.
///
/// # Errors
/// If the operating system has no random numbers.
pub fn recovery_codes() -> Result<Vec<String>, getrandom::Error> {
    (0..RECOVERY_CODES)
        .map(|_| {
            let mut bytes = [0; RECOVERY_BYTES];
            getrandom::fill(&mut bytes)?;
            let letters = BASE32_NOPAD.encode(&bytes).to_lowercase();
            let groups: Vec<&str> = (0..letters.len() / 4)
                .map(|group| &letters[4 * group..][..4])
                .collect();
            Ok(groups.join("-"))
        })
        .collect()
}

/// What is kept of a recovery code, however it is typed.
#[must_use]
pub fn recovery_hash(code: &str) -> SecretHash {
    let letters: String = code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .collect();
    SecretHash(Sha256::digest(letters.as_bytes()).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of RFC 6238, appendix B.
    fn secret() -> TotpSecret {
        TotpSecret(b"12345678901234567890".to_vec())
    }

    #[test]
    fn codes_are_those_of_the_standard() {
        for (second, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(secret().shown(Timestamp(second * 1_000)), code);
        }
    }

    #[test]
    fn a_code_is_good_a_step_early_or_late_and_no_more() {
        let now = Timestamp(1_111_111_109_000);
        let step = now.0 / STEP_MS;
        for (steps, found) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let code = secret().shown(now.plus(steps * STEP_MS));
            let expected = found.then_some(step + steps);
            assert_eq!(secret().find_step(&code, now), expected, "{steps}");
        }
        for wrong in ["", "81804", "0081804", "08180x", "-81804", "０８１８０４"] {
            assert_eq!(secret().find_step(wrong, now), None, "{wrong}");
        }
        assert!(secret().find_step(" 081 804 ", now).is_some());
    }

    #[test]
    fn an_app_can_read_what_is_offered() {
        let offer = secret().offer("ann+x@example.com");
        assert_eq!(offer.secret, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(
            offer.uri,
            "otpauth://totp/Botscope:ann%2Bx%40example%2Ecom\
             ?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Botscope"
        );
        let width = offer.qr.len();
        assert!(width >= 21 && offer.qr.iter().all(|row| row.len() == width));
        assert!(offer.qr[0].starts_with("1111111"), "a corner of a QR code");
    }

    #[test]
    fn a_recovery_code_is_known_however_it_is_typed() {
        let codes = recovery_codes().unwrap();
        assert_eq!(codes.len(), RECOVERY_CODES);
        let code = &codes[0];
        let letters = code.chars().filter(|letter| *letter != '-').count();
        assert!(letters * 5 >= 112, "a fast hash needs as many bits: {code}");
        let hash = recovery_hash(code);
        assert_eq!(recovery_hash(&code.to_uppercase().replace('-', " ")), hash);
        assert_ne!(recovery_hash(&codes[1]), hash);
    }
}

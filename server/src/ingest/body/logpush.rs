//! Cloudflare's Logpush to an HTTP destination: packed lines of JSON, which need nothing of their
//! own, and a test upload before the first, which holds no request and must be answered with 200.
//! What authorises it stands in a header or in the address, as whoever set it up chose.

/// The test upload is this short, with room for white space.
const MAX_BYTES: usize = 64;

/// Whether a plain body is `{"content":"tests"}`, which is no record.
pub(super) fn is_test_upload(plain: &[u8]) -> bool {
    if plain.len() > MAX_BYTES {
        return false;
    }
    let bare: Vec<u8> = plain
        .iter()
        .filter(|byte| !byte.is_ascii_whitespace())
        .copied()
        .collect();
    matches!(
        &bare[..],
        br#"{"content":"tests"}"#
            | br#"{"content":"test"}"#
            | br#"{"content":"tests"}{"filename":"test.txt"}"#
    )
}

#[cfg(test)]
mod tests {
    use super::super::tests::decode;

    #[test]
    fn the_test_upload_is_nothing_and_no_fault() {
        for body in ["{\"content\":\"tests\"}", "{ \"content\": \"tests\" }\n"] {
            let answer = decode(body.as_bytes()).answer;
            assert_eq!((answer.accepted, answer.rejected), (0, 0));
        }
        assert_eq!(decode(b"{\"content\":\"other\"}").answer.rejected, 1);
    }
}

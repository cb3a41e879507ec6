//! What a body is packed with, and its plain bytes, never more of them than allowed. Its first
//! bytes are believed before its header: proxies unpack and forget to say so. Not what the bytes
//! are.

use std::borrow::Cow;
use std::io::{self, Read};

use super::BodyError;

/// How often a body may be packed.
const MAX_LAYERS: usize = 2;

/// The widest window of zstd that is unpacked, as a power of two: its memory is taken before
/// anything is seen of what is in it. Its own levels up to 19 stay below.
const ZSTD_WINDOW: u32 = 23;

/// How much is made room for before anything is unpacked, as a multiple of what is packed.
const USUAL_RATIO: usize = 6;

/// A way to pack bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Packing {
    Gzip,
    Zstd,
    /// `deflate` of HTTP that says what it is.
    Zlib,
    /// The same without its head, as some send it.
    Deflate,
}

impl Packing {
    const fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Zlib | Self::Deflate => "deflate",
        }
    }

    /// How the bytes of that layer are packed, if they are.
    fn of_layer(layer: usize, bytes: &[u8], is_deflated: bool) -> Option<Self> {
        match Self::of_bytes(bytes) {
            None if layer == 0 && is_deflated && bytes.first() == Some(&0x78) => Some(Self::Zlib),
            None if layer == 0 && is_deflated && !is_text(bytes) => Some(Self::Deflate),
            found => found,
        }
    }

    /// What the first bytes say. Without a header `x^` is left alone, since a text may begin so.
    fn of_bytes(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0x1f, 0x8b, 8, ..] => Some(Self::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Self::Zstd),
            [0x78, 0x01 | 0x9c | 0xda, ..] => Some(Self::Zlib),
            _ => None,
        }
    }
}

/// The plain bytes of `body`, at most `limit` of them. `header` is its `Content-Encoding`.
///
/// # Errors
/// If there are more of them, if it is packed in an unknown way, or damaged.
pub fn unpack<'b>(
    body: &'b [u8],
    header: Option<&str>,
    limit: usize,
) -> Result<Cow<'b, [u8]>, BodyError> {
    let is_deflated = check_header(header.unwrap_or_default(), body)?;
    let mut plain = Cow::Borrowed(body);
    for layer in 0..MAX_LAYERS {
        let Some(packing) = Packing::of_layer(layer, &plain, is_deflated) else {
            break;
        };
        plain = Cow::Owned(unpack_layer(&plain, packing, limit)?);
    }
    if plain.len() > limit {
        return Err(BodyError::TooLarge { limit });
    }
    Ok(plain)
}

/// The first plain bytes of `body`, about `limit` of them; fewer if it is damaged, and none if it
/// is packed in an unknown way.
pub(super) fn unpack_head(body: &[u8], header: Option<&str>, limit: usize) -> Vec<u8> {
    let Ok(is_deflated) = check_header(header.unwrap_or_default(), body) else {
        return Vec::new();
    };
    let mut head = Cow::Borrowed(body);
    for layer in 0..MAX_LAYERS {
        let Some(packing) = Packing::of_layer(layer, &head, is_deflated) else {
            break;
        };
        head = Cow::Owned(read_layer(&head, packing, limit).0);
    }
    head[..head.len().min(limit)].to_vec()
}

/// Whether the header says `deflate`. An encoding that is not known is an error only where
/// `body` does not say itself what it is.
fn check_header(header: &str, body: &[u8]) -> Result<bool, BodyError> {
    let mut is_deflated = false;
    for name in header.split(',').map(str::trim) {
        match name.to_ascii_lowercase().as_str() {
            "" | "identity" | "none" | "gzip" | "x-gzip" | "zstd" => {}
            "deflate" | "x-deflate" | "zlib" => is_deflated = true,
            _ if Packing::of_bytes(body).is_some() => {}
            _ => return Err(BodyError::unknown_encoding(name)),
        }
    }
    Ok(is_deflated)
}

/// Whether `bytes` can be a text: what is deflated begins with an unprintable byte, unless it
/// is stored as it was or very short.
fn is_text(bytes: &[u8]) -> bool {
    let head = &bytes[..bytes.len().min(64)];
    head.iter()
        .all(|byte| matches!(byte, b' '..=b'~' | b'\t' | b'\r' | b'\n' | 0x80..))
}

fn unpack_layer(packed: &[u8], packing: Packing, limit: usize) -> Result<Vec<u8>, BodyError> {
    // One byte more than allowed tells.
    match read_layer(packed, packing, limit.saturating_add(1)) {
        (plain, Ok(_)) if plain.len() > limit => Err(BodyError::TooLarge { limit }),
        (plain, Ok(_)) => Ok(plain),
        (_, Err(_)) => Err(BodyError::Damaged(packing.name())),
    }
}

/// The first plain bytes, at most `limit`, and whether they could all be read.
fn read_layer(packed: &[u8], packing: Packing, limit: usize) -> (Vec<u8>, io::Result<usize>) {
    let expected = packed.len().saturating_mul(USUAL_RATIO).min(limit);
    let mut plain = Vec::with_capacity(expected);
    let mut read = |unpacked: &mut dyn Read| unpacked.take(limit as u64).read_to_end(&mut plain);
    let result = match packing {
        Packing::Gzip => read(&mut flate2::bufread::MultiGzDecoder::new(packed)),
        Packing::Zlib => read(&mut flate2::bufread::ZlibDecoder::new(packed)),
        Packing::Deflate => read(&mut flate2::bufread::DeflateDecoder::new(packed)),
        Packing::Zstd => open_zstd(packed).and_then(|mut unpacked| read(&mut unpacked)),
    };
    (plain, result)
}

fn open_zstd(packed: &[u8]) -> io::Result<zstd::Decoder<'static, &[u8]>> {
    let mut unpacked = zstd::Decoder::with_buffer(packed)?;
    unpacked.window_log_max(ZSTD_WINDOW)?;
    Ok(unpacked)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use proptest::prelude::*;

    use super::*;

    const LIMIT: usize = 1 << 20;

    fn pack(packing: Packing, plain: &[u8]) -> Vec<u8> {
        let level = Compression::default();
        match packing {
            Packing::Gzip => {
                let mut packer = GzEncoder::new(Vec::new(), level);
                packer.write_all(plain).unwrap();
                packer.finish().unwrap()
            }
            Packing::Zlib => {
                let mut packer = ZlibEncoder::new(Vec::new(), level);
                packer.write_all(plain).unwrap();
                packer.finish().unwrap()
            }
            Packing::Deflate => {
                let mut packer = DeflateEncoder::new(Vec::new(), level);
                packer.write_all(plain).unwrap();
                packer.finish().unwrap()
            }
            Packing::Zstd => zstd::encode_all(plain, 3).unwrap(),
        }
    }

    const ALL: [Packing; 4] = [
        Packing::Gzip,
        Packing::Zlib,
        Packing::Deflate,
        Packing::Zstd,
    ];

    #[test]
    fn a_body_is_unpacked_whatever_its_header_says_or_forgets() {
        let plain = b"{\"a\":1}\n".repeat(100);
        for packing in [Packing::Gzip, Packing::Zlib, Packing::Zstd] {
            let packed = pack(packing, &plain);
            for header in [
                None,
                Some("gzip"),
                Some("identity"),
                Some("deflate"),
                Some("br"),
            ] {
                assert_eq!(
                    *unpack(&packed, header, LIMIT).unwrap(),
                    *plain,
                    "{packing:?}"
                );
            }
        }
        for header in [
            None,
            Some(""),
            Some("gzip"),
            Some(" GZIP , zstd"),
            Some("deflate"),
        ] {
            assert_eq!(*unpack(&plain, header, LIMIT).unwrap(), *plain);
        }
        let packed = pack(Packing::Deflate, &plain);
        assert_eq!(*unpack(&packed, Some("deflate"), LIMIT).unwrap(), *plain);
        let twice = pack(Packing::Gzip, &pack(Packing::Zstd, &plain));
        assert_eq!(*unpack(&twice, Some("zstd, gzip"), LIMIT).unwrap(), *plain);
        let members = [pack(Packing::Gzip, b"a\n"), pack(Packing::Gzip, b"b\n")].concat();
        assert_eq!(*unpack(&members, None, LIMIT).unwrap(), *b"a\nb\n");
    }

    #[test]
    fn what_cannot_be_unpacked_says_so() {
        let error = unpack(b"{}", Some("br\u{1b}"), LIMIT).unwrap_err();
        assert_eq!(error, BodyError::UnknownEncoding("br\\u{1b}".to_owned()));
        for packing in ALL {
            let packed = pack(packing, &b"a line of a log\n".repeat(100));
            let cut = &packed[..packed.len() / 2];
            assert_eq!(
                unpack(cut, Some("deflate"), LIMIT).unwrap_err(),
                BodyError::Damaged(packing.name())
            );
        }
    }

    #[test]
    fn a_bomb_is_too_large() {
        let plain = vec![b'a'; 8 * LIMIT];
        for packing in ALL {
            let packed = pack(packing, &plain);
            assert!(packed.len() < LIMIT / 10);
            let error = unpack(&packed, Some("deflate"), LIMIT).unwrap_err();
            assert_eq!(error, BodyError::TooLarge { limit: LIMIT }, "{packing:?}");
        }
        let error = unpack(&plain, None, LIMIT).unwrap_err();
        assert_eq!(error, BodyError::TooLarge { limit: LIMIT });
        assert_eq!(unpack(&plain[..LIMIT], None, LIMIT).unwrap().len(), LIMIT);
    }

    #[test]
    fn a_window_that_would_take_much_memory_is_not_opened() {
        let mut packer = zstd::Encoder::new(Vec::new(), 3).unwrap();
        packer.window_log(27).unwrap();
        packer.write_all(&vec![b'a'; 1 << 24]).unwrap();
        let packed = packer.finish().unwrap();
        assert!(unpack(&packed, None, LIMIT).is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(
            bytes in proptest::collection::vec(any::<u8>(), 0..300),
            header in proptest::sample::select(&["", "gzip", "deflate", "zstd", "br"][..]),
        ) {
            if let Ok(plain) = unpack(&bytes, Some(header), 1_000) {
                prop_assert!(plain.len() <= 1_000);
            }
        }

        #[test]
        fn what_was_packed_comes_back(
            plain in "[ -~\n]{0,400}",
            packing in proptest::sample::select(&ALL[..]),
        ) {
            let packed = pack(packing, plain.as_bytes());
            let header = (packing == Packing::Deflate).then_some("deflate");
            // What is deflated may look like a text if it is but some letters.
            if packing != Packing::Deflate || !is_text(&packed) {
                prop_assert_eq!(&*unpack(&packed, header, LIMIT).unwrap(), plain.as_bytes());
            }
        }
    }

    #[test]
    fn the_head_of_a_body_is_read_however_it_is_packed_and_though_it_is_cut_off() {
        let plain: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
        let head = &plain[..1_000];
        assert_eq!(unpack_head(&plain, None, 1_000), head);
        let packed = pack(Packing::Gzip, &plain);
        assert_eq!(unpack_head(&packed, None, 1_000), head);
        assert_eq!(unpack_head(&packed[..packed.len() / 2], None, 1_000), head);
        let twice = pack(Packing::Zstd, &packed);
        assert!(head.starts_with(&unpack_head(&twice, None, 1_000)));
        assert!(unpack_head(&twice, None, 1_000).len() > 100);
        assert_eq!(unpack_head(&plain, Some("br"), 1_000), b"");
    }
}

//! The texts of user agents as they are stored: compressed with what most of them have in common,
//! which leaves less than half. There are tens of thousands at most sites, and no two are alike.

use std::cell::RefCell;
use std::sync::LazyLock;

use zstd::bulk::{Compressor, Decompressor};
use zstd::dict::{DecoderDictionary, EncoderDictionary};

use super::bytes::Malformed;

/// What user agents are made of, the most frequent last. Part of the format: never changed.
const COMMON: &[u8] = b"Opera/9.80 (Windows NT 6.1) Presto/2.12.388 Version/12.16\
Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 5.1; .NET CLR 2.0.50727; .NET CLR 3.0.30729; .NET4.0C)\
Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1; WOW64; Trident/5.0)\
Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko\
 WordPress/4.5; http://www. (+https://bot.html) facebookexternalhit/1.1 python-requests/2.31.0\
Dalvik/2.1.0 (Linux; U; Android okhttp/4.12.0 CFNetwork/1410.0.3 Darwin/22.6.0 Go-http-client/1.1\
Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)\
Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)\
Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:109.0) Gecko/20100101 Firefox/115.0\
Mozilla/5.0 (Windows NT 6.1; WOW64; rv:45.0) Gecko/20100101 Firefox/45.0\
 [FBAN/FBIOS;FBAV/;FBBV/;FBDV/iPhone;FBMD/iPhone;FBSN/iPhone OS;FBSV/;FBSS/2;FBCR/;FBID/phone;FBLC/en_US;FBOP/5]\
Mozilla/5.0 (iPad; CPU OS 9_3_1 like Mac OS X) AppleWebKit/601.1.46 (KHTML, like Gecko) Version/9.0 Mobile/13E238 Safari/601.1\
Mozilla/5.0 (iPhone; CPU iPhone OS 17_4_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/ GSA/ Version/17.4.1 Mobile/15E148 Safari/604.1\
Mozilla/5.0 (Linux; Android 5.1.1; SM-G920F Build/LMY47X; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/43.0.2357.65 Mobile Safari/537.36\
Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36\
Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4.1 Safari/605.1.15\
Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36 OPR/109.0.0.0\
Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Ubuntu Chromium/49.0.2623.112 HeadlessChrome/ Safari/537.36\
Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36 Edg/124.0.0.0";

/// Every frame begins with it, so that it is not stored.
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];

/// How hard they are compressed: 9 takes half as long again and saves 1%.
const LEVEL: i32 = 4;

/// No text is longer.
const MAX_BYTES: usize = 1 << 20;

static ENCODER: LazyLock<EncoderDictionary<'static>> =
    LazyLock::new(|| EncoderDictionary::copy(COMMON, LEVEL));
static DECODER: LazyLock<DecoderDictionary<'static>> =
    LazyLock::new(|| DecoderDictionary::copy(COMMON));

/// Writes texts, one after the other.
pub(crate) struct TextPacker(Compressor<'static>);

impl TextPacker {
    pub(crate) fn new() -> Self {
        let compressor = Compressor::with_prepared_dictionary(&ENCODER);
        Self(compressor.expect("a dictionary made here is one"))
    }

    pub(crate) fn pack(&mut self, text: &str) -> Vec<u8> {
        let packed = self.0.compress(text.as_bytes());
        let packed = packed.expect("compressing into a vector cannot fail");
        packed[MAGIC.len()..].to_vec()
    }
}

/// Reads what [`TextPacker::pack`] wrote.
pub(crate) fn unpack_text(bytes: &[u8]) -> Result<String, Malformed> {
    let frame = [&MAGIC[..], bytes].concat();
    let length = zstd::zstd_safe::get_frame_content_size(&frame).map_err(|_| Malformed)?;
    let length = length.and_then(|length| usize::try_from(length).ok());
    let length = length
        .filter(|length| *length <= MAX_BYTES)
        .ok_or(Malformed)?;
    thread_local! {
        // Making one takes longer than a text does.
        static UNPACKER: RefCell<Decompressor<'static>> = RefCell::new(
            Decompressor::with_prepared_dictionary(&DECODER).expect("a dictionary made here is one"),
        );
    }
    let text = UNPACKER.with_borrow_mut(|unpacker| unpacker.decompress(&frame, length));
    let text = text.map_err(|_| Malformed)?;
    String::from_utf8(text).map_err(|_| Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_usual_text_takes_less_than_half() {
        let text = "Mozilla/5.0 (Windows NT 6.3; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) \
                    Chrome/50.0.2661.75 Safari/537.36";
        let packed = TextPacker::new().pack(text);
        assert!(packed.len() * 2 < text.len(), "{}", packed.len());
        assert_eq!(unpack_text(&packed).unwrap(), text);
    }

    proptest! {
        #[test]
        fn any_text_comes_back(texts in prop::collection::vec(any::<String>(), 0..5)) {
            let mut packer = TextPacker::new();
            for text in texts {
                prop_assert_eq!(unpack_text(&packer.pack(&text)), Ok(text));
            }
        }

        #[test]
        fn damaged_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let _ = unpack_text(&bytes);
        }
    }
}

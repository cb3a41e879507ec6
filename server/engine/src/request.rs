//! Requests as the engine takes them: normalised, columnar, with every text stored once.
//! Not the log formats (the server's `ingest` decodes those) and not the stored form.

use std::net::{IpAddr, Ipv6Addr};
use std::ops::Range;

use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use serde::{Deserialize, Serialize};

/// A text of a [`Batch`]. Zero is the empty text, which also stands for "not in the log".
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct TextId(pub u32);

impl TextId {
    /// The empty text.
    pub const EMPTY: Self = Self(0);
}

/// The texts of a batch, in order of first appearance: each once where they were interned, while
/// those that were pushed may repeat.
#[derive(Debug, Clone, Default)]
pub struct Texts {
    bytes: String,
    /// `ends[i]` is where text `i + 1` ends; text 0 is empty and not listed.
    ends: Vec<u32>,
    /// Finds texts once one is interned. What is only read needs none.
    index: HashTable<u32>,
    /// So many texts are in the index, or repeat one that is.
    indexed: usize,
}

impl Texts {
    /// Stores `text` if it is new and returns its number; the first one of a text that repeats.
    pub fn intern(&mut self, text: &str) -> TextId {
        if text.is_empty() {
            return TextId::EMPTY;
        }
        self.index_pushed();
        let (bytes, ends) = (&self.bytes, &self.ends);
        let found = self.index.entry(
            hash_text(text),
            |id| slice(bytes, ends, *id) == text,
            |id| hash_text(slice(bytes, ends, *id)),
        );
        match found {
            Entry::Occupied(found) => TextId(*found.get()),
            Entry::Vacant(place) => {
                let id = add(&mut self.bytes, &mut self.ends, text);
                place.insert(id);
                self.indexed += 1;
                TextId(id)
            }
        }
    }

    /// Stores `text` whether it is new or not, which is faster, and returns its number.
    pub fn push(&mut self, text: &str) -> TextId {
        if text.is_empty() {
            return TextId::EMPTY;
        }
        TextId(add(&mut self.bytes, &mut self.ends, text))
    }

    /// Puts into the index what was pushed.
    fn index_pushed(&mut self) {
        let (bytes, ends) = (&self.bytes, &self.ends);
        for id in (1u32..).take(ends.len()).skip(self.indexed) {
            let text = slice(bytes, ends, id);
            let place = self.index.entry(
                hash_text(text),
                |known| slice(bytes, ends, *known) == text,
                |known| hash_text(slice(bytes, ends, *known)),
            );
            place.or_insert(id);
        }
        self.indexed = ends.len();
    }

    /// Makes room for so many more texts, of so many bytes together.
    pub fn reserve(&mut self, texts: usize, bytes: usize) {
        self.bytes.reserve(bytes);
        self.ends.reserve(texts);
    }

    /// Gives back what is of use only while more come.
    fn trim(&mut self) {
        self.bytes.shrink_to_fit();
        self.ends.shrink_to_fit();
        self.index = HashTable::new();
        self.indexed = 0;
    }

    /// The text with this number; empty if there is none.
    #[must_use]
    pub fn get(&self, id: TextId) -> &str {
        if id.0 == 0 || id.0 as usize > self.ends.len() {
            return "";
        }
        slice(&self.bytes, &self.ends, id.0)
    }

    /// How many texts there are, the empty one included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len() + 1
    }

    /// Whether only the empty text is there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Bytes of text held.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.bytes.len()
    }
}

fn add(bytes: &mut String, ends: &mut Vec<u32>, text: &str) -> u32 {
    bytes.push_str(text);
    ends.push(u32::try_from(bytes.len()).expect("a batch holds less than 4 GB of text"));
    u32::try_from(ends.len()).expect("fewer texts than bytes")
}

fn slice<'a>(bytes: &'a str, ends: &[u32], id: u32) -> &'a str {
    let index = id as usize - 1;
    let start = if index == 0 {
        0
    } else {
        ends[index - 1] as usize
    };
    &bytes[start..ends[index] as usize]
}

fn hash_text(text: &str) -> u64 {
    use std::hash::Hasher;
    let mut hasher = rustc_hash::FxHasher::default();
    hasher.write(text.as_bytes());
    hasher.finish()
}

/// A source address: an IPv6 address, IPv4 as `::ffff:a.b.c.d`. Zero is "unknown".
// Whatever holds one would be rounded up to 16 bytes, of which there are very many.
#[repr(C, packed(8))]
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct Address(pub u128);

impl Address {
    /// What an address is judged as: an IPv4 address itself, of an IPv6 address its /64.
    #[must_use]
    pub fn block(self) -> Self {
        if self.0 >> 32 == 0xffff {
            self
        } else {
            Self(self.0 >> 64 << 64)
        }
    }
}

impl From<IpAddr> for Address {
    fn from(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(v4) => Self(u128::from(v4.to_ipv6_mapped())),
            IpAddr::V6(v6) => Self(u128::from(v6)),
        }
    }
}

impl From<Address> for IpAddr {
    fn from(address: Address) -> Self {
        Ipv6Addr::from(address.0).to_canonical()
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0 == 0 {
            return f.write_str("-");
        }
        write!(f, "{}", IpAddr::from(*self))
    }
}

/// One HTTP request with its response's metadata. Texts are numbers into the batch's [`Texts`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Request {
    /// When, in milliseconds since 1970-01-01 UTC.
    pub at: i64,
    /// From where.
    pub address: Address,
    /// Hash of the session key's value ([`crate::attribute::hash_session_key`]); 0 if none. As
    /// stored, that of the usual names; [`crate::attribute::resolve_keys`] puts that of the
    /// application's settings in its place.
    pub session_key: u64,
    /// Response bytes; `None` where the log has none.
    pub response_bytes: Option<u64>,
    /// Request bytes; `None` where the log has none.
    pub request_bytes: Option<u64>,
    /// Microseconds until the response was sent; `None` where the log has none.
    pub time_us: Option<u32>,
    /// The method as logged, e.g. `GET`; what cannot be a method is empty.
    pub method: TextId,
    /// The host without port, lower case.
    pub host: TextId,
    /// The path without query. If the request line was no HTTP, the whole line.
    pub path: TextId,
    /// The query without `?`, secrets already replaced.
    pub query: TextId,
    /// The protocol, e.g. `HTTP/1.1`.
    pub protocol: TextId,
    /// The user agent.
    pub user_agent: TextId,
    /// The referring page.
    pub referer: TextId,
    /// The signed-in user.
    pub user: TextId,
    /// The user's role; empty until [`crate::attribute::resolve_keys`] finds it.
    pub role: TextId,
    /// Further headers kept, as `name: value` lines.
    pub headers: TextId,
    /// What else may be a session key, user or role, as `source=value` lines; secrets are
    /// keyed hashes.
    pub facts: TextId,
    /// The response status; 0 where the log has none.
    pub status: u16,
    /// Whether the log says that the request was blocked.
    pub blocked: bool,
    /// The place of the session key's source in the settings, from 1; 0 if there is none, or
    /// before [`crate::attribute::resolve_keys`].
    pub key_source: u8,
}

/// Requests of one source, in the order in which they came.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// Tells sources apart, the same whenever the same source is read (a fingerprint of a
    /// file's beginning). Orders requests of one client at the same moment.
    pub source: u64,
    /// The source's timestamp resolution in milliseconds: 1000 for whole seconds.
    pub resolution_ms: u32,
    /// The requests.
    pub requests: Vec<Request>,
    /// Their texts.
    pub texts: Texts,
}

impl Request {
    /// Whether nothing is left of it but its moment: retention or an erasure emptied it, so that
    /// the others of its segment keep their numbers. It is nobody's request.
    #[must_use]
    pub fn is_emptied(&self) -> bool {
        *self == self.emptied()
    }

    /// The same with nothing left but its moment.
    #[must_use]
    pub fn emptied(&self) -> Self {
        Self {
            at: self.at,
            ..Self::default()
        }
    }
}

impl Batch {
    /// The text of `id`; see [`Texts::get`].
    #[must_use]
    pub fn text(&self, id: TextId) -> &str {
        self.texts.get(id)
    }

    /// Gives back room that was made for more: a batch that waits takes what is in it.
    pub fn trim(&mut self) {
        self.requests.shrink_to_fit();
        self.texts.trim();
    }

    /// Adds the requests of another batch of the same source.
    pub fn append(&mut self, more: &Self) {
        self.append_rows(more, 0..more.requests.len());
    }

    /// Adds some of the requests of another batch of the same source: those in `rows`.
    pub fn append_rows(&mut self, more: &Self, rows: Range<usize>) {
        // By number: most texts are in many requests.
        let mut places: Vec<Option<TextId>> = vec![None; more.texts.len()];
        let mut place = |id: TextId| {
            *places[id.0 as usize].get_or_insert_with(|| self.texts.intern(more.text(id)))
        };
        self.requests
            .extend(more.requests[rows].iter().map(|request| Request {
                method: place(request.method),
                host: place(request.host),
                path: place(request.path),
                query: place(request.query),
                protocol: place(request.protocol),
                user_agent: place(request.user_agent),
                referer: place(request.referer),
                user: place(request.user),
                role: place(request.role),
                headers: place(request.headers),
                facts: place(request.facts),
                ..*request
            }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_stored_once() {
        let mut texts = Texts::default();
        let a = texts.intern("/a");
        assert_eq!(texts.intern("/b"), TextId(2));
        assert_eq!(texts.intern("/a"), a);
        assert_eq!(texts.intern(""), TextId::EMPTY);
        assert_eq!((texts.get(a), texts.get(TextId(2))), ("/a", "/b"));
        assert_eq!(texts.get(TextId(99)), "");
        assert_eq!(texts.len(), 3);
    }

    #[test]
    fn a_text_that_was_pushed_is_found_by_the_first_who_interns_it() {
        let mut texts = Texts::default();
        let pushed = ["/a", "", "/b", "/a"].map(|text| texts.push(text));
        assert_eq!(pushed, [1, 0, 2, 3].map(TextId));
        assert_eq!(texts.intern("/b"), TextId(2));
        assert_eq!(texts.intern("/a"), TextId(1));
        assert_eq!(texts.intern("/c"), TextId(4));
        assert_eq!(
            (texts.push("/c"), texts.intern("/c")),
            (TextId(5), TextId(4))
        );
        assert_eq!(texts.intern("/d"), TextId(6));
        assert_eq!((texts.get(TextId(3)), texts.get(TextId(6))), ("/a", "/d"));
    }

    #[test]
    fn a_batch_that_takes_in_another_says_the_same() {
        let of = |paths: &[&str]| {
            let mut batch = Batch::default();
            for path in paths {
                let path = batch.texts.intern(path);
                batch.requests.push(Request {
                    path,
                    ..Request::default()
                });
            }
            batch
        };
        let mut batch = of(&["/a", "/b"]);
        batch.append(&of(&["/c", "/b", ""]));
        let paths: Vec<_> = batch
            .requests
            .iter()
            .map(|request| batch.text(request.path))
            .collect();
        assert_eq!(paths, ["/a", "/b", "/c", "/b", ""]);
        assert_eq!(batch.texts.len(), 4);
    }

    #[test]
    fn an_ipv6_address_is_judged_by_its_64_and_an_ipv4_address_alone() {
        let v6 = Address::from("2001:db8:1:2:3:4:5:6".parse::<IpAddr>().unwrap());
        assert_eq!(v6.block().to_string(), "2001:db8:1:2::");
        let v4 = Address::from("192.0.2.7".parse::<IpAddr>().unwrap());
        assert_eq!(v4.block(), v4);
        assert_eq!(v4.to_string(), "192.0.2.7");
    }
}

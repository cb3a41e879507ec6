//! What an endpoint is for, by built-in rules over method and path. Not the traffic's own
//! evidence (what is critical to one application) and not what a tenant configures.

mod names;
mod rules;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use shared::EndpointTag;

/// A set of [`EndpointTag`]s.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Tags(u8);

impl Tags {
    /// No tag.
    pub const NONE: Self = Self(0);

    /// The set from its stored form; bits that mean nothing are dropped.
    #[must_use]
    pub const fn from_bits(bits: u8) -> Self {
        Self(bits & ((1 << EndpointTag::ALL.len()) - 1))
    }

    /// The set's stored form: bit `n` is the `n`th of [`EndpointTag::ALL`].
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.0
    }

    /// Whether `tag` is in the set.
    #[must_use]
    pub const fn contains(self, tag: EndpointTag) -> bool {
        self.0 & (1 << tag as u8) != 0
    }

    /// Adds `tag`.
    pub const fn insert(&mut self, tag: EndpointTag) {
        self.0 |= 1 << tag as u8;
    }

    /// Whether no tag is in the set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The tags in the set, in the vocabulary's order.
    pub fn iter(self) -> impl Iterator<Item = EndpointTag> {
        EndpointTag::ALL
            .iter()
            .copied()
            .filter(move |tag| self.contains(*tag))
    }
}

impl FromIterator<EndpointTag> for Tags {
    fn from_iter<I: IntoIterator<Item = EndpointTag>>(tags: I) -> Self {
        let mut set = Self::NONE;
        for tag in tags {
            set.insert(tag);
        }
        set
    }
}

/// The tags of a request's endpoint. `path` may be the path asked for or its template.
#[must_use]
pub fn tags(method: &str, path: &str) -> Tags {
    let path = rules::Path::parse(path);
    let reads = matches!(method, "GET" | "HEAD" | "");
    let mut tags = Tags::NONE;
    // A file of a static kind is that and nothing else, wherever it lies: the style sheet of
    // an admin panel is asked for by everyone who sees its sign-in page.
    if reads && path.is_static() {
        tags.insert(EndpointTag::Static);
        return tags;
    }
    if path.is_health_check() {
        tags.insert(EndpointTag::HealthCheck);
        return tags;
    }
    if path.is_sensitive() {
        tags.insert(EndpointTag::Sensitive);
    }
    if path.is_authentication(reads) {
        tags.insert(EndpointTag::Authentication);
    }
    if path.is_business_critical(reads) {
        tags.insert(EndpointTag::BusinessCritical);
    }
    tags
}

/// Whether a request submits credentials: it sends data to an endpoint where one signs in,
/// gets a token, or sets a password. Signing up and signing out are not attempts. Sign-ins
/// that hide in headers (HTTP basic) or in a page's own address cannot be seen from here.
#[must_use]
pub fn is_authentication_attempt(method: &str, path: &str) -> bool {
    matches!(method, "POST" | "PUT" | "PATCH") && rules::Path::parse(path).takes_credentials()
}

/// The kinds of static files, each with one template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::attribute) enum StaticKind {
    Style,
    Script,
    SourceMap,
    Image,
    Font,
    Media,
}

impl StaticKind {
    const ALL: [Self; 6] = [
        Self::Style,
        Self::Script,
        Self::SourceMap,
        Self::Image,
        Self::Font,
        Self::Media,
    ];

    /// The template that all files of the kind fold to.
    pub(in crate::attribute) const fn template(self) -> &'static str {
        match self {
            Self::Style => "*.css",
            Self::Script => "*.js",
            Self::SourceMap => "*.map",
            Self::Image => "*.image",
            Self::Font => "*.font",
            Self::Media => "*.media",
        }
    }

    /// The kind whose template `text` is.
    pub(in crate::attribute) fn of_template(text: &str) -> Option<Self> {
        let is_template = text.starts_with('*');
        Self::ALL
            .into_iter()
            .find(|kind| is_template && kind.template() == text)
    }

    /// The kind of a file by its extension. Names that are nothing but an extension
    /// (`/.css`) are no files.
    pub(in crate::attribute) fn of_file(name: &[u8]) -> Option<Self> {
        let dot = memchr::memrchr(b'.', name)?;
        let extension = &name[dot + 1..];
        if dot == 0 || extension.len() > 6 {
            return None;
        }
        let mut lower = [0; 6];
        let lower = &mut lower[..extension.len()];
        lower.copy_from_slice(extension);
        lower.make_ascii_lowercase();
        match &*lower {
            b"css" | b"less" | b"scss" => Some(Self::Style),
            b"js" | b"mjs" | b"cjs" | b"wasm" => Some(Self::Script),
            b"map" => Some(Self::SourceMap),
            b"png" | b"jpg" | b"jpeg" | b"gif" | b"webp" | b"avif" | b"svg" | b"ico" | b"bmp"
            | b"tif" | b"tiff" | b"cur" => Some(Self::Image),
            b"woff" | b"woff2" | b"ttf" | b"otf" | b"eot" => Some(Self::Font),
            b"mp4" | b"webm" | b"mp3" | b"ogg" | b"ogv" | b"wav" | b"m4a" | b"m4v" | b"mov"
            | b"avi" | b"flv" | b"swf" | b"m3u8" | b"ts" => Some(Self::Media),
            _ => None,
        }
    }
}

//! The rules behind [`super::tags`]. Segments are compared as words, so that `sign-in`,
//! `sign_in`, `signIn` and `signin.php` are one name, and `/blog/how-i-sign-in-to-my-bank` is
//! none. The names themselves are in [`super::names`].

use super::StaticKind;
use super::names::{
    BUSINESS, BUSINESS_WORD, COMPANION, HEALTH, Meaning, PAGES, PASSWORD, SENSITIVE,
    SENSITIVE_EXTENSIONS, SESSION, SIGN_IN, SIGN_IN_WORD, SIGN_OUT, SIGN_UP, SUBMISSION, TOKEN,
    TOKEN_PARENT, meaning,
};
use crate::attribute::template::{without_parameters, without_query};

/// How many segments are looked at, from the front. Deeper ones name things, not functions.
const MAX_SEGMENTS: usize = 12;

/// A longer segment is a text, not a name.
const MAX_NAME: usize = 48;

/// More words than that are a sentence, not a name.
const MAX_WORDS: usize = 4;

/// A path, taken apart.
pub(super) struct Path<'a> {
    /// The segments as they are, without path parameters.
    segments: Vec<Segment<'a>>,
}

/// One segment.
struct Segment<'a> {
    text: &'a str,
    /// What it means as a whole, or by the one word in it that matters; 0 if it is no name.
    meaning: Meaning,
}

impl<'a> Segment<'a> {
    fn parse(text: &'a str) -> Self {
        let meaning = if text.len() <= MAX_NAME {
            meaning_of(without_page_extension(text))
        } else {
            0
        };
        Self { text, meaning }
    }

    fn is(&self, meaning: Meaning) -> bool {
        self.meaning & meaning != 0
    }

    fn is_text(&self, text: &str) -> bool {
        self.text.eq_ignore_ascii_case(text)
    }

    /// The extension in lower case is one of `extensions`.
    fn has_extension(&self, extensions: &[&str]) -> bool {
        self.text.rsplit_once('.').is_some_and(|(_, extension)| {
            extensions
                .iter()
                .any(|known| known.eq_ignore_ascii_case(extension))
        })
    }

    /// `.env`, `.git`, `.htaccess`: what a server should not show. Not `.well-known`.
    fn is_hidden(&self) -> bool {
        self.text.starts_with('.') && !matches!(self.text, "." | ".." | ".well-known")
    }
}

/// The meaning of a segment without extension, at most [`MAX_NAME`] bytes long.
fn meaning_of(stem: &str) -> Meaning {
    let mut joined = [0; MAX_NAME];
    let mut length = 0;
    let mut begins = [0; MAX_WORDS + 1];
    let mut words = 0;
    let mut previous = b'-';
    for byte in stem.bytes() {
        if byte.is_ascii_alphanumeric() {
            let is_new = !previous.is_ascii_alphanumeric()
                || (byte.is_ascii_uppercase() && previous.is_ascii_lowercase());
            if is_new {
                if words <= MAX_WORDS {
                    begins[words] = length;
                }
                words += 1;
            }
            joined[length] = byte.to_ascii_lowercase();
            length += 1;
        }
        previous = byte;
    }
    let joined = std::str::from_utf8(&joined[..length]).expect("only ASCII was put in");
    let whole = meaning(joined);
    if whole != 0 || !(2..=MAX_WORDS).contains(&words) {
        return whole;
    }
    // One word that matters, and others that only say which one or how.
    let mut matters = 0;
    for (index, begin) in begins[..words].iter().enumerate() {
        let end = if index + 1 < words {
            begins[index + 1]
        } else {
            length
        };
        let meaning = meaning(&joined[*begin..end]);
        if meaning & (SIGN_IN_WORD | BUSINESS_WORD) != 0 {
            matters |= meaning & (SIGN_IN_WORD | BUSINESS_WORD);
        } else if meaning & COMPANION == 0 {
            return 0;
        }
    }
    matters
}

fn without_page_extension(segment: &str) -> &str {
    match segment.rsplit_once('.') {
        Some((stem, extension)) if PAGES.iter().any(|p| p.eq_ignore_ascii_case(extension)) => stem,
        _ => segment,
    }
}

impl<'a> Path<'a> {
    pub(super) fn parse(path: &'a str) -> Self {
        let segments = without_query(path)
            .split('/')
            .map(without_parameters)
            .filter(|segment| !segment.is_empty())
            .take(MAX_SEGMENTS)
            .map(Segment::parse)
            .collect();
        Self { segments }
    }

    fn any(&self, meaning: Meaning) -> bool {
        self.segments.iter().any(|segment| segment.is(meaning))
    }

    fn any_pair(&self, is: impl Fn(&Segment<'_>, &Segment<'_>) -> bool) -> bool {
        self.segments.windows(2).any(|pair| is(&pair[0], &pair[1]))
    }

    pub(super) fn is_static(&self) -> bool {
        self.segments.last().is_some_and(|last| {
            StaticKind::of_template(last.text).is_some()
                || StaticKind::of_file(last.text.as_bytes()).is_some()
        })
    }

    pub(super) fn is_health_check(&self) -> bool {
        // Deep paths are content: `/blog/2015/07/ping`.
        self.segments.len() <= 3
            && self.segments.last().is_some_and(|last| {
                last.is(HEALTH) || (self.segments.len() == 1 && last.is_text("status"))
            })
    }

    pub(super) fn is_sensitive(&self) -> bool {
        let Some(last) = self.segments.last() else {
            return false;
        };
        // These two of WordPress' admin folder serve every visitor.
        if last.is_text("admin-ajax.php") || last.is_text("admin-post.php") {
            return false;
        }
        let is_tomcat_manager = self.any_pair(|parent, child| {
            parent.is_text("manager") && ["html", "text", "status"].contains(&child.text)
        });
        let is_configuration = last.has_extension(SENSITIVE_EXTENSIONS)
            || last.text.ends_with('~')
            || ["web.config", "appsettings.json", "composer.lock"]
                .iter()
                .any(|file| last.is_text(file));
        self.any(SENSITIVE)
            || self.segments.iter().any(Segment::is_hidden)
            || is_tomcat_manager
            || is_configuration
    }

    /// `reads`: the method asks and does not send.
    pub(super) fn is_authentication(&self, reads: bool) -> bool {
        self.any(SIGN_IN | SIGN_IN_WORD | PASSWORD | SIGN_UP | SIGN_OUT)
            || self.is_token()
            || (!reads && self.signs_in_when_sent_to())
    }

    pub(super) fn takes_credentials(&self) -> bool {
        let leads_elsewhere = self
            .segments
            .last()
            .is_some_and(|last| last.is(SIGN_OUT | SIGN_UP));
        !leads_elsewhere
            && (self.any(SIGN_IN | SIGN_IN_WORD | PASSWORD)
                || self.is_token()
                || self.signs_in_when_sent_to())
    }

    /// `/oauth/token`, `/account/reset`: what `token` means depends on its parent.
    fn is_token(&self) -> bool {
        self.any_pair(|parent, child| child.is(TOKEN) && parent.is(TOKEN_PARENT))
    }

    /// Endpoints that are something else when read.
    fn signs_in_when_sent_to(&self) -> bool {
        let Some(last) = self.segments.last() else {
            return false;
        };
        let is_joomla = self.segments.len() == 2
            && self.segments[0].is_text("administrator")
            && last.is_text("index.php");
        let is_session = last.is(SESSION) && self.segments.len() <= 4;
        is_joomla || is_session || last.is_text("xmlrpc.php")
    }

    /// `reads`: the method asks and does not send.
    pub(super) fn is_business_critical(&self, reads: bool) -> bool {
        self.any(BUSINESS | BUSINESS_WORD) || (!reads && self.any(SUBMISSION | SIGN_UP))
    }
}

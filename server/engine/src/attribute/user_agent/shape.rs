//! The shape of a user agent: its products and comments, and what they look like. Not what
//! the words in it mean.

use std::borrow::Cow;

/// More products than that are not looked at.
const MAX_PRODUCTS: usize = 24;

/// A product of a user agent: `Chrome/126.0.0.0`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Product<'a> {
    pub(super) name: &'a str,
    pub(super) version: &'a str,
}

impl Product<'_> {
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }

    /// The number that its version begins with.
    pub(super) fn major(&self) -> Option<u16> {
        leading_number(self.version)
    }
}

/// A user agent, taken apart: products, and the first comment.
#[derive(Debug)]
pub(super) struct Shape<'a> {
    /// The products outside comments, in order.
    pub(super) products: Vec<Product<'a>>,
    /// The first comment: the platform of a browser.
    pub(super) platform: &'a str,
    /// What stands where a browser would name itself in `(compatible; …)`.
    pub(super) compatible_name: Option<&'a str>,
    /// Whether a comment does not end.
    pub(super) is_cut: bool,
    /// Whether a browser's engine is named.
    has_engine: bool,
}

impl<'a> Shape<'a> {
    /// Takes a user agent apart. `has_engine`: it names a browser's engine somewhere.
    pub(super) fn parse(text: &'a str, has_engine: bool) -> Self {
        let mut is_cut = false;
        let mut products = Vec::with_capacity(8);
        let mut platform = None;
        let mut rest = text;
        while !rest.is_empty() && products.len() < MAX_PRODUCTS {
            rest = rest.trim_start_matches([' ', ';', ',', '\t', ')']);
            if let Some(comment) = rest.strip_prefix('(') {
                let (inside, after) = split_comment(comment).unwrap_or_else(|| {
                    is_cut = true;
                    (comment, "")
                });
                platform.get_or_insert(inside);
                rest = after;
                continue;
            }
            let end = rest.find([' ', '(', ';', ',', '\t']).unwrap_or(rest.len());
            let (token, after) = rest.split_at(end);
            if !token.is_empty() {
                let (name, version) = token.split_once('/').unwrap_or((token, ""));
                products.push(Product { name, version });
            }
            rest = after;
        }
        let platform = platform.unwrap_or_default();
        let mut shape = Self {
            has_engine,
            is_cut,
            compatible_name: None,
            products,
            platform,
        };
        shape.compatible_name = shape.find_compatible_name();
        shape
    }

    /// Whether it looks like a browser: says `Mozilla` or `Opera`, or an engine.
    pub(super) fn is_browser(&self) -> bool {
        self.has_engine || self.is_rare_browser() || self.is_netscape()
    }

    fn is_rare_browser(&self) -> bool {
        const NAMES: [&str; 18] = [
            "Lynx",
            "Links",
            "ELinks",
            "w3m",
            "NCSA_Mosaic",
            "AmigaVoyager",
            "Voyager3",
            "Dillo",
            "NetSurf",
            "UCWEB",
            "OneBrowser",
            "retawq",
            "Midori",
            "iCab",
            "Uzbl",
            "Galeon",
            "Bunjalloo",
            "HotJava",
        ];
        self.products
            .first()
            .is_some_and(|first| NAMES.iter().any(|name| first.is(name)))
    }

    /// Netscape 2 to 4: `Mozilla/4.76 [en] (X11; U; Linux …)`, not `Mozilla/4.0 (compatible…`.
    pub(super) fn is_netscape(&self) -> bool {
        let version = self.products.first().filter(|first| first.is("Mozilla"));
        version
            .and_then(Product::major)
            .is_some_and(|major| (2..=4).contains(&major))
            && self
                .platform
                .split(';')
                .any(|part| matches!(part.trim(), "I" | "U"))
    }

    /// Whether it begins as browsers do.
    pub(super) fn is_mozilla(&self) -> bool {
        self.products
            .first()
            .is_some_and(|first| first.is("Mozilla"))
    }

    pub(super) fn product(&self, name: &str) -> Option<&Product<'a>> {
        self.products.iter().find(|product| product.is(name))
    }

    /// In `Mozilla/5.0 (compatible; Name/1.0)`, the name, if no engine follows.
    fn find_compatible_name(&self) -> Option<&'a str> {
        let rest = self.platform.strip_prefix("compatible")?;
        if !self.is_mozilla() || self.has_engine {
            return None;
        }
        let name = rest
            .split(';')
            .map(str::trim)
            .find(|part| !part.is_empty())?;
        Some(name)
    }

    /// Whether it holds an address where its makers can be reached.
    pub(super) fn has_contact(&self, text: &str) -> bool {
        // Toolbars and toolkits advertised themselves in Internet Explorer's user agent.
        let is_explorer = self.platform.contains("MSIE ");
        let is_toolkit = is_explorer && text.contains("bsalsa");
        let names_address = memchr::memmem::find(text.as_bytes(), b"://").is_some();
        let names_domain = || !is_explorer && contains_domain(text);
        !is_toolkit && (names_address || contains_email(text) || names_domain())
    }

    /// Whether a program puts its name before a desktop browser's whole user agent. Apps of
    /// phones do that too.
    pub(super) fn is_prefixed(&self) -> bool {
        let is_later = self
            .products
            .iter()
            .skip(1)
            .any(|product| product.is("Mozilla"));
        let is_desktop = ["Windows NT", "Macintosh", "X11"]
            .iter()
            .any(|name| self.platform.starts_with(name));
        !self.is_mozilla() && is_later && is_desktop
    }

    /// Whether it says `Mozilla` and then only its own name: `Mozilla/5.0 (Name/1.0)`.
    pub(super) fn is_own_name_after_mozilla(&self) -> bool {
        let is_one_name = !self.platform.contains(';');
        self.is_mozilla()
            && !self.is_browser()
            && is_one_name
            && (self.products.len() > 1 || !self.platform.is_empty())
    }

    /// Whether it is the name of a program: no browser's beginning, and words that can be one.
    pub(super) fn is_program(&self) -> bool {
        !self.is_mozilla()
            && self.products.first().is_some_and(|first| {
                first.name.bytes().any(|b| b.is_ascii_alphabetic())
                    && first.name.bytes().all(|b| !b.is_ascii_control())
            })
    }

    /// The name that a program gives itself, cut and cleaned of marks. `hint`: where in the
    /// text a word stands that tells what it is.
    pub(super) fn own_name(&self, text: &str, hint: Option<usize>) -> Option<Cow<'static, str>> {
        const ENDS: [char; 7] = [' ', '(', ')', ';', ',', '+', '/'];
        let around_hint = hint.map(|at| {
            let begin = text[..at].rfind(ENDS).map_or(0, |end| end + 1);
            let end = text[at..].find(ENDS).map_or(text.len(), |end| at + end);
            &text[begin..end]
        });
        let compatible = || self.compatible_name?.split(['/', ' ']).next();
        let first = || {
            let first = self.products.first()?;
            (!first.is("Mozilla")).then_some(first.name)
        };
        let name = around_hint.or_else(compatible).or_else(first)?;
        let clean: String = name
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '!'))
            .take(40)
            .collect();
        (!clean.is_empty()).then_some(Cow::Owned(clean))
    }
}

/// A comment's inside (comments nest) and what follows it; `None` if it does not end.
fn split_comment(comment: &str) -> Option<(&str, &str)> {
    let mut depth = 1;
    for (index, byte) in comment.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((&comment[..index], &comment[index + 1..]));
        }
    }
    None
}

/// A domain by itself, in the top levels that programs use to name themselves.
fn contains_domain(text: &str) -> bool {
    const TOP: [&str; 16] = [
        "com", "org", "net", "io", "ai", "dev", "co", "eu", "de", "fr", "ru", "gy", "me", "uk",
        "app", "info",
    ];
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'.', bytes).any(|dot| {
        let label = &bytes[..dot];
        let begin = label
            .iter()
            .rposition(|b| !b.is_ascii_alphanumeric() && *b != b'-');
        let label = &label[begin.map_or(0, |at| at + 1)..];
        let rest = &bytes[dot + 1..];
        let end = rest
            .iter()
            .position(|b| !b.is_ascii_alphanumeric())
            .unwrap_or(rest.len());
        // `com.example.app.beta` names a package.
        let goes_on = matches!(rest.get(end), Some(b'.' | b'-' | b'_' | b'@'));
        let names_host = label.eq_ignore_ascii_case(b"www")
            || (!goes_on
                && TOP
                    .iter()
                    .any(|top| rest[..end].eq_ignore_ascii_case(top.as_bytes())));
        names_host && label.iter().any(u8::is_ascii_alphabetic)
    })
}

/// A name, `@`, and a domain that ends in letters (`android@111.0` does not).
fn contains_email(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'@', bytes).any(|at| {
        let named = at > 0 && bytes[at - 1].is_ascii_alphanumeric();
        let domain = text[at + 1..]
            .split(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-'))
            .next()
            .unwrap_or_default()
            .trim_end_matches('.');
        let top = domain.rsplit_once('.').map(|(_, top)| top);
        named
            && top.is_some_and(|top| top.len() >= 2 && top.bytes().all(|b| b.is_ascii_alphabetic()))
    })
}

pub(super) fn leading_number(text: &str) -> Option<u16> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    text.get(..end.min(5))?.parse().ok()
}

/// The number after `marker` in `text`.
pub(super) fn number_after(text: &str, marker: &str) -> Option<u16> {
    let (_, rest) = text.split_once(marker)?;
    leading_number(rest)
}

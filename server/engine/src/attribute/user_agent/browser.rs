//! The shape of a user agent, and the browser it claims to be: family, major version, year of
//! release. Not whether that is consistent.

use std::borrow::Cow;

/// A browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Browser {
    /// Its family, e.g. `Chrome`.
    pub family: &'static str,
    /// Its major version.
    pub version: u16,
    /// The year in which its engine was released, where known.
    pub released: Option<u16>,
}

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
    /// Whether a browser's engine is named, outside or inside the first comment.
    has_engine: bool,
}

impl<'a> Shape<'a> {
    pub(super) fn parse(text: &'a str) -> Self {
        let mut products = Vec::with_capacity(8);
        let mut platform = None;
        let mut rest = text;
        while !rest.is_empty() && products.len() < MAX_PRODUCTS {
            rest = rest.trim_start_matches([' ', ';', ',', '\t', ')']);
            if let Some(comment) = rest.strip_prefix('(') {
                let (inside, after) = split_comment(comment);
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
            has_engine: false,
            compatible_name: None,
            products,
            platform,
        };
        shape.has_engine = shape.names_engine();
        shape.compatible_name = shape.find_compatible_name();
        shape
    }

    /// Whether it looks like a browser: says `Mozilla` or `Opera`, or an engine.
    pub(super) fn is_browser(&self) -> bool {
        self.has_engine || self.is_text_browser()
    }

    fn names_engine(&self) -> bool {
        const ENGINES: [&str; 9] = [
            "AppleWebKit",
            "Gecko",
            "Presto",
            "KHTML",
            "Goanna",
            "Treco",
            "Trident",
            "Servo",
            "NetFront",
        ];
        const IN_PLATFORM: [&str; 11] = [
            "MSIE ",
            "Trident/",
            "Konqueror",
            "IEMobile",
            "IBrowse",
            "Webpositive",
            "NetPositive",
            "OmniWeb",
            "ABrowse",
            "Amiga",
            "ms-office",
        ];
        if self.products.first().is_some_and(|p| p.is("Opera")) {
            return true;
        }
        let names_mozilla = self.is_mozilla();
        self.products.iter().any(|product| {
            ENGINES.iter().any(|engine| product.is(engine)) || (names_mozilla && product.is("Nav"))
        }) || IN_PLATFORM.iter().any(|name| self.platform.contains(name))
    }

    fn is_text_browser(&self) -> bool {
        const TEXT: [&str; 14] = [
            "Lynx",
            "Links",
            "ELinks",
            "w3m",
            "NCSA_Mosaic",
            "IBrowse",
            "AmigaVoyager",
            "Amiga-AWeb",
            "Voyager3",
            "Dillo",
            "NetSurf",
            "UCWEB",
            "OneBrowser",
            "retawq",
        ];
        self.products
            .first()
            .is_some_and(|first| TEXT.iter().any(|name| first.is(name)))
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
        // A toolkit for apps with an embedded Internet Explorer advertises itself there.
        let is_toolkit = || self.has_engine && text.contains("bsalsa");
        (contains_address(text) || contains_email(text)) && !is_toolkit()
    }

    /// Whether it is the name of a program: no browser's beginning, and words that can be one.
    pub(super) fn is_program(&self) -> bool {
        !self.is_mozilla()
            && self.products.first().is_some_and(|first| {
                first.name.bytes().any(|b| b.is_ascii_alphabetic())
                    && first.name.bytes().all(|b| !b.is_ascii_control())
            })
    }

    /// The name that a program gives itself, cut and cleaned of marks.
    pub(super) fn own_name(&self, text: &str) -> Option<Cow<'static, str>> {
        let hints = ["bot", "crawl", "spider"];
        let lower_has_hint = |name: &str| {
            let lower = name.to_ascii_lowercase();
            hints.iter().any(|hint| lower.contains(hint))
        };
        let words = || text.split([' ', '(', ')', ';', ',', '+', '/']);
        let name = self
            .compatible_name
            .map(|name| name.split(['/', ' ']).next().unwrap_or_default())
            .or_else(|| words().find(|word| lower_has_hint(word)))
            .or_else(|| {
                let first = self.products.first()?;
                (!first.is("Mozilla")).then_some(first.name)
            })?;
        let clean: String = name
            .chars()
            .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '!'))
            .take(40)
            .collect();
        (!clean.is_empty()).then_some(Cow::Owned(clean))
    }
}

/// A comment's inside (comments nest) and what follows it.
fn split_comment(comment: &str) -> (&str, &str) {
    let mut depth = 1;
    for (index, byte) in comment.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return (&comment[..index], &comment[index + 1..]);
        }
    }
    (comment, "")
}

fn contains_address(text: &str) -> bool {
    let lower = |window: &[u8], with: &str| window.eq_ignore_ascii_case(with.as_bytes());
    let bytes = text.as_bytes();
    memchr::memmem::find(bytes, b"://").is_some()
        || bytes.windows(4).any(|window| lower(window, "www."))
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

/// The browser that a user agent claims to be.
pub(super) fn find(shape: &Shape<'_>) -> Option<Browser> {
    if !shape.is_browser() {
        return None;
    }
    // Browsers on Chrome's engine name themselves beside it; the engine tells their age.
    const ON_CHROME: [(&str, &str); 12] = [
        ("Edg", "Edge"),
        ("EdgA", "Edge"),
        ("OPR", "Opera"),
        ("SamsungBrowser", "Samsung Internet"),
        ("YaBrowser", "Yandex Browser"),
        ("Vivaldi", "Vivaldi"),
        ("Whale", "Whale"),
        ("UCBrowser", "UC Browser"),
        ("MiuiBrowser", "MIUI Browser"),
        ("HuaweiBrowser", "Huawei Browser"),
        ("DuckDuckGo", "DuckDuckGo"),
        ("QQBrowser", "QQ Browser"),
    ];
    let chrome = shape
        .product("Chrome")
        .or_else(|| shape.product("Chromium"))
        .or_else(|| shape.product("HeadlessChrome"))
        .and_then(Product::major);
    if let Some(edge) = shape.product("Edge").and_then(Product::major) {
        return Some(browser("Edge", edge, year(EDGE_LEGACY, edge)));
    }
    if let Some(engine) = chrome {
        let released = year(CHROME, engine);
        let named = ON_CHROME.iter().find_map(|(token, family)| {
            let version = shape.product(token)?.major()?;
            Some(browser(family, version, released))
        });
        return named.or(Some(browser("Chrome", engine, released)));
    }
    if let Some(version) = shape.product("CriOS").and_then(Product::major) {
        return Some(browser("Chrome", version, year(CHROME, version)));
    }
    if let Some(version) = shape.product("FxiOS").and_then(Product::major) {
        return Some(browser("Firefox", version, None));
    }
    if let Some(version) = shape.product("Firefox").and_then(Product::major) {
        return Some(browser("Firefox", version, year(FIREFOX, version)));
    }
    if shape
        .products
        .first()
        .is_some_and(|first| first.is("Opera"))
    {
        let version = shape
            .product("Version")
            .or(shape.products.first())
            .and_then(Product::major)?;
        return Some(browser("Opera", version, year(OPERA, version)));
    }
    let explorer = number_after(shape.platform, "MSIE ").or_else(|| {
        shape
            .platform
            .contains("Trident/7")
            .then(|| number_after(shape.platform, "rv:"))?
    });
    if let Some(version) = explorer {
        // In compatibility view it says 7; the engine tells which it is.
        let engine = number_after(shape.platform, "Trident/").map_or(version, |n| n + 4);
        return Some(browser("Internet Explorer", engine, year(EXPLORER, engine)));
    }
    let is_android = shape.platform.contains("Android");
    let webkit = shape.product("AppleWebKit")?;
    let version = shape
        .product("Version")
        .and_then(Product::major)
        .or_else(|| number_after(shape.platform, " OS "));
    match version {
        Some(version) if is_android => Some(browser("Android Browser", version, None)),
        Some(version) => Some(browser("Safari", version, year(SAFARI, version))),
        None => webkit.major().map(|_| browser("WebKit", 0, None)),
    }
}

fn browser(family: &'static str, version: u16, released: Option<u16>) -> Browser {
    Browser {
        family,
        version,
        released,
    }
}

/// First major version of each year, in order; `None` before the first and far beyond the
/// last.
fn year(firsts: &[(u16, u16)], version: u16) -> Option<u16> {
    let last = firsts.last()?.0;
    if version > last.saturating_add(30) {
        return None;
    }
    firsts
        .iter()
        .rev()
        .find(|(first, _)| *first <= version)
        .map(|(_, year)| *year)
}

const CHROME: &[(u16, u16)] = &[
    (1, 2008),
    (2, 2009),
    (4, 2010),
    (9, 2011),
    (17, 2012),
    (24, 2013),
    (32, 2014),
    (40, 2015),
    (48, 2016),
    (56, 2017),
    (64, 2018),
    (72, 2019),
    (80, 2020),
    (88, 2021),
    (97, 2022),
    (109, 2023),
    (121, 2024),
    (132, 2025),
    (144, 2026),
];

const EDGE_LEGACY: &[(u16, u16)] = &[(12, 2015), (14, 2016), (15, 2017), (17, 2018)];

const FIREFOX: &[(u16, u16)] = &[
    (1, 2004),
    (2, 2006),
    (3, 2008),
    (4, 2011),
    (10, 2012),
    (18, 2013),
    (27, 2014),
    (35, 2015),
    (44, 2016),
    (51, 2017),
    (58, 2018),
    (65, 2019),
    (72, 2020),
    (85, 2021),
    (96, 2022),
    (109, 2023),
    (122, 2024),
    (134, 2025),
    (147, 2026),
];

const OPERA: &[(u16, u16)] = &[
    (7, 2003),
    (8, 2005),
    (9, 2006),
    (10, 2009),
    (11, 2010),
    (12, 2012),
];

const EXPLORER: &[(u16, u16)] = &[
    (4, 1997),
    (5, 1999),
    (6, 2001),
    (7, 2006),
    (8, 2009),
    (9, 2011),
    (10, 2012),
    (11, 2013),
];

const SAFARI: &[(u16, u16)] = &[
    (1, 2003),
    (2, 2005),
    (3, 2007),
    (4, 2009),
    (5, 2010),
    (6, 2012),
    (7, 2013),
    (8, 2014),
    (9, 2015),
    (10, 2016),
    (11, 2017),
    (12, 2018),
    (13, 2019),
    (14, 2020),
    (15, 2021),
    (16, 2022),
    (17, 2023),
    (18, 2024),
    (26, 2025),
];

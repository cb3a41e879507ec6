//! The browser that a user agent claims to be: family, major version, day of release. Not
//! whether that is consistent.

use super::shape::{Product, Shape, number_after};

/// A browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Browser {
    /// Its family, e.g. `Chrome`.
    pub family: &'static str,
    /// Its major version.
    pub version: u16,
    /// The day on which its engine was released, roughly, in days since 1970; where known.
    pub released: Option<u32>,
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
        return Some(browser("Edge", edge, released(EDGE_LEGACY, edge)));
    }
    if let Some(engine) = chrome {
        let released = released(CHROME, engine);
        let named = ON_CHROME.iter().find_map(|(token, family)| {
            let version = shape.product(token)?.major()?;
            Some(browser(family, version, released))
        });
        return named.or(Some(browser("Chrome", engine, released)));
    }
    if let Some(version) = shape.product("CriOS").and_then(Product::major) {
        return Some(browser("Chrome", version, released(CHROME, version)));
    }
    if let Some(version) = shape.product("FxiOS").and_then(Product::major) {
        return Some(browser("Firefox", version, None));
    }
    if let Some(version) = shape.product("Firefox").and_then(Product::major) {
        return Some(browser("Firefox", version, released(FIREFOX, version)));
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
        return Some(browser("Opera", version, released(OPERA, version)));
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
        return Some(browser(
            "Internet Explorer",
            engine,
            released(EXPLORER, engine),
        ));
    }
    let is_android = shape.platform.contains("Android");
    let webkit = shape.product("AppleWebKit")?;
    let version = shape
        .product("Version")
        .and_then(Product::major)
        .or_else(|| number_after(shape.platform, " OS "));
    match version {
        Some(version) if is_android => Some(browser("Android Browser", version, None)),
        Some(version) => Some(browser("Safari", version, released(SAFARI, version))),
        None => webkit.major().map(|_| browser("WebKit", 0, None)),
    }
}

fn browser(family: &'static str, version: u16, released: Option<u32>) -> Browser {
    Browser {
        family,
        version,
        released,
    }
}

/// The day on which a version came, by the first major version of each year, in order; those
/// between come evenly. `None` before the first and far beyond the last.
fn released(firsts: &[(u16, u16)], version: u16) -> Option<u32> {
    let place = firsts.partition_point(|(first, _)| *first <= version);
    let (first, year) = *firsts.get(place.checked_sub(1)?)?;
    let (next, until) = match firsts.get(place) {
        Some(next) => *next,
        // As many as in the last year that is known.
        None if version > first.saturating_add(MOST_UNKNOWN) => return None,
        None => {
            let before = place.checked_sub(2).map_or((first, year), |at| firsts[at]);
            (
                first + (first - before.0).max(1),
                year + (year - before.1).max(1),
            )
        }
    };
    let (begin, end) = (day(year), day(until));
    let (done, all) = (u32::from(version - first), u32::from(next - first));
    Some(begin + (end - begin) * done / all)
}

/// So many versions beyond the last known one are believed.
const MOST_UNKNOWN: u16 = 60;

/// The first day of a year, in days since 1970.
fn day(year: u16) -> u32 {
    let years = u32::from(year.saturating_sub(1970));
    years * 365 + (years + 1) / 4
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

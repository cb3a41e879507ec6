//! The browser that a user agent claims to be: family, major version, year of release. Not
//! whether that is consistent.

use super::shape::{Product, Shape, number_after};

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

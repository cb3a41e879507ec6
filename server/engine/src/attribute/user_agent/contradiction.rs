//! In what a user agent contradicts itself. Each rule names what no browser ever sends, and
//! is limited to user agents that add nothing of their own: derived browsers and apps bend
//! every convention.

use super::shape::{Product, Shape, number_after};

/// What is no user agent at all: a template whose blanks were not filled in, or a mistake of
/// whoever wrote the program.
pub(super) fn mistake(text: &str) -> Option<&'static str> {
    if has_placeholder(text, '{', '}') || has_placeholder(text, '<', '>') {
        return Some("is a template that was not filled in");
    }
    let begins = |with: &str| {
        let start = text.get(..with.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(with))
    };
    if begins("user-agent:") || begins("user-agent=") || begins("--user-agent") {
        return Some("repeats the header's name");
    }
    if begins("\"mozilla") || begins("'mozilla") {
        return Some("is in quotation marks");
    }
    const BLANKS: [&str; 7] = [
        "%s",
        "$ua",
        "undefined",
        "null",
        "None",
        "User-Agent",
        "default_user_agent",
    ];
    if BLANKS.contains(&text) || text.contains("rv:geckoversion") {
        return Some("is a template that was not filled in");
    }
    None
}

/// `{user-agent}`, `{{ua}}`, `<Android Version>`: letters in brackets, nothing else in them.
fn has_placeholder(text: &str, open: char, close: char) -> bool {
    let inside = text
        .split_once(open)
        .and_then(|(_, rest)| rest.split_once(close))
        .map(|(inside, _)| inside.trim_matches(['{', ' ']));
    inside.is_some_and(|inside| {
        let is_name_byte =
            |b: u8| b.is_ascii_alphabetic() || matches!(b, b'-' | b'_' | b' ' | b'.' | b'$');
        (2..=24).contains(&inside.len()) && inside.bytes().all(is_name_byte)
    })
}

/// In what a user agent that looks like a browser's contradicts itself.
pub(super) fn find(shape: &Shape<'_>) -> Option<&'static str> {
    // Cut off on its way into the log: what is missing may explain the rest.
    if shape.is_cut {
        return None;
    }
    if !shape.is_mozilla() {
        return only_a_name(shape);
    }
    two_platforms(shape.platform)
        .or_else(|| no_browser(shape))
        .or_else(|| explorer(shape))
        .or_else(|| firefox(shape))
        .or_else(|| chrome_or_safari(shape))
}

/// `Firefox`, `MSIE 6.0`: what a script's author takes for a user agent.
fn only_a_name(shape: &Shape<'_>) -> Option<&'static str> {
    const NAMES: [&str; 9] = [
        "Firefox", "Chrome", "Safari", "MSIE", "MSIE9", "IE", "Mozila", "Mozzila", "Browser",
    ];
    let first = shape.products.first()?;
    (shape.platform.is_empty() && NAMES.iter().any(|name| first.is(name)))
        .then_some("is a browser's name and nothing else")
}

/// Platforms that exclude each other. Windows Phone says `Android`, and tells why.
fn two_platforms(platform: &str) -> Option<&'static str> {
    let is_windows = platform.contains("Windows NT ");
    let is_android = platform.contains("Android ");
    let is_apple_phone = platform.contains("iPhone;") || platform.contains("iPad;");
    let is_mac = platform.contains("Macintosh;");
    let count = [is_windows, is_android, is_apple_phone, is_mac]
        .into_iter()
        .filter(|is| *is)
        .count();
    (count > 1).then_some("names two platforms that exclude each other")
}

/// `Mozilla/5.0` and at most a desktop or phone, but no engine and no browser.
fn no_browser(shape: &Shape<'_>) -> Option<&'static str> {
    const PLATFORMS: [&str; 5] = ["Windows NT", "Macintosh", "X11", "Linux; Android", "iPhone"];
    if shape.products.len() > 1 || shape.is_browser() {
        return None;
    }
    let platform = shape.platform.trim_matches([' ', ';']);
    if shape.is_netscape() {
        return None;
    }
    let is_bare = platform.is_empty() || platform == "compatible";
    (is_bare || PLATFORMS.iter().any(|name| platform.starts_with(name)))
        .then_some("names no browser")
}

fn explorer(shape: &Shape<'_>) -> Option<&'static str> {
    let version = number_after(shape.platform, "MSIE ")?;
    // Opera used to say that it is Internet Explorer, on every system.
    if shape.product("Opera").is_some() || shape.products.len() > 1 {
        return None;
    }
    if shape.platform.contains("Linux") || shape.platform.contains("Android") {
        return Some("is Internet Explorer on Linux");
    }
    let is_old = shape.platform.contains("Windows NT 5.") || shape.platform.contains("Windows 98");
    (version >= 9 && is_old).then_some("is an Internet Explorer newer than its Windows")
}

fn firefox(shape: &Shape<'_>) -> Option<&'static str> {
    let version = shape.product("Firefox")?.major()?;
    let is_own = |product: &Product<'_>| {
        ["Mozilla", "Gecko", "Firefox"]
            .iter()
            .any(|name| product.is(name))
    };
    if !shape.products.iter().all(is_own) {
        return None;
    }
    if shape.product("Gecko").is_none() {
        return Some("is Firefox without its engine");
    }
    let revision = number_after(shape.platform, "rv:")?;
    // Firefox 110 to 119 went on saying 109, for sites that took 110 for 11.0.
    let is_frozen = revision == 109 && (110..=119).contains(&version);
    (revision >= 5 && version >= 5 && revision != version && !is_frozen)
        .then_some("is Firefox of two versions")
}

fn chrome_or_safari(shape: &Shape<'_>) -> Option<&'static str> {
    const OWN: [&str; 6] = [
        "Mozilla",
        "AppleWebKit",
        "Chrome",
        "Version",
        "Mobile",
        "Safari",
    ];
    let is_own = |product: &Product<'_>| OWN.iter().any(|name| product.is(name));
    if !shape.products.iter().all(is_own) {
        return None;
    }
    let position = |name: &str| shape.products.iter().position(|product| product.is(name));
    let on_windows = shape.platform.contains("Windows NT ");
    let Some(chrome) = shape.product("Chrome") else {
        let version = shape.product("Version")?.major()?;
        // Safari for Windows ended with 5.
        return (on_windows && version > 5 && position("Safari").is_some())
            .then_some("is a Safari that Windows never had");
    };
    let version = chrome.major()?;
    let Some(webkit) = shape.product("AppleWebKit") else {
        return Some("is Chrome without its engine");
    };
    if shape.platform.contains("iPhone") {
        return Some("is a Chrome that iPhones never had");
    }
    if position("Safari") < position("Chrome") && position("Safari").is_some() {
        return Some("names its products in an order of no browser");
    }
    // Since Chrome 28 the engine says 537.36 for ever.
    (version >= 28 && webkit.version != "537.36").then_some("is Chrome on an engine of another")
}

//! In what a user agent contradicts itself. Each rule names what no browser ever sends, and
//! is limited to user agents that add nothing of their own: derived browsers and apps bend
//! every convention.

use super::browser::{Product, Shape, number_after};

/// What is no name at all: program code, or a template whose blanks were not filled in.
pub(super) fn code_or_placeholder(text: &str) -> Option<&'static str> {
    const CODE: [&str; 12] = [
        "<?",
        "() {",
        "${",
        "<script",
        "sleep(",
        "union select",
        "base64_decode(",
        "system(",
        "eval(",
        "load_file(",
        "JDatabaseDriver",
        "file_put_contents",
    ];
    if CODE.iter().any(|code| contains_ignoring_case(text, code)) {
        return Some("holds code, not a name");
    }
    if has_placeholder(text) {
        return Some("is a template that was not filled in");
    }
    let begins = |with: &str| {
        text.get(..with.len())
            .is_some_and(|s| s.eq_ignore_ascii_case(with))
    };
    if begins("user-agent:") {
        return Some("repeats the header's name");
    }
    if begins("\"mozilla") || begins("'mozilla") {
        return Some("is in quotation marks");
    }
    None
}

fn contains_ignoring_case(text: &str, part: &str) -> bool {
    text.as_bytes()
        .windows(part.len())
        .any(|window| window.eq_ignore_ascii_case(part.as_bytes()))
}

/// `{user-agent}`, `{{ua}}`, `<user agent>`, `%s`: a name in brackets, nothing else in them.
fn has_placeholder(text: &str) -> bool {
    let is_name = |inside: &str| {
        let inside = inside.trim_matches(['{', '}', '$', ' ']);
        (2..=24).contains(&inside.len())
            && inside
                .bytes()
                .all(|b| b.is_ascii_alphabetic() || matches!(b, b'-' | b'_' | b' ' | b'.'))
    };
    let in_braces = text
        .split_once('{')
        .and_then(|(_, rest)| rest.split_once('}'))
        .is_some_and(|(inside, _)| is_name(inside));
    in_braces
        || matches!(
            text,
            "%s" | "$ua" | "undefined" | "null" | "None" | "User-Agent"
        )
        || text.contains("rv:geckoversion")
}

/// In what a user agent that looks like a browser's contradicts itself.
pub(super) fn find(shape: &Shape<'_>) -> Option<&'static str> {
    if !shape.is_mozilla() {
        return None;
    }
    two_platforms(shape.platform)
        .or_else(|| no_browser(shape))
        .or_else(|| explorer(shape))
        .or_else(|| firefox(shape))
        .or_else(|| chrome_or_safari(shape))
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
    if version < 5 || !shape.products.iter().all(is_own) {
        return None;
    }
    if shape.product("Gecko").is_none() {
        return Some("is Firefox without its engine");
    }
    let revision = number_after(shape.platform, "rv:")?;
    // Firefox 110 to 119 went on saying 109, for sites that took 110 for 11.0.
    let is_frozen = revision == 109 && (110..=119).contains(&version);
    (revision >= 5 && revision != version && !is_frozen).then_some("is Firefox of two versions")
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

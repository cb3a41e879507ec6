//! Countries and kinds of places that requests come from.

use super::intl;

/// The name of the country of a two-letter code; any other text stays as it is.
pub fn country_name(code: &str) -> String {
    // The browser throws on what cannot be a code.
    let is_code = code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    if is_code {
        intl::region(code)
    } else {
        code.to_owned()
    }
}

/// What a source is, for whoever does not know its name.
pub fn source_explained(source: &str) -> &'static str {
    match source {
        "tor" => "An exit of the Tor network",
        "vpn" => "A VPN",
        "proxy" => "A proxy",
        _ => "A datacenter",
    }
}

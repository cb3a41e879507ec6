//! Networks out of what is published: JSON of any shape, tables, plain lines. Pure. What is read
//! comes from elsewhere, so everything is bounded, and what cannot be right is refused.

use serde_json::Value;
use shared::{Network, NetworkSet};

use super::catalog::Way;

/// No list has more networks.
const MAX_NETWORKS: usize = 200_000;
/// How deep JSON is looked into.
const MAX_DEPTH: usize = 12;

/// Why something is no list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ReadError {
    #[error("it is no text")]
    NoText,
    #[error("it names no network")]
    Empty,
    #[error("it names more than {MAX_NETWORKS} networks")]
    TooMany,
    #[error("it names {0}, which is too large to be one publisher's")]
    TooLarge(Network),
    #[error("the page links to no list")]
    NoLink,
}

/// The networks that `bytes` name.
pub(super) fn networks(bytes: &[u8], way: Way) -> Result<NetworkSet, ReadError> {
    let text = std::str::from_utf8(bytes).map_err(|_| ReadError::NoText)?;
    let mut found = Vec::new();
    match (serde_json::from_str::<Value>(text), way) {
        (Ok(Value::Object(fields)), Way::Field(field)) => {
            let value = fields.get(field).unwrap_or(&Value::Null);
            in_json(value, 0, &mut found);
        }
        (Ok(value), _) => in_json(&value, 0, &mut found),
        (Err(_), _) => in_lines(text, &mut found),
    }
    if found.is_empty() {
        return Err(ReadError::Empty);
    }
    if found.len() > MAX_NETWORKS {
        return Err(ReadError::TooMany);
    }
    match found.iter().find(|network| is_too_large(**network)) {
        Some(network) => Err(ReadError::TooLarge(*network)),
        None => Ok(found.into_iter().collect()),
    }
}

/// Every text that is an address or a network, wherever it stands.
fn in_json(value: &Value, depth: usize, found: &mut Vec<Network>) {
    if depth > MAX_DEPTH || found.len() > MAX_NETWORKS {
        return;
    }
    match value {
        Value::String(text) => found.extend(text.parse::<Network>().ok()),
        Value::Array(items) => items.iter().for_each(|it| in_json(it, depth + 1, found)),
        Value::Object(fields) => fields.values().for_each(|it| in_json(it, depth + 1, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The first cell of each line.
fn in_lines(text: &str, found: &mut Vec<Network>) {
    for line in text.lines().take(MAX_NETWORKS + 1) {
        let cell = line.split([',', ';', '\t', ' ', '#']).next();
        let cell = cell.unwrap_or_default().trim_matches('"');
        found.extend(cell.parse::<Network>().ok());
    }
}

/// Nobody has so much of all addresses; who says so is mistaken or worse.
fn is_too_large(network: Network) -> bool {
    network.length() < if network.is_v4() { 8 } else { 16 }
}

/// The first link on a page that begins with `prefix` and leads to JSON.
pub(super) fn link(page: &[u8], prefix: &str) -> Result<String, ReadError> {
    let page = std::str::from_utf8(page).map_err(|_| ReadError::NoText)?;
    let links = page.match_indices(prefix).map(|(at, _)| {
        let rest = &page[at..];
        let end = rest.find(|c: char| c.is_whitespace() || "\"'<>\\".contains(c));
        &rest[..end.unwrap_or(rest.len())]
    });
    let mut lists = links.filter(|link| link.ends_with(".json") && link.len() < 500);
    lists.next().map(str::to_owned).ok_or(ReadError::NoLink)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, way: Way) -> Result<Vec<String>, ReadError> {
        let networks = networks(text.as_bytes(), way)?;
        Ok(networks.iter().map(|network| network.to_string()).collect())
    }

    fn all(text: &str) -> Result<Vec<String>, ReadError> {
        read(text, Way::All)
    }

    #[test]
    fn networks_are_found_in_json_of_any_shape() {
        let of_crawlers = r#"{"creationTime": "2026-11-01T00:00:00", "prefixes": [
            {"ipv6Prefix": "2001:db8:1::/64"}, {"ipv4Prefix": "192.0.2.0/27"}]}"#;
        assert_eq!(
            all(of_crawlers).unwrap(),
            ["192.0.2.0/27", "2001:db8:1::/64"]
        );
        let of_a_cloud = r#"{"syncToken": "1", "prefixes": [
            {"ip_prefix": "198.51.100.0/24", "region": "x", "service": "AMAZON"}]}"#;
        assert_eq!(all(of_a_cloud).unwrap(), ["198.51.100.0/24"]);
        assert_eq!(
            all(r#"["192.0.2.1", "192.0.2.0"]"#).unwrap(),
            ["192.0.2.0/31"]
        );
        let of_a_field = r#"{"hooks": ["192.0.2.0/27"], "actions": ["198.51.100.0/24"]}"#;
        assert_eq!(
            read(of_a_field, Way::Field("hooks")).unwrap(),
            ["192.0.2.0/27"]
        );
    }

    #[test]
    fn networks_are_found_in_tables_and_lines() {
        let geofeed = "# prefix,country\n192.0.2.0/27,US,US-NJ,Newark,\n2001:db8::/48,DE,,,\n";
        assert_eq!(all(geofeed).unwrap(), ["192.0.2.0/27", "2001:db8::/48"]);
        assert_eq!(
            all("192.0.2.7\r\n198.51.100.9\r\n").unwrap(),
            ["192.0.2.7", "198.51.100.9"]
        );
    }

    #[test]
    fn what_is_no_list_is_refused() {
        assert_eq!(
            all("<html><body>Sign in</body></html>"),
            Err(ReadError::Empty)
        );
        assert_eq!(all("{}"), Err(ReadError::Empty));
        assert_eq!(networks(b"\xff\xfe", Way::All), Err(ReadError::NoText));
        let everything = "0.0.0.0/0".parse().unwrap();
        assert_eq!(
            all("192.0.2.0/24\n0.0.0.0/0"),
            Err(ReadError::TooLarge(everything))
        );
        let deep = format!("{}\"192.0.2.1\"{}", "[".repeat(40), "]".repeat(40));
        assert_eq!(all(&deep), Err(ReadError::Empty));
    }

    #[test]
    fn a_page_leads_to_its_list() {
        let page = br#"<a href="https://lists.example/a/Tags.json">Download</a>"#;
        assert_eq!(
            link(page, "https://lists.example/").unwrap(),
            "https://lists.example/a/Tags.json"
        );
        assert_eq!(link(page, "https://other.example/"), Err(ReadError::NoLink));
    }
}

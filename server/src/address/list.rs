//! Plain lists as clouds, Tor and crawlers publish them: one address, network or range a line.
//! The file's name says what they are: `tor.txt`, `datacenter-aws.txt`, `crawler-googlebot.txt`.

use std::net::IpAddr;

use engine::{Address, origin_name};
use ipnet::{IpNet, Ipv4Subnets, Ipv6Subnets};
use shared::Network;

use super::{BookBuilder, Fact};

/// The longest name of a source or a crawler.
const MAX_NAME: usize = 32;

/// What is wrong with a line, counted from 1.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub(super) struct LineError {
    pub(super) line: usize,
    pub(super) message: String,
}

impl LineError {
    pub(super) fn new(line: usize, message: impl ToString) -> Self {
        Self {
            line,
            message: message.to_string(),
        }
    }
}

/// Reads a list whose file is called `stem` (without its extension).
pub(super) fn read(stem: &str, text: &str, book: &mut BookBuilder) -> Result<(), LineError> {
    let crawler = stem.strip_prefix("crawler-").map(origin_name);
    let source = source_name(stem);
    let fact = match &crawler {
        Some(name) => Fact::Crawler(name),
        None => Fact::Source(&source),
    };
    for (number, line) in (1..).zip(text.lines()) {
        let content = line.split('#').next().unwrap_or_default().trim();
        if content.is_empty() {
            continue;
        }
        let range = parse_range(content).map_err(|error| LineError::new(number, error))?;
        book.add(range, &fact)
            .map_err(|full| LineError::new(number, full))?;
    }
    Ok(())
}

/// The source that a name stands for: `datacenter-` in front only says what kind it is.
pub(super) fn source_name(name: &str) -> String {
    let name = simple_name(name);
    match name.strip_prefix("datacenter-") {
        Some(name) if !name.is_empty() => name.to_owned(),
        _ => name,
    }
}

/// Lower case, of letters, digits, `.`, `-` and `_`, and short: it is searched for.
pub(super) fn simple_name(name: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || matches!(c, '.' | '_') {
            c
        } else {
            '-'
        }
    };
    let name: String = name
        .trim()
        .to_ascii_lowercase()
        .chars()
        .map(plain)
        .collect();
    name.chars().take(MAX_NAME).collect()
}

/// The networks that hold exactly the addresses from `first` to `last`.
pub(super) fn networks_between(first: u128, last: u128) -> Vec<Network> {
    let address = |bits: u128| IpAddr::from(Address(bits));
    match (address(first), address(last)) {
        (IpAddr::V4(first), IpAddr::V4(last)) => Ipv4Subnets::new(first, last, 0)
            .filter_map(|it| Network::holding(it.network().into(), it.prefix_len()))
            .collect(),
        (IpAddr::V6(first), IpAddr::V6(last)) => Ipv6Subnets::new(first, last, 0)
            .filter_map(|it| Network::holding(it.network().into(), it.prefix_len()))
            .collect(),
        _ => Vec::new(),
    }
}

/// The first and the last address of `192.0.2.7`, `192.0.2.0/24`, `192.0.2.1-192.0.2.9`.
pub(super) fn parse_range(text: &str) -> Result<(u128, u128), String> {
    let shown = || text.chars().take(60).collect::<String>();
    let address = |text: &str| text.trim().parse::<IpAddr>().ok();
    let bits = |ip: IpAddr| Address::from(ip).0;
    let found = if text.contains('/') {
        let network: Option<IpNet> = text.parse().ok();
        network.map(|network| (network.network(), network.broadcast()))
    } else if let Some((first, last)) = text.split_once('-') {
        address(first).zip(address(last))
    } else {
        address(text).map(|address| (address, address))
    };
    match found {
        None => Err(format!("`{}` is no address, network or range", shown())),
        Some((first, last)) if first.is_ipv4() != last.is_ipv4() || last < first => {
            Err(format!("`{}` ends before it begins", shown()))
        }
        Some((first, last)) => Ok((bits(first), bits(last))),
    }
}

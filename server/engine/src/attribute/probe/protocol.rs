//! Probes in the request line itself: proxies, other protocols, methods of no browser.

use super::{Probe, ProbeKind};

/// Beginnings of what other protocols send, as bytes and as servers log them.
const FOREIGN: [(&str, &str); 22] = [
    ("\u{16}\u{3}", "TLS handshake"),
    ("\\x16\\x03", "TLS handshake"),
    ("\\x80", "SSL 2 handshake"),
    ("\u{3}\0\0", "RDP"),
    ("\\x03\\x00\\x00", "RDP"),
    ("SSH-", "SSH"),
    ("MGLNDD_", "Magellan scan"),
    ("Gh0st", "Gh0st"),
    ("GIOP", "CORBA"),
    ("\\x00\\x00", "binary protocol"),
    ("\\x04\\x01", "SOCKS 4"),
    ("\\x05\\x01", "SOCKS 5"),
    ("\\x05\\x02", "SOCKS 5"),
    ("\\x01\\x00", "binary protocol"),
    ("EHLO ", "SMTP"),
    ("HELO ", "SMTP"),
    ("t3 12", "WebLogic T3"),
    ("JRMI", "Java RMI"),
    ("*1\\x0D\\x0A", "Redis"),
    ("stats\\x0D", "memcached"),
    ("{\\x22", "JSON-RPC miner"),
    ("{\"id\"", "JSON-RPC miner"),
];

/// Hosts that exist to show who asked: only somebody who looks for proxies asks for them here.
const JUDGES: [&str; 14] = [
    "judge",
    "azenv",
    "proxycheck",
    "httpbin.",
    "ifconfig.",
    "icanhazip",
    "ipinfo.io",
    "api.ipify",
    "checkip",
    "whatismyip",
    "myip.",
    "ip-api.com",
    "testp",
    "check.best-proxies",
];

pub(super) fn find(method: &str, path: &str) -> Option<Probe> {
    match method {
        "" => return foreign(path),
        "CONNECT" => return Some(Probe::decisive(ProbeKind::OpenProxy, "CONNECT")),
        "TRACE" | "TRACK" | "DEBUG" => {
            return Some(Probe::indicative(ProbeKind::Protocol, "debugging method"));
        }
        _ => {}
    }
    if path.starts_with('/') || path == "*" || path.is_empty() {
        return None;
    }
    let (_, rest) = path.split_once("://")?;
    let host = rest
        .split('/')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let address = rest.to_ascii_lowercase();
    if JUDGES.iter().any(|judge| address.contains(judge)) {
        return Some(Probe::decisive(ProbeKind::OpenProxy, "proxy judge"));
    }
    // The site's own address is legal here; whose it is cannot be known.
    (!host.is_empty()).then_some(Probe::indicative(ProbeKind::OpenProxy, "absolute address"))
}

fn foreign(line: &str) -> Option<Probe> {
    if let Some((_, name)) = FOREIGN.iter().find(|(begin, _)| line.starts_with(begin)) {
        return Some(Probe::decisive(ProbeKind::Protocol, name));
    }
    if line.contains("mstshash=") {
        return Some(Probe::decisive(ProbeKind::Protocol, "RDP"));
    }
    if line.contains("|'|'|") {
        return Some(Probe::decisive(ProbeKind::Protocol, "njRAT"));
    }
    let escapes = line.matches("\\x").take(4).count();
    let controls = line.chars().filter(|c| c.is_control()).take(4).count();
    (escapes + controls >= 3).then_some(Probe::decisive(ProbeKind::Protocol, "binary protocol"))
}

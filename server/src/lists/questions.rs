//! What the server asks before it puts an object on a list: whether so many addresses are
//! meant, and whether somebody means to lock themselves out. Pure.

use std::net::IpAddr;

use shared::{ListKind, Network};

use super::shown::size;

/// Subnets with fewer bits than this are asked about: IPv4 …
const HUGE_V4: u8 = 16;
/// … and IPv6, where one customer may have a /48.
const HUGE_V6: u8 = 48;

/// What is asked before `object` goes on `list`, by somebody at `peer`; nothing, mostly.
pub(crate) fn questions(object: Network, list: ListKind, peer: Option<IpAddr>) -> Vec<String> {
    let mut asked = Vec::new();
    let huge = if object.is_v4() { HUGE_V4 } else { HUGE_V6 };
    if object.length() < huge {
        let size = size(object);
        asked.push(format!(
            "{object} is {size} addresses; are all of them meant?"
        ));
    }
    if list == ListKind::Deny {
        let own = peer.filter(|peer| object.contains(*peer));
        if let Some(own) = own {
            let own = own.to_canonical();
            asked.push(format!(
                "{object} holds your own address {own}; do you mean to lock yourself out?"
            ));
        } else if is_loopback(object) {
            asked.push(format!(
                "{object} holds addresses of this machine itself; do you mean to deny those?"
            ));
        }
    }
    asked
}

fn is_loopback(object: Network) -> bool {
    ["127.0.0.0/8", "::1"].iter().any(|text| {
        let own: Network = text.parse().expect("a subnet");
        own.covers(object) || object.covers(own)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn huge_subnets_and_ones_own_address_are_asked_about() {
        let check = |object: &str, list, peer: &str, expected: usize| {
            let asked = questions(object.parse().unwrap(), list, peer.parse().ok());
            assert_eq!(asked.len(), expected, "{object} {list}: {asked:?}");
            asked.join(" ")
        };
        let deny = ListKind::Deny;
        let all = check("0.0.0.0/0", deny, "192.0.2.1", 2);
        assert!(all.contains("4,294,967,296 addresses"), "{all}");
        check("::/0", deny, "192.0.2.1", 2);
        check("10.0.0.0/15", deny, "", 1);
        check("10.0.0.0/16", deny, "", 0);
        check("2001:db8::/47", deny, "", 1);
        check("2001:db8::/48", deny, "", 0);
        check("192.0.2.0/24", deny, "192.0.2.1", 1);
        check("192.0.2.1", deny, "::ffff:192.0.2.1", 1);
        check("192.0.2.2", deny, "192.0.2.1", 0);
        check("127.0.0.1", deny, "", 1);
        check("::1", deny, "192.0.2.1", 1);
        // Being excepted hurts nobody.
        check("127.0.0.1", ListKind::Exception, "127.0.0.1", 0);
        check("::/0", ListKind::Exception, "", 1);
    }
}

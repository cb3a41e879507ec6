//! What comes with the binary: the country that a regional registry gave an address to, which
//! is not always the one it is used in. Not the operator's files: those are [`super::files`].

use std::net::IpAddr;

use engine::Address;

use super::Country;

/// What it is and its version.
pub(super) const NAME: &str = "iptocc 1.4.175";

/// The country that an address was given to.
pub(super) fn country(address: Address) -> Option<Country> {
    iptocc::country_code(IpAddr::from(address)).and_then(Country::from_code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_the_one_that_was_built_in() {
        let lock = include_str!("../../../Cargo.lock");
        let (name, version) = NAME.split_once(' ').unwrap();
        let entry = format!("name = \"{name}\"\nversion = \"{version}\"");
        assert!(lock.contains(&entry), "{entry}");
    }

    #[test]
    fn countries_of_well_known_addresses() {
        let check = |ip: &str, expected: Option<&str>| {
            let address = Address::from(ip.parse::<IpAddr>().unwrap());
            let found = country(address);
            assert_eq!(found.as_ref().map(Country::as_str), expected, "{ip}");
        };
        check("8.8.8.8", Some("US"));
        check("1.0.16.1", Some("JP"));
        check("2001:4860:4860::8888", Some("US"));
        check("10.0.0.1", None);
        check("192.0.2.7", None);
        check("::1", None);
    }
}

//! Where databases of different makers keep a country, an anonymiser, and who runs a network.
//! Pure functions of one record.

use serde_json::Value;

use super::Country;

/// What a record says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) country: Option<Country>,
    pub(super) source: Option<String>,
}

const COUNTRIES: &[&str] = &[
    "/country/iso_code",
    "/country_code",
    "/country",
    "/registered_country/iso_code",
];

/// Fields that are true of an address, the source that each means, what hides most first.
const SOURCES: &[(&str, &str)] = &[
    ("/is_tor_exit_node", "tor"),
    ("/tor", "tor"),
    ("/is_anonymous_vpn", "vpn"),
    ("/vpn", "vpn"),
    ("/is_public_proxy", "proxy"),
    ("/is_residential_proxy", "proxy"),
    ("/proxy", "proxy"),
    ("/is_hosting_provider", "datacenter"),
    ("/hosting", "datacenter"),
];

/// Networks that are run for programs rather than people, by their number.
const DATACENTERS: &[(u64, &str)] = &[
    (8_075, "azure"),
    (12_876, "scaleway"),
    (13_335, "cloudflare"),
    (14_061, "digitalocean"),
    (14_618, "aws"),
    (15_169, "google"),
    (16_276, "ovh"),
    (16_509, "aws"),
    (20_473, "vultr"),
    (24_940, "hetzner"),
    (31_898, "oracle"),
    (36_351, "ibm"),
    (37_963, "alibaba"),
    (45_102, "alibaba"),
    (51_167, "contabo"),
    (54_113, "fastly"),
    (60_781, "leaseweb"),
    (63_949, "linode"),
    (132_203, "tencent"),
    (213_230, "hetzner"),
    (396_982, "google"),
];

/// Reads a record.
pub(super) fn find(record: &Value) -> Found {
    let mut texts = COUNTRIES
        .iter()
        .filter_map(|path| record.pointer(path)?.as_str());
    let hides = SOURCES.iter().find(|(path, _)| {
        let flag = record.pointer(path);
        flag.is_some_and(|flag| flag == true || flag == "true" || flag == 1)
    });
    let source = match hides {
        Some((_, source)) => Some(*source),
        None => datacenter(record),
    };
    Found {
        country: texts.find_map(Country::from_code),
        source: source.map(str::to_owned),
    }
}

fn datacenter(record: &Value) -> Option<&'static str> {
    let number = match record
        .get("autonomous_system_number")
        .or(record.get("asn"))?
    {
        Value::String(text) => text.trim_start_matches(['A', 'S', 'a', 's']).parse().ok()?,
        number => number.as_u64()?,
    };
    let at = DATACENTERS.binary_search_by_key(&number, |(number, _)| *number);
    at.ok().map(|at| DATACENTERS[at].1)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_of_several_makers_are_known() {
        let check = |record: Value, country: Option<&str>, source: Option<&str>| {
            let expected = Found {
                country: country.and_then(Country::from_code),
                source: source.map(str::to_owned),
            };
            assert_eq!(find(&record), expected, "{record}");
        };
        check(json!({"country": {"iso_code": "DE"}}), Some("DE"), None);
        check(json!({"country": "fr"}), Some("FR"), None);
        check(json!({"country_code": "SE"}), Some("SE"), None);
        check(json!({"country": {"names": {"en": "X"}}}), None, None);
        check(
            json!({"is_hosting_provider": true}),
            None,
            Some("datacenter"),
        );
        let both = json!({"is_tor_exit_node": true, "is_hosting_provider": true});
        check(both, None, Some("tor"));
        check(
            json!({"vpn": "true", "hosting": "false"}),
            None,
            Some("vpn"),
        );
        check(json!({"is_anonymous_vpn": false}), None, None);
        check(
            json!({"autonomous_system_number": 16_509}),
            None,
            Some("aws"),
        );
        check(json!({"asn": "AS24940"}), None, Some("hetzner"));
        check(json!({"autonomous_system_number": 3_320}), None, None);
        check(json!([1, "x"]), None, None);
        check(Value::Null, None, None);
    }

    #[test]
    fn datacenters_are_in_order() {
        assert!(DATACENTERS.is_sorted_by_key(|(number, _)| number));
    }
}

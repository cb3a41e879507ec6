//! Address data as an operator gives it: files in a folder, good ones and bad ones.

use std::fs;
use std::net::IpAddr;

use tempfile::TempDir;

use super::*;

fn address(text: &str) -> Address {
    Address::from(text.parse::<IpAddr>().unwrap())
}

/// A data directory with these files of address data.
fn data(files: &[(&str, &[u8])]) -> TempDir {
    let data = tempfile::tempdir().unwrap();
    let folder = data.path().join("address-data");
    fs::create_dir(&folder).unwrap();
    for (name, content) in files {
        fs::write(folder.join(name), content).unwrap();
    }
    data
}

fn book(files: &[(&str, &[u8])]) -> AddressBook {
    open(data(files).path(), &[]).unwrap()
}

#[track_caller]
fn check(book: &AddressBook, ip: &str, country: Option<&str>, source: Option<&str>) {
    let found = book.country(address(ip));
    assert_eq!(found.as_ref().map(Country::as_str), country, "{ip}");
    assert_eq!(book.source(address(ip)), source, "{ip}");
}

#[test]
fn without_files_countries_are_those_that_come_with_the_binary() {
    let data = tempfile::tempdir().unwrap();
    let book = open(data.path(), &[]).unwrap();
    check(&book, "8.8.8.8", Some("US"), None);
    check(&book, "192.0.2.7", None, None);
    assert_eq!(book.version(), built_in::NAME);
    check(&AddressBook::empty(), "8.8.8.8", None, None);
}

#[test]
fn lists_say_sources_by_their_names() {
    let book = book(&[
        (
            "datacenter-aws.txt",
            b"# Amazon\n192.0.2.0/24 # east\n\n2001:db8::/32\n",
        ),
        ("tor.txt", b"192.0.2.7\r\n198.51.100.1-198.51.100.9\n"),
        ("README", b"no data"),
    ]);
    check(&book, "192.0.2.1", None, Some("aws"));
    check(&book, "192.0.2.7", None, Some("tor"));
    check(&book, "198.51.100.9", None, Some("tor"));
    check(&book, "198.51.100.10", None, None);
    check(&book, "2001:db8::1", None, Some("aws"));
    let version = book.version();
    assert!(version.starts_with("datacenter-aws.txt of "), "{version}");
    assert!(version.ends_with(built_in::NAME), "{version}");
}

#[test]
fn what_hides_its_user_goes_before_where_it_is() {
    let book = book(&[
        ("datacenter-ovh.txt", b"192.0.2.7\n"),
        ("vpn.txt", b"192.0.0.0/16\n"),
        ("proxy.txt", b"192.0.2.0/24\n"),
    ]);
    check(&book, "192.0.2.7", None, Some("vpn"));
}

#[test]
fn tables_say_countries_and_sources_and_go_before_what_is_built_in() {
    let book = book(&[
        (
            "a.csv",
            b"network,country\n8.8.8.0/24,de\n8.8.8.8,FR\n8.8.9.0/24,ZZ\n",
        ),
        (
            "b.csv",
            b"\xef\xbb\xbfnetwork,source\n192.0.2.0/24,Datacenter-Hetzner\n198.51.100.0/24,it\n",
        ),
        ("c.csv", b"\"203.0.113.0\",\"203.0.113.9\",\"SE\"\n"),
    ]);
    check(&book, "8.8.8.1", Some("DE"), None);
    check(&book, "8.8.8.8", Some("FR"), None);
    check(&book, "8.8.9.9", Some("US"), None);
    check(&book, "192.0.2.200", None, Some("hetzner"));
    check(&book, "198.51.100.1", None, Some("it"));
    check(&book, "203.0.113.9", Some("SE"), None);
    check(&book, "203.0.113.10", None, None);
}

#[test]
fn crawlers_have_the_addresses_that_they_publish() {
    let book = book(&[
        ("crawler-Googlebot.txt", b"192.0.2.0/28\n2001:db8::/64\n"),
        ("crawler-other.txt", b"192.0.2.0/24\n"),
    ]);
    let verify = |crawler: &str, ips: &[&str]| {
        let addresses: Vec<Address> = ips.iter().map(|ip| address(ip)).collect();
        book.verify(crawler, &addresses, Timestamp(1_700_000_000_000))
    };
    assert_eq!(
        verify("Googlebot", &["192.0.2.15", "2001:db8::5"]),
        Verification::Verified
    );
    assert_eq!(
        verify("googlebot", &["192.0.2.15", "192.0.2.16"]),
        Verification::Spoofed
    );
    assert_eq!(
        verify("other", &["192.0.2.15", "192.0.2.16"]),
        Verification::Verified
    );
    assert_eq!(verify("bingbot", &["192.0.2.1"]), Verification::Unverified);
    assert_eq!(verify("Googlebot", &[]), Verification::Unverified);
    check(&book, "192.0.2.1", None, None);
}

#[test]
fn a_file_that_is_not_what_it_says_names_the_file_and_the_line() {
    let check = |name: &str, content: &[u8], expected: &str| {
        let data = data(&[(name, content)]);
        let error = open(data.path(), &[]).unwrap_err().to_string();
        assert!(error.contains(name) && error.ends_with(expected), "{error}");
    };
    check(
        "tor.txt",
        b"192.0.2.1\nnonsense\n",
        "line 2: `nonsense` is no address, network or range",
    );
    check(
        "tor.txt",
        b"192.0.2.9-192.0.2.1\n",
        "line 1: `192.0.2.9-192.0.2.1` ends before it begins",
    );
    check(
        "tor.txt",
        b"192.0.2.0/33\n",
        "line 1: `192.0.2.0/33` is no address, network or range",
    );
    check(
        "a.csv",
        b"network,country\nx,DE\n",
        "line 2: `x` is no address, network or range",
    );
    check("a.csv", b"1.2.3.4\n", "or first,last,country");
    let huge = "9".repeat(100_000);
    let shown = format!("`{}` is no address, network or range", "9".repeat(60));
    check("tor.txt", huge.as_bytes(), &shown);
    let data = data(&[("x.mmdb", b"no database")]);
    assert!(matches!(
        open(data.path(), &[]),
        Err(AddressDataError::Content { .. })
    ));
}

#[test]
fn what_is_named_must_be_there_and_of_a_known_kind() {
    let data = tempfile::tempdir().unwrap();
    let missing = data.path().join("gone.txt");
    assert!(matches!(
        open(data.path(), &[missing]),
        Err(AddressDataError::Read { .. })
    ));
    let unknown = data.path().join("list.json");
    fs::write(&unknown, "[]").unwrap();
    let error = open(data.path(), &[unknown]).unwrap_err().to_string();
    assert!(
        error.ends_with("its name must end in .mmdb, .csv or .txt"),
        "{error}"
    );
    let elsewhere = super::tests::data(&[("vpn.txt", b"192.0.2.1")]);
    let folder = elsewhere.path().join("address-data");
    let book = open(data.path(), &[folder.join("vpn.txt"), folder]).unwrap();
    check(&book, "192.0.2.1", None, Some("vpn"));
}

#[test]
fn names_are_plain_and_short() {
    assert_eq!(list::source_name("Datacenter-AWS"), "aws");
    assert_eq!(list::source_name("datacenter-"), "datacenter-");
    assert_eq!(list::source_name("a b<script>"), "a-b-script-");
    assert_eq!(list::source_name(&"x".repeat(100)).len(), 32);
}

#[test]
fn too_many_names_are_refused() {
    let mut builder = BookBuilder::default();
    for i in 0..MAX_NAMES {
        let name = i.to_string();
        builder.add((1, 1), &Fact::Source(&name)).unwrap();
    }
    assert_eq!(builder.add((1, 1), &Fact::Source("more")), Err(Full::Names));
    assert_eq!(builder.add((1, 1), &Fact::Source("7")), Ok(()));
}

#[test]
fn a_database_says_countries_and_sources() {
    let database = mmdb::encode(
        "Test-Country",
        &[
            ("8.8.8.0/24", &[("country", "DE")]),
            ("192.0.2.0/25", &[("tor", "true")]),
            (
                "2001:db8::/32",
                &[("country_code", "SE"), ("asn", "AS24940")],
            ),
        ],
    );
    let book = book(&[("x.mmdb", &database)]);
    check(&book, "8.8.8.8", Some("DE"), None);
    check(&book, "8.8.4.4", Some("US"), None);
    check(&book, "192.0.2.127", None, Some("tor"));
    check(&book, "192.0.2.128", None, None);
    check(&book, "2001:db8::7", Some("SE"), Some("hetzner"));
    assert!(
        book.version().starts_with("Test-Country of 2016-02-13"),
        "{}",
        book.version()
    );
}

#[test]
fn a_database_cut_short_is_an_error_and_no_panic() {
    let networks: &[(&str, &[(&str, &str)])] = &[("8.8.8.0/24", &[("country", "DE")])];
    let whole = mmdb::encode("Test", networks);
    for length in (0..whole.len()).step_by(7) {
        let mut builder = BookBuilder::default();
        let _ = maxmind::read(whole[..length].to_vec(), &mut builder);
        let mut garbled = whole.clone();
        garbled[length] ^= 0x5a;
        let _ = maxmind::read(garbled, &mut BookBuilder::default());
    }
}

/// Writes databases in MaxMind's format: just enough of it for these tests.
mod mmdb {
    use std::collections::BTreeMap;

    use ipnet::IpNet;

    /// A database of networks whose records are maps of texts.
    pub(super) fn encode(kind: &str, networks: &[(&str, &[(&str, &str)])]) -> Vec<u8> {
        // A node's two records: another node, data, or nothing.
        let mut nodes: Vec<[Option<Result<usize, usize>>; 2]> = vec![[None; 2]];
        let mut data = Vec::new();
        for (network, fields) in networks {
            let network: IpNet = network.parse().unwrap();
            let (bits, length) = match network {
                IpNet::V4(v4) => (u128::from(u32::from(v4.network())), 96 + v4.prefix_len()),
                IpNet::V6(v6) => (u128::from(v6.network()), v6.prefix_len()),
            };
            let offset = data.len();
            write_map(&mut data, fields);
            let mut node = 0;
            for depth in 0..length {
                let side = (bits >> (127 - depth) & 1) as usize;
                if depth + 1 == length {
                    nodes[node][side] = Some(Err(offset));
                } else if let Some(Ok(next)) = nodes[node][side] {
                    node = next;
                } else {
                    nodes.push([None; 2]);
                    let next = nodes.len() - 1;
                    nodes[node][side] = Some(Ok(next));
                    node = next;
                }
            }
        }
        let count = nodes.len();
        let mut out = Vec::new();
        for record in nodes.iter().flatten() {
            let value = match record {
                None => count,
                Some(Ok(node)) => *node,
                Some(Err(offset)) => count + 16 + offset,
            };
            out.extend(&(value as u32).to_be_bytes()[1..]);
        }
        out.extend([0; 16]);
        out.extend(data);
        out.extend(b"\xab\xcd\xefMaxMind.com");
        write_metadata(&mut out, kind, count);
        out
    }

    fn write_metadata(out: &mut Vec<u8>, kind: &str, node_count: usize) {
        let numbers = BTreeMap::from([
            ("binary_format_major_version", 2),
            ("binary_format_minor_version", 0),
            ("build_epoch", 1_455_321_600),
            ("ip_version", 6),
            ("node_count", node_count as u32),
            ("record_size", 24),
        ]);
        out.push(7 << 5 | 9);
        for (name, number) in numbers {
            write_text(out, name);
            match name {
                // An extended type: 64 bits are 9, 7 less in the byte that follows.
                "build_epoch" => out.extend([4, 2]),
                "node_count" => out.push(6 << 5 | 4),
                _ => out.push(5 << 5 | 2),
            }
            let bytes = number.to_be_bytes();
            let is_short = !matches!(name, "build_epoch" | "node_count");
            out.extend(if is_short { &bytes[2..] } else { &bytes[..] });
        }
        write_text(out, "database_type");
        write_text(out, kind);
        write_text(out, "description");
        out.push(7 << 5);
        write_text(out, "languages");
        out.extend([0, 4]);
    }

    fn write_map(out: &mut Vec<u8>, fields: &[(&str, &str)]) {
        out.push(7 << 5 | fields.len() as u8);
        for (name, value) in fields {
            write_text(out, name);
            write_text(out, value);
        }
    }

    fn write_text(out: &mut Vec<u8>, text: &str) {
        // Texts of 29 bytes or more say their length otherwise; none is that long here.
        assert!(text.len() < 29);
        out.push(2 << 5 | text.len() as u8);
        out.extend(text.as_bytes());
    }
}

//! Whether an address is a crawler's by its name: looked up in reverse, the name must lie in the
//! crawler's domain and lead back to the address. Answers are kept for a month. Not when this is
//! asked: that is the keeper's.

use std::collections::BTreeMap;
use std::future::Future;
use std::io::{self, Write};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use engine::{Address, OriginCheck, origin_name};
use hickory_resolver::TokioResolver;
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::ResponseCode;
use hickory_resolver::proto::rr::RData;
use shared::Timestamp;

/// An answer that is older is asked for again.
const EXPIRES_MS: i64 = 30 * Timestamp::DAY;
/// So many answers are kept.
const MAX_CHECKS: usize = 10_000;
/// So many names of one address are followed.
const MAX_NAMES: usize = 4;
/// How long one question may take.
const TIMEOUT: Duration = Duration::from_secs(3);
const FILE: &str = "published/look-ups.txt";

/// Nobody answered, so nothing is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unanswered;

/// Where names and addresses are looked up.
pub(crate) trait Names: Send + Sync {
    /// The names of an address; none if it has none.
    fn names_of(&self, ip: IpAddr) -> impl Future<Output = Result<Vec<String>, Unanswered>> + Send;

    /// The addresses of a name; none if there is no such name.
    fn addresses_of(
        &self,
        name: &str,
    ) -> impl Future<Output = Result<Vec<IpAddr>, Unanswered>> + Send;
}

/// Whether an address has a name in one of `domains` that leads back to it.
pub(crate) async fn is_in(
    names: &impl Names,
    domains: &[&str],
    ip: IpAddr,
) -> Result<bool, Unanswered> {
    for name in names.names_of(ip).await?.iter().take(MAX_NAMES) {
        let name = name.trim_end_matches('.').to_ascii_lowercase();
        let lies_in = |domain: &&str| {
            let before = name.strip_suffix(*domain);
            before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
        };
        if domains.iter().any(lies_in) && names.addresses_of(&name).await?.contains(&ip) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The system's name servers.
pub(crate) struct System(TokioResolver);

impl System {
    /// The name servers that this machine uses; `None` if it has none.
    pub(crate) fn open() -> Option<Self> {
        let mut builder = TokioResolver::builder_tokio().ok()?;
        builder.options_mut().timeout = TIMEOUT;
        builder.options_mut().attempts = 1;
        builder.build().ok().map(Self)
    }
}

impl Names for System {
    async fn names_of(&self, ip: IpAddr) -> Result<Vec<String>, Unanswered> {
        let found = match self.0.reverse_lookup(ip).await {
            Ok(found) => found,
            Err(error) => return none_or_unanswered(&error).map(|()| Vec::new()),
        };
        let names = found
            .answers()
            .iter()
            .filter_map(|record| match &record.data {
                RData::PTR(name) => Some(name.to_string()),
                _ => None,
            });
        Ok(names.collect())
    }

    async fn addresses_of(&self, name: &str) -> Result<Vec<IpAddr>, Unanswered> {
        // Whole: nothing of this machine's own domain is tried behind it.
        match self.0.lookup_ip(format!("{name}.")).await {
            Ok(found) => Ok(found.iter().collect()),
            Err(error) => none_or_unanswered(&error).map(|()| Vec::new()),
        }
    }
}

/// Whether an error says that there is nothing, rather than that nobody could say.
fn none_or_unanswered(error: &NetError) -> Result<(), Unanswered> {
    match error {
        NetError::Dns(DnsError::NoRecordsFound(none))
            if matches!(
                none.response_code,
                ResponseCode::NoError | ResponseCode::NXDomain
            ) =>
        {
            Ok(())
        }
        _ => Err(Unanswered),
    }
}

/// What was looked up, by crawler and address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Checks(BTreeMap<(String, Address), OriginCheck>);

impl Checks {
    /// Those kept in the data directory.
    pub(crate) fn open(data: &Path) -> Self {
        let text = std::fs::read_to_string(path(data)).unwrap_or_default();
        let mut checks = Self::default();
        for check in text.lines().take(MAX_CHECKS).filter_map(parse) {
            checks.add(check);
        }
        checks
    }

    /// Keeps them in the data directory.
    pub(crate) fn save(&self, data: &Path) -> io::Result<()> {
        let path = path(data);
        let folder = path.parent().unwrap_or(data);
        std::fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        for check in self.0.values() {
            let is = if check.is_its { "is" } else { "is-not" };
            writeln!(
                file,
                "{} {is} {} {}",
                check.address, check.crawler, check.at
            )?;
        }
        file.persist(path)?;
        Ok(())
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is known of an address; `crawler` as [`origin_name`] has it.
    pub(crate) fn find(&self, crawler: &str, address: Address) -> Option<&OriginCheck> {
        self.0.get(&(crawler.to_owned(), address))
    }

    /// All of them.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &OriginCheck> {
        self.0.values()
    }

    /// Whether an answer is there that does not have to be asked for again.
    pub(crate) fn is_fresh(&self, crawler: &str, address: Address, now: Timestamp) -> bool {
        let check = self.find(&origin_name(crawler), address);
        check.is_some_and(|check| now.since(check.at) < EXPIRES_MS)
    }

    /// Adds an answer in place of an older one. Over the limit the oldest goes.
    pub(crate) fn add(&mut self, check: OriginCheck) {
        self.0.insert((check.crawler.clone(), check.address), check);
        if self.0.len() > MAX_CHECKS {
            let oldest = self.0.iter().min_by_key(|(_, check)| check.at);
            if let Some(oldest) = oldest.map(|(key, _)| key.clone()) {
                self.0.remove(&oldest);
            }
        }
    }
}

fn path(data: &Path) -> PathBuf {
    data.join(FILE)
}

fn parse(line: &str) -> Option<OriginCheck> {
    let mut words = line.split(' ');
    let ip: IpAddr = words.next()?.parse().ok()?;
    let is_its = words.next()? == "is";
    Some(OriginCheck {
        crawler: words.next()?.to_owned(),
        address: ip.into(),
        at: words.next()?.parse().ok()?,
        is_its,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names that lead to addresses, and names of addresses; a name that begins with `?` means
    /// that nobody answers.
    struct Fake(
        &'static [(&'static str, &'static str)],
        &'static [(&'static str, &'static str)],
    );

    impl Names for Fake {
        async fn names_of(&self, ip: IpAddr) -> Result<Vec<String>, Unanswered> {
            let of_it = self.0.iter().filter(|(it, _)| it.parse() == Ok(ip));
            let names: Vec<String> = of_it.map(|(_, name)| (*name).to_owned()).collect();
            match names.iter().any(|name| name.starts_with('?')) {
                true => Err(Unanswered),
                false => Ok(names),
            }
        }

        async fn addresses_of(&self, name: &str) -> Result<Vec<IpAddr>, Unanswered> {
            let of_it = self.1.iter().filter(|(it, _)| *it == name);
            of_it
                .map(|(_, ip)| ip.parse().map_err(|_| Unanswered))
                .collect()
        }
    }

    #[tokio::test]
    async fn a_name_must_lie_in_the_domain_and_lead_back() {
        let names = Fake(
            &[
                ("192.0.2.1", "crawl-1.yandex.com."),
                ("192.0.2.2", "crawl-1.yandex.com"),
                ("192.0.2.3", "crawl.notyandex.com"),
                ("192.0.2.4", "yandex.com.example.org"),
                ("192.0.2.6", "?"),
                ("192.0.2.7", "other.example"),
                ("192.0.2.7", "Crawl-7.Yandex.COM"),
                ("192.0.2.8", "crawl-8.yandex.com"),
                ("2001:db8::1", "crawl-6.yandex.com"),
            ],
            &[
                ("crawl-1.yandex.com", "192.0.2.1"),
                ("crawl-7.yandex.com", "192.0.2.7"),
                ("crawl-8.yandex.com", "?"),
                ("crawl-6.yandex.com", "2001:db8::1"),
            ],
        );
        for (ip, expected) in [
            ("192.0.2.1", Ok(true)),
            // Whoever owns an address can give it any name.
            ("192.0.2.2", Ok(false)),
            ("192.0.2.3", Ok(false)),
            ("192.0.2.4", Ok(false)),
            ("192.0.2.5", Ok(false)),
            ("192.0.2.6", Err(Unanswered)),
            ("192.0.2.7", Ok(true)),
            ("192.0.2.8", Err(Unanswered)),
            ("2001:db8::1", Ok(true)),
        ] {
            let found = is_in(&names, &["yandex.ru", "yandex.com"], ip.parse().unwrap()).await;
            assert_eq!(found, expected, "{ip}");
        }
    }

    #[test]
    fn answers_are_kept_and_expire() {
        let data = tempfile::tempdir().unwrap();
        let now = Timestamp(1_790_000_000_000);
        let check = |ip: &str, is_its| OriginCheck {
            crawler: "yandexbot".to_owned(),
            address: ip.parse::<IpAddr>().unwrap().into(),
            at: now,
            is_its,
        };
        let mut checks = Checks::default();
        checks.add(check("192.0.2.1", true));
        checks.add(check("2001:db8::1", false));
        checks.save(data.path()).unwrap();
        assert_eq!(Checks::open(data.path()), checks);
        let address = check("192.0.2.1", true).address;
        assert!(checks.is_fresh("YandexBot", address, now.plus(EXPIRES_MS - 1)));
        assert!(!checks.is_fresh("YandexBot", address, now.plus(EXPIRES_MS)));
        assert!(!checks.is_fresh("Baiduspider", address, now));
        assert!(Checks::open(&data.path().join("nowhere")).is_empty());
    }

    #[test]
    fn the_oldest_answer_goes_first() {
        let mut checks = Checks::default();
        for number in 0..MAX_CHECKS as u32 + 3 {
            checks.add(OriginCheck {
                crawler: "x".to_owned(),
                address: Address(number.into()),
                at: Timestamp(number.into()),
                is_its: true,
            });
        }
        assert_eq!(checks.0.len(), MAX_CHECKS);
        assert_eq!(checks.iter().map(|check| check.at.0).min(), Some(3));
    }
}

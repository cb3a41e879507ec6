//! Who publishes which networks where, and under which domains crawlers have their names. Facts
//! of the publishers; what they publish at the moment is fetched.

/// A list that is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct List {
    /// What it is called here.
    pub(crate) name: &'static str,
    /// What its addresses are.
    pub(crate) subject: Subject,
    /// Where it is; several parts make one list.
    pub(crate) parts: &'static [Part],
}

/// What the addresses of a list are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    /// All those of the crawlers and services with these names.
    Crawlers(&'static [&'static str]),
    /// A kind of place.
    Source(&'static str),
}

/// A part of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    /// Where it is.
    pub(crate) url: &'static str,
    /// How to get to the networks from there.
    pub(crate) way: Way,
}

/// How to get from an address to networks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// All that it names.
    All,
    /// Those in this field of its JSON.
    Field(&'static str),
    /// A page that links to the list; the link begins so.
    LinkedFrom(&'static str),
}

const fn all(url: &'static str) -> Part {
    let way = Way::All;
    Part { url, way }
}

const fn crawlers(
    name: &'static str,
    names: &'static [&'static str],
    parts: &'static [Part],
) -> List {
    let subject = Subject::Crawlers(names);
    List {
        name,
        subject,
        parts,
    }
}

const fn source(name: &'static str, parts: &'static [Part]) -> List {
    let subject = Subject::Source(name);
    List {
        name,
        subject,
        parts,
    }
}

/// Every list that is known. Of crawlers only those that are complete: who is not in one is not
/// that crawler.
#[rustfmt::skip]
pub(crate) const LISTS: &[List] = &[
    // Without what Google fetches for the users of its cloud, who may be anybody.
    crawlers(
        "googlebot",
        &[
            "Googlebot", "GoogleOther", "Storebot-Google", "Google-InspectionTool",
            "Google-CloudVertexBot", "AdsBot-Google", "Mediapartners-Google", "APIs-Google",
        ],
        &[
            all("https://developers.google.com/static/crawling/ipranges/common-crawlers.json"),
            all("https://developers.google.com/static/crawling/ipranges/special-crawlers.json"),
            all("https://developers.google.com/static/crawling/ipranges/user-triggered-fetchers-google.json"),
        ],
    ),
    crawlers(
        "google-feedfetcher",
        &["FeedFetcher-Google"],
        &[
            all("https://developers.google.com/static/crawling/ipranges/user-triggered-fetchers.json"),
            all("https://developers.google.com/static/crawling/ipranges/user-triggered-fetchers-google.json"),
        ],
    ),
    crawlers(
        "bingbot",
        &["Bingbot", "msnbot", "AdIdxBot", "BingPreview"],
        &[all("https://www.bing.com/toolbox/bingbot.json")],
    ),
    crawlers("applebot", &["Applebot"], &[all("https://search.developer.apple.com/applebot.json")]),
    crawlers("duckduckbot", &["DuckDuckBot"], &[all("https://duckduckgo.com/duckduckbot.json")]),
    crawlers("duckassistbot", &["DuckAssistBot"], &[all("https://duckduckgo.com/duckassistbot.json")]),
    crawlers("gptbot", &["GPTBot"], &[all("https://openai.com/gptbot.json")]),
    crawlers("oai-searchbot", &["OAI-SearchBot"], &[all("https://openai.com/searchbot.json")]),
    crawlers("chatgpt-user", &["ChatGPT-User"], &[all("https://openai.com/chatgpt-user.json")]),
    crawlers("perplexitybot", &["PerplexityBot"], &[all("https://www.perplexity.ai/perplexitybot.json")]),
    crawlers("perplexity-user", &["Perplexity-User"], &[all("https://www.perplexity.ai/perplexity-user.json")]),
    crawlers("mistralai-user", &["MistralAI-User"], &[all("https://mistral.ai/mistralai-user-ips.json")]),
    crawlers("ccbot", &["CCBot"], &[all("https://index.commoncrawl.org/ccbot.json")]),
    crawlers(
        "ahrefsbot",
        &["AhrefsBot", "AhrefsSiteAudit"],
        &[all("https://api.ahrefs.com/v3/public/crawler-ip-ranges")],
    ),
    crawlers("uptimerobot", &["UptimeRobot"], &[all("https://uptimerobot.com/inc/files/ips/IPv4andIPv6.txt")]),
    crawlers(
        "pingdom",
        &["Pingdom"],
        &[all("https://my.pingdom.com/probes/ipv4"), all("https://my.pingdom.com/probes/ipv6")],
    ),
    crawlers("jetpack", &["Jetpack", "Jetpack monitor"], &[all("https://jetpack.com/ips-v4.json")]),
    crawlers("stripe", &["Stripe"], &[all("https://stripe.com/files/ips/ips_webhooks.json")]),
    crawlers(
        "github",
        &["GitHub"],
        &[Part { url: "https://api.github.com/meta", way: Way::Field("hooks") }],
    ),
    source("tor", &[all("https://check.torproject.org/torbulkexitlist")]),
    source("aws", &[all("https://ip-ranges.amazonaws.com/ip-ranges.json")]),
    source("google", &[all("https://www.gstatic.com/ipranges/cloud.json")]),
    source(
        "azure",
        &[Part {
            url: "https://www.microsoft.com/en-us/download/details.aspx?id=56519",
            way: Way::LinkedFrom("https://download.microsoft.com/download/"),
        }],
    ),
    source("oracle", &[all("https://docs.oracle.com/en-us/iaas/tools/public_ip_ranges.json")]),
    source("digitalocean", &[all("https://digitalocean.com/geofeed/google.csv")]),
    source("linode", &[all("https://geoip.linode.com/")]),
    source("vultr", &[all("https://geofeed.constant.com/?json")]),
    source(
        "cloudflare",
        &[all("https://www.cloudflare.com/ips-v4/"), all("https://www.cloudflare.com/ips-v6/")],
    ),
    source("fastly", &[all("https://api.fastly.com/public-ip-list")]),
];

/// Crawlers whose addresses have names that lead back to them, and the domains of those names.
#[rustfmt::skip]
const DOMAINS: &[(&[&str], &[&str])] = &[
    (&["Googlebot", "GoogleOther", "Storebot-Google"], &["googlebot.com", "google.com"]),
    (&["Bingbot", "msnbot", "AdIdxBot", "BingPreview"], &["search.msn.com"]),
    (&["Applebot"], &["applebot.apple.com"]),
    (&["YandexBot", "Yandex", "YandexDirect"], &["yandex.ru", "yandex.net", "yandex.com"]),
    (&["Baiduspider"], &["baidu.com", "baidu.jp"]),
    (&["Yahoo! Slurp"], &["crawl.yahoo.net"]),
    (&["Amazonbot"], &["crawl.amazonbot.amazon"]),
    (&["CCBot"], &["crawl.commoncrawl.org"]),
    (&["SeznamBot"], &["seznam.cz"]),
    (&["PetalBot"], &["petalsearch.com", "aspiegel.com"]),
    (&["Sogou"], &["sogou.com"]),
    (&["Mail.RU_Bot"], &["mail.ru"]),
    (&["Coc Coc"], &["coccoc.com"]),
    (&["MojeekBot"], &["mojeek.com"]),
    (&["Pinterestbot"], &["pinterest.com", "pinterestcrawler.com"]),
    (&["Stripebot"], &["crawl.stripe.com"]),
];

/// The domains in which all addresses of a crawler have their names; empty if that is not known.
pub(crate) fn domains_of(crawler: &str) -> &'static [&'static str] {
    let known = DOMAINS.iter().find(|(names, _)| names.contains(&crawler));
    known.map_or(&[], |(_, domains)| domains)
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use engine::attribute::{classify, known_crawler};

    use super::*;

    #[test]
    fn every_list_has_a_name_of_its_own_and_an_address_that_is_safe() {
        for (at, list) in LISTS.iter().enumerate() {
            assert!(LISTS[..at].iter().all(|other| other.name != list.name));
            assert!(!list.parts.is_empty());
            assert!(
                list.parts
                    .iter()
                    .all(|part| part.url.starts_with("https://"))
            );
            assert_eq!(engine::origin_name(list.name), list.name);
        }
    }

    #[test]
    fn every_name_is_one_that_user_agents_are_found_to_have() {
        let of_lists = LISTS.iter().filter_map(|list| match list.subject {
            Subject::Crawlers(names) => Some(names),
            Subject::Source(_) => None,
        });
        let all = of_lists.chain(DOMAINS.iter().map(|(names, _)| *names));
        for name in all.flatten() {
            let found = classify(name);
            let known = known_crawler(name).map(str::to_owned);
            let named = known.or(found.name.map(Cow::into_owned));
            // These two are not what their programs call themselves.
            let is_own = ["Jetpack monitor", "Stripebot", "Stripe"].contains(name);
            assert!(
                is_own || named.as_deref() == Some(name),
                "{name}: {named:?}"
            );
        }
    }
}

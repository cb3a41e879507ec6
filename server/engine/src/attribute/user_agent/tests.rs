use proptest::prelude::*;
use shared::Purpose;
use shared::UserAgentClass::{self, *};

use super::{classify, known_crawler};

fn check(class: UserAgentClass, texts: &[&str]) {
    for text in texts {
        let found = classify(text);
        assert_eq!(found.class, class, "{text}: {found:?}");
        assert_eq!(found.contradiction.is_some(), class == Inconsistent);
    }
}

fn name(text: &str) -> String {
    classify(text).name.unwrap_or_default().into_owned()
}

#[test]
fn the_empty_user_agent_is_empty() {
    check(Empty, &["", "-", "  "]);
}

#[test]
fn crawlers_that_name_themselves_are_crawlers_also_dressed_as_browsers() {
    check(
        Crawler,
        &[
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/41.0.2272.96 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Mozilla/5.0 (compatible; Yahoo! Slurp; http://help.yahoo.com/help/us/ysearch/slurp)",
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
            "Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)",
            // Known to no table: by its word, by its address, by its place.
            "ExampleSpider/1.0",
            "Mozilla/5.0 (compatible; Example/1.0; ann@example.org)",
            "Mozilla/5.0 (compatible; Example)",
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_9) AppleWebKit/537 (KHTML, like Gecko) Chrome/64 Safari/537 example.com/about",
        ],
    );
}

#[test]
fn the_name_is_canonical_or_its_own() {
    assert_eq!(name("Googlebot-Image/1.0"), "Googlebot");
    assert_eq!(
        name("Mozilla/5.0 (compatible; NiceBot-Example/1.0; +http://x.org)"),
        "NiceBot-Example"
    );
    assert_eq!(name("python-requests/2.31.0"), "python-requests");
    assert_eq!(name("Widget Fetcher Pro/2"), "Fetcher");
    assert_eq!(name("ExampleTool/1.0"), "ExampleTool");
    // A hostile name is cut and loses its marks.
    assert_eq!(name("<b>bot</b>"), "bbot");
    assert_eq!(name(&"a".repeat(500)).len(), 40);
}

#[test]
fn scanners_are_scanners_whatever_else_they_say() {
    check(
        SecurityScanner,
        &[
            "sqlmap/1.7.2#stable (https://sqlmap.org)",
            "Mozilla/5.00 (Nikto/2.1.5) (Evasions:None) (Test:Port Check)",
            "Mozilla/5.0 (compatible; Nmap Scripting Engine; https://nmap.org/book/nse.html)",
            "Fuzz Faster U Fool v2.1.0-dev",
            "Mozilla/5.0 zgrab/0.x",
            "WPScan v3.8.22 (https://wpscan.com/wordpress-security-scanner)",
            "gobuster/3.6",
            "Mozilla/4.0 (Hydra)",
            "Nuclei - Open-source project (github.com/projectdiscovery/nuclei)",
        ],
    );
    // Part of another word: a name of a place, an app that scans documents.
    check(
        Browser,
        &[
            "Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/125.0.6422.165 Mobile Safari/537.36 CamScanner/4.5.0",
        ],
    );
}

#[test]
fn libraries_scrapers_headless_browsers_and_automation_are_told_apart() {
    check(
        HttpLibrary,
        &[
            "curl/8.5.0",
            "Wget/1.21.4",
            "Go-http-client/2.0",
            "Java/17.0.2",
            "Apache-HttpClient/4.5.13 (Java/11.0.20)",
            "okhttp/4.9.3",
            "axios/1.6.2",
            "libwww-perl/6.05",
            "PHP/8.1",
            "Mozilla/3.0 (compatible; Indy Library)",
            // A program that no table knows: a name, but no browser's.
            "SomeTool/1.0",
        ],
    );
    check(
        Scraper,
        &[
            "Scrapy/2.11.0 (+https://scrapy.org)",
            "Mozilla/4.5 (compatible; HTTrack 3.0x; Windows 98)",
        ],
    );
    check(
        Headless,
        &[
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0.0.0 Safari/537.36",
            "Mozilla/5.0 (Unknown; Linux x86_64) AppleWebKit/538.1 (KHTML, like Gecko) PhantomJS/2.1.1 Safari/538.1",
        ],
    );
    check(
        Automation,
        &[
            "WordPress/4.4.2; http://www.example.org",
            "jetmon/1.0 (Jetpack Site Uptime Monitor by WordPress.com)",
            "ELB-HealthChecker/2.0",
            "kube-probe/1.29",
            "Prometheus/2.45.0",
            "Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)",
            "Feedbin feed-id:1015889 - 1 subscribers",
            "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
            "Tiny Tiny RSS/1.11 (http://tt-rss.org/)",
        ],
    );
}

#[test]
fn browsers_that_people_use_are_browsers() {
    check(
        Browser,
        &[
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0",
            "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
            // A maker of phones that ends in `bot`.
            "Mozilla/5.0 (Linux; Android 6.0; CUBOT MAX) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/72.0.3626.121 Mobile Safari/537.36",
            // Windows Phone says Android and iPhone, and tells why.
            "Mozilla/5.0 (Mobile; Windows Phone 8.1; Android 4.0; ARM; Trident/7.0; Touch; rv:11.0; IEMobile/11.0; NOKIA; Lumia 635) like iPhone OS 7_0_3 Mac OS X AppleWebKit/537 (KHTML, like Gecko) Mobile Safari/537",
            // Opera called itself Internet Explorer on every system.
            "Mozilla/4.0 (compatible; MSIE 6.0; Linux i686; en) Opera 8.50",
            // Compatibility view: an old name on a new engine.
            "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 6.1; WOW64; Trident/7.0; SLCC2)",
            // Firefox kept 109 for ten versions.
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:109.0) Gecko/20100101 Firefox/115.0",
            // Derived browsers bend versions.
            "Mozilla/5.0 (Windows NT 5.1; rv:52.9) Gecko/20100101 Goanna/3.4 Firefox/52.9 PaleMoon/27.9.1a1",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/534.24 (KHTML, like Gecko) Chrome/71.0.3578.141 Safari/534.24 XiaoMi/MiuiBrowser/11.4.3-g",
            // Netscape, a text browser, one of a games console.
            "Mozilla/4.76 [en] (X11; U; Linux 2.4.5 i686)",
            "Lynx/2.8.9rel.1 libwww-FM/2.14 SSL-MM/1.4.1 GNUTLS/3.6.5",
            "Opera/9.80 (Windows NT 6.1; WOW64) Presto/2.12.388 Version/12.18",
            // Internet Explorer advertised the toolkit that embedded it.
            "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 5.1; Embedded Web Browser from: http://bsalsa.com/)",
            // Cut on its way into the log.
            "Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 5.1; .NET CLR 2.0.50727",
        ],
    );
}

#[test]
fn apps_are_apps() {
    check(
        NativeApp,
        &[
            "Viber/12.8.0.1 CFNetwork/1121.2.2 Darwin/19.3.0",
            "Dalvik/2.1.0 (Linux; U; Android 9; Portal Build/PKQ1.191225.001)",
            "ESPN App/6.12.0 Dalvik/2.1.0 (Linux; U; Android 9)",
            "Hulu/6.8.1 (iOS 13.3; en_US; iPhone12,1; 17C54)",
        ],
    );
}

#[test]
fn what_contradicts_itself_is_inconsistent() {
    check(
        Inconsistent,
        &[
            "Mozilla/5.0",
            "Mozilla/4.0 (compatible;)",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64)",
            "{user-agent}",
            "Mozilla/5.0 (Linux; <Android Version>; <Build Tag etc.>) AppleWebKit/537 (KHTML, like Gecko)",
            "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:27.0) Gecko/20100101 Firefox/27.0",
            "'Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1; Trident/5.0)'",
            "Mozilla/5.0 (Windows NT 10.0; Android 13) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Safari/605.1.15",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Safari/605.1.15",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Safari/537.36 Chrome/120.0.0.0",
            "Mozilla/5.0 (Windows NT 5.1) AppleWebKit/497.33 (KHTML, like Gecko) Chrome/1826.0.1826.147 Safari/497.33",
            "Mozilla/5.0 (X11; Linux i686; rv:7.0) Gecko/20150115 Firefox/5.5.1",
            "Mozilla/5.0 (Windows NT 6.0; rv:16.0) Firefox/12.0",
            "Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 5.0; Trident/4.1)",
            "Mozilla/5.0 (compatible; MSIE 8.0; Linux x86_64; Trident/4.0)",
            "() { :; }; /bin/bash -c 'id'",
            "Mozilla/5.0 ${jndi:ldap://example.org/a}",
            "Firefox",
        ],
    );
}

#[test]
fn a_browser_has_family_version_and_year() {
    let check = |text: &str, family: &str, version: u16, year: Option<u32>| {
        let browser = classify(text).browser.expect(text);
        let released = browser.released.map(|day| 1970 + (day + 2) * 4 / 1461);
        assert_eq!(
            (browser.family, browser.version, released),
            (family, version, year),
            "{text}"
        );
    };
    let chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/48.0.2564.116 Safari/537.36";
    check(chrome, "Chrome", 48, Some(2016));
    check(
        &format!("{chrome} OPR/35.0.2066.37"),
        "Opera",
        35,
        Some(2016),
    );
    check(
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "Firefox",
        140,
        Some(2025),
    );
    check(
        "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 6.1; Trident/6.0)",
        "Internet Explorer",
        10,
        Some(2012),
    );
    check(
        "Mozilla/5.0 (Windows NT 10.0; WOW64; Trident/7.0; rv:11.0) like Gecko",
        "Internet Explorer",
        11,
        Some(2013),
    );
    check(
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15",
        "Safari",
        18,
        Some(2024),
    );
    check(
        "Opera/9.80 (Windows NT 6.1; WOW64) Presto/2.12.388 Version/12.18",
        "Opera",
        12,
        Some(2012),
    );
    // Beyond what is known: no year is better than a wrong one.
    check(
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/400.0.0.0 Safari/537.36",
        "Chrome",
        400,
        None,
    );
    assert_eq!(classify("curl/8.5.0").browser, None);
}

#[test]
fn known_crawlers_have_one_name_each() {
    assert_eq!(known_crawler("Googlebot-Image/1.0"), Some("Googlebot"));
    assert_eq!(
        known_crawler("Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)"),
        Some("Bingbot")
    );
    assert_eq!(
        known_crawler("Mozilla/5.0 (compatible; Yahoo! Slurp)"),
        Some("Yahoo! Slurp")
    );
    assert_eq!(
        known_crawler("Mozilla/5.0 (compatible; ClaudeBot/1.0)"),
        Some("ClaudeBot")
    );
    assert_eq!(known_crawler("ExampleBot/1.0"), None);
    for (_, name) in super::names::crawlers() {
        assert_eq!(known_crawler(name), Some(name), "a name names itself");
    }
}

#[test]
fn versions_of_a_year_come_evenly() {
    let text = |version: u16| {
        format!(
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
             Chrome/{version}.0.0.0 Safari/537.36"
        )
    };
    let released = |version| classify(&text(version)).browser.unwrap().released;
    let days: Vec<u32> = (1..=200).filter_map(released).collect();
    assert_eq!(days.len(), 200);
    assert!(days.is_sorted(), "{days:?}");
    // The last years had a dozen each, and so do those to come.
    assert!((330..400).contains(&(days[155] - days[143])));
}

#[test]
fn what_works_by_itself_says_what_for() {
    let check = |text: &str, purpose: Option<Purpose>| {
        assert_eq!(classify(text).purpose, purpose, "{text}");
    };
    let crawler = |name: &str| format!("Mozilla/5.0 (compatible; {name}/1.0; +https://x.example)");
    check(&crawler("Googlebot"), Some(Purpose::SearchEngine));
    check(&crawler("GPTBot"), Some(Purpose::AiTraining));
    check(&crawler("OAI-SearchBot"), Some(Purpose::AiSearch));
    check(&crawler("ChatGPT-User"), Some(Purpose::AiAssistant));
    check(&crawler("AhrefsBot"), Some(Purpose::Marketing));
    check("ELB-HealthChecker/2.0", Some(Purpose::HealthCheck));
    check(
        "jetmon/1.0 (Jetpack Site Uptime Monitor by WordPress.com)",
        Some(Purpose::UptimeMonitor),
    );
    check("Jetpack by WordPress.com", Some(Purpose::Site));
    check(
        "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        Some(Purpose::Webhook),
    );
    check("Twitterbot/1.0", Some(Purpose::LinkPreview));
    check(
        "FreshRSS/1.24.3 (Linux; https://freshrss.org)",
        Some(Purpose::FeedReader),
    );
    // Known to no table: its words tell.
    check("SomeUptimeThing/1.0", Some(Purpose::UptimeMonitor));
    check("AcmeFeeds/2.0", Some(Purpose::FeedReader));
    check("NiceBot/1.0", None);
    check("curl/8.5.0", None);
}

#[test]
fn only_names_of_the_tables_are_known() {
    assert!(classify("Googlebot/2.1").is_known);
    assert!(classify("UptimeRobot/2.0").is_known);
    assert!(!classify("NiceBot/1.0").is_known);
    assert!(
        !classify("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")
            .is_known
    );
}

proptest! {
    #[test]
    fn any_text_is_classified(text in ".{0,200}") {
        let found = classify(&text);
        prop_assert_eq!(found.contradiction.is_some(), found.class == Inconsistent);
        prop_assert!(found.name.is_none_or(|name| name.len() <= 40));
        prop_assert!(known_crawler(&text).is_none_or(|name| !name.is_empty()));
    }

    #[test]
    fn pieces_of_user_agents_in_any_order_are_classified(
        pieces in proptest::collection::vec(
            prop_oneof![
                Just("Mozilla/5.0"), Just("("), Just(")"), Just("compatible;"), Just("MSIE 9.0;"),
                Just("Chrome/1"), Just("Safari/"), Just("rv:"), Just("@a.bc"), Just("é"), Just("bot"),
                Just("Trident/"), Just("/"), Just(";"), Just(" "), Just("www."), Just("{x}"), Just("CUbot"),
            ],
            0..20,
        ),
    ) {
        let text = pieces.concat();
        prop_assert_eq!(classify(&text), classify(&format!(" {text} ")));
    }
}

//! Programs that are welcome: what watches the shop, indexes it, reads its news, pays it, tests
//! it and sells for it. Each script is an hour of one of them.

use super::random::Random;
use super::script::{Script, Sender};
use super::shop::{self, API, ARTICLES, CATEGORIES, Meaning, PRODUCTS};

fn program(script: &mut Script, address: &str, user_agent: &str) {
    script.be(Sender {
        address: address.to_owned(),
        user_agent: user_agent.to_owned(),
        ..Sender::default()
    });
}

/// Asks for `/healthz` once a minute, from three places in turn.
pub(super) fn uptime_monitor(script: &mut Script) {
    const AGENT: &str = "Mozilla/5.0+(compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)";
    let mut place = 0;
    while script.goes_on() {
        place = (place + 1) % 3;
        program(script, &format!("192.0.2.{}", 10 + place), AGENT);
        let at = script.now;
        script.get("/healthz");
        script.now = at + 60_000 + script.random.duration(-400..400);
    }
}

/// The load balancer asks every half minute.
pub(super) fn load_balancer(script: &mut Script) {
    program(script, "192.0.2.2", "ELB-HealthChecker/2.0");
    while script.goes_on() {
        let at = script.now;
        script.get("/healthz");
        script.now = at + 30_000;
    }
}

/// Feed readers ask every half hour whether there is news; mostly there is none.
pub(super) fn feed_readers(script: &mut Script) {
    const READERS: [(&str, &str); 4] = [
        (
            "192.0.2.131",
            "Feedly/1.0 (+http://www.feedly.com/fetcher.html; like FeedFetcher-Google)",
        ),
        (
            "192.0.2.132",
            "FreshRSS/1.26.3 (Linux; https://freshrss.org)",
        ),
        ("192.0.2.133", "Miniflux/2.2.9 (+https://miniflux.app)"),
        ("192.0.2.134", "Tiny Tiny RSS/24.10 (https://tt-rss.org/)"),
    ];
    let start = script.now;
    for (number, (address, agent)) in (0i64..).zip(READERS) {
        program(script, address, agent);
        for half in 0..2 {
            script.now =
                start + (half * 30 + 7 * number) * 60_000 + script.random.duration(0..9_000);
            let meaning = if script.random.chance(92) {
                Meaning::Revalidate
            } else {
                Meaning::Plain
            };
            script.send("GET", "/feed.xml", 0, meaning);
        }
    }
}

/// An hour of a search engine's crawler: slowly, and only where it may.
fn crawl(script: &mut Script, addresses: &[&str], agent: &str, pages: u64) {
    program(script, addresses[0], agent);
    script.get("/robots.txt");
    let pause = 3_600_000 / pages as i64;
    for _ in 0..pages {
        script.wait(pause / 3..pause * 5 / 3);
        let address = script.random.pick(addresses);
        program(script, address, agent);
        let page = match script.random.number(0..10) {
            0..7 => {
                let product = script.random.number(1..PRODUCTS);
                format!("/product/{}", shop::product_name(product))
            }
            7..9 => format!("/category/{}", script.random.pick(CATEGORIES)),
            _ => format!("/blog/{}", script.random.pick(ARTICLES)),
        };
        let meaning = if script.random.chance(20) {
            Meaning::Revalidate
        } else {
            Meaning::Plain
        };
        script.send("GET", page, 0, meaning);
    }
}

pub(super) fn googlebot(script: &mut Script) {
    const AGENT: &str = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)";
    crawl(
        script,
        &["192.0.2.33", "192.0.2.34", "192.0.2.40"],
        AGENT,
        46,
    );
}

pub(super) fn bingbot(script: &mut Script) {
    const AGENT: &str = "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)";
    crawl(script, &["192.0.2.65", "192.0.2.66"], AGENT, 24);
}

/// The bank says that payments went through.
pub(super) fn payment_webhooks(script: &mut Script) {
    script.host = API;
    loop {
        script.think(300_000);
        if !script.goes_on() {
            return;
        }
        let address = script.random.pick(&["192.0.2.201", "192.0.2.202"]);
        program(
            script,
            address,
            "Paylane-Webhooks/3.1 (+https://paylane.example/webhooks)",
        );
        let bytes = script.random.number(700..1_400);
        script.post("/api/v1/webhooks/payment", bytes);
    }
}

/// The team's own smoke test, every quarter of an hour.
pub(super) fn smoke_test(script: &mut Script) {
    let start = script.now;
    program(
        script,
        "192.0.2.20",
        "northlane-ci-smoke/1.4 (+https://ci.shop.example)",
    );
    for quarter in 0..4 {
        script.now = start + (quarter * 15 + 3) * 60_000;
        for page in [
            "/",
            "/category/kitchen",
            "/product/13-alpine-hose",
            "/cart",
            "/healthz",
        ] {
            script.get(page);
            script.wait(40..200);
        }
    }
}

/// A partner takes over the whole catalogue's stock, every third hour.
pub(super) fn partner(script: &mut Script) {
    if script.now / 3_600_000 % 3 != 0 {
        return;
    }
    script.host = API;
    program(
        script,
        "198.51.100.70",
        "GroveMarket-Sync/2.0 (+https://grove.example/partners)",
    );
    script.wait(120_000..180_000);
    for page in 1..=PRODUCTS / 50 {
        script.get(format!("/api/v1/products?page={page}&per_page=50"));
        script.wait(900..1_800);
    }
}

/// Somebody shares a link, and a messenger fetches its preview.
pub(super) fn link_previews(script: &mut Script) {
    for _ in 0..script.random.number(1..5) {
        script.wait(60_000..900_000);
        let mut own = Random::of(&[script.random.next()]);
        let (address, agent) = if own.chance(50) {
            (
                "192.0.2.150",
                "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
            )
        } else {
            (
                "192.0.2.151",
                "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
            )
        };
        program(script, address, agent);
        let product = own.number(1..40);
        script.get(format!("/product/{}", shop::product_name(product)));
    }
}

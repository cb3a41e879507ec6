//! Bots after the catalogue: a crawler that takes all products, a program that counts through
//! the API's identifiers, and a real browser with pauses like a person's.

use super::agents;
use super::script::{Script, Sender};
use super::shop::{self, API, CATEGORIES, Meaning, PRODUCTS, SHOP};

fn program(script: &mut Script, address: &str, user_agent: String) {
    script.be(Sender {
        address: address.to_owned(),
        user_agent,
        ..Sender::default()
    });
}

/// Category by category, page by page, product by product, as Scrapy does it.
pub(super) fn crawl(script: &mut Script, address: &str) {
    let agent = "Scrapy/2.13.3 (+https://scrapy.org)".to_owned();
    program(script, address, agent);
    script.get("/robots.txt");
    script.get("/");
    for category in CATEGORIES {
        for page in 1..=4 {
            let target = format!("/category/{category}?page={page}");
            script.get(target.as_str());
            script.referer = format!("https://{SHOP}{target}");
            script.wait(150..700);
        }
    }
    for product in 1..=PRODUCTS {
        if !script.goes_on() {
            return;
        }
        script.get(format!("/product/{}", shop::product_name(product)));
        script.wait(200..1_100);
    }
}

/// `/api/v1/products/1`, `/2`, `/3` … until nothing comes any more.
pub(super) fn count_through(script: &mut Script, address: &str) {
    let agent = if script.random.chance(60) {
        "python-requests/2.32.5".to_owned()
    } else {
        agents::chrome(script.now, "Windows NT 10.0; Win64; x64", 0)
    };
    program(script, address, agent);
    script.host = API;
    for product in 1..=PRODUCTS + 12 {
        if !script.goes_on() {
            return;
        }
        script.get(format!("/api/v1/products/{product}"));
        if script.random.chance(50) {
            script.get(format!("/api/v1/stock/{product}"));
        }
        script.wait(250..900);
    }
}

/// A browser without a window that opens a product every few seconds, for an hour or two. It
/// fetches what a browser fetches and keeps its cookie.
pub(super) fn browse(script: &mut Script, address: &str) {
    let session = script.new_session();
    script.be(Sender {
        address: address.to_owned(),
        user_agent: agents::chrome(script.now, "X11; Linux x86_64", 1),
        session,
        user: String::new(),
    });
    script.get("/");
    for file in ["shop.css?v=41", "app.js?v=41", "vendor.js?v=41"] {
        script.fetch(20..120, format!("/static/{file}"), Meaning::Plain);
    }
    let mut product = script.random.number(1..PRODUCTS);
    while script.goes_on() {
        script.wait(3_500..14_000);
        product = product % PRODUCTS + 1;
        let target = format!("/product/{}", shop::product_name(product));
        script.get(target.as_str());
        script.referer = format!("https://{SHOP}{target}");
        script.fetch(
            60..300,
            format!("/static/products/{product}-1200.webp"),
            Meaning::Plain,
        );
        script.fetch(90..400, format!("/api/v1/stock/{product}"), Meaning::Plain);
    }
}

//! The shop that the demo traffic goes to: what it sells, which addresses it has, and what it
//! answers. Whatever a script asks for is answered here, so that all of them see one shop.

use std::ops::Range;

use super::random::Random;

/// Where people look at it.
pub(super) const SHOP: &str = "shop.example";
/// Where its app and its partners call it.
pub(super) const API: &str = "api.shop.example";

/// How many products it has, numbered from 1.
pub(super) const PRODUCTS: u64 = 480;

/// Its categories.
pub(super) const CATEGORIES: &[&str] = &[
    "kitchen", "garden", "audio", "cycling", "books", "toys", "lamps", "jackets", "shoes",
    "office", "travel", "tools",
];

/// Articles of its blog.
pub(super) const ARTICLES: &[&str] = &[
    "how-to-oil-a-cutting-board",
    "a-quiet-office",
    "ten-lamps-under-fifty",
    "winter-cycling",
    "repair-not-replace",
    "packing-light",
    "books-for-long-trains",
    "a-garden-in-a-day",
];

const MAKES: &[&str] = &[
    "nordic", "alpine", "harbour", "willow", "copper", "quiet", "ember", "atlas", "meadow", "slate",
];
const THINGS: &[&str] = &[
    "kettle", "hose", "speaker", "saddle", "atlas", "puzzle", "lantern", "parka", "sneaker",
    "desk", "suitcase", "drill",
];

/// What a request means, where its address does not say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// What it looks like.
    Plain,
    /// The browser has it and asks whether it is still the same.
    Revalidate,
    /// The password, code or coupon is wrong.
    Wrong,
    /// The bank refuses the card.
    Declined,
}

/// What the shop answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) bytes: u64,
    pub(super) time_us: u64,
}

/// Who may see a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    Anyone,
    SignedIn,
    Staff,
}
use Access::{Anyone, SignedIn, Staff};

/// An address of the shop.
struct Route {
    method: &'static str,
    /// Segments in braces stand for what [`fits`] says.
    path: &'static str,
    access: Access,
    status: u16,
    bytes: Range<u64>,
    /// Milliseconds.
    time: Range<u64>,
}

const fn route(
    method: &'static str,
    path: &'static str,
    access: Access,
    status: u16,
    bytes: Range<u64>,
    time: Range<u64>,
) -> Route {
    Route {
        method,
        path,
        access,
        status,
        bytes,
        time,
    }
}

/// The site map.
#[rustfmt::skip]
const ROUTES: &[Route] = &[
    route("GET", "/", Anyone, 200, 17_000..19_000, 20..55),
    route("GET", "/category/{category}", Anyone, 200, 14_000..22_000, 25..80),
    route("GET", "/product/{product}", Anyone, 200, 9_000..15_000, 18..60),
    route("GET", "/search", Anyone, 200, 4_000..19_000, 60..240),
    route("GET", "/cart", Anyone, 200, 5_000..8_000, 20..50),
    route("GET", "/checkout", SignedIn, 200, 11_000..12_000, 30..90),
    route("GET", "/account/login", Anyone, 200, 4_100..4_110, 8..20),
    route("POST", "/account/login", Anyone, 302, 0..1, 90..190),
    route("GET", "/account/register", Anyone, 200, 5_200..5_210, 8..20),
    route("POST", "/account/register", Anyone, 302, 0..1, 110..240),
    route("GET", "/account/reset", Anyone, 200, 3_100..3_110, 8..20),
    route("POST", "/account/reset", Anyone, 200, 3_300..3_310, 40..90),
    route("POST", "/account/logout", Anyone, 302, 0..1, 8..20),
    route("GET", "/account", SignedIn, 200, 7_000..8_000, 20..50),
    route("GET", "/account/orders", SignedIn, 200, 6_000..12_000, 30..70),
    route("GET", "/account/orders/{id}", SignedIn, 200, 7_000..9_000, 20..60),
    route("GET", "/blog", Anyone, 200, 9_000..9_100, 15..40),
    route("GET", "/blog/{article}", Anyone, 200, 14_000..31_000, 15..40),
    route("GET", "/help", Anyone, 200, 6_000..6_100, 10..20),
    route("GET", "/help/{topic}", Anyone, 200, 4_000..9_000, 10..25),
    route("GET", "/feed.xml", Anyone, 200, 21_000..21_100, 12..30),
    route("GET", "/robots.txt", Anyone, 200, 148..149, 1..3),
    route("GET", "/sitemap.xml", Anyone, 200, 61_000..61_100, 15..40),
    route("GET", "/favicon.ico", Anyone, 200, 1_406..1_407, 1..2),
    route("GET", "/healthz", Anyone, 200, 15..16, 1..4),
    route("GET", "/static/{file}", Anyone, 200, 9_000..90_000, 1..4),
    route("GET", "/static/products/{picture}", Anyone, 200, 14_000..46_000, 1..5),
    route("GET", "/api/v1/config", Anyone, 200, 900..910, 4..10),
    route("GET", "/api/v1/products", Anyone, 200, 8_000..12_000, 25..70),
    route("GET", "/api/v1/products/{id}", Anyone, 200, 1_400..2_600, 9..30),
    route("GET", "/api/v1/products/{id}/reviews", Anyone, 200, 300..6_000, 12..40),
    route("POST", "/api/v1/products/{id}/reviews", SignedIn, 201, 60..61, 30..80),
    route("GET", "/api/v1/stock/{id}", Anyone, 200, 48..60, 5..15),
    route("GET", "/api/v1/suggest", Anyone, 200, 120..600, 8..30),
    route("GET", "/api/v1/search", Anyone, 200, 4_000..16_000, 70..260),
    route("GET", "/api/v1/recommendations", Anyone, 200, 1_800..2_400, 15..45),
    route("POST", "/api/v1/beacon", Anyone, 204, 0..1, 2..6),
    route("POST", "/api/v1/login", Anyone, 200, 310..330, 95..200),
    route("POST", "/api/v1/token/refresh", Anyone, 200, 290..300, 20..50),
    route("POST", "/api/v1/otp", Anyone, 202, 18..19, 60..140),
    route("GET", "/api/v1/users/me", SignedIn, 200, 420..520, 8..25),
    route("GET", "/api/v1/notifications", SignedIn, 200, 2..900, 8..25),
    route("GET", "/api/v1/cart", Anyone, 200, 40..1_500, 8..25),
    route("POST", "/api/v1/cart/items", Anyone, 201, 300..1_500, 20..60),
    route("DELETE", "/api/v1/cart/items/{id}", Anyone, 204, 0..1, 15..40),
    route("POST", "/api/v1/coupons/apply", Anyone, 200, 90..100, 15..45),
    route("GET", "/api/v1/orders", SignedIn, 200, 800..5_000, 20..60),
    route("POST", "/api/v1/orders", SignedIn, 201, 240..260, 80..220),
    route("POST", "/api/v1/payments", SignedIn, 201, 180..200, 350..900),
    route("POST", "/api/v1/webhooks/payment", Anyone, 204, 0..1, 10..40),
    route("GET", "/api/v1/export", Anyone, 200, 1_400_000..2_600_000, 1_600..4_200),
    route("GET", "/admin", Staff, 200, 9_000..9_100, 20..60),
    route("GET", "/admin/login", Anyone, 200, 3_800..3_810, 8..20),
    route("POST", "/admin/login", Anyone, 302, 0..1, 90..190),
    route("GET", "/admin/orders", Staff, 200, 18_000..26_000, 60..180),
    route("GET", "/admin/orders/{id}", Staff, 200, 9_000..12_000, 30..90),
];

/// Files of `/static/`, each with its size.
#[rustfmt::skip]
const FILES: &[(&str, u64)] = &[
    ("shop.css", 28_410), ("app.js", 96_872), ("vendor.js", 182_330), ("logo.svg", 3_114),
    ("inter.woff2", 48_256), ("hero.webp", 88_140),
];

const TOPICS: &[&str] = &["delivery", "returns", "payment", "sizes", "contact"];

/// The last part of a product's address.
pub(super) fn product_name(product: u64) -> String {
    let make = MAKES[(product / 7 % MAKES.len() as u64) as usize];
    let thing = THINGS[(product % THINGS.len() as u64) as usize];
    format!("{product}-{make}-{thing}")
}

/// What somebody who looks for a product types.
pub(super) fn product_words(product: u64) -> (&'static str, &'static str) {
    let make = MAKES[(product / 7 % MAKES.len() as u64) as usize];
    (make, THINGS[(product % THINGS.len() as u64) as usize])
}

/// Answers a request for `target` (path and query). `user`: who is signed in, if anybody.
pub(super) fn answer(
    method: &str,
    target: &str,
    user: &str,
    meaning: Meaning,
    random: &mut Random,
) -> Answer {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let is_api = path.starts_with("/api/");
    let say = |status, bytes, time_us| Answer {
        status,
        bytes,
        time_us,
    };
    let Some(route) = find_route(method, path) else {
        let is_known = ROUTES.iter().any(|route| matches(route.path, path));
        let status = if is_known { 405 } else { 404 };
        let bytes = if is_api { 52 } else { 2_870 };
        return say(status, bytes, random.number(2_000..9_000));
    };
    let time_us = random.number(route.time.start * 1_000..route.time.end * 1_000);
    let is_allowed = match route.access {
        Anyone => true,
        SignedIn => !user.is_empty(),
        Staff => user.starts_with("staff."),
    };
    if !is_allowed {
        return if is_api {
            say(401, 41, time_us / 4)
        } else {
            say(302, 0, time_us / 4)
        };
    }
    match meaning {
        Meaning::Wrong if path.contains("/coupons/") => return say(422, 64, time_us),
        Meaning::Wrong if is_api => return say(401, 58, time_us),
        Meaning::Wrong => return say(401, 4_236, time_us),
        Meaning::Declined => return say(402, 77, time_us),
        Meaning::Revalidate => return say(304, 0, random.number(800..3_000)),
        Meaning::Plain => {}
    }
    let file = path.rsplit('/').next().unwrap_or_default();
    let bytes = match FILES.iter().find(|(name, _)| *name == file) {
        Some((_, bytes)) => *bytes,
        // The same address has the same size.
        None => Random::of(&[hash(path), hash(query)]).number(route.bytes.clone()),
    };
    // A search for nothing in particular has to look at everything.
    let is_expensive = path.ends_with("/search") && query.contains('*');
    let factor = if is_expensive { 14 } else { 1 };
    say(route.status, bytes, time_us * factor)
}

/// Whether the shop has such an address, for whatever method.
#[cfg(test)]
pub(super) fn is_known(path: &str) -> bool {
    ROUTES.iter().any(|route| matches(route.path, path))
}

fn find_route(method: &str, path: &str) -> Option<&'static Route> {
    let method = if method == "HEAD" { "GET" } else { method };
    ROUTES
        .iter()
        .find(|route| route.method == method && matches(route.path, path))
}

fn matches(pattern: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (pattern.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given)) if fits(wanted, given) => {}
            _ => return false,
        }
    }
}

/// Whether a segment of a path is what a pattern has there.
fn fits(wanted: &str, given: &str) -> bool {
    let number = |text: &str| text.parse::<u64>().unwrap_or(0);
    match wanted {
        "{category}" => CATEGORIES.contains(&given),
        "{article}" => ARTICLES.contains(&given),
        "{topic}" => TOPICS.contains(&given),
        "{file}" => FILES.iter().any(|(name, _)| *name == given),
        "{id}" => number(given) > 0,
        "{product}" => {
            let product = given.split('-').next().map_or(0, number);
            (1..=PRODUCTS).contains(&product) && product_name(product) == given
        }
        "{picture}" => given
            .strip_suffix(".webp")
            .and_then(|name| name.split_once('-'))
            .is_some_and(|(product, width)| {
                (1..=PRODUCTS).contains(&number(product)) && matches!(width, "320" | "1200")
            }),
        _ => wanted == given,
    }
}

/// A number for a text.
pub(super) fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(method: &str, target: &str, user: &str, meaning: Meaning, status: u16) {
        let answer = answer(method, target, user, meaning, &mut Random::of(&[1]));
        assert_eq!(answer.status, status, "{method} {target}");
    }

    #[test]
    fn an_address_is_answered_as_the_site_map_says() {
        check("GET", "/", "", Meaning::Plain, 200);
        check("GET", "/category/kitchen?page=2", "", Meaning::Plain, 200);
        check("GET", "/category/weapons", "", Meaning::Plain, 404);
        let product = format!("/product/{}", product_name(77));
        check("GET", &product, "", Meaning::Plain, 200);
        check("GET", &product, "", Meaning::Revalidate, 304);
        check("GET", "/product/77-other", "", Meaning::Plain, 404);
        check(
            "GET",
            "/static/products/77-320.webp",
            "",
            Meaning::Plain,
            200,
        );
        check("GET", "/.env", "", Meaning::Plain, 404);
        check("DELETE", "/", "", Meaning::Plain, 405);
    }

    #[test]
    fn who_is_not_signed_in_is_led_to_the_sign_in_or_told_so() {
        check("GET", "/account", "", Meaning::Plain, 302);
        check("GET", "/account", "maria", Meaning::Plain, 200);
        check("GET", "/api/v1/orders", "", Meaning::Plain, 401);
        check("GET", "/admin", "maria", Meaning::Plain, 302);
        check("GET", "/admin", "staff.noor", Meaning::Plain, 200);
        check("POST", "/api/v1/login", "", Meaning::Wrong, 401);
    }

    #[test]
    fn the_same_address_has_the_same_size_and_a_search_for_everything_is_slow() {
        let mut random = Random::of(&[1]);
        let mut ask = |target: &str| answer("GET", target, "", Meaning::Plain, &mut random);
        let (one, other) = (ask("/search?q=lamp"), ask("/search?q=lamp"));
        assert_eq!(one.bytes, other.bytes);
        assert!(ask("/search?q=*&sort=price").time_us > 4 * one.time_us.min(other.time_us) / 2);
    }
}

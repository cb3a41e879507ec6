//! People with the shop's app: the same wishes as in a browser, spoken as API calls.

use super::people;
use super::script::Script;
use super::shop::{self, API, Meaning, PRODUCTS};

/// How long somebody usually looks at a screen, in milliseconds.
const LOOKS: i64 = 12_000;

/// Opens the app, looks around, and puts it away.
pub(super) fn visit(script: &mut Script) {
    let person = people::app_customer(script);
    script.be(person.sender);
    script.host = API;
    script.get("/api/v1/config");
    if script.random.chance(65) {
        // Signed in since long ago: a token is renewed.
        script.use_account(&person.account);
        if script.random.chance(30) {
            script.post("/api/v1/token/refresh", 80);
        }
        script.get("/api/v1/users/me");
        script.get("/api/v1/notifications");
    }
    script.get("/api/v1/products?page=1&per_page=20");
    let mut in_cart = false;
    for _ in 0..script.random.number(2..11) {
        script.think(LOOKS);
        match script.random.number(0..100) {
            0..52 => in_cart |= look_at_product(script),
            52..74 => look_through(script),
            74..92 => search(script),
            92..96 => _ = script.get("/api/v1/cart"),
            _ => script.wait(120_000..900_000),
        }
    }
    if in_cart && script.random.chance(45) {
        buy(script, &person.account);
    }
}

fn fetch_pictures(script: &mut Script, count: u64) {
    for _ in 0..count {
        let product = script.random.number(1..PRODUCTS);
        script.fetch(
            40..500,
            format!("/static/products/{product}-320.webp"),
            Meaning::Plain,
        );
    }
}

/// Returns whether it went into the cart.
fn look_at_product(script: &mut Script) -> bool {
    let among = if script.random.chance(50) {
        40
    } else {
        PRODUCTS
    };
    let product = script.random.number(1..among);
    script.get(format!("/api/v1/products/{product}"));
    script.fetch(
        10..60,
        format!("/static/products/{product}-1200.webp"),
        Meaning::Plain,
    );
    script.fetch(20..90, format!("/api/v1/stock/{product}"), Meaning::Plain);
    script.fetch(
        30..120,
        format!("/api/v1/recommendations?product={product}"),
        Meaning::Plain,
    );
    if script.random.chance(35) {
        script.think(7_000);
        script.get(format!("/api/v1/products/{product}/reviews"));
    }
    let buys = script.random.chance(13);
    if buys {
        script.think(6_000);
        script.post("/api/v1/cart/items", 48);
    }
    buys
}

/// Scrolls down a list; the next page comes when its end is near.
fn look_through(script: &mut Script) {
    let category = script.random.pick(shop::CATEGORIES);
    for page in 1..=script.random.number(1..4) {
        script.get(format!(
            "/api/v1/products?category={category}&page={page}&per_page=20"
        ));
        let pictures = script.random.number(1..5);
        fetch_pictures(script, pictures);
        script.think(7_000);
    }
}

fn search(script: &mut Script) {
    let (make, thing) = shop::product_words(script.random.number(1..PRODUCTS));
    for typed in [&thing[..2], &thing[..4]] {
        script.wait(250..900);
        script.get(format!("/api/v1/suggest?q={typed}"));
    }
    script.wait(300..1_200);
    let words = if script.random.chance(30) {
        format!("{make}+{thing}")
    } else {
        thing.to_owned()
    };
    script.get(format!("/api/v1/search?q={words}"));
    fetch_pictures(script, 3);
}

fn buy(script: &mut Script, account: &str) {
    script.think(5_000);
    script.get("/api/v1/cart");
    if script.sender().user.is_empty() {
        script.think(12_000);
        script.use_account(account);
        if script.random.chance(15) {
            script.send("POST", "/api/v1/login", 70, Meaning::Wrong);
            script.think(9_000);
        }
        script.post("/api/v1/login", 70);
    }
    script.think(20_000);
    script.post("/api/v1/orders", 800);
    script.post("/api/v1/payments", 380);
    script.get("/api/v1/orders");
}

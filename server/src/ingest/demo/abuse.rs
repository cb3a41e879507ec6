//! Bots that use the shop's own functions against it: carts filled and never paid for, stock
//! watched by the second, cards tried out, coupons guessed.

use super::agents;
use super::people;
use super::script::{Script, Sender};
use super::shop::{API, Meaning};

/// Takes a few sought-after things into the cart, over and over, so that nobody else can.
pub(super) fn hoard(script: &mut Script, address: &str) {
    let product = script.random.number(1..40);
    be_a_program(script, address, "okhttp/4.12.0");
    while script.goes_on() {
        let at = script.now;
        script.get(format!("/api/v1/stock/{product}"));
        script.post("/api/v1/cart/items", 48);
        script.post("/api/v1/cart/items", 48);
        script.now = at + 8_000 + script.random.duration(-150..150);
    }
}

/// Asks every six seconds whether one thing is there again, and takes it when it is. Some hide
/// behind a browser's name.
pub(super) fn watch_stock(script: &mut Script, address: &str) {
    let product = script.random.number(1..40);
    let agent = if script.random.chance(75) {
        "axios/1.7.9".to_owned()
    } else {
        agents::chrome(script.now, "Windows NT 10.0; Win64; x64", 0)
    };
    be_a_program(script, address, &agent);
    while script.goes_on() {
        let at = script.now;
        script.get(format!("/api/v1/stock/{product}"));
        if script.random.chance(1) {
            script.post("/api/v1/cart/items", 48);
        }
        script.now = at + 6_000 + script.random.duration(-60..60);
    }
}

/// Pays small sums with one stolen card after another, to see which still work.
pub(super) fn try_cards(script: &mut Script, address: &str) {
    let agent = if script.random.chance(60) {
        "python-requests/2.32.5".to_owned()
    } else {
        agents::chrome(script.now, "Macintosh; Intel Mac OS X 10_15_7", 3)
    };
    be_a_program(script, address, &agent);
    let user = people::leaked_account(&mut script.random);
    script.post("/api/v1/login", 70);
    script.use_account(&user);
    while script.goes_on() {
        let meaning = if script.random.chance(6) {
            Meaning::Plain
        } else {
            Meaning::Declined
        };
        script.send("POST", "/api/v1/payments", 420, meaning);
        script.wait(3_000..4_200);
    }
}

/// Tries coupon codes in order.
pub(super) fn guess_coupons(script: &mut Script, address: &str) {
    be_a_program(script, address, "python-httpx/0.28.1");
    while script.goes_on() {
        script.send("POST", "/api/v1/coupons/apply", 34, Meaning::Wrong);
        script.wait(1_800..2_200);
    }
}

fn be_a_program(script: &mut Script, address: &str, user_agent: &str) {
    let session = script.new_session();
    script.host = API;
    script.be(Sender {
        address: address.to_owned(),
        user_agent: user_agent.to_owned(),
        session,
        user: String::new(),
    });
}

//! People who look around the shop in a browser: they read before they click, mistype searches,
//! addresses and passwords, leave tabs open and forget them, and mostly buy nothing.

use super::people::{self, Person};
use super::script::Script;
use super::shop::{self, ARTICLES, CATEGORIES, Meaning, PRODUCTS, SHOP};

/// How long somebody usually looks at a page, in milliseconds.
const LOOKS: i64 = 17_000;

/// A visit of somebody at home or on the road.
pub(super) fn visit(script: &mut Script) {
    let person = people::customer(script);
    browse(script, person);
}

/// A visit from the office, whose people share an address.
pub(super) fn office_visit(script: &mut Script) {
    let person = people::colleague(script, false);
    browse(script, person);
}

/// Whoever runs the shop looks after its orders.
pub(super) fn staff_visit(script: &mut Script) {
    let person = people::colleague(script, true);
    script.be(person.sender);
    let mut visit = Visit {
        has_cache: person.has_cache,
        account: person.account,
        in_cart: 0,
    };
    if script.get("/admin") == 302 {
        show(script, &mut visit, "/admin/login".to_owned());
        script.think(9_000);
        script.use_account(&visit.account);
        script.post("/admin/login", 60);
    }
    show(script, &mut visit, "/admin/orders".to_owned());
    for _ in 0..script.random.number(2..9) {
        script.think(40_000);
        let order = 10_000 + script.random.number(0..900);
        show(script, &mut visit, format!("/admin/orders/{order}"));
        if script.random.chance(50) {
            script.think(6_000);
            show(script, &mut visit, "/admin/orders".to_owned());
        }
    }
}

/// What somebody has in mind.
struct Visit {
    /// Whether the browser has the files that all pages share.
    has_cache: bool,
    account: String,
    /// How many things were put into the cart.
    in_cart: u64,
}

fn browse(script: &mut Script, person: Person) {
    script.be(person.sender);
    let mut visit = Visit {
        has_cache: person.has_cache,
        account: person.account,
        in_cart: 0,
    };
    enter(script, &mut visit);
    let pages = 1 + script.random.number(0..6) + script.random.number(0..8);
    for _ in 0..pages {
        script.think(LOOKS);
        match script.random.number(0..100) {
            0..45 => look_at_product(script, &mut visit),
            45..65 => look_at_category(script, &mut visit),
            65..81 => search(script, &mut visit),
            81..86 => read(script, &mut visit),
            86..88 => mistype_address(script, &mut visit),
            88..91 => open_tabs(script, &mut visit),
            91..94 => script.wait(240_000..1_500_000),
            _ => show(script, &mut visit, "/".to_owned()),
        }
        if visit.in_cart > 0 && script.random.chance(18) {
            break;
        }
    }
    if visit.in_cart > 0 && script.random.chance(55) {
        script.think(LOOKS);
        check_out(script, &mut visit);
    } else if script.random.chance(9) {
        script.think(LOOKS);
        sign_in(script, &mut visit);
        if script.get("/account/orders") == 200 {
            script.think(LOOKS);
            let order = 10_000 + script.random.number(0..900);
            show(script, &mut visit, format!("/account/orders/{order}"));
        }
        if script.random.chance(30) {
            script.think(20_000);
            script.post("/account/logout", 20);
        }
    }
}

/// The first page: by hand, from a search engine, or by a link somewhere.
fn enter(script: &mut Script, visit: &mut Visit) {
    match script.random.number(0..100) {
        0..45 => show(script, visit, "/".to_owned()),
        45..80 => {
            script.referer = "https://www.google.com/".to_owned();
            look_at_product(script, visit);
        }
        80..93 => {
            script.referer = "https://www.bing.com/".to_owned();
            look_at_category(script, visit);
        }
        _ => read(script, visit),
    }
}

/// Opens a page with all that it needs.
fn show(script: &mut Script, visit: &mut Visit, target: String) {
    let status = script.get(target.as_str());
    script.referer = format!("https://{SHOP}{target}");
    if status == 200 {
        fetch_files(script, visit);
    }
}

/// The files that all pages share: everything the first time, then hardly anything.
fn fetch_files(script: &mut Script, visit: &mut Visit) {
    const FILES: [&str; 5] = [
        "shop.css?v=41",
        "vendor.js?v=41",
        "app.js?v=41",
        "logo.svg",
        "inter.woff2",
    ];
    if visit.has_cache {
        if script.random.chance(8) {
            script.fetch(
                30..90,
                "/static/shop.css?v=41".to_owned(),
                Meaning::Revalidate,
            );
        }
        return;
    }
    visit.has_cache = true;
    for file in FILES {
        script.fetch(20..160, format!("/static/{file}"), Meaning::Plain);
    }
    script.fetch(150..400, "/favicon.ico".to_owned(), Meaning::Plain);
}

fn fetch_pictures(script: &mut Script, count: u64) {
    for _ in 0..count {
        let picture = popular_product(script);
        let meaning = if script.random.chance(35) {
            Meaning::Revalidate
        } else {
            Meaning::Plain
        };
        script.fetch(
            60..420,
            format!("/static/products/{picture}-320.webp"),
            meaning,
        );
    }
}

/// A product, the popular ones more often.
fn popular_product(script: &mut Script) -> u64 {
    let among = if script.random.chance(50) {
        40
    } else {
        PRODUCTS
    };
    script.random.number(0..among) + 1
}

/// The page of a product with its picture. Which one it is.
fn show_product(script: &mut Script, visit: &mut Visit) -> u64 {
    let product = popular_product(script);
    show(
        script,
        visit,
        format!("/product/{}", shop::product_name(product)),
    );
    script.fetch(
        60..200,
        format!("/static/products/{product}-1200.webp"),
        Meaning::Plain,
    );
    product
}

fn look_at_product(script: &mut Script, visit: &mut Visit) {
    let product = show_product(script, visit);
    script.fetch(
        120..300,
        format!("/api/v1/recommendations?product={product}"),
        Meaning::Plain,
    );
    script.fetch(90..240, format!("/api/v1/stock/{product}"), Meaning::Plain);
    let pictures = script.random.number(0..3);
    fetch_pictures(script, pictures);
    if script.random.chance(40) {
        script.think(8_000);
        script.get(format!("/api/v1/products/{product}/reviews"));
    }
    if script.random.chance(60) {
        script.think(7_000);
        let bytes = script.random.number(180..700);
        script.post("/api/v1/beacon", bytes);
    }
    if script.random.chance(12) {
        script.think(9_000);
        let bytes = script.random.number(40..60);
        script.post("/api/v1/cart/items", bytes);
        visit.in_cart += 1;
        if script.random.chance(40) {
            script.think(3_000);
            show(script, visit, "/cart".to_owned());
        }
    }
}

fn look_at_category(script: &mut Script, visit: &mut Visit) {
    let category = script.random.pick(CATEGORIES);
    show(script, visit, format!("/category/{category}"));
    let pictures = script.random.number(3..6);
    fetch_pictures(script, pictures);
    let mut page = 1;
    while script.random.chance(28) {
        page += 1;
        script.think(LOOKS);
        let sort = script.random.pick(&["", "&sort=price", "&sort=new"]);
        show(
            script,
            visit,
            format!("/category/{category}?page={page}{sort}"),
        );
        fetch_pictures(script, 3);
    }
}

/// Types, is offered suggestions, and mistypes one time in eight.
fn search(script: &mut Script, visit: &mut Visit) {
    let (make, thing) = shop::product_words(popular_product(script));
    let words = if script.random.chance(40) {
        format!("{make} {thing}")
    } else {
        thing.to_owned()
    };
    for length in [3, 5] {
        if let Some(typed) = words.get(..length.min(words.len())) {
            script.wait(180..700);
            script.get(format!("/api/v1/suggest?q={}", typed.replace(' ', "+")));
        }
    }
    script.wait(300..1_500);
    if script.random.chance(12) {
        let typed = mistyped(script, &words);
        show(
            script,
            visit,
            format!("/search?q={}", typed.replace(' ', "+")),
        );
        script.think(5_000);
    }
    show(
        script,
        visit,
        format!("/search?q={}", words.replace(' ', "+")),
    );
    let pictures = script.random.number(1..5);
    fetch_pictures(script, pictures);
}

fn read(script: &mut Script, visit: &mut Visit) {
    let page = match script.random.number(0..10) {
        0..6 => format!("/blog/{}", script.random.pick(ARTICLES)),
        6..8 => "/blog".to_owned(),
        _ => "/help/delivery".to_owned(),
    };
    show(script, visit, page);
    script.think(35_000);
}

/// An address typed by hand, with two letters changed over, then the right one.
fn mistype_address(script: &mut Script, visit: &mut Visit) {
    let category = script.random.pick(CATEGORIES);
    let typed = mistyped(script, category);
    script.referer.clear();
    show(script, visit, format!("/category/{typed}"));
    script.think(6_000);
    show(script, visit, format!("/category/{category}"));
}

fn mistyped(script: &mut Script, text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let at = script.random.number(0..letters.len() as u64 - 1) as usize;
    if letters[at] == letters[at + 1] {
        letters.remove(at);
    } else {
        letters.swap(at, at + 1);
    }
    letters.into_iter().collect()
}

/// Three products at once, looked at later.
fn open_tabs(script: &mut Script, visit: &mut Visit) {
    for _ in 0..3 {
        show_product(script, visit);
        script.wait(400..2_200);
    }
    script.think(60_000);
}

/// Mistypes the password one time in six, and some have forgotten it altogether.
fn sign_in(script: &mut Script, visit: &mut Visit) {
    show(script, visit, "/account/login".to_owned());
    let account = visit.account.clone();
    if script.random.chance(17) {
        script.think(9_000);
        script.use_account(&account);
        let tries = script.random.number(1..3);
        for _ in 0..tries {
            script.send("POST", "/account/login", 66, Meaning::Wrong);
            script.think(11_000);
        }
        script.use_account("");
        if script.random.chance(20) {
            show(script, visit, "/account/reset".to_owned());
            script.think(14_000);
            script.post("/account/reset", 40);
            script.wait(45_000..220_000);
            show(script, visit, "/account/login".to_owned());
        }
    }
    script.think(9_000);
    script.use_account(&account);
    script.post("/account/login", 66);
    script.get("/account");
}

fn check_out(script: &mut Script, visit: &mut Visit) {
    show(script, visit, "/cart".to_owned());
    script.think(9_000);
    if script.get("/checkout") == 302 {
        sign_in(script, visit);
        script.think(4_000);
        show(script, visit, "/checkout".to_owned());
    }
    if script.random.chance(14) {
        script.think(8_000);
        let meaning = if script.random.chance(50) {
            Meaning::Wrong
        } else {
            Meaning::Plain
        };
        script.send("POST", "/api/v1/coupons/apply", 34, meaning);
    }
    script.think(45_000);
    script.post("/api/v1/orders", 900);
    if script.random.chance(6) {
        script.send("POST", "/api/v1/payments", 420, Meaning::Declined);
        script.think(30_000);
    }
    script.post("/api/v1/payments", 420);
    script.wait(800..1_600);
    let order = 10_900 + script.random.number(0..90);
    show(script, visit, format!("/account/orders/{order}"));
}

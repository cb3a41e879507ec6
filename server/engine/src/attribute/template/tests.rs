use proptest::prelude::*;

use super::{MAX_LENGTH, fold_path};

fn fold(path: &str) -> String {
    let mut out = String::from("left over");
    fold_path(path, &mut out);
    out
}

fn check(path: &str, template: &str) {
    assert_eq!(fold(path), template, "{path}");
}

#[test]
fn numbers_become_ids() {
    check("/users/42", "/users/{id}");
    check("/users/42/orders/7", "/users/{id}/orders/{id}");
    check("/page/-1", "/page/{id}");
    check("/jquery/1.12.4/", "/jquery/1.12.4");
    check("/item/1042.html", "/item/{id}.html");
    // A letter makes it a name: API versions stay apart.
    check("/api/v1/users", "/api/v1/users");
    check("/api/v2/users", "/api/v2/users");
}

#[test]
fn uuids_hashes_tokens_and_addresses_become_placeholders() {
    check("/o/550e8400-e29b-41d4-a716-446655440000", "/o/{uuid}");
    check("/o/%7B550E8400-E29B-41D4-A716-446655440000%7D", "/o/{uuid}");
    check("/c/9fceb02d0ae598e95dc970b74767f19372d61af8", "/c/{hash}");
    check("/c/9fceb02", "/c/9fceb02");
    check("/c/9fceb02d.json", "/c/{hash}.json");
    check("/o/507f1f77bcf86cd799439011", "/o/{hash}");
    check("/v/dQw4w9WgXcQ1", "/v/{token}");
    check("/t/01ARZ3NDEKTSV4RRFFQ69G5FAV", "/t/{token}");
    check("/r/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", "/r/{token}");
    check("/u/ann@example.org", "/u/{email}");
    check("/u/ann%40example.org/edit", "/u/{email}/edit");
}

#[test]
fn words_slugs_and_camel_case_stay() {
    for path in [
        "/deadbeef",
        "/facade",
        "/why-2015-was-a-good-year-for-wine",
        "/getUserAccountDetailsByCustomerIdentifier",
        "/a-very-long-title-of-a-post-about-nothing-in-particular",
        "/wp-content/plugins/revslider",
        "/@ann",
        "/iphone-14-pro-max-256gb",
        "/INTERNATIONALIZATION",
    ] {
        check(path, path);
    }
}

#[test]
fn dates_fold_only_where_a_month_follows_the_year() {
    check("/2015/08/10/a-walk", "/{year}/{month}/{day}/a-walk");
    check("/blog/2015/8", "/blog/{year}/{month}");
    check("/2015/a-walk", "/{id}/a-walk");
    check("/2015/13", "/{id}/{id}");
    check("/0815/08/10", "/{id}/{id}/{id}");
    check("/r/2015-08-10", "/r/{date}");
    check("/r/20150810", "/r/{date}");
    check("/r/2015-08-10.pdf", "/r/{date}.pdf");
    check("/r/20159910", "/r/{id}");
}

#[test]
fn static_files_fold_to_their_kind() {
    check("/assets/app-3f2a.css", "*.css");
    check("/img/logo.PNG", "*.image");
    check("/js/a.min.js/", "*.js");
    check("/favicon.ico", "*.image");
    check("/fonts/x.woff2", "*.font");
    check("*.css", "*.css");
    // Not static: a program, a feed, a page.
    check("/a.php", "/a.php");
    check("/feed.xml", "/feed.xml");
    check("/index.html", "/index.html");
}

#[test]
fn spellings_of_one_path_are_one_template() {
    for path in [
        "/users/list",
        "//users///list",
        "/users/list/",
        "/users/./list",
        "/users/list;jsessionid=0A1B2C",
        "/users;a=1/list",
        "/%75sers/%6Cist",
        "http://example.org/users/list",
        "/users/list?page=2",
        "/users/list#top",
    ] {
        check(path, "/users/list");
    }
    check("/", "/");
    check("//", "/");
    check("http://example.org", "/");
}

#[test]
fn what_cannot_be_a_path_is_malformed() {
    check("*", "*");
    check("", "{malformed}");
    check("\u{16}\u{3}\u{1}", "{malformed}");
    check("example.org:443", "{malformed}");
}

#[test]
fn escapes_that_are_unsafe_to_decode_stay_escaped() {
    check("/a%2Fb", "/a%2Fb");
    check("/a%2fb", "/a%2Fb");
    check("/%C3%A9t%C3%A9", "/été");
    check("/%FF%FE", "/%FF%FE");
    // Right-to-left override: harmless escaped, a lie when shown.
    check("/a%E2%80%AEb", "/a%E2%80%AEb");
    check("/%", "/%25");
    check("/%2541", "/%2541");
    check("/%%34%31", "/%2541");
    check("/a{b}", "/a%7Bb%7D");
    check("/..%2f..", "/..%2F..");
}

#[test]
fn long_paths_are_cut_at_a_segment() {
    let path = "/abc".repeat(200);
    let template = fold(&path);
    assert!(template.len() <= MAX_LENGTH, "{template}");
    assert!(template.ends_with("/abc/**"), "{template}");
    check(&format!("/s/{}", "very-long-".repeat(13)), "/s/{text}");
}

proptest! {
    #[test]
    fn folding_is_idempotent_and_bounded(path in "[/a-zA-Z0-9%;.{}@_éא\u{202e}*:-]{0,120}") {
        let once = fold(&path);
        prop_assert!(once.len() <= MAX_LENGTH);
        prop_assert_eq!(&fold(&once), &once);
    }

    #[test]
    fn any_text_folds_and_folds_again_to_itself(path in ".{0,300}") {
        let once = fold(&path);
        prop_assert_eq!(&fold(&once), &once);
        let rooted = fold(&format!("/{path}"));
        prop_assert!(rooted.len() <= MAX_LENGTH);
        prop_assert_eq!(&fold(&rooted), &rooted);
    }

    #[test]
    fn digits_and_dates_and_escapes_fold_to_themselves(path in "(/(20[0-9]{2}|[0-9]{1,3}|%[0-9A-Fa-f]{0,2}|\\.|\\.css|\\{id\\}|[a-f0-9]{6,12}|[A-Za-z0-9]{10,30}|\\*\\*)){0,12}") {
        let once = fold(&path);
        prop_assert_eq!(&fold(&once), &once);
    }
}

//! The lists with the real binary, without a server.

use server::store::Store;
use shared::{ListResult, Timestamp};

use crate::binary::Directory;
use crate::generator::generate;

/// Runs `botscope lists` and expects it to succeed.
fn said(directory: &Directory, args: &[&str]) -> String {
    let (text, is_fine) = directory.lists(args);
    assert!(is_fine, "{args:?}: {text}");
    text
}

/// Runs it and expects it to fail.
fn refused(directory: &Directory, args: &[&str], because: &str) {
    let (text, is_fine) = directory.lists(args);
    assert!(!is_fine && text.contains(because), "{args:?}: {text}");
}

#[test]
fn what_is_added_is_shown_until_it_is_removed() {
    let directory = Directory::new();
    directory.write("access.log", &generate(14, 500));
    directory.import(&["access.log"]);
    assert_eq!(
        said(&directory, &["show"]),
        "Deny list: empty\nException list: empty\n"
    );
    let text = said(
        &directory,
        &[
            "add",
            "deny",
            "192.0.2.7",
            "2001:db8::/48",
            "--reason",
            "guesses passwords",
        ],
    );
    assert!(text.contains("2 objects: 2 new"), "{text}");
    assert!(text.contains("nothing enforces this yet"), "{text}");
    let add = [
        "add",
        "exception",
        "192.0.2.0/24",
        "--app",
        "DEFAULT",
        "--for",
        "2h",
        "--json",
    ];
    let added: ListResult = serde_json::from_str(&said(&directory, &add)).unwrap();
    let entry = &added.entries[0].entry;
    assert_eq!((added.created, entry.author.as_str()), (1, "local"));
    assert_eq!(
        entry.applications.as_deref(),
        Some(&["default".to_owned()][..])
    );
    let left = entry.expires_at.unwrap().since(entry.at);
    assert_eq!(left, 2 * Timestamp::HOUR);

    let text = said(&directory, &["show"]);
    for part in [
        "Deny list: 2 entries",
        "192.0.2.7           until ",
        "guesses passwords",
        "Exception list: 1 entry",
        "on default  by local",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let text = said(&directory, &["show", "exception", "--json"]);
    let page: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(page["items"].as_array().unwrap().len(), 1);
    assert_eq!(page["items"][0]["object"], "192.0.2.0/24");

    refused(
        &directory,
        &["remove", "exception", "192.0.2.7"],
        "192.0.2.7 is not on the exception list; 192.0.2.0/24, which covers it, is",
    );
    // Nothing is removed unless all is there.
    refused(
        &directory,
        &["remove", "deny", "192.0.2.7", "192.0.2.8"],
        "Nothing was removed",
    );
    let text = said(
        &directory,
        &["remove", "deny", "2001:db8::/48", "192.0.2.7"],
    );
    assert!(text.starts_with("taken off the deny list:"), "{text}");
    assert_eq!(said(&directory, &["show", "deny"]), "Deny list: empty\n");
}

#[test]
fn nonsense_and_huge_subnets_are_refused_as_by_the_api() {
    let directory = Directory::new();
    directory.write("access.log", &generate(15, 100));
    directory.import(&["access.log"]);
    for (args, because) in [
        (&["add", "deny", "300.1.2.3"][..], "300.1.2.3"),
        (&["add", "gray", "192.0.2.7"], "only `deny` and `exception`"),
        (
            &["add", "deny", "192.0.2.7", "--for", "4m"],
            "--for: `4m` is no duration",
        ),
        (
            &["add", "deny", "192.0.2.7", "--app", "blog"],
            "there are: default",
        ),
        (&["add", "deny", "0.0.0.0/0"], "4,294,967,296 addresses"),
        (&["add", "deny", "10.0.0.0/8"], "--yes says yes"),
        (
            &["add", "deny", "127.0.0.1"],
            "addresses of this machine itself",
        ),
        (&["show", "allow"], "only `deny` and `exception`"),
        (&["remove", "deny", "nonsense"], "nonsense"),
    ] {
        refused(&directory, args, because);
    }
    assert_eq!(said(&directory, &["show", "deny"]), "Deny list: empty\n");
    said(&directory, &["add", "deny", "0.0.0.0/0", "--yes"]);
    assert!(said(&directory, &["show", "deny"]).contains("0.0.0.0/0"));
}

#[test]
fn whoever_holds_the_directory_is_named_with_what_to_do() {
    let directory = Directory::new();
    directory.write("access.log", &generate(16, 100));
    directory.import(&["access.log"]);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let store = runtime.block_on(Store::open(&directory.data())).unwrap();
    let holder = format!("is in use by process {}", std::process::id());
    for args in [&["show"][..], &["add", "deny", "192.0.2.7"]] {
        refused(&directory, args, &holder);
        refused(&directory, args, "in the console or by its API");
    }
    let output = directory.run(&["access.log"]);
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && text.contains(&holder), "{text}");
    assert!(text.contains("botscope serve --data data"), "{text}");
    runtime.block_on(store.close()).unwrap();
}

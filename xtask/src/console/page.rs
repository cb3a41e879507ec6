//! Fills `app/index.html`: its references to files of the console become their final addresses.

use anyhow::Context;

use super::files::Names;
use super::fingerprint;

/// The attributes that hold references.
const ATTRIBUTES: &[&str] = &[" href=\"", " src=\""];

/// The files that a page refers to, as written in it. Addresses with a scheme or of a fragment
/// are not files of the console; a leading `/` says no more than that it is served from there.
pub(super) fn local_references(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    for attribute in ATTRIBUTES {
        for after in page.split(attribute).skip(1) {
            let value = after.split('"').next().unwrap_or_default();
            if is_local(value) {
                found.push(value.to_owned());
            }
        }
    }
    found
}

/// The page with final addresses and with the fingerprint of what it was built from.
pub(super) fn fill(page: &str, names: &Names, build: &str) -> anyhow::Result<String> {
    let mut filled = page.to_owned();
    for reference in local_references(page) {
        let address = names.address(&reference)?;
        for attribute in ATTRIBUTES {
            filled = filled.replace(
                &format!("{attribute}{reference}\""),
                &format!("{attribute}{address}\""),
            );
        }
    }
    let (head, rest) = filled
        .split_once("</head>")
        .context("app/index.html has no </head>")?;
    let meta = fingerprint::META;
    Ok(format!(
        "{head}  <meta name=\"{meta}\" content=\"{build}\">\n  </head>{rest}"
    ))
}

fn is_local(value: &str) -> bool {
    !value.is_empty() && !value.starts_with("#") && !value.contains(':')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_to_files_become_addresses_and_others_stay() {
        let page = "<head><link href=\"/main.css\"><a href=\"https://example.org\"></head>\
                    <script src=\"app.js\"></script>";
        assert_eq!(local_references(page), ["/main.css", "app.js"]);
        let mut names = Names::default();
        names.insert("main.css", "main-1.css".into());
        names.insert("app.js", "app-2.js".into());
        let filled = fill(page, &names, "77").unwrap();
        assert!(filled.contains("<link href=\"/main-1.css\">"), "{filled}");
        assert!(filled.contains("<script src=\"/app-2.js\">"), "{filled}");
        assert!(filled.contains("href=\"https://example.org\""), "{filled}");
        assert!(
            filled.contains("name=\"botscope-build\" content=\"77\""),
            "{filled}"
        );
    }

    #[test]
    fn a_page_that_refers_to_nothing_known_is_an_error() {
        let page = "<head></head><script src=\"gone.js\"></script>";
        assert!(fill(page, &Names::default(), "77").is_err());
    }
}

//! The console's fonts as a part of a file: what a picture takes along so that its words look
//! elsewhere as they do here. A font that does not come is left out.

use leptos::prelude::{document, window};

use crate::api;

/// The rules of the style sheet that bring fonts, each font in its rule. Empty if there is none.
pub(super) async fn embedded() -> String {
    let mut rules = String::new();
    let sheet = style_sheet().await.unwrap_or_default();
    for rule in rules_of(&String::from_utf8_lossy(&sheet)) {
        let Some((before, address, after)) = address_in(rule) else {
            continue;
        };
        let font = api::file(address).await;
        if let Some(font) = font.as_deref().and_then(base64) {
            let parts = ["@font-face{", before, "data:font/woff2;base64,", &font];
            rules.extend(parts.into_iter().chain([after, "}"]));
        }
    }
    rules
}

async fn style_sheet() -> Option<Vec<u8>> {
    let link = document().query_selector("link[rel=stylesheet]").ok()??;
    api::file(&link.get_attribute("href")?).await
}

fn base64(bytes: &[u8]) -> Option<String> {
    let characters: String = bytes.iter().map(|byte| char::from(*byte)).collect();
    window().btoa(&characters).ok()
}

/// The insides of the font rules of a style sheet.
fn rules_of(sheet: &str) -> impl Iterator<Item = &str> {
    let rules = sheet.split("@font-face").skip(1);
    rules.filter_map(|rule| Some(rule.split_once('{')?.1.split_once('}')?.0))
}

/// The address in a rule, with what stands before and after it.
fn address_in(rule: &str) -> Option<(&str, &str, &str)> {
    let from = rule.find("url(")? + "url(".len();
    let to = from + rule[from..].find(')')?;
    let address = rule[from..to].trim_matches(['"', '\'']);
    let (before, after) = (&rule[..from], &rule[to..]);
    Some((before, address, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fonts_are_found_in_a_style_sheet_however_it_is_written() {
        let sheet =
            "a{b:c}@font-face{font-family:\"A B\";src:url(\"/a-1.woff2\") format(\"woff2\")}
            @font-face {\n src: url(/b.woff2);\n}\n@layer x{d{e:f}}";
        let found: Vec<_> = rules_of(sheet).filter_map(address_in).collect();
        assert_eq!(
            found,
            [
                (
                    "font-family:\"A B\";src:url(",
                    "/a-1.woff2",
                    ") format(\"woff2\")"
                ),
                ("\n src: url(", "/b.woff2", ");\n"),
            ]
        );
    }
}

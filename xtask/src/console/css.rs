//! Bundles `style/main.css` and what it imports into one stylesheet. Knows just the CSS that
//! takes: comments, strings, `@import "file" layer(name);` and `url()`. Rules pass through
//! untouched.

use std::fs;
use std::path::Path;

use anyhow::{Context, bail};

use super::files::Names;

/// The fonts, as named in the stylesheets.
pub(super) fn fonts(style: &Path) -> anyhow::Result<Vec<String>> {
    let folder = style.join("fonts");
    let mut names = Vec::new();
    if !folder.exists() {
        return Ok(names);
    }
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.ends_with(".woff2") {
            names.push(format!("fonts/{name}"));
        }
    }
    names.sort();
    Ok(names)
}

/// One stylesheet out of `main.css` and its imports, with final addresses of the fonts.
pub(super) fn bundle(style: &Path, names: &Names) -> anyhow::Result<String> {
    inline(style, "main.css", names, 0)
}

fn inline(style: &Path, file: &str, names: &Names, depth: u8) -> anyhow::Result<String> {
    if depth > 8 {
        bail!("style/{file} imports itself");
    }
    let source =
        fs::read_to_string(style.join(file)).with_context(|| format!("reading style/{file}"))?;
    let mut bundled = String::new();
    for line in without_comments(&source).lines() {
        let line = line.trim();
        if line.starts_with("@import") {
            let import = Import::parse(line)
                .with_context(|| format!("style/{file}: cannot read `{line}`"))?;
            let content = inline(style, import.file, names, depth + 1)?;
            match import.layer {
                Some(layer) => bundled += &format!("@layer {layer} {{\n{content}}}\n"),
                None => bundled += &content,
            }
        } else if !line.is_empty() {
            let line = with_addresses(line, names).with_context(|| format!("style/{file}"))?;
            bundled += &line;
            bundled.push('\n');
        }
    }
    Ok(bundled)
}

/// `@import "file" layer(name);` on a line of its own.
struct Import<'a> {
    file: &'a str,
    layer: Option<&'a str>,
}

impl<'a> Import<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        let rest = line.strip_prefix("@import")?.trim().strip_suffix(';')?;
        let rest = rest.strip_prefix('"')?;
        let (file, rest) = rest.split_once('"')?;
        let rest = rest.trim();
        let layer = if rest.is_empty() {
            None
        } else {
            Some(rest.strip_prefix("layer(")?.strip_suffix(')')?.trim())
        };
        Some(Self { file, layer })
    }
}

/// The source without comments; what looks like one inside a string stays.
pub(crate) fn without_comments(source: &str) -> String {
    let mut kept = String::with_capacity(source.len());
    let mut quote = None;
    let mut chars = source.chars().peekable();
    while let Some(c) = chars.next() {
        match quote {
            Some(_) if c == '\\' => {
                kept.push(c);
                kept.extend(chars.next());
            }
            Some(open) => {
                kept.push(c);
                // A string ends at its quote, a broken one at the end of its line.
                if c == open || c == '\n' {
                    quote = None;
                }
            }
            None if c == '/' && chars.peek() == Some(&'*') => {
                chars.next();
                let mut last = ' ';
                for c in chars.by_ref() {
                    if last == '*' && c == '/' {
                        break;
                    }
                    last = c;
                }
                kept.push(' ');
            }
            None => {
                if c == '"' || c == '\'' {
                    quote = Some(c);
                }
                kept.push(c);
            }
        }
    }
    kept
}

/// The line with `url("fonts/…")` turned into the font's address. `data:` addresses and those
/// of fragments stay.
fn with_addresses(line: &str, names: &Names) -> anyhow::Result<String> {
    let mut out = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("url(") {
        let (inside, after) = after
            .split_once(')')
            .with_context(|| format!("`{line}` has an open url("))?;
        let source = inside.trim().trim_matches(['"', '\'']);
        out += before;
        if source.starts_with("data:") || source.starts_with('#') {
            out += &format!("url({inside})");
        } else {
            out += &format!("url(\"{}\")", names.address(source)?);
        }
        rest = after;
    }
    out += rest;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bundled(files: &[(&str, &str)]) -> anyhow::Result<String> {
        let style = tempfile::tempdir()?;
        for (name, content) in files {
            fs::write(style.path().join(name), content)?;
        }
        let mut names = Names::default();
        names.insert("fonts/sans.woff2", "sans-1.woff2".into());
        bundle(style.path(), &names)
    }

    #[test]
    fn imports_become_layers_in_their_order() {
        let css = bundled(&[
            (
                "main.css",
                "/* all */\n@layer reset, ui;\n@import \"reset.css\" layer(reset);\n@import \"ui.css\" layer(ui);\n",
            ),
            ("reset.css", "* { margin: 0 }"),
            ("ui.css", "a { color: red; } /* b {} */\n"),
        ]);
        assert_eq!(
            css.unwrap(),
            "@layer reset, ui;\n@layer reset {\n* { margin: 0 }\n}\n@layer ui {\na { color: red; }\n}\n"
        );
    }

    #[test]
    fn fonts_get_their_address_and_an_unknown_one_is_an_error() {
        let css = bundled(&[(
            "main.css",
            "src: url(\"fonts/sans.woff2\") format(\"woff2\");",
        )]);
        assert_eq!(
            css.unwrap(),
            "src: url(\"/sans-1.woff2\") format(\"woff2\");\n"
        );
        let data = "mask: url(data:image/svg+xml;base64,AA==);";
        assert_eq!(bundled(&[("main.css", data)]).unwrap(), format!("{data}\n"));
        assert!(bundled(&[("main.css", "src: url(fonts/serif.woff2)")]).is_err());
    }

    #[test]
    fn what_looks_like_a_comment_in_a_string_stays() {
        assert_eq!(
            without_comments("a::before { content: \"/* \\\" */\" } /* gone */"),
            "a::before { content: \"/* \\\" */\" }  "
        );
    }

    #[test]
    fn a_circle_of_imports_is_an_error() {
        assert!(bundled(&[("main.css", "@import \"main.css\";")]).is_err());
    }
}

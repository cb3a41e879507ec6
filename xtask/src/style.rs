//! Checks that the classes of the style sheet do not collide: a block (`card`, with its parts
//! `card__name`) is styled in one file of `style/`. Two files that give rules to one name by
//! chance win over one another wherever both are used. Says nothing of what the rules are.
//!
//! A rule belongs to a block if its selector is one of the block's classes and nothing else. In
//! a context (`.facet .share`), or as a variant (`table--hits`, styled where it is used), a class
//! may stand anywhere; so it may for paper (`@media print`).

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, bail};

use crate::console::without_comments;
use crate::project::Project;

/// Classes by what must have one home, with the files that have rules of it.
type Homes = BTreeMap<String, Vec<String>>;

pub(crate) fn check(project: &Project) -> anyhow::Result<()> {
    let mut homes = Homes::new();
    gather(&project.root.join("style"), "style", &mut homes)?;
    let faults: Vec<String> = homes
        .iter()
        .filter(|(_, files)| files.len() > 1)
        .map(|(name, files)| format!("`{name}` in {}", files.join(" and ")))
        .collect();
    if !faults.is_empty() {
        bail!(
            "classes that are styled in more than one file; rename one, or move its rules:\n  {}",
            faults.join("\n  ")
        );
    }
    Ok(())
}

fn gather(folder: &Path, name: &str, homes: &mut Homes) -> anyhow::Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("reading {name}"))?;
    let mut entries: Vec<_> = entries.collect::<Result<_, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = format!("{name}/{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            gather(&entry.path(), &name, homes)?;
        } else if name.ends_with(".css") {
            let sheet =
                fs::read_to_string(entry.path()).with_context(|| format!("reading {name}"))?;
            note(&name, &sheet, homes);
        }
    }
    Ok(())
}

/// Notes what a file has rules of.
fn note(file: &str, sheet: &str, homes: &mut Homes) {
    for selector in selectors(&without_comments(sheet)) {
        let Some(class) = only_class(&selector) else {
            continue;
        };
        let files = homes.entry(home_of(class).to_owned()).or_default();
        if !files.iter().any(|known| known == file) {
            files.push(file.to_owned());
        }
    }
}

/// The selectors of a sheet's rules, one by one, those for paper left out.
fn selectors(sheet: &str) -> Vec<String> {
    let mut found = Vec::new();
    // What is open, and whether it is for paper.
    let mut open = Vec::new();
    let mut text = String::new();
    for letter in sheet.chars() {
        match letter {
            '{' => {
                let before = text.trim();
                let on_paper = open.last() == Some(&true) || before.starts_with("@media print");
                if !on_paper && !before.starts_with('@') {
                    found.extend(split(before));
                }
                open.push(on_paper);
                text.clear();
            }
            '}' => {
                open.pop();
                text.clear();
            }
            ';' => text.clear(),
            letter => text.push(letter),
        }
    }
    found
}

/// The parts of a list of selectors; commas in brackets separate nothing.
fn split(list: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0_i32;
    for letter in list.chars() {
        depth += i32::from(matches!(letter, '(' | '[')) - i32::from(matches!(letter, ')' | ']'));
        match parts.last_mut() {
            Some(part) if letter != ',' || depth > 0 => part.push(letter),
            _ => parts.push(String::new()),
        }
    }
    parts
}

/// The class of a selector that is one class, in whatever state, and nothing else.
fn only_class(selector: &str) -> Option<&str> {
    let rest = selector.trim().strip_prefix('.')?;
    let end = rest.find(|letter: char| !letter.is_alphanumeric() && !matches!(letter, '-' | '_'));
    let (class, states) = rest.split_at(end.unwrap_or(rest.len()));
    let mut depth = 0_i32;
    for letter in states.chars() {
        depth += i32::from(matches!(letter, '(' | '[')) - i32::from(matches!(letter, ')' | ']'));
        if depth == 0 && (letter.is_whitespace() || matches!(letter, '.' | '>' | '+' | '~')) {
            return None;
        }
    }
    Some(class)
}

/// What of a class is at home in one file: its block, or the class itself if it is a variant.
fn home_of(class: &str) -> &str {
    match class.split_once("__") {
        _ if class.contains("--") => class,
        Some((block, _)) => block,
        None => class,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn collisions(files: &[(&str, &str)]) -> Vec<String> {
        let mut homes = Homes::new();
        for (name, sheet) in files {
            note(name, sheet, &mut homes);
        }
        homes.retain(|_, files| files.len() > 1);
        homes.into_keys().collect()
    }

    #[test]
    fn a_block_in_two_files_is_a_collision() {
        let one = ("one.css", ".chip { color: red; }\n.chip:hover { top: 0; }");
        assert_eq!(
            collisions(&[one, ("two.css", ".a,\n.chip { left: 0; }")]),
            ["chip"]
        );
        assert_eq!(
            collisions(&[
                one,
                (
                    "two.css",
                    "@media (width < 1px) { .chip__text { top: 0; } }"
                )
            ]),
            ["chip"]
        );
        let variant = (
            ".a--wide[open] { top: 0; }",
            ".a--wide:is(b, c) { top: 0; }",
        );
        assert_eq!(
            collisions(&[("one.css", variant.0), ("two.css", variant.1)]),
            ["a--wide"]
        );
    }

    #[test]
    fn contexts_variants_and_paper_are_none() {
        let home = (
            "one.css",
            ".share { color: red; }\n.share__name { top: 0; }",
        );
        let elsewhere = "/* .share { } */ .facet .share, .share > b, .facet.share { top: 0; }\n\
             .share--small { top: 0; }\n.facet:has(> .share) { top: 0; }\n\
             @media print { .a { top: 0; } .share { top: 0; } }\n:is(.a, .share) { top: 0; }";
        assert!(collisions(&[home, ("two.css", elsewhere)]).is_empty());
    }
}

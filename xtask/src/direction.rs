//! Checks that dependencies point one way: between the project's crates, and of the modules
//! inside the server on the libraries that belong to one seam. And of the console that it does
//! nothing that its content security policy forbids.

use std::fs;
use std::path::Path;

use anyhow::{Context, bail};

use crate::project::Project;

/// Which of the project's crates each may depend on.
const CRATES: &[(&str, &[&str])] = &[
    ("shared", &[]),
    ("engine", &["shared"]),
    ("server", &["engine", "shared"]),
    ("app", &["shared"]),
    ("xtask", &["shared"]),
];

/// A word that sources may use in some places only.
struct Confined {
    word: &'static str,
    /// Where the rule holds.
    inside: &'static str,
    /// The part of it that is exempt.
    except: &'static str,
    why: &'static str,
}

const CONFINED: &[Confined] = &[
    Confined {
        word: "sqlx",
        inside: "server/src",
        except: "server/src/store",
        why: "only the store speaks SQL",
    },
    Confined {
        word: "sqlx",
        inside: "server/src/store/sql",
        except: "",
        why: "what is written there is for every database; store/database speaks to them",
    },
    Confined {
        word: "axum",
        inside: "server/src",
        except: "server/src/http",
        why: "only http knows the web framework",
    },
    Confined {
        word: "std::fs",
        inside: "server/engine/src",
        except: "",
        why: "the engine does no I/O",
    },
    Confined {
        word: "std::env",
        inside: "server/engine/src",
        except: "",
        why: "the engine does no I/O",
    },
    Confined {
        word: "SystemTime",
        inside: "server/engine/src",
        except: "",
        why: "the engine knows event time only",
    },
    Confined {
        word: "Instant",
        inside: "server/engine/src",
        except: "",
        why: "the engine knows event time only",
    },
    Confined {
        word: "style=format!",
        inside: "app/src",
        except: "",
        why: "the content security policy allows no style attribute; write style=(name, value)",
    },
];

pub(crate) fn check(project: &Project) -> anyhow::Result<()> {
    let mut faults = crates(&project.metadata()?)?;
    for rule in CONFINED {
        words(&project.root, Path::new(rule.inside), rule, &mut faults)?;
    }
    if !faults.is_empty() {
        bail!(
            "dependencies point the wrong way:\n  {}",
            faults.join("\n  ")
        );
    }
    Ok(())
}

fn crates(metadata: &serde_json::Value) -> anyhow::Result<Vec<String>> {
    let mut faults = Vec::new();
    let packages = metadata["packages"].as_array().context("no packages")?;
    for package in packages {
        let name = package["name"].as_str().unwrap_or_default();
        let Some((_, allowed)) = CRATES.iter().find(|(known, _)| *known == name) else {
            faults.push(format!(
                "the crate `{name}` has no place in xtask/src/direction.rs"
            ));
            continue;
        };
        let dependencies = package["dependencies"].as_array();
        for dependency in dependencies.into_iter().flatten() {
            let dependency = dependency["name"].as_str().unwrap_or_default();
            let is_ours = CRATES.iter().any(|(ours, _)| *ours == dependency);
            if is_ours && !allowed.contains(&dependency) {
                faults.push(format!("`{name}` may not depend on `{dependency}`"));
            }
        }
    }
    Ok(faults)
}

fn words(
    root: &Path,
    folder: &Path,
    rule: &Confined,
    faults: &mut Vec<String>,
) -> anyhow::Result<()> {
    if !rule.except.is_empty() && folder.starts_with(rule.except) {
        return Ok(());
    }
    let entries =
        fs::read_dir(root.join(folder)).with_context(|| format!("reading {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let path = folder.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            words(root, &path, rule, faults)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = fs::read_to_string(entry.path())?;
            if let Some(line) = line_with(&source, rule.word) {
                faults.push(format!(
                    "{}:{line} uses `{}`: {}",
                    path.display(),
                    rule.word,
                    rule.why
                ));
            }
        }
    }
    Ok(())
}

/// The first line of code, not of comment, that holds `word` as a whole word.
fn line_with(source: &str, word: &str) -> Option<usize> {
    let is_part_of_name = |c: char| c.is_alphanumeric() || c == '_';
    let position = source.lines().position(|line| {
        let code = line.split("//").next().unwrap_or_default();
        code.match_indices(word).any(|(at, _)| {
            !code[..at].ends_with(is_part_of_name)
                && !code[at + word.len()..].starts_with(is_part_of_name)
        })
    })?;
    Some(position + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_counts_in_code_as_a_whole_word_only() {
        assert_eq!(line_with("// sqlx\nuse sqlx::Row;", "sqlx"), Some(2));
        assert_eq!(line_with("let sqlx_like = 1; // sqlx", "sqlx"), None);
        assert_eq!(line_with("use std::fs;", "std::fs"), Some(1));
        assert_eq!(line_with("use std::fs_extra;", "std::fs"), None);
    }

    #[test]
    fn a_crate_may_depend_only_on_those_below_it() {
        let metadata = serde_json::json!({ "packages": [
            { "name": "shared", "dependencies": [{ "name": "serde" }, { "name": "engine" }] },
            { "name": "server", "dependencies": [{ "name": "engine" }] },
            { "name": "extra", "dependencies": [] },
        ]});
        let faults = crates(&metadata).unwrap();
        assert_eq!(faults.len(), 2, "{faults:?}");
        assert!(faults[0].contains("`shared` may not depend on `engine`"));
        assert!(faults[1].contains("`extra`"));
    }
}

//! Says whether `dist/` was built from the sources as they are. The fingerprint of the sources
//! is kept in `index.html` itself, so it can't part from what it describes.

use std::fs;
use std::path::Path;

use anyhow::Context;

use super::files::hash;

/// Everything that decides what the console becomes.
const SOURCES: &[&str] = &[
    "app",
    "shared",
    "style",
    "xtask/src/console",
    "Cargo.toml",
    "Cargo.lock",
    "rust-toolchain.toml",
];

/// The name of the `<meta>` element that holds the fingerprint.
pub(super) const META: &str = "botscope-build";

/// Hashes names and contents of all sources.
pub(super) fn of_sources(root: &Path) -> anyhow::Result<String> {
    let mut parts = Vec::new();
    for source in SOURCES {
        gather(&root.join(source), source, &mut parts)?;
    }
    let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
    Ok(hash(&parts))
}

/// Whether the console in `dist` was built from sources with this fingerprint.
pub(super) fn matches(dist: &Path, fingerprint: &str) -> bool {
    fs::read_to_string(dist.join("index.html"))
        .is_ok_and(|page| page.contains(&format!("name=\"{META}\" content=\"{fingerprint}\"")))
}

fn gather(path: &Path, name: &str, parts: &mut Vec<Vec<u8>>) -> anyhow::Result<()> {
    if path.is_dir() {
        let mut entries: Vec<_> = fs::read_dir(path)?.collect::<Result<_, _>>()?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let name = format!("{name}/{}", entry.file_name().to_string_lossy());
            gather(&entry.path(), &name, parts)?;
        }
    } else {
        let content = fs::read(path).with_context(|| format!("reading {name}"))?;
        parts.push(name.as_bytes().to_vec());
        parts.push(content);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_console_is_recognised_by_its_fingerprint_only() {
        let dist = tempfile::tempdir().unwrap();
        assert!(!matches(dist.path(), "0123"));
        let page = format!("<meta name=\"{META}\" content=\"0123\">");
        fs::write(dist.path().join("index.html"), page).unwrap();
        assert!(matches(dist.path(), "0123"));
        assert!(!matches(dist.path(), "4567"));
    }
}

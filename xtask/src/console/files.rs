//! The files of a built console, in memory, and the names they were given.

use std::collections::BTreeMap;
use std::fs;
use std::hash::Hasher;
use std::path::Path;

use anyhow::Context;
use siphasher::sip128::{Hasher128, SipHasher13};

/// Files by their final name.
#[derive(Default)]
pub(super) struct Files {
    by_name: BTreeMap<String, Vec<u8>>,
}

/// Names in the sources (`fonts/sans.woff2`) and what they became (`sans-….woff2`).
#[derive(Default)]
pub(super) struct Names {
    final_names: BTreeMap<String, String>,
}

impl Names {
    pub(super) fn insert(&mut self, source: &str, name: String) {
        self.final_names.insert(source.to_owned(), name);
    }

    pub(super) fn contains(&self, source: &str) -> bool {
        self.final_names.contains_key(source)
    }

    /// The address that the server answers with the file; in the sources it may begin with `/`.
    pub(super) fn address(&self, source: &str) -> anyhow::Result<String> {
        let name = self
            .final_names
            .get(source.trim_start_matches('/'))
            .with_context(|| format!("`{source}` is not part of the console"))?;
        Ok(format!("/{name}"))
    }
}

impl Files {
    /// Adds a file under exactly this name.
    pub(super) fn add(&mut self, name: &str, content: Vec<u8>) {
        self.by_name.insert(name.to_owned(), content);
    }

    /// Adds a file under its base name with a hash of its content, and returns that name.
    pub(super) fn add_hashed(&mut self, source: &str, content: Vec<u8>) -> String {
        let base = source.rsplit('/').next().unwrap_or(source);
        let (stem, extension) = base.rsplit_once('.').unwrap_or((base, ""));
        let name = format!("{stem}-{}.{extension}", hash(&[&content]));
        self.by_name.insert(name.clone(), content);
        name
    }

    /// Adds the brotli twin of every file that gets smaller by it.
    pub(super) fn compress(&mut self) -> anyhow::Result<()> {
        let mut twins = Vec::new();
        for (name, content) in &self.by_name {
            let twin = brotli(content).with_context(|| format!("compressing {name}"))?;
            if twin.len() < content.len() * 19 / 20 {
                twins.push((format!("{name}.br"), twin));
            }
        }
        self.by_name.extend(twins);
        Ok(())
    }

    /// Writes all of them into a new folder.
    pub(super) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
        for (name, content) in &self.by_name {
            let path = folder.join(name);
            fs::write(&path, content).with_context(|| format!("writing {}", path.display()))?;
        }
        Ok(())
    }
}

/// Names content: 16 hexadecimal digits, the same on every machine.
pub(super) fn hash(parts: &[&[u8]]) -> String {
    let mut hasher = SipHasher13::new();
    for part in parts {
        hasher.write_u64(part.len() as u64);
        hasher.write(part);
    }
    format!("{:016x}", hasher.finish128().h1)
}

fn brotli(content: &[u8]) -> std::io::Result<Vec<u8>> {
    let params = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        size_hint: content.len(),
        ..Default::default()
    };
    let mut twin = Vec::new();
    brotli::BrotliCompress(&mut &content[..], &mut twin, &params)?;
    Ok(twin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_follows_the_content() {
        let mut files = Files::default();
        let first = files.add_hashed("fonts/sans.woff2", b"one".to_vec());
        let second = files.add_hashed("fonts/sans.woff2", b"two".to_vec());
        assert!(
            first.starts_with("sans-") && first.ends_with(".woff2"),
            "{first}"
        );
        assert_eq!(first.len(), "sans-0123456789abcdef.woff2".len());
        assert_ne!(first, second);
    }

    #[test]
    fn only_what_shrinks_gets_a_brotli_twin() {
        let mut files = Files::default();
        files.add("long.css", b"a { color: red }\n".repeat(100));
        files.add("tiny.bin", vec![0x8f, 0x13, 0x77]);
        files.compress().unwrap();
        assert!(files.by_name.contains_key("long.css.br"));
        assert!(!files.by_name.contains_key("tiny.bin.br"));
    }
}

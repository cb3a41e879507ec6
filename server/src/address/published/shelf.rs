//! The last copies of lists, in the folder `published` of the data directory: a file of plain
//! lines each, and what became of the last try. They are worked from however old they are, and
//! say how old.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use shared::{NetworkSet, Timestamp};

use super::catalog::{LISTS, List};

const FOLDER: &str = "published";
const TRIES: &str = "tries.json";
/// What stands before the moment in a file.
const FETCHED: &str = "# fetched ";
/// No file is larger.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// A copy of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    /// When it was fetched.
    pub(crate) fetched_at: Timestamp,
    /// What it said.
    pub(crate) networks: NetworkSet,
}

/// What became of the last try to fetch a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Try {
    /// When.
    pub(crate) at: Timestamp,
    /// Why it failed, if it did.
    pub(crate) error: Option<String>,
}

/// All copies of a data directory.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shelf {
    folder: PathBuf,
    kept: BTreeMap<&'static str, Kept>,
    tries: BTreeMap<String, Try>,
}

impl Shelf {
    /// What is kept in the data directory `data`. What cannot be read is as if it were not
    /// there: it will be fetched again.
    pub(crate) fn open(data: &Path) -> Self {
        let folder = data.join(FOLDER);
        let mut shelf = Self {
            folder,
            ..Self::default()
        };
        for list in LISTS {
            let path = shelf.path(list.name);
            if let Some(kept) = read_small(&path).and_then(|text| parse(&text)) {
                shelf.kept.insert(list.name, kept);
            }
        }
        let tries = read_small(&shelf.folder.join(TRIES));
        shelf.tries = tries
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default();
        shelf
    }

    /// When a list was last fetched or tried in the data directory `data`.
    pub(crate) fn changed_at(data: &Path) -> Option<SystemTime> {
        let tries = std::fs::metadata(data.join(FOLDER).join(TRIES));
        tries.and_then(|it| it.modified()).ok()
    }

    /// The copy of a list.
    pub(crate) fn kept(&self, list: &List) -> Option<&Kept> {
        self.kept.get(list.name)
    }

    /// The last try to fetch it.
    pub(crate) fn last_try(&self, list: &List) -> Option<&Try> {
        self.tries.get(list.name)
    }

    /// Keeps what was fetched in place of the copy before.
    pub(super) fn keep(&mut self, list: &List, kept: Kept) -> io::Result<()> {
        let from: Vec<&str> = list.parts.iter().map(|part| part.url).collect();
        let mut text = format!(
            "# {} from {}\n{FETCHED}{}\n",
            list.name,
            from.join(" "),
            kept.fetched_at
        );
        for network in kept.networks.iter() {
            text.push_str(&network.to_string());
            text.push('\n');
        }
        self.write(&self.path(list.name), &text)?;
        self.kept.insert(list.name, kept);
        Ok(())
    }

    /// Notes what became of a try.
    pub(super) fn note(&mut self, list: &List, tried: Try) -> io::Result<()> {
        self.tries.insert(list.name.to_owned(), tried);
        let text = serde_json::to_string(&self.tries).expect("plain texts can be written");
        self.write(&self.folder.join(TRIES), &text)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(format!("{name}.txt"))
    }

    /// Whole or not at all, whenever the process ends.
    fn write(&self, path: &Path, text: &str) -> io::Result<()> {
        std::fs::create_dir_all(&self.folder)?;
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        io::Write::write_all(&mut file, text.as_bytes())?;
        file.persist(path)?;
        Ok(())
    }
}

fn read_small(path: &Path) -> Option<String> {
    let length = std::fs::metadata(path).ok()?.len();
    if length > MAX_BYTES {
        return None;
    }
    std::fs::read_to_string(path).ok()
}

fn parse(text: &str) -> Option<Kept> {
    let mut fetched_at = None;
    let mut networks = Vec::new();
    for line in text.lines() {
        if let Some(moment) = line.strip_prefix(FETCHED) {
            fetched_at = moment.trim().parse().ok();
        } else if !line.starts_with('#') {
            networks.push(line.parse().ok()?);
        }
    }
    Some(Kept {
        fetched_at: fetched_at?,
        networks: networks.into_iter().collect(),
    })
}

//! Where a Botscope that is measured or tried keeps what it stores: in a folder, or in a database
//! beside it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

/// A binary and the place that its commands work on.
pub(crate) struct Place {
    pub(crate) binary: PathBuf,
    pub(crate) data: PathBuf,
    /// The address of a PostgreSQL database; otherwise SQLite, in the folder.
    store: Option<String>,
}

impl Place {
    pub(crate) fn in_folder(binary: &Path, data: &Path) -> Self {
        Self {
            binary: binary.into(),
            data: data.into(),
            store: None,
        }
    }

    pub(crate) fn in_database(binary: &Path, data: &Path, store: String) -> Self {
        Self {
            store: Some(store),
            ..Self::in_folder(binary, data)
        }
    }

    /// The address of its database.
    pub(crate) fn database(&self) -> anyhow::Result<&str> {
        self.store.as_deref().context("it is in a folder")
    }

    /// `botscope SUBCOMMAND`, to work on this place and no other.
    pub(crate) fn botscope(&self, subcommand: &str) -> Command {
        let mut command = Command::new(&self.binary);
        command.arg(subcommand).env("BOTSCOPE_DATA", &self.data);
        match &self.store {
            Some(store) => command.env("BOTSCOPE_STORE", store),
            None => command.env_remove("BOTSCOPE_STORE"),
        };
        command
    }
}

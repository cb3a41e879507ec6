//! Where a Botscope that is measured or tried keeps what it stores: in a folder, or in a database
//! beside it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

use crate::process;

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

    /// `botscope serve` at this address, which asks nobody else.
    pub(crate) fn serve(&self, address: SocketAddr) -> Command {
        let mut serve = self.botscope("serve");
        serve.args(["--offline", "--listen", &address.to_string()]);
        serve
    }

    /// Makes a token of this role, for half a day; its secret is the line that looks like one.
    pub(crate) fn make_token(&self, role: &str) -> anyhow::Result<String> {
        let mut make = self.botscope("tokens");
        make.args(["add", role, "--role", role, "--for", "12h"]);
        let said = process::output(&mut make)?;
        let mut lines = said.lines().map(str::trim);
        let secret = lines.find(|line| line.starts_with("botscope_"));
        secret.map(str::to_owned).context("no token was made")
    }
}

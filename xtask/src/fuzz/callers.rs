//! Who sends the requests that are made up: a token of each role, and a person who has signed in.

use std::io::Write;
use std::process::{Command, Stdio};

use anyhow::Context;

use crate::place::Place;
use crate::process;

/// Whom the API lets in: tokens of each role, and somebody who looks after the installation.
pub(super) const CALLERS: [&str; 8] = [
    "administrator",
    "analyst",
    "read_only",
    "ingest_only",
    "api_developer",
    "enforcer",
    "monitor",
    SIGNED_IN,
];

const SIGNED_IN: &str = "signed_in";

const EMAIL: &str = "ann@example.com";
const PASSWORD: &str = "seven copper kettles";

/// Somebody who asks.
pub(super) struct Caller {
    pub(super) name: &'static str,
    /// The header that says who they are.
    pub(super) header: String,
}

/// Makes a token of each role.
pub(super) fn with_tokens(place: &Place) -> anyhow::Result<Vec<Caller>> {
    let roles = CALLERS.into_iter().filter(|name| *name != SIGNED_IN);
    let callers = roles.map(|role| {
        let secret = place.make_token(role)?;
        Ok(Caller {
            name: role,
            header: format!("Authorization: Bearer {secret}"),
        })
    });
    callers.collect()
}

/// Makes the account of somebody who looks after the installation.
pub(super) fn add_account(place: &Place) -> anyhow::Result<()> {
    let mut adding = place
        .botscope("accounts")
        .args(["add", EMAIL, "--global"])
        .stdin(Stdio::piped())
        .spawn()
        .context("cannot make an account")?;
    let mut stdin = adding.stdin.take().context("the input was asked for")?;
    writeln!(stdin, "{PASSWORD}")?;
    drop(stdin);
    anyhow::ensure!(adding.wait()?.success(), "no account was made");
    Ok(())
}

/// Signs in as that account.
pub(super) fn sign_in(address: &str) -> anyhow::Result<Caller> {
    let mut curl = Command::new("curl");
    // It prints the cookies that it was given.
    curl.args(["-fsS", "--output", "/dev/null", "--cookie-jar", "-"]);
    curl.args(["--data-urlencode", &format!("email={EMAIL}")]);
    curl.args(["--data-urlencode", &format!("password={PASSWORD}")]);
    let jar = process::output(curl.arg(format!("{address}/sign-in")))?;
    let cookie = jar.lines().find_map(|line| {
        let (name, value) = line.rsplit_once('\t')?;
        let (_, name) = name.rsplit_once('\t')?;
        name.starts_with("botscope_")
            .then(|| format!("Cookie: {name}={value}"))
    });
    Ok(Caller {
        name: SIGNED_IN,
        header: cookie.context("signing in gives a cookie")?,
    })
}

//! Who sends the requests that are made up: a token of each role, and a person who has signed in.
//! And the server that they are sent to.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, bail};

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
        let mut add = place.botscope("tokens");
        let told = process::output(add.args(["add", role, "--role", role]))?;
        let secret = told
            .split_whitespace()
            .find(|word| word.starts_with("botscope_"));
        let secret = secret.context("`tokens add` prints the secret")?;
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

/// A server that ends with this.
pub(super) struct Serving {
    child: Child,
    pub(super) address: String,
}

impl Serving {
    /// Starts one; it says where it is.
    pub(super) fn start(command: &mut Command) -> anyhow::Result<Self> {
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let mut serving = Self {
            child: child.context("cannot start the server")?,
            address: String::new(),
        };
        let stdout = serving.child.stdout.take();
        let stdout = stdout.context("the output was asked for")?;
        for line in BufReader::new(stdout).lines() {
            if let Some((_, address)) = line?.split_once(" is at ") {
                address.trim().clone_into(&mut serving.address);
                return Ok(serving);
            }
        }
        bail!("the server ended before it listened")
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

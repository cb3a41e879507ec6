//! The options of `serve` that set single sign-on up. Not what is done with them.

use std::fs;
use std::path::PathBuf;

use anyhow::Context;
use clap::builder::FalseyValueParser;
use shared::TenantId;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject;

use crate::auth::oidc::{ClientPassword, OidcConfig, RoleRule};

/// The variable that may hold the secret. There is no option for it: others on the machine see
/// the options of a program.
const SECRET: &str = "BOTSCOPE_OIDC_CLIENT_SECRET";

/// Single sign-on by OpenID Connect.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Single sign-on")]
#[group(id = "single_sign_on")]
pub(super) struct Args {
    /// The provider's address, as it writes it itself; people may then sign in there.
    #[arg(
        long,
        value_name = "URL",
        env = "BOTSCOPE_OIDC_ISSUER",
        requires = "oidc_client_id"
    )]
    oidc_issuer: Option<String>,
    /// What the provider calls this installation.
    #[arg(
        long,
        value_name = "ID",
        env = "BOTSCOPE_OIDC_CLIENT_ID",
        requires = "oidc_issuer"
    )]
    oidc_client_id: Option<String>,
    /// A file with the secret that the provider gave for it; or set BOTSCOPE_OIDC_CLIENT_SECRET.
    #[arg(long, value_name = "FILE", env = "BOTSCOPE_OIDC_CLIENT_SECRET_FILE")]
    oidc_client_secret_file: Option<PathBuf>,
    /// What is asked for beside `openid`, with spaces between.
    #[arg(
        long,
        value_name = "SCOPES",
        env = "BOTSCOPE_OIDC_SCOPES",
        default_value = "email profile"
    )]
    oidc_scopes: String,
    /// The claim that says what somebody may do; a path with dots, as realm_access.roles.
    #[arg(long, value_name = "CLAIM", env = "BOTSCOPE_OIDC_ROLE_CLAIM")]
    oidc_role_claim: Option<String>,
    /// What a value of that claim means, as staff=read_only. The first that holds counts.
    #[arg(
        long,
        value_name = "VALUE=ROLE",
        env = "BOTSCOPE_OIDC_ROLES",
        value_delimiter = ';'
    )]
    oidc_role: Vec<RoleRule>,
    /// The tenant that people become members of.
    #[arg(
        long,
        value_name = "TENANT",
        env = "BOTSCOPE_OIDC_TENANT",
        default_value = "1"
    )]
    oidc_tenant: u64,
    /// How well people must have proven to the provider who they are, in its own words (acr): it
    /// is asked for that, and whoever comes back with another value is refused.
    #[arg(long, value_name = "VALUE", env = "BOTSCOPE_OIDC_ACR")]
    oidc_acr: Option<String>,
    /// Take no passwords, but those of global administrators.
    #[arg(long, env = "BOTSCOPE_OIDC_ONLY", value_parser = FalseyValueParser::new())]
    oidc_only: bool,
    /// Believe the provider's e-mail addresses although it does not say that they are confirmed.
    #[arg(long, env = "BOTSCOPE_OIDC_TRUST_EMAIL", value_parser = FalseyValueParser::new())]
    oidc_trust_email: bool,
    /// Let whoever has the confirmed e-mail address of an account sign in to it.
    #[arg(long, env = "BOTSCOPE_OIDC_LINK_BY_EMAIL", value_parser = FalseyValueParser::new())]
    oidc_link_by_email: bool,
    /// Certificates (PEM) of authorities that are trusted for the provider, beside the web's.
    #[arg(long, value_name = "FILE", env = "BOTSCOPE_OIDC_CA_FILE")]
    oidc_ca_file: Option<PathBuf>,
}

impl Args {
    /// What they set up, if a provider is named. Where people come back to, the server knows.
    pub(super) fn config(&self) -> anyhow::Result<Option<OidcConfig>> {
        let (Some(issuer), Some(client_id)) = (&self.oidc_issuer, &self.oidc_client_id) else {
            anyhow::ensure!(
                !self.oidc_only,
                "--oidc-only takes no passwords, but there is no provider: set --oidc-issuer and \
                 --oidc-client-id too"
            );
            return Ok(None);
        };
        let client_secret = match &self.oidc_client_secret_file {
            Some(path) => {
                let secret = fs::read_to_string(path);
                Some(secret.with_context(|| format!("the secret in {}", path.display()))?)
            }
            None => std::env::var(SECRET).ok(),
        };
        // A file ends with a line break that is none of the secret.
        let client_secret = client_secret.map(|it| it.trim_end_matches(['\r', '\n']).to_owned());
        let authorities = match &self.oidc_ca_file {
            Some(path) => certificates(path)?,
            None => Vec::new(),
        };
        Ok(Some(OidcConfig {
            issuer: issuer.clone(),
            client_id: client_id.clone(),
            client_secret: client_secret
                .filter(|it| !it.is_empty())
                .map(ClientPassword),
            scopes: self
                .oidc_scopes
                .split_whitespace()
                .map(str::to_owned)
                .collect(),
            redirect_uri: String::new(),
            role_claim: self.oidc_role_claim.clone(),
            roles: self.oidc_role.clone(),
            tenant: TenantId(self.oidc_tenant),
            // Without this an empty one, as a variable that is set to nothing, would ask for none.
            acr: self.oidc_acr.clone().filter(|it| !it.trim().is_empty()),
            is_only: self.oidc_only,
            trusts_email: self.oidc_trust_email,
            links_by_email: self.oidc_link_by_email,
            authorities,
        }))
    }
}

pub(super) fn certificates(path: &PathBuf) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let read = CertificateDer::pem_file_iter(path).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let read = read.map_err(|error| anyhow::anyhow!("{error:?}"));
    let read = read.with_context(|| format!("the certificates in {}", path.display()))?;
    anyhow::ensure!(!read.is_empty(), "no certificate in {}", path.display());
    Ok(read)
}

#[cfg(test)]
mod tests {
    use clap::Parser;
    use shared::Role;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    fn read(line: &[&str]) -> anyhow::Result<Option<OidcConfig>> {
        let line = Line::try_parse_from([&["serve"], line].concat())?;
        line.args.config()
    }

    #[test]
    fn without_a_provider_nothing_is_set_up() {
        assert!(read(&[]).unwrap().is_none());
        let error = read(&["--oidc-only"]).unwrap_err().to_string();
        assert!(error.contains("there is no provider"), "{error}");
    }

    #[test]
    fn a_provider_needs_a_client_and_the_other_way_round() {
        assert!(read(&["--oidc-issuer", "https://login.example"]).is_err());
        assert!(read(&["--oidc-client-id", "botscope"]).is_err());
    }

    #[test]
    fn a_secret_comes_from_a_file_without_its_line_break_and_is_shown_to_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        fs::write(&file, "hush hush\n").unwrap();
        let config = read(&[
            "--oidc-issuer=https://login.example",
            "--oidc-client-id=botscope",
            &format!("--oidc-client-secret-file={}", file.display()),
            "--oidc-role-claim=groups",
            "--oidc-role=cn=admins,dc=shop=administrator",
            "--oidc-role=staff=read_only;security=analyst",
        ]);
        let config = config.unwrap().unwrap();
        assert_eq!(
            config.client_secret,
            Some(ClientPassword("hush hush".to_owned()))
        );
        assert!(!format!("{config:?}").contains("hush"));
        assert_eq!(config.scopes, ["email", "profile"]);
        let roles: Vec<Role> = config.roles.iter().map(|rule| rule.role).collect();
        assert_eq!(roles, [Role::Administrator, Role::ReadOnly, Role::Analyst]);
        assert_eq!(config.roles[0].value, "cn=admins,dc=shop");
    }

    #[test]
    fn a_file_without_certificates_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        fs::write(&file, "nothing\n").unwrap();
        let error = read(&[
            "--oidc-issuer=https://login.example",
            "--oidc-client-id=botscope",
            &format!("--oidc-ca-file={}", file.display()),
        ]);
        assert!(error.unwrap_err().to_string().contains("no certificate in"));
    }
}

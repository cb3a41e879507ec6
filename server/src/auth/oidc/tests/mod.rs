//! Single sign-on against a provider that can be told to misbehave.

pub(crate) mod provider;
mod refused;
mod signed_on;

use openidconnect::url::Url;
use provider::{CLIENT_ID, CLIENT_SECRET, Fake, NOW, pairs};
use shared::TenantId;

use super::{Answer, Beginning, ClientPassword, OidcConfig, OidcError, Provider, SignedOn};
use crate::https;

const REDIRECT_URI: &str = "http://127.0.0.1:8080/sign-in/oidc/callback";

/// How Botscope is set up for `fake`: who is in `staff` reads, who is in `security` analyses.
pub(crate) fn config(fake: &Fake) -> OidcConfig {
    OidcConfig {
        issuer: fake.issuer(),
        client_id: CLIENT_ID.to_owned(),
        client_secret: Some(ClientPassword(CLIENT_SECRET.to_owned())),
        scopes: vec!["email".to_owned(), "profile".to_owned()],
        redirect_uri: REDIRECT_URI.to_owned(),
        role_claim: Some("groups".to_owned()),
        roles: vec![
            "security=analyst".parse().unwrap(),
            "staff=read_only".parse().unwrap(),
        ],
        tenant: TenantId(1),
        acr: None,
        is_only: false,
        trusts_email: false,
        links_by_email: false,
        authorities: Vec::new(),
    }
}

async fn start() -> (Fake, Provider) {
    let fake = Fake::start().await;
    let botscope = Provider::new(config(&fake), b"secret of the data directory").unwrap();
    (fake, botscope)
}

/// What a browser brings back that was sent to `beginning`.
async fn visit(beginning: &Beginning) -> Answer {
    let to = follow(&beginning.url).await;
    let (path, query) = to.split_once('?').unwrap();
    assert_eq!(path, REDIRECT_URI);
    let mut said = pairs(query);
    Answer {
        code: said.remove("code"),
        state: said.remove("state"),
        error: said.remove("error"),
        iss: said.remove("iss"),
    }
}

/// Where the provider sends a browser that asks for `url`.
pub(crate) async fn follow(url: &str) -> String {
    let url = Url::parse(url).unwrap();
    let host = (url.host_str().unwrap(), url.port().unwrap());
    let stream = tokio::net::TcpStream::connect(host).await.unwrap();
    let request = http::Request::get(url.as_str());
    let request = request.body(http_body_util::Empty::<hyper::body::Bytes>::new());
    let answer = https::exchange(stream, request.unwrap()).await.unwrap();
    let to = answer.headers()[http::header::LOCATION].to_str();
    to.unwrap().to_owned()
}

/// A whole sign-in.
async fn sign_in(botscope: &Provider) -> Result<SignedOn, OidcError> {
    let beginning = botscope.begin("/attacks", NOW).await?;
    let answer = visit(&beginning).await;
    botscope.end(Some(&beginning.cookie), answer, NOW).await
}

//! The two halves of a sign-in, and its opposite: sends somebody to the provider, and finds out
//! from what comes back who they are.

use data_encoding::BASE64URL_NOPAD;
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreGenderClaim, CoreIdToken,
    CoreIdTokenVerifier, CoreJwsSigningAlgorithm, CoreTokenResponse,
};
use openidconnect::{
    AccessToken, AccessTokenHash, AdditionalClaims, AuthType, AuthenticationContextClass,
    AuthorizationCode, ClaimsVerificationError, ClientSecret, CsrfToken, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, LogoutRequest, Nonce, OAuth2TokenResponse, PkceCodeChallenge,
    PkceCodeVerifier, PostLogoutRedirectUrl, RequestTokenError, Scope, SignatureVerificationError,
    SubjectIdentifier, TokenResponse, UserInfoClaims, UserInfoError,
};
use serde::{Deserialize, Serialize};
use shared::Timestamp;

use super::attempt::{ATTEMPT_SECONDS, Attempt, Ended, Seal, local_path};
use super::config::{Client, OidcConfig, OidcConfigError, PATIENCE};
use super::directory::{Directory, Metadata};
use super::error::{OidcError, quoted};
use super::identity::{Claims, Identity};
use crate::https;

/// By how much the provider's clock may differ.
const SKEW: i64 = Timestamp::MINUTE;
/// The longest code that is sent on, in bytes.
const MAX_CODE: usize = 4_096;

/// How a proof may be signed. Never by what both sides know, and never not at all.
const SIGNATURES: [CoreJwsSigningAlgorithm; 9] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::RsaSsaPssSha384,
    CoreJwsSigningAlgorithm::RsaSsaPssSha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
    CoreJwsSigningAlgorithm::EdDsa,
];

type Speaker = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// A provider that vouches for people.
pub struct Provider {
    config: OidcConfig,
    client: Client,
    directory: Directory,
    seal: Seal,
    ended: Ended,
}

/// The first half: where to send the browser, and what to let it keep.
pub struct Beginning {
    /// The provider's door.
    pub url: String,
    /// The value of the cookie.
    pub cookie: String,
}

/// What the browser brings back from the provider.
#[derive(Default)]
pub struct Answer {
    /// Good for the proof, once.
    pub code: Option<String>,
    /// What was sent along.
    pub state: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
    /// Who answers.
    pub iss: Option<String>,
}

/// The second half.
#[derive(Debug)]
pub struct SignedOn {
    /// Who it is.
    pub identity: Identity,
    /// Where they wanted to go: a path of the console.
    pub next: String,
}

/// All that the provider says of somebody beside the proof.
#[derive(Debug, Serialize, Deserialize)]
struct Everything {
    #[serde(flatten)]
    all: Claims,
}

impl AdditionalClaims for Everything {}

impl Provider {
    /// One that is set up by `config`. Nothing is asked of it before somebody signs in.
    ///
    /// # Errors
    /// If `config` cannot work.
    pub fn new(config: OidcConfig, secret: &[u8]) -> Result<Self, OidcConfigError> {
        let client = config.client()?;
        let tls = https::connector(&config.authorities)?;
        Ok(Self {
            directory: Directory::new(client.issuer.clone(), tls, PATIENCE),
            config,
            client,
            seal: Seal::new(secret),
            ended: Ended::default(),
        })
    }

    /// The same, which waits only for so long; for tests of a provider that is slow.
    #[cfg(test)]
    pub(super) fn with_patience(mut self, patience: std::time::Duration) -> Self {
        self.directory.transport.patience = patience;
        self
    }

    /// How it is set up.
    #[must_use]
    pub fn config(&self) -> &OidcConfig {
        &self.config
    }

    /// Sends somebody there, to return to `next`.
    ///
    /// # Errors
    /// If the provider does not answer.
    pub async fn begin(&self, next: &str, now: Timestamp) -> Result<Beginning, OidcError> {
        let metadata = self.directory.get(now).await?;
        let speaker = self.speaker(&metadata);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let scopes = self.config.scopes.iter().filter(|it| *it != "openid");
        let mut request = speaker
            .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
            .set_pkce_challenge(challenge)
            .add_scopes(scopes.map(|it| Scope::new(it.clone())));
        if let Some(acr) = &self.config.acr {
            let acr = AuthenticationContextClass::new(acr.clone());
            request = request.add_auth_context_value(acr);
        }
        let (url, state, nonce) = request.url();
        let cookie = self.seal.close(&Attempt {
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
            next: local_path(next).to_owned(),
            ends_at: now.plus(ATTEMPT_SECONDS * Timestamp::SECOND).0,
        })?;
        Ok(Beginning {
            url: url.into(),
            cookie,
        })
    }

    /// Finds out who came back. `cookie` holds for one call.
    ///
    /// # Errors
    /// If nobody is to be signed in.
    pub async fn end(
        &self,
        cookie: Option<&str>,
        answer: Answer,
        now: Timestamp,
    ) -> Result<SignedOn, OidcError> {
        let attempt = cookie.and_then(|cookie| self.seal.open(cookie));
        let attempt = attempt
            .filter(|attempt| answer.state.as_deref() == Some(&attempt.state))
            .filter(|attempt| self.ended.end(attempt, now))
            .ok_or(OidcError::NotBegun)?;
        let metadata = self.directory.get(now).await?;
        self.check_who_answers(&answer, &metadata)?;
        if let Some(error) = answer.error {
            return Err(OidcError::Declined(quoted(&error)));
        }
        let code = answer.code.filter(|code| code.len() <= MAX_CODE);
        let code = code.ok_or_else(|| OidcError::Declined("no code".to_owned()))?;
        let speaker = self.speaker(&metadata);
        let tokens = speaker
            .exchange_code(AuthorizationCode::new(code))
            .map_err(|error| OidcError::Unavailable(error.to_string()))?
            .set_pkce_verifier(PkceCodeVerifier::new(attempt.verifier))
            .request_async(&self.directory.transport)
            .await
            .map_err(not_exchanged)?;
        let nonce = Nonce::new(attempt.nonce);
        let proven = self.prove(&tokens, &nonce, &metadata, now).await?;
        let more = if Identity::is_incomplete(&proven, &self.config) {
            self.ask_more(&speaker, tokens.access_token(), &proven)
                .await?
        } else {
            Claims::new()
        };
        Ok(SignedOn {
            identity: Identity::read(&proven, &more, &self.config)?,
            next: attempt.next,
        })
    }

    /// Where somebody ends their sign-in at the provider too; `None` if it has no such place.
    pub async fn sign_out_url(&self, now: Timestamp) -> Option<String> {
        let metadata = self.directory.get(now).await.ok()?;
        let more = metadata.additional_metadata();
        let request = LogoutRequest::from(more.end_session_endpoint.clone()?);
        let request = request.set_client_id(self.client.id.clone());
        let home = self.config.redirect_uri.strip_suffix("/oidc/callback");
        let home = home.and_then(|home| PostLogoutRedirectUrl::new(home.to_owned()).ok());
        let request = match home {
            Some(home) => request.set_post_logout_redirect_uri(home),
            None => request,
        };
        Some(request.http_get_url().into())
    }

    fn speaker(&self, metadata: &Metadata) -> Speaker {
        let secret: Option<ClientSecret> = self.client.secret.clone();
        let methods = metadata.token_endpoint_auth_methods_supported();
        let takes_basic =
            methods.is_none_or(|all| all.contains(&CoreClientAuthMethod::ClientSecretBasic));
        let auth = match takes_basic {
            true => AuthType::BasicAuth,
            false => AuthType::RequestBody,
        };
        CoreClient::from_provider_metadata(metadata.clone(), self.client.id.clone(), secret)
            .set_auth_type(auth)
            .set_redirect_uri(self.client.redirect_uri.clone())
    }

    /// Where the provider says who it is (RFC 9207), it must be itself.
    fn check_who_answers(&self, answer: &Answer, metadata: &Metadata) -> Result<(), OidcError> {
        let more = metadata.additional_metadata();
        let is_it = match &answer.iss {
            Some(iss) => *iss == self.config.issuer,
            None => !more.authorization_response_iss_parameter_supported,
        };
        if !is_it {
            let what = "another provider answered".to_owned();
            return Err(OidcError::Unproven(what));
        }
        Ok(())
    }

    /// The claims of the ID token, once all about it is right.
    async fn prove(
        &self,
        tokens: &CoreTokenResponse,
        nonce: &Nonce,
        metadata: &Metadata,
        now: Timestamp,
    ) -> Result<Claims, OidcError> {
        let token = tokens.id_token();
        let token = token.ok_or_else(|| OidcError::Unproven("no ID token".to_owned()))?;
        let mut speaker = self.speaker(metadata);
        if token
            .claims(&verifier(&speaker, now), nonce)
            .is_err_and(|error| may_be_another_key(&error))
        {
            speaker = self.speaker(&*self.directory.newer(now).await?);
        }
        let verifier = verifier(&speaker, now);
        let claims = token.claims(&verifier, nonce).map_err(unproven)?;
        // The library leaves these two to whoever uses it.
        if claims
            .authorized_party()
            .is_some_and(|party| *party != self.client.id)
        {
            let what = "it was made for another program".to_owned();
            return Err(OidcError::Unproven(what));
        }
        if let Some(hash) = claims.access_token_hash() {
            let algorithm = token.signing_alg().map_err(unproven)?;
            let key = token.signing_key(&verifier).map_err(unproven)?;
            let of_this = AccessTokenHash::from_token(tokens.access_token(), algorithm, key);
            if of_this.map_err(unproven)? != *hash {
                let what = "it belongs to another access token".to_owned();
                return Err(OidcError::Unproven(what));
            }
        }
        payload(token).ok_or_else(|| OidcError::Unproven("its claims are no JSON".to_owned()))
    }

    /// What else the provider says of the same subject; nothing if it cannot be asked.
    async fn ask_more(
        &self,
        speaker: &Speaker,
        token: &AccessToken,
        proven: &Claims,
    ) -> Result<Claims, OidcError> {
        let subject = proven.get("sub").and_then(|subject| subject.as_str());
        let subject = SubjectIdentifier::new(subject.unwrap_or_default().to_owned());
        let Ok(request) = speaker.user_info(token.clone(), Some(subject)) else {
            return Ok(Claims::new());
        };
        let answer = request.request_async(&self.directory.transport).await;
        let claims: UserInfoClaims<Everything, CoreGenderClaim> =
            answer.map_err(|error| match error {
                UserInfoError::ClaimsVerification(error) => unproven(error),
                UserInfoError::Request(error) => OidcError::Unavailable(error.to_string()),
                UserInfoError::Response(status, ..) => {
                    OidcError::Unavailable(format!("the answer about the person was {status}"))
                }
                _ => OidcError::Unavailable("the answer about the person is wrong".to_owned()),
            })?;
        match serde_json::to_value(claims) {
            Ok(serde_json::Value::Object(claims)) => Ok(claims),
            _ => Ok(Claims::new()),
        }
    }
}

fn verifier(speaker: &Speaker, now: Timestamp) -> CoreIdTokenVerifier<'_> {
    let moment = |ms| chrono::DateTime::from_timestamp_millis(ms).unwrap_or_default();
    let (past, future) = (now.plus(-SKEW).0, now.plus(SKEW).0);
    speaker
        .id_token_verifier()
        .set_allowed_algs(SIGNATURES)
        .set_time_fn(move || moment(past))
        .set_issue_time_verifier_fn(move |at| match at > moment(future) {
            true => Err("it is from the future".to_owned()),
            false => Ok(()),
        })
}

/// Whether a key that was changed since would explain it.
fn may_be_another_key(error: &ClaimsVerificationError) -> bool {
    matches!(
        error,
        ClaimsVerificationError::SignatureVerification(
            SignatureVerificationError::NoMatchingKey | SignatureVerificationError::CryptoError(_)
        )
    )
}

fn unproven(error: impl std::error::Error) -> OidcError {
    let cause = error.source().map(|cause| format!(": {cause}"));
    OidcError::Unproven(quoted(&format!("{error}{}", cause.unwrap_or_default())))
}

/// Why there are no tokens, without any secret that may stand in the answer.
fn not_exchanged<R, T>(error: RequestTokenError<R, T>) -> OidcError
where
    R: std::error::Error + 'static,
    T: openidconnect::ErrorResponse + std::fmt::Display + 'static,
{
    match error {
        RequestTokenError::ServerResponse(answer) => OidcError::Code(quoted(&answer.to_string())),
        RequestTokenError::Request(error) => OidcError::Unavailable(error.to_string()),
        RequestTokenError::Parse(error, _) => {
            OidcError::Unavailable(format!("its answer is wrong at `{}`", error.path()))
        }
        RequestTokenError::Other(text) => OidcError::Unavailable(quoted(&text)),
    }
}

/// All claims of a token, whose signature was verified.
fn payload(token: &CoreIdToken) -> Option<Claims> {
    let token = token.to_string();
    let middle = token.split('.').nth(1)?;
    serde_json::from_slice(&BASE64URL_NOPAD.decode(middle.as_bytes()).ok()?).ok()
}

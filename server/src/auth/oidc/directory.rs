//! What the provider says of itself: where its doors are and which keys it signs with. Fetched
//! once an hour, and when it signs with a key that is not known yet. Not what it says of people.

use std::sync::Arc;
use std::time::Duration;

use openidconnect::core::{
    CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm,
    CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType,
};
use openidconnect::{
    AdditionalProviderMetadata, DiscoveryError, EndSessionUrl, IssuerUrl, ProviderMetadata,
};
use serde::{Deserialize, Serialize};
use shared::Timestamp;
use tokio::sync::Mutex;
use tokio_rustls::TlsConnector;

use super::error::{OidcError, quoted};
use super::transport::{Transport, TransportError, is_here};

/// How long a copy is used without asking.
const FRESH: i64 = Timestamp::HOUR;
/// How long a copy is used if the provider does not answer: keys may have been withdrawn.
const USABLE: i64 = Timestamp::DAY;
/// After an answer, or none, nobody asks again for so long.
const PAUSE: i64 = 10 * Timestamp::SECOND;

/// What the protocol's library leaves out.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct More {
    pub(super) end_session_endpoint: Option<EndSessionUrl>,
    /// Whether it says with every answer who it is (RFC 9207).
    #[serde(default)]
    pub(super) authorization_response_iss_parameter_supported: bool,
}

impl AdditionalProviderMetadata for More {}

pub(super) type Metadata = ProviderMetadata<
    More,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// What is known of the provider.
pub(super) struct Directory {
    issuer: IssuerUrl,
    pub(super) transport: Transport,
    /// Held while asking, so that many who sign in at once ask once.
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    copy: Option<(Arc<Metadata>, Timestamp)>,
    failed_at: Option<Timestamp>,
}

impl Directory {
    pub(super) fn new(issuer: IssuerUrl, tls: TlsConnector, patience: Duration) -> Self {
        let is_here = is_here(issuer.url());
        Self {
            issuer,
            transport: Transport {
                tls,
                is_here,
                patience,
            },
            known: Mutex::default(),
        }
    }

    /// The copy there is, or a new one.
    pub(super) async fn get(&self, now: Timestamp) -> Result<Arc<Metadata>, OidcError> {
        self.at_most(FRESH, now).await
    }

    /// A copy with keys that the one at hand does not have, perhaps.
    pub(super) async fn newer(&self, now: Timestamp) -> Result<Arc<Metadata>, OidcError> {
        self.at_most(PAUSE, now).await
    }

    async fn at_most(&self, age: i64, now: Timestamp) -> Result<Arc<Metadata>, OidcError> {
        let mut known = self.known.lock().await;
        let copy = known.copy.clone();
        let of_age = |age: i64| copy.clone().filter(|(_, at)| now.since(*at) < age);
        if let Some((metadata, _)) = of_age(age) {
            return Ok(metadata);
        }
        let error = if known.failed_at.is_some_and(|at| now.since(at) < PAUSE) {
            OidcError::Unavailable("it did not answer a moment ago".to_owned())
        } else {
            match self.fetch().await {
                Ok(metadata) => {
                    let metadata = Arc::new(metadata);
                    known.copy = Some((Arc::clone(&metadata), now));
                    known.failed_at = None;
                    return Ok(metadata);
                }
                Err(error) => {
                    known.failed_at = Some(now);
                    error
                }
            }
        };
        match of_age(USABLE) {
            Some((metadata, at)) => {
                tracing::warn!(%error, since = %at, "what the provider said before is used");
                Ok(metadata)
            }
            None => Err(error),
        }
    }

    async fn fetch(&self) -> Result<Metadata, OidcError> {
        let answer = Metadata::discover_async(self.issuer.clone(), &self.transport).await;
        let metadata = answer.map_err(|error| OidcError::Unavailable(said(error)))?;
        let more = metadata.additional_metadata();
        let doors = [
            Some(metadata.authorization_endpoint().url()),
            more.end_session_endpoint.as_ref().map(EndSessionUrl::url),
        ];
        // What the server asks itself, the transport checks.
        for door in doors.into_iter().flatten() {
            if !self.transport.allows(door) {
                let text = format!("people cannot be sent to `{}`", quoted(door.as_str()));
                return Err(OidcError::Unavailable(text));
            }
        }
        if metadata.token_endpoint().is_none() {
            let text = "it has no token endpoint".to_owned();
            return Err(OidcError::Unavailable(text));
        }
        Ok(metadata)
    }
}

/// What went wrong, without what came instead.
fn said(error: DiscoveryError<TransportError>) -> String {
    match error {
        DiscoveryError::Request(error) => error.to_string(),
        DiscoveryError::Response(status, _, _) => format!("the answer was {status}"),
        DiscoveryError::Parse(error) => format!("its answer is wrong at `{}`", error.path()),
        DiscoveryError::Validation(text) => quoted(&text),
        other => quoted(&other.to_string()),
    }
}

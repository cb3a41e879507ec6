//! A provider of OpenID Connect, small and real, on a port of its own: it signs with ES256,
//! checks what it is asked, and misbehaves as it is told. It shares no code with what it tests.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use data_encoding::{BASE64, BASE64URL_NOPAD};
use http::{HeaderMap, Method, Request, Response, StatusCode, Uri, header};
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use percent_encoding::percent_decode_str;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use ring::{digest, hmac};
use serde_json::{Value, json};
use shared::Timestamp;
use tokio::net::TcpListener;

pub(super) const CLIENT_ID: &str = "botscope at shop.example";
pub(super) const CLIENT_SECRET: &str = "p@ss: & w\u{f6}rd";
pub(super) const NOW: Timestamp = Timestamp(1_764_000_000_000);

/// What it does otherwise than it should.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Misbehavior {
    #[default]
    None,
    /// Claims of the ID token are these.
    Claims(Value),
    /// The algorithm of the ID token is this, and it is signed accordingly.
    Algorithm(&'static str),
    /// Signed by a key that is not published, under the name of one that is.
    ForeignKey,
    /// The token endpoint answers so.
    Token(StatusCode, String),
    /// The token endpoint never answers.
    TokenHangs,
    /// The discovery document has these fields.
    Discovery(Value),
    /// Discovery answers so.
    NoDiscovery(StatusCode),
    /// The keys are somewhere else.
    KeysRedirect(String),
}

pub(crate) struct Inside {
    pub(crate) misbehavior: Misbehavior,
    /// Of who signs in; without those of the protocol.
    pub(crate) claims: Value,
    /// What is said of them only at the user info endpoint.
    pub(super) user_info: Value,
    /// Whether codes hold more than once.
    pub(super) repeats_codes: bool,
    /// What the time is there.
    pub(crate) now: Timestamp,
    /// How often each path was asked for.
    pub(super) asked: HashMap<String, usize>,
    key: Option<(String, EcdsaKeyPair)>,
    codes: HashMap<String, HashMap<String, String>>,
    issuer: String,
}

#[derive(Clone)]
pub(crate) struct Fake(Arc<Mutex<Inside>>);

impl Fake {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", listener.local_addr().unwrap());
        let fake = Self(Arc::new(Mutex::new(Inside {
            claims: json!({
                "sub": "u-1", "name": "Ada L.", "email": "ada@shop.example",
                "email_verified": true, "groups": ["staff"],
            }),
            user_info: json!({}),
            now: NOW,
            issuer,
            misbehavior: Misbehavior::None,
            repeats_codes: false,
            asked: HashMap::new(),
            key: None,
            codes: HashMap::new(),
        })));
        fake.rotate("first");
        let served = fake.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let fake = served.clone();
                let service = service_fn(move |request| {
                    let fake = fake.clone();
                    async move { fake.answer(request).await }
                });
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        fake
    }

    pub(crate) fn issuer(&self) -> String {
        self.0.lock().unwrap().issuer.clone()
    }

    pub(crate) fn set(&self, change: impl FnOnce(&mut Inside)) {
        change(&mut self.0.lock().unwrap());
    }

    pub(crate) fn asked(&self, path: &str) -> usize {
        let inside = self.0.lock().unwrap();
        inside.asked.get(path).copied().unwrap_or_default()
    }

    /// Signs with another key from now on.
    pub(super) fn rotate(&self, name: &str) {
        self.0.lock().unwrap().key = Some((name.to_owned(), new_key()));
    }

    async fn answer(
        &self,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, hyper::Error> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let body = String::from_utf8(body.to_vec()).unwrap();
        let path = parts.uri.path().to_owned();
        let misbehavior = {
            let mut inside = self.0.lock().unwrap();
            *inside.asked.entry(path.clone()).or_default() += 1;
            inside.misbehavior.clone()
        };
        if path == "/token" && misbehavior == Misbehavior::TokenHangs {
            std::future::pending::<()>().await;
        }
        let inside = &mut self.0.lock().unwrap();
        Ok(match (&parts.method, path.as_str()) {
            (&Method::GET, "/.well-known/openid-configuration") => inside.discovery(),
            (&Method::GET, "/authorize") => inside.authorize(&parts.uri),
            (&Method::POST, "/token") => inside.token(&parts.headers, &body),
            (&Method::GET, "/keys") => inside.keys(),
            (&Method::GET, "/me") => inside.me(&parts.headers),
            _ => said(StatusCode::NOT_FOUND, "text/plain", String::new()),
        })
    }
}

impl Inside {
    fn discovery(&self) -> Response<Full<Bytes>> {
        if let Misbehavior::NoDiscovery(status) = self.misbehavior {
            return said(status, "text/html", "<h1>Sorry</h1>".to_owned());
        }
        let at = |path: &str| format!("{}{path}", self.issuer);
        let mut document = json!({
            "issuer": self.issuer,
            "authorization_endpoint": at("/authorize"),
            "token_endpoint": at("/token"),
            "userinfo_endpoint": at("/me"),
            "jwks_uri": at("/keys"),
            "end_session_endpoint": at("/end"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
        });
        if let Misbehavior::Discovery(fields) = &self.misbehavior {
            overwrite(&mut document, fields);
        }
        json_said(StatusCode::OK, &document)
    }

    fn authorize(&mut self, uri: &Uri) -> Response<Full<Bytes>> {
        let asked = pairs(uri.query().unwrap_or_default());
        assert_eq!(asked["client_id"], CLIENT_ID);
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["code_challenge_method"], "S256");
        assert!(asked["scope"].split(' ').any(|scope| scope == "openid"));
        assert!(asked["state"].len() >= 16 && asked["nonce"].len() >= 16);
        let code = format!("code {}", self.codes.len());
        let to = format!(
            "{}?code={}&state={}",
            asked["redirect_uri"],
            code.replace(' ', "%20"),
            asked["state"]
        );
        self.codes.insert(code, asked);
        let response = Response::builder().status(StatusCode::FOUND);
        let response = response.header(header::LOCATION, to);
        response.body(Full::default()).unwrap()
    }

    fn token(&mut self, headers: &HeaderMap, body: &str) -> Response<Full<Bytes>> {
        if let Misbehavior::Token(status, body) = &self.misbehavior {
            return said(*status, "application/json", body.clone());
        }
        let refused = |error: &str| json_said(StatusCode::BAD_REQUEST, &json!({ "error": error }));
        if basic(headers) != Some((CLIENT_ID.to_owned(), CLIENT_SECRET.to_owned())) {
            return refused("invalid_client");
        }
        let sent = pairs(body);
        let code = &sent["code"];
        let Some(asked) = self.codes.get(code).cloned() else {
            return refused("invalid_grant");
        };
        let verifier = digest::digest(&digest::SHA256, sent["code_verifier"].as_bytes());
        if BASE64URL_NOPAD.encode(verifier.as_ref()) != asked["code_challenge"]
            || sent["redirect_uri"] != asked["redirect_uri"]
            || sent["grant_type"] != "authorization_code"
        {
            return refused("invalid_grant");
        }
        if !self.repeats_codes {
            self.codes.remove(code);
        }
        let answer = json!({
            "access_token": "access",
            "token_type": "Bearer",
            "expires_in": 60,
            "id_token": self.id_token(&asked["nonce"]),
        });
        json_said(StatusCode::OK, &answer)
    }

    fn id_token(&self, nonce: &str) -> String {
        let of_access = digest::digest(&digest::SHA256, b"access");
        let mut claims = json!({
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "iat": self.now.0 / 1_000,
            "exp": self.now.0 / 1_000 + 300,
            "nonce": nonce,
            "at_hash": BASE64URL_NOPAD.encode(&of_access.as_ref()[..16]),
        });
        overwrite(&mut claims, &self.claims);
        if let Misbehavior::Claims(fields) = &self.misbehavior {
            overwrite(&mut claims, fields);
        }
        let algorithm = match self.misbehavior {
            Misbehavior::Algorithm(algorithm) => algorithm,
            _ => "ES256",
        };
        let (name, key) = self.key.as_ref().unwrap();
        let head = json!({ "alg": algorithm, "typ": "JWT", "kid": name });
        let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let signed = format!("{}.{}", part(&head), part(&claims));
        let random = SystemRandom::new();
        let sign = |key: &EcdsaKeyPair| {
            let signature = key.sign(&random, signed.as_bytes()).unwrap();
            BASE64URL_NOPAD.encode(signature.as_ref())
        };
        let signature = match (&self.misbehavior, algorithm) {
            (Misbehavior::ForeignKey, _) => sign(&new_key()),
            (_, "none") => String::new(),
            (_, "HS256") => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, CLIENT_SECRET.as_bytes());
                BASE64URL_NOPAD.encode(hmac::sign(&key, signed.as_bytes()).as_ref())
            }
            _ => sign(key),
        };
        format!("{signed}.{signature}")
    }

    fn keys(&self) -> Response<Full<Bytes>> {
        if let Misbehavior::KeysRedirect(to) = &self.misbehavior {
            let response = Response::builder().status(StatusCode::FOUND);
            let response = response.header(header::LOCATION, to);
            return response.body(Full::default()).unwrap();
        }
        let (name, key) = self.key.as_ref().unwrap();
        let (x, y) = key.public_key().as_ref()[1..].split_at(32);
        let key = json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": name,
            "x": BASE64URL_NOPAD.encode(x), "y": BASE64URL_NOPAD.encode(y),
        });
        json_said(StatusCode::OK, &json!({ "keys": [key] }))
    }

    fn me(&self, headers: &HeaderMap) -> Response<Full<Bytes>> {
        assert_eq!(headers[header::AUTHORIZATION], "Bearer access");
        let mut claims = json!({ "sub": self.claims["sub"] });
        overwrite(&mut claims, &self.user_info);
        json_said(StatusCode::OK, &claims)
    }
}

fn new_key() -> EcdsaKeyPair {
    let random = SystemRandom::new();
    let key = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).unwrap();
    EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, key.as_ref(), &random).unwrap()
}

/// Sets the fields of `with`; those that are null are taken out.
fn overwrite(document: &mut Value, with: &Value) {
    let document = document.as_object_mut().unwrap();
    for (key, value) in with.as_object().unwrap() {
        match value {
            Value::Null => document.remove(key),
            value => document.insert(key.clone(), value.clone()),
        };
    }
}

/// What a form, or the part of an address behind the `?`, says.
pub(crate) fn pairs(text: &str) -> HashMap<String, String> {
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(key, value)| (decoded(key), decoded(value)))
        .collect()
}

fn decoded(text: &str) -> String {
    let text = text.replace('+', " ");
    percent_decode_str(&text)
        .decode_utf8()
        .unwrap()
        .into_owned()
}

fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let credential = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let credential = BASE64.decode(credential.strip_prefix("Basic ")?.as_bytes());
    let credential = String::from_utf8(credential.ok()?).ok()?;
    let (name, secret) = credential.split_once(':')?;
    Some((decoded(name), decoded(secret)))
}

fn json_said(status: StatusCode, value: &Value) -> Response<Full<Bytes>> {
    said(status, "application/json", value.to_string())
}

fn said(status: StatusCode, kind: &str, body: String) -> Response<Full<Bytes>> {
    let response = Response::builder().status(status);
    let response = response.header(header::CONTENT_TYPE, kind);
    response.body(Full::from(body)).unwrap()
}

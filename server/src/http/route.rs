//! One route: what [`super::router`]'s table says of it, and how a call runs. A route cannot
//! be made without a permission, and its handler cannot run before the caller has it.

use std::net::IpAddr;

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, MethodRouter, on};
use http::{HeaderMap, StatusCode, header};
use shared::Timestamp;
use utoipa::openapi::Content;
use utoipa::openapi::path::{HttpMethod, Parameter, ParameterIn};

use super::body::{NoBody, RequestBody};
use super::credential;
use super::error::ApiError;
use super::fields::{Fields, Params};
use super::mask::mask_response;
use super::recognize::CurrentLogin;
use super::reply::{Reply, Schemas};
use super::state::AppState;
use crate::auth::{Caller, Permission, SecretHash};
use crate::store::{TenantStore, Tenants};

/// A route of the API.
pub(super) struct Route {
    /// The method.
    pub(super) method: HttpMethod,
    /// The path below `/api/v1`.
    pub(super) path: &'static str,
    /// What the caller must be allowed.
    pub(super) permission: Permission,
    /// The handler with everything around it.
    pub(super) handler: MethodRouter<AppState>,
    /// What it answers, in a few words.
    pub(super) summary: &'static str,
    /// The parameters that it reads.
    pub(super) parameters: Vec<Parameter>,
    /// What its body is, where it takes one.
    pub(super) body: Option<Content>,
    /// The status of its answer.
    pub(super) status: StatusCode,
    /// The media type of its answer; empty if it has no body.
    pub(super) media_type: &'static str,
    /// The shape of its answer.
    pub(super) content: Content,
    /// The schemas that `content` refers to.
    pub(super) schemas: Schemas,
}

/// What a handler works with besides its parameters.
pub(super) struct Context {
    /// Whoever asks.
    pub(super) caller: Caller,
    /// The caller's data, and nobody else's.
    pub(super) store: TenantStore,
    /// The tenants themselves, for whoever looks after all of them.
    pub(super) tenants: Tenants,
    /// Whether they see addresses only in part: every answer is masked, but a handler may have
    /// to refuse instead.
    pub(super) is_masked: bool,
    /// The address they come from, where the connection has one.
    pub(super) peer: Option<IpAddr>,
    /// The login that they came with, if they have signed in.
    pub(super) login: Option<CurrentLogin>,
    /// What all of the server has in common: what goes on in it, and what concerns more than a
    /// tenant, such as accounts.
    pub(super) state: AppState,
    /// The hash of the secret of their token, if they sent one.
    pub(super) token: Option<SecretHash>,
    /// The tags of what they have already.
    pub(super) if_none_match: Option<String>,
    /// The last event that they heard of a stream.
    pub(super) last_event_id: Option<String>,
    /// The server's time when the request came.
    pub(super) now: Timestamp,
}

impl Route {
    /// A route that reads.
    pub(super) fn get<P, R, H, F>(
        path: &'static str,
        permission: Permission,
        handler: H,
        summary: &'static str,
    ) -> Self
    where
        P: Params,
        R: Reply,
        H: Fn(Context, P) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<R, ApiError>> + Send + 'static,
    {
        let handler = move |context, params, NoBody| handler(context, params);
        Self::new(HttpMethod::Get, path, permission, handler, summary)
    }

    /// A route that writes. Whether the request comes from this console or from a program is
    /// [`super::guard`]'s to check.
    pub(super) fn new<P, B, R, H, F>(
        method: HttpMethod,
        path: &'static str,
        permission: Permission,
        handler: H,
        summary: &'static str,
    ) -> Self
    where
        P: Params,
        B: RequestBody,
        R: Reply,
        H: Fn(Context, P, B) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<R, ApiError>> + Send + 'static,
    {
        let call = move |State(state): State<AppState>, caller: Caller, input: RawInput| {
            let handler = handler.clone();
            async move {
                caller.require(permission)?;
                let privacy = state.store.tenant(&caller).find_privacy().await?;
                let is_masked = caller.is_masked_by(&privacy);
                let mut fields = input.fields?;
                if is_masked {
                    fields.refuse_addresses()?;
                }
                let params = P::read(&mut fields)?;
                fields.finish()?;
                let body = B::read(&input.headers, input.body).await?;
                let mut context = state.context(&caller, input.origin);
                context.is_masked = is_masked;
                // Nothing is answered as if an exception held whose time is over.
                context.store.lapse_exceptions(context.now).await?;
                let answer = handler(context, params, body).await;
                Ok::<_, ApiError>(match is_masked {
                    true => mask_response(answer.map_err(ApiError::masked)?.into_response()),
                    false => answer?.into_response(),
                })
            }
        };
        let mut schemas = Schemas::new();
        let content = R::describe(&mut schemas);
        let body = B::describe(&mut schemas);
        Self {
            handler: on(filter(&method), move |state, caller, input| {
                let answer = call(state, caller, input);
                async move { answer.await.map_err(IntoResponse::into_response) }
            }),
            method,
            path,
            permission,
            summary,
            parameters: P::into_params(|| Some(ParameterIn::Query)),
            body,
            status: R::STATUS,
            media_type: R::MEDIA_TYPE,
            content,
            schemas,
        }
    }
}

fn filter(method: &HttpMethod) -> MethodFilter {
    match method {
        HttpMethod::Get => MethodFilter::GET,
        HttpMethod::Post => MethodFilter::POST,
        HttpMethod::Put => MethodFilter::PUT,
        HttpMethod::Patch => MethodFilter::PATCH,
        HttpMethod::Delete => MethodFilter::DELETE,
        _ => unreachable!("no route has another method"),
    }
}

/// Where a request comes from, and what is known there.
#[derive(Default)]
pub(super) struct Origin {
    pub(super) peer: Option<IpAddr>,
    pub(super) login: Option<CurrentLogin>,
    pub(super) token: Option<SecretHash>,
    pub(super) if_none_match: Option<String>,
    pub(super) last_event_id: Option<String>,
}

/// The other end of the connection that a request came on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) IpAddr);

/// Path, query and body as they came. Reading them may fail, but only after the caller's
/// permission was checked does anybody hear of it.
pub(super) struct RawInput {
    fields: Result<Fields, ApiError>,
    origin: Origin,
    headers: HeaderMap,
    body: Body,
}

impl FromRequest<AppState> for RawInput {
    type Rejection = Response;

    async fn from_request(request: Request, state: &AppState) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let path = RawPathParams::from_request_parts(&mut parts, state).await;
        let fields = path
            .map_err(|error| ApiError::field("path", error.body_text()))
            .and_then(|path| {
                let path = path
                    .iter()
                    .map(|(name, value)| (name.to_owned(), value.to_owned()))
                    .collect();
                Fields::new(path, &parts.uri)
            });
        let text = |name: &str| {
            let value = parts.headers.get(name)?;
            value.to_str().ok().map(str::to_owned)
        };
        Ok(Self {
            fields,
            origin: Origin {
                peer: parts.extensions.get::<Peer>().map(|peer| peer.0),
                login: parts.extensions.get::<CurrentLogin>().cloned(),
                token: credential::sent(&parts.headers).map(|secret| secret.hash()),
                if_none_match: text(header::IF_NONE_MATCH.as_str()),
                last_event_id: text("last-event-id"),
            },
            headers: parts.headers,
            body,
        })
    }
}

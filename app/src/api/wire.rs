//! How a request is sent and its answer read, whatever it is about. Knows no route.

use std::future;
use std::pin::Pin;

use gloo_net::http::{Request, RequestBuilder, Response};
use serde::de::DeserializeOwned;
use shared::{ErrorCode, Problem};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortSignal;

use super::json;

/// What every route answers with.
pub type Answer<T> = Result<T, Problem>;

/// Query parameters; those without a value are left out.
pub(super) type Params<'a> = &'a [(&'a str, Option<&'a str>)];

/// Which part of a list.
#[derive(Debug, Clone, Default)]
pub struct Part {
    /// Where it begins; at the beginning of the list, if absent.
    pub cursor: Option<String>,
    /// How many items at most; as many as usual, if absent.
    pub limit: Option<usize>,
}

impl Part {
    pub(super) fn limit(&self) -> Option<String> {
        self.limit.map(|limit| limit.to_string())
    }
}

/// What a parameter says; nothing if that is blank.
pub(super) fn non_empty(text: &str) -> Option<&str> {
    let text = text.trim();
    (!text.is_empty()).then_some(text)
}

/// An answer on its way: its status and its JSON as the browser parsed it, or what failed.
type Coming = Pin<Box<dyn Future<Output = Answer<(u16, JsValue)>>>>;

pub(super) fn get<T: DeserializeOwned>(
    route: &str,
    params: Params<'_>,
) -> impl Future<Output = Answer<T>> + use<T> {
    get_unless(route, params, None)
}

/// The same, taken back when `signal` says so.
pub(super) fn get_unless<T: DeserializeOwned>(
    route: &str,
    params: Params<'_>,
    signal: Option<&AbortSignal>,
) -> impl Future<Output = Answer<T>> + use<T> {
    decoded(question(route, params, signal))
}

/// Sends `body` as JSON.
pub(super) fn write<T: DeserializeOwned>(
    method: fn(&str) -> RequestBuilder,
    route: &str,
    body: &JsValue,
) -> impl Future<Output = Answer<T>> + use<T> {
    decoded(change(method, route, body))
}

/// The same where the answer says no more than that it is done.
pub(super) async fn act(
    method: fn(&str) -> RequestBuilder,
    route: &str,
    fields: &[(&str, JsValue)],
) -> Answer<()> {
    change(method, route, &body(fields)).await.map(drop)
}

/// An object; what is undefined is left out of its JSON.
pub(super) fn body(fields: &[(&str, JsValue)]) -> JsValue {
    let object = js_sys::Object::new();
    for (name, value) in fields {
        // A plain object takes every name.
        let _ = js_sys::Reflect::set(&object, &(*name).into(), value);
    }
    object.into()
}

/// All that there is once per type.
async fn decoded<T: DeserializeOwned>(coming: Coming) -> Answer<T> {
    let (status, body) = coming.await?;
    json::from_js(body).map_err(|_| unreadable(status))
}

fn question(route: &str, params: Params<'_>, signal: Option<&AbortSignal>) -> Coming {
    let query = params
        .iter()
        .filter_map(|(name, value)| value.map(|value| (*name, value)));
    sent(
        Request::get(&format!("/api/v1/{route}"))
            .abort_signal(signal)
            .query(query)
            .build(),
    )
}

fn change(method: fn(&str) -> RequestBuilder, route: &str, body: &JsValue) -> Coming {
    let json = js_sys::JSON::stringify(body).map_or_else(|_| String::new(), String::from);
    let request = method(&format!("/api/v1/{route}")).header("content-type", "application/json");
    sent(request.body(json))
}

pub(super) fn sent(request: Result<Request, gloo_net::Error>) -> Coming {
    Box::pin(async move {
        let request = request.map_err(|_| unreachable_server())?;
        let response = request.send().await.map_err(|_| unreachable_server())?;
        let status = response.status();
        if status == 401 {
            sign_in();
            // The page goes on waiting until it is gone.
            return future::pending().await;
        }
        if status == 204 {
            return Ok((status, JsValue::UNDEFINED));
        }
        if !response.ok() {
            return Err(refusal(response).await);
        }
        let body = body_of(response).await.ok_or_else(|| unreadable(status))?;
        Ok((status, body))
    })
}

/// What an answer says that is no good one.
pub(super) async fn refusal(response: Response) -> Problem {
    let status = response.status();
    let body = body_of(response).await;
    let problem = body.and_then(|body| json::from_js(body).ok());
    problem.unwrap_or_else(|| unreadable(status))
}

/// Leaves for the page that signs in, which leads back here.
fn sign_in() {
    let Some(location) = web_sys::window().map(|window| window.location()) else {
        return;
    };
    let here = [location.pathname(), location.search()].map(Result::unwrap_or_default);
    let next = String::from(js_sys::encode_uri_component(&here.concat()));
    // Fails only for what is no address.
    let _ = location.set_href(&["/sign-in?next=", &next].concat());
}

/// The JSON of a response as the browser parsed it.
async fn body_of(response: Response) -> Option<JsValue> {
    let promise = web_sys::Response::from(response).json().ok()?;
    JsFuture::from(promise).await.ok()
}

/// A file of the console itself; absent if it does not come.
pub async fn file(address: &str) -> Option<Vec<u8>> {
    let response = Request::get(address).build().ok()?.send().await.ok()?;
    let bytes = web_sys::Response::from(response).array_buffer().ok()?;
    let bytes = JsFuture::from(bytes).await.ok()?;
    Some(js_sys::Uint8Array::new(&bytes).to_vec())
}

/// The answer to a question that names nothing, without asking the server.
pub fn not_found(detail: &str) -> Problem {
    problem(ErrorCode::NotFound, 404, "Not found", detail)
}

pub(super) fn unreachable_server() -> Problem {
    problem(
        ErrorCode::Unavailable,
        503,
        "The server does not answer",
        "Is Botscope still running? Start it with `botscope serve`, then try again.",
    )
}

fn unreadable(status: u16) -> Problem {
    problem(
        ErrorCode::Internal,
        status,
        "The server's answer makes no sense to this console",
        "The console may be older than the server. Reload the page.",
    )
}

fn problem(code: ErrorCode, status: u16, title: &str, detail: &str) -> Problem {
    Problem {
        kind: String::new(),
        title: title.to_owned(),
        status,
        detail: detail.to_owned(),
        code,
        request_id: None,
        errors: Vec::new(),
    }
}

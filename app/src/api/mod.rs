//! The client of the server's API: one function per route, every failure a [`Problem`].
//! Knows neither pages nor signals, and retries nothing. Who is not signed in any more is sent to
//! sign in, wherever they are.

mod account;
mod audit;
mod explained;
mod ingest;
mod json;
mod lists;
mod people;
mod privacy;
mod tenants;
mod tokens;

use std::future;
use std::pin::Pin;

use gloo_net::http::{Request, RequestBuilder, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use shared::search::{Key, List};
use shared::{
    AddressList, Application, ApplicationId, ApplicationSettings, AttackCounts, AttackDetail,
    AttackId, AttackSummary, Changes, ErrorCode, HeatmapSteps, Heatmaps, Hit, Job, JobId,
    KeyCandidates, KeyPurpose, LearningState, Overview, Page, Problem, SearchValue, SessionCounts,
    SessionDetail, SessionFacets, SessionId, SessionRequests, SessionSummary, SettingsDetail,
    SettingsPreview, SettingsSaved, Timestamp,
};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortSignal;

use crate::format::zone;

pub use account::*;
pub use audit::*;
pub use explained::*;
pub use ingest::*;
pub use lists::*;
pub use people::*;
pub use privacy::*;
pub use tenants::*;
pub use tokens::*;

/// What every route answers with.
pub type Answer<T> = Result<T, Problem>;

/// Query parameters; those without a value are left out.
type Params<'a> = &'a [(&'a str, Option<&'a str>)];

/// Which part of a list.
#[derive(Debug, Clone, Default)]
pub struct Part {
    /// Where it begins; at the beginning of the list, if absent.
    pub cursor: Option<String>,
    /// How many items at most; as many as usual, if absent.
    pub limit: Option<usize>,
}

impl Part {
    fn limit(&self) -> Option<String> {
        self.limit.map(|limit| limit.to_string())
    }
}

/// What the store holds.
pub fn overview() -> impl Future<Output = Answer<Overview>> {
    get("overview", &[])
}

/// What changed after a change, or what the last one was.
pub fn changes(after: Option<u64>) -> impl Future<Output = Answer<Changes>> {
    let after = after.map(|after| after.to_string());
    get("changes", &[("after", after.as_deref())])
}

/// Where changes are streamed, from the one after `after` on.
pub fn changes_stream(after: Option<u64>) -> String {
    let route = "/api/v1/changes/stream";
    after.map_or_else(
        || route.to_owned(),
        |after| format!("{route}?after={after}"),
    )
}

/// What an event of the stream tells.
pub fn read_changes(data: &str) -> Option<Changes> {
    json::from_js(js_sys::JSON::parse(data).ok()?).ok()
}

/// The lists of addresses that others publish.
pub fn address_lists() -> impl Future<Output = Answer<Page<AddressList>>> {
    get("address-lists", &[])
}

/// Starts demo traffic, or lets it go on.
pub fn start_demo() -> impl Future<Output = Answer<Application>> {
    write(Request::post, "demo", &js_sys::Object::new().into())
}

/// Removes an application whose traffic is made up.
pub async fn remove_application(id: ApplicationId) -> Answer<()> {
    let request = Request::delete(&format!("/api/v1/applications/{id}"));
    sent(request.build()).await.map(drop)
}

/// Brings back an application that was just removed.
pub fn restore_application(id: ApplicationId) -> impl Future<Output = Answer<Application>> {
    let route = format!("applications/{id}/restore");
    write(Request::post, &route, &js_sys::Object::new().into())
}

/// One page of the attacks that `q` finds, in the order of `sort`.
pub fn attacks(
    q: &str,
    sort: Option<&str>,
    part: Part,
) -> impl Future<Output = Answer<Page<AttackSummary>>> + use<> {
    let zone = zone::minutes_east().to_string();
    let limit = part.limit();
    let params: Params = &[
        ("q", non_empty(q)),
        ("sort", sort),
        ("cursor", part.cursor.as_deref()),
        ("limit", limit.as_deref()),
        ("zone", Some(&zone)),
    ];
    get("attacks", params)
}

/// How many attacks `q` finds, in all and per type.
pub fn attack_counts(q: &str) -> impl Future<Output = Answer<AttackCounts>> {
    let zone = zone::minutes_east().to_string();
    get(
        "attacks/counts",
        &[("q", non_empty(q)), ("zone", Some(&zone))],
    )
}

/// How many sessions `q` finds, and how many of them are bots.
pub fn session_counts(q: &str) -> impl Future<Output = Answer<SessionCounts>> {
    let zone = zone::minutes_east().to_string();
    get(
        "sessions/counts",
        &[("q", non_empty(q)), ("zone", Some(&zone))],
    )
}

/// How many rows of a list `q` finds.
pub async fn found(list: List, q: &str) -> Answer<u64> {
    match list {
        List::Attacks => Ok(attack_counts(q).await?.attacks),
        List::Sessions => Ok(session_counts(q).await?.sessions),
    }
}

/// Which values are wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Under which key.
    pub key: Key,
    /// What a word of theirs begins with.
    pub prefix: String,
    /// The search whose rows have them.
    pub text: String,
}

/// The values of a key among the rows that a search finds, most first.
pub async fn values(
    list: List,
    wanted: &Wanted,
    signal: Option<&AbortSignal>,
) -> Answer<Vec<SearchValue>> {
    let zone = zone::minutes_east().to_string();
    let params: Params = &[
        ("key", Some(wanted.key.as_str())),
        ("prefix", non_empty(&wanted.prefix)),
        ("q", non_empty(&wanted.text)),
        ("zone", Some(&zone)),
        ("limit", Some("100")),
    ];
    let route = match list {
        List::Attacks => "attacks/values",
        List::Sessions => "sessions/values",
    };
    let found: Found = get_unless(route, params, signal).await?;
    Ok(found.values)
}

/// Of the answer only what is not known yet.
#[derive(Deserialize)]
struct Found {
    values: Vec<SearchValue>,
}

/// One attack, whole.
pub fn attack(id: AttackId) -> impl Future<Output = Answer<AttackDetail>> {
    get(&format!("attacks/{id}"), &[])
}

/// One page of an attack's hits.
pub fn hits(id: AttackId, cursor: Option<&str>) -> impl Future<Output = Answer<Page<Hit>>> {
    get(&format!("attacks/{id}/hits"), &[("cursor", cursor)])
}

/// Where all of an attack's hits can be downloaded.
pub fn hits_csv(id: AttackId) -> String {
    format!("/api/v1/attacks/{id}/hits.csv")
}

/// The three heatmaps of an attack.
pub fn heatmaps(id: AttackId) -> impl Future<Output = Answer<Heatmaps>> {
    get(&format!("attacks/{id}/heatmaps"), &[])
}

/// How the bots of an attack's heatmaps came to where they are; with `of`, the addresses of
/// that campaign.
pub fn heatmap_steps(
    id: AttackId,
    of: Option<AttackId>,
) -> impl Future<Output = Answer<HeatmapSteps>> {
    let of = of.map(|of| of.to_string());
    get(
        &format!("attacks/{id}/heatmaps/steps"),
        &[("of", of.as_deref())],
    )
}

/// Where the data of an attack's heatmaps can be downloaded, as they were at a moment; with `of`,
/// also those of that campaign's addresses.
pub fn heatmaps_csv(id: AttackId, of: Option<AttackId>, at: Option<Timestamp>) -> String {
    let mut csv = format!("/api/v1/attacks/{id}/heatmaps.csv?");
    if let Some(of) = of {
        csv.push_str(&format!("of={of}&"));
    }
    if let Some(at) = at {
        csv.push_str(&format!("at={at}"));
    }
    csv
}

/// One page of the sessions that `q` finds, newest first.
pub fn sessions(q: &str, part: Part) -> impl Future<Output = Answer<Page<SessionSummary>>> + use<> {
    let zone = zone::minutes_east().to_string();
    let limit = part.limit();
    let params: Params = &[
        ("q", non_empty(q)),
        ("cursor", part.cursor.as_deref()),
        ("limit", limit.as_deref()),
        ("zone", Some(&zone)),
    ];
    get("sessions", params)
}

/// One session, opened.
pub fn session(id: SessionId) -> impl Future<Output = Answer<SessionDetail>> {
    get(&format!("sessions/{id}"), &[])
}

/// How many requests of a session `filter` keeps, and how they divide. A filter is written as
/// an address has it.
pub fn session_facets(id: SessionId, filter: &str) -> impl Future<Output = Answer<SessionFacets>> {
    get(&format!("sessions/{id}/facets?{filter}"), &[])
}

/// At most `limit` of the requests of a session that `filter` keeps, from the place on that
/// `from` names: a `start`, a moment `at`, or a `request`.
pub fn session_requests(
    id: SessionId,
    filter: &str,
    from: (&str, &str),
    limit: usize,
) -> impl Future<Output = Answer<SessionRequests>> {
    let limit = limit.to_string();
    let params: Params = &[(from.0, Some(from.1)), ("limit", Some(&limit))];
    get(&format!("sessions/{id}/requests?{filter}"), params)
}

/// Where the requests of a session that `filter` keeps can be downloaded.
pub fn session_csv(id: SessionId, filter: &str) -> String {
    format!("/api/v1/sessions/{id}/requests.csv?{filter}")
}

/// The settings of an application.
pub fn settings(id: ApplicationId) -> impl Future<Output = Answer<SettingsDetail>> {
    get(&format!("applications/{id}/settings"), &[])
}

/// What was learned of an application.
pub fn learning(id: ApplicationId) -> impl Future<Output = Answer<LearningState>> {
    get(&format!("applications/{id}/learning"), &[])
}

/// What an application's settings could name.
pub fn settings_candidates(id: ApplicationId) -> impl Future<Output = Answer<KeyCandidates>> {
    get(&format!("applications/{id}/settings/candidates"), &[])
}

/// What settings would come to.
pub fn settings_preview(
    id: ApplicationId,
    settings: &ApplicationSettings,
) -> impl Future<Output = Answer<SettingsPreview>> {
    let lists = KeyPurpose::ALL.map(|purpose| {
        let sources = settings.list(purpose).iter();
        let sources: Vec<String> = sources.map(ToString::to_string).collect();
        let text = if sources.is_empty() {
            "none".to_owned()
        } else {
            sources.join(",")
        };
        (purpose.as_str(), text)
    });
    let params = lists.each_ref().map(|(name, list)| (*name, Some(&**list)));
    get(&format!("applications/{id}/settings/preview"), &params)
}

/// Sets an application.
pub fn save_settings(
    id: ApplicationId,
    settings: &ApplicationSettings,
) -> impl Future<Output = Answer<SettingsSaved>> {
    let body = js_sys::Object::new();
    for purpose in KeyPurpose::ALL {
        let sources = settings.list(purpose).iter();
        let list: js_sys::Array = sources
            .map(|source| JsValue::from(source.to_string()))
            .collect();
        // A plain object takes every name.
        let _ = js_sys::Reflect::set(&body, &purpose.as_str().into(), &list);
    }
    write(Request::put, &format!("applications/{id}/settings"), &body)
}

/// How a job stands.
pub fn job(id: JobId) -> impl Future<Output = Answer<Job>> {
    get(&format!("jobs/{id}"), &[])
}

fn non_empty(text: &str) -> Option<&str> {
    let text = text.trim();
    (!text.is_empty()).then_some(text)
}

/// An answer on its way: its status and its JSON as the browser parsed it, or what failed.
type Coming = Pin<Box<dyn Future<Output = Answer<(u16, JsValue)>>>>;

fn get<T: DeserializeOwned>(
    route: &str,
    params: Params<'_>,
) -> impl Future<Output = Answer<T>> + use<T> {
    get_unless(route, params, None)
}

/// The same, taken back when `signal` says so.
fn get_unless<T: DeserializeOwned>(
    route: &str,
    params: Params<'_>,
    signal: Option<&AbortSignal>,
) -> impl Future<Output = Answer<T>> + use<T> {
    decoded(question(route, params, signal))
}

/// Sends `body` as JSON.
fn write<T: DeserializeOwned>(
    method: fn(&str) -> RequestBuilder,
    route: &str,
    body: &JsValue,
) -> impl Future<Output = Answer<T>> + use<T> {
    decoded(change(method, route, body))
}

/// The same where the answer says no more than that it is done.
async fn act(
    method: fn(&str) -> RequestBuilder,
    route: &str,
    fields: &[(&str, JsValue)],
) -> Answer<()> {
    change(method, route, &body(fields)).await.map(drop)
}

/// An object; what is undefined is left out of its JSON.
fn body(fields: &[(&str, JsValue)]) -> JsValue {
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

fn sent(request: Result<Request, gloo_net::Error>) -> Coming {
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
async fn refusal(response: Response) -> Problem {
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

fn unreachable_server() -> Problem {
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

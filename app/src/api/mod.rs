//! The client of the server's API: one function per route, every failure a [`Problem`].
//! Knows neither pages nor signals, and retries nothing.

mod json;
mod lists;

use gloo_net::http::{Request, RequestBuilder, Response};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use shared::search::{Key, List};
use shared::{
    Application, ApplicationId, ApplicationSettings, AttackCounts, AttackDetail, AttackId,
    AttackSummary, Changes, ErrorCode, HeatmapSteps, Heatmaps, Hit, Job, JobId, KeyCandidates,
    KeyPurpose, Overview, Page, Problem, SearchValue, SessionCounts, SessionDetail, SessionFacets,
    SessionId, SessionRequests, SessionSummary, SettingsDetail, SettingsPreview, SettingsSaved,
    Timestamp,
};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortSignal;

use crate::format::zone;

pub use lists::*;

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
pub async fn overview() -> Answer<Overview> {
    get("overview", &[]).await
}

/// What the last change was.
pub async fn changes() -> Answer<Changes> {
    get("changes", &[]).await
}

/// Starts demo traffic, or lets it go on.
pub async fn start_demo() -> Answer<Application> {
    write(Request::post, "demo", &js_sys::Object::new().into()).await
}

/// Removes an application whose traffic is made up.
pub async fn remove_application(id: ApplicationId) -> Answer<()> {
    let request = Request::delete(&format!("/api/v1/applications/{id}"));
    let response = request.send().await.map_err(|_| unreachable_server())?;
    if response.ok() {
        return Ok(());
    }
    read::<Application>(Ok(response)).await.map(drop)
}

/// Brings back an application that was just removed.
pub async fn restore_application(id: ApplicationId) -> Answer<Application> {
    let route = format!("applications/{id}/restore");
    write(Request::post, &route, &js_sys::Object::new().into()).await
}

/// One page of the attacks that `q` finds, in the order of `sort`.
pub async fn attacks(q: &str, sort: Option<&str>, part: Part) -> Answer<Page<AttackSummary>> {
    let zone = zone::minutes_east().to_string();
    let limit = part.limit();
    let params: Params = &[
        ("q", non_empty(q)),
        ("sort", sort),
        ("cursor", part.cursor.as_deref()),
        ("limit", limit.as_deref()),
        ("zone", Some(&zone)),
    ];
    get("attacks", params).await
}

/// How many attacks `q` finds, in all and per type.
pub async fn attack_counts(q: &str) -> Answer<AttackCounts> {
    let zone = zone::minutes_east().to_string();
    get(
        "attacks/counts",
        &[("q", non_empty(q)), ("zone", Some(&zone))],
    )
    .await
}

/// How many sessions `q` finds, and how many of them are bots.
pub async fn session_counts(q: &str) -> Answer<SessionCounts> {
    let zone = zone::minutes_east().to_string();
    get(
        "sessions/counts",
        &[("q", non_empty(q)), ("zone", Some(&zone))],
    )
    .await
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
pub async fn attack(id: AttackId) -> Answer<AttackDetail> {
    get(&format!("attacks/{id}"), &[]).await
}

/// One page of an attack's hits.
pub async fn hits(id: AttackId, cursor: Option<&str>) -> Answer<Page<Hit>> {
    get(&format!("attacks/{id}/hits"), &[("cursor", cursor)]).await
}

/// Where all of an attack's hits can be downloaded.
pub fn hits_csv(id: AttackId) -> String {
    format!("/api/v1/attacks/{id}/hits.csv")
}

/// The three heatmaps of an attack.
pub async fn heatmaps(id: AttackId) -> Answer<Heatmaps> {
    get(&format!("attacks/{id}/heatmaps"), &[]).await
}

/// How the bots of an attack's heatmaps came to where they are; with `of`, the addresses of
/// that campaign.
pub async fn heatmap_steps(id: AttackId, of: Option<AttackId>) -> Answer<HeatmapSteps> {
    let of = of.map(|of| of.to_string());
    get(
        &format!("attacks/{id}/heatmaps/steps"),
        &[("of", of.as_deref())],
    )
    .await
}

/// Where the data of an attack's heatmaps can be downloaded, as they were at a moment.
pub fn heatmaps_csv(id: AttackId, at: Option<Timestamp>) -> String {
    let csv = format!("/api/v1/attacks/{id}/heatmaps.csv");
    match at {
        Some(at) => format!("{csv}?at={at}"),
        None => csv,
    }
}

/// One page of the sessions that `q` finds, newest first.
pub async fn sessions(q: &str, part: Part) -> Answer<Page<SessionSummary>> {
    let zone = zone::minutes_east().to_string();
    let limit = part.limit();
    let params: Params = &[
        ("q", non_empty(q)),
        ("cursor", part.cursor.as_deref()),
        ("limit", limit.as_deref()),
        ("zone", Some(&zone)),
    ];
    get("sessions", params).await
}

/// One session, opened.
pub async fn session(id: SessionId) -> Answer<SessionDetail> {
    get(&format!("sessions/{id}"), &[]).await
}

/// How many requests of a session `filter` keeps, and how they divide. A filter is written as
/// an address has it.
pub async fn session_facets(id: SessionId, filter: &str) -> Answer<SessionFacets> {
    get(&format!("sessions/{id}/facets?{filter}"), &[]).await
}

/// At most `limit` of the requests of a session that `filter` keeps, from the place on that
/// `from` names: a `start`, a moment `at`, or a `request`.
pub async fn session_requests(
    id: SessionId,
    filter: &str,
    from: (&str, &str),
    limit: usize,
) -> Answer<SessionRequests> {
    let limit = limit.to_string();
    let params: Params = &[(from.0, Some(from.1)), ("limit", Some(&limit))];
    get(&format!("sessions/{id}/requests?{filter}"), params).await
}

/// Where the requests of a session that `filter` keeps can be downloaded.
pub fn session_csv(id: SessionId, filter: &str) -> String {
    format!("/api/v1/sessions/{id}/requests.csv?{filter}")
}

/// The settings of an application.
pub async fn settings(id: ApplicationId) -> Answer<SettingsDetail> {
    get(&format!("applications/{id}/settings"), &[]).await
}

/// What an application's settings could name.
pub async fn settings_candidates(id: ApplicationId) -> Answer<KeyCandidates> {
    get(&format!("applications/{id}/settings/candidates"), &[]).await
}

/// What settings would come to.
pub async fn settings_preview(
    id: ApplicationId,
    settings: &ApplicationSettings,
) -> Answer<SettingsPreview> {
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
    get(&format!("applications/{id}/settings/preview"), &params).await
}

/// Sets an application.
pub async fn save_settings(
    id: ApplicationId,
    settings: &ApplicationSettings,
) -> Answer<SettingsSaved> {
    let body = js_sys::Object::new();
    for purpose in KeyPurpose::ALL {
        let sources = settings.list(purpose).iter();
        let list: js_sys::Array = sources
            .map(|source| JsValue::from(source.to_string()))
            .collect();
        // A plain object takes every name.
        let _ = js_sys::Reflect::set(&body, &purpose.as_str().into(), &list);
    }
    write(Request::put, &format!("applications/{id}/settings"), &body).await
}

/// How a job stands.
pub async fn job(id: JobId) -> Answer<Job> {
    get(&format!("jobs/{id}"), &[]).await
}

fn non_empty(text: &str) -> Option<&str> {
    let text = text.trim();
    (!text.is_empty()).then_some(text)
}

async fn get<T: DeserializeOwned>(route: &str, params: Params<'_>) -> Answer<T> {
    get_unless(route, params, None).await
}

/// The same, taken back when `signal` says so.
async fn get_unless<T: DeserializeOwned>(
    route: &str,
    params: Params<'_>,
    signal: Option<&AbortSignal>,
) -> Answer<T> {
    let query = params
        .iter()
        .filter_map(|(name, value)| value.map(|value| (*name, value)));
    let request = Request::get(&format!("/api/v1/{route}"))
        .abort_signal(signal)
        .query(query);
    read(request.send().await).await
}

/// Sends `body` as JSON.
async fn write<T: DeserializeOwned>(
    method: fn(&str) -> RequestBuilder,
    route: &str,
    body: &JsValue,
) -> Answer<T> {
    let json = js_sys::JSON::stringify(body).map_or_else(|_| String::new(), String::from);
    let request = method(&format!("/api/v1/{route}")).header("content-type", "application/json");
    let request = request.body(json).map_err(|_| unreachable_server())?;
    read(request.send().await).await
}

async fn read<T: DeserializeOwned>(response: Result<Response, gloo_net::Error>) -> Answer<T> {
    let response = response.map_err(|_| unreachable_server())?;
    let (ok, status) = (response.ok(), response.status());
    let body = body_of(response).await.ok_or_else(|| unreadable(status))?;
    if ok {
        json::from_js(body).map_err(|_| unreadable(status))
    } else {
        Err(json::from_js(body).unwrap_or_else(|_| unreadable(status)))
    }
}

/// The JSON of a response as the browser parsed it.
async fn body_of(response: Response) -> Option<JsValue> {
    let promise = web_sys::Response::from(response).json().ok()?;
    JsFuture::from(promise).await.ok()
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

//! The description of the API (OpenAPI 3.1), made from the table of routes and the types that
//! they read and answer; nothing of it is written by hand twice.

use shared::{ErrorCode, Problem};
use utoipa::openapi::path::{HttpMethod, Operation, OperationBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{
    ComponentsBuilder, Content, InfoBuilder, License, OpenApi, OpenApiBuilder, PathItem,
    PathsBuilder, Ref, Required, Response, Tag,
};
use utoipa::{PartialSchema, ToSchema};

use super::error::ApiError;
use super::reply::Schemas;
use super::route::Route;
use super::{about, examples};

/// Where the routes of the table are.
pub(super) const BASE: &str = "/api/v1";

/// What the document calls the secret of a token in `Authorization`.
const BEARER: &str = "token";
/// What the document calls the cookie of a login.
const LOGIN: &str = "login";

/// The parts of the API, in the order they are shown.
const TAGS: &[(&str, &str)] = &[
    (
        "applications",
        "The protected APIs and what is stored of them.",
    ),
    (
        "attacks",
        "What bots did, and why they were judged to be bots.",
    ),
    ("sessions", "User journeys and their requests."),
    (
        "lists",
        "The deny list and the exception list: entries, their history, and a list to pull.",
    ),
    (
        "address-lists",
        "What crawlers, clouds and Tor publish of their addresses.",
    ),
    ("jobs", "What goes on in the background, and how far it is."),
    ("changes", "What goes on."),
    ("ingest", "Traffic as it arrives."),
    ("demo", "Made-up traffic, for whoever has no log at hand."),
    ("tokens", "Credentials of programs."),
    ("me", "Whoever asks, and their own account."),
    ("members", "The people of the tenant."),
    ("invitations", "People who may become members."),
    ("second-factor", "Of whom more than a password is asked."),
    ("single-sign-on", "Signing in by another's word."),
    (
        "tenants",
        "The organisations that share the installation and never see one another.",
    ),
    (
        "privacy",
        "What of people is kept, who sees it, and how it is erased.",
    ),
    ("retention", "How long things are kept."),
    ("audit", "Who changed what, and who signed in."),
    ("openapi.json", "This document."),
];

/// The document of all `routes`, as JSON.
pub(super) fn document(routes: &[Route]) -> String {
    let mut paths = PathsBuilder::new();
    let mut schemas: Schemas = vec![(Problem::name().into_owned(), Problem::schema())];
    Problem::schemas(&mut schemas);
    for route in routes {
        let item = PathItem::new(route.method.clone(), operation(route));
        paths = paths.path(format!("{BASE}{}", route.path), item);
        schemas.extend(route.schemas.iter().cloned());
    }
    let mut license = License::new("Apache-2.0");
    license.identifier = Some("Apache-2.0".to_owned());
    let info = InfoBuilder::new()
        .title("Botscope")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Finds bots in the traffic of web APIs and shows why they are bots. Every error is \
             an `application/problem+json` body. Lists come in pages: pass `next_cursor` of one \
             page as `cursor` to get the next.",
        ))
        .license(Some(license))
        .build();
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some(
            "The secret of a token. Whoever has signed in to the console in the same browser needs \
             none: the cookie of their login says who they are.",
        ))
        .build();
    let login = ApiKeyValue::with_description(
        "botscope_8080",
        "Set by signing in. Its name ends with the port that the server listens on; behind https it \
         is `__Host-botscope`.",
    );
    let components = ComponentsBuilder::new()
        .schemas_from_iter(schemas)
        .security_scheme(BEARER, SecurityScheme::Http(bearer))
        .security_scheme(LOGIN, SecurityScheme::ApiKey(ApiKey::Cookie(login)))
        .build();
    let tags = TAGS.iter().map(|(name, description)| {
        let mut tag = Tag::new(*name);
        tag.description = Some((*description).to_owned());
        tag
    });
    let document: OpenApi = OpenApiBuilder::new()
        .info(info)
        .paths(paths.build())
        .components(Some(components))
        .tags(Some(tags))
        .security(Some([
            SecurityRequirement::new(BEARER, [] as [&str; 0]),
            SecurityRequirement::new(LOGIN, [] as [&str; 0]),
        ]))
        .build();
    document.to_json().expect("the document is plain data")
}

/// What the document says of one route.
fn operation(route: &Route) -> Operation {
    let path = route.path;
    let operation_id = operation_id(route);
    let example = examples::answer(&operation_id, route.media_type);
    let mut answer = Response::new("The answer.");
    if !route.media_type.is_empty() {
        let mut content = route.content.clone();
        content.example.clone_from(&example);
        answer
            .content
            .insert(route.media_type.to_owned(), content.into());
    }
    let tag = match path.trim_matches('/').split('/').next() {
        Some("overview") => "applications",
        Some("audit.csv") => "audit",
        Some("tenant") => "tenants",
        noun => noun.unwrap_or_default(),
    };
    let mut operation = OperationBuilder::new()
        .operation_id(Some(operation_id.as_str()))
        .tag(tag)
        .summary(Some(route.summary))
        .description(Some(about::description(route)))
        .response(route.status.as_str(), answer);
    if let Some(mut content) = route.body.clone() {
        content.example = examples::request(&operation_id);
        let body = RequestBodyBuilder::new()
            .content("application/json", content)
            .required(Some(Required::True));
        operation = operation.request_body(Some(body.build()));
    }
    let takes_input = !route.parameters.is_empty() || route.body.is_some();
    let names_a_thing = path.contains('{');
    for mut parameter in route.parameters.iter().cloned() {
        // What is not part of the path can be left out, always.
        parameter.required = Required::False;
        if path.contains(&format!("{{{}}}", parameter.name)) {
            parameter.parameter_in = ParameterIn::Path;
            parameter.required = Required::True;
        }
        let parameter = examples::exemplify(path, parameter, example.as_ref());
        operation = operation.parameter(parameter);
    }
    let mut problems = vec![
        (
            "401",
            "Nobody has signed in, and no token has this secret, or not any more.",
        ),
        ("403", "The caller lacks the permission."),
        ("500", "The server failed; its log says why."),
        ("503", "The server cannot answer now."),
    ];
    if takes_input {
        problems.push((
            "400",
            "A parameter or the body is wrong; `errors` names what.",
        ));
    }
    if names_a_thing {
        problems.push(("404", "There is no such thing, or it is not the caller's."));
    }
    if route.body.is_some() {
        problems.push(("413", "The body is too large."));
        let unknown = match path.starts_with("/ingest") {
            true => "The body is packed in an unknown way.",
            false => "The body is not JSON.",
        };
        problems.push(("415", unknown));
    }
    if path.starts_with("/ingest") && route.body.is_some() {
        problems.push((
            "404",
            "There is no such application, or not for this token.",
        ));
        problems.push((
            "429",
            "Too much of this application waits; `Retry-After` says how long to wait.",
        ));
    }
    if ["/me/", "/members/", "/invitations"]
        .iter()
        .any(|of| path.starts_with(of))
        && route.method != HttpMethod::Get
    {
        problems.push((
            "409",
            "The stored state does not allow it; `detail` says why.",
        ));
    }
    if route.body.is_some() && path.starts_with("/me/") {
        problems.push((
            "429",
            "Too many wrong passwords; `Retry-After` says when to try again.",
        ));
    }
    if path == "/tokens" && route.body.is_some() {
        problems.push(("404", "There is no such application."));
        problems.push(("409", "There are too many tokens."));
    }
    if path == "/me/tokens" && route.body.is_some() || path == "/me/tenant" {
        problems.push(("404", "There is no such thing, or it is not the caller's."));
    }
    if path.contains("/heatmaps") {
        problems.push(("410", "What they are drawn from is no longer stored."));
    }
    if path == "/changes/stream" {
        problems.push(("429", "Too many streams are open with this login or token."));
    }
    if path == "/lists/deny.txt" {
        let known = Response::new("The list is the one that `If-None-Match` names.");
        operation = operation.response("304", known);
    }
    if path.starts_with("/lists") && route.body.is_some() {
        problems.push((
            "409",
            "The server asks first (`needs_confirmation`), or the entry changed meanwhile.",
        ));
    }
    if path == "/lists/undo" {
        problems.push(("404", "There is no such entry, or it is not the caller's."));
    }
    let writes = !matches!(route.method, HttpMethod::Get);
    let may_conflict = [
        "/demo",
        "/tokens",
        "/tenants",
        "/second-factor",
        "/applications/{id}/restore",
        "/privacy/erasures",
    ];
    let may_conflict = may_conflict.iter().any(|known| path.starts_with(known));
    if writes && (may_conflict || path == "/applications") {
        problems.push((
            "409",
            "What is stored does not allow it; `detail` says what.",
        ));
    }
    for (status, description) in problems {
        operation = operation.response(status, problem(status, description));
    }
    operation.build()
}

/// The name of a route in the document, e.g. `get_attacks_id_hits`.
pub(super) fn operation_id(route: &Route) -> String {
    let segments = route.path.trim_matches('/').split('/');
    segments.fold(method_name(&route.method).to_owned(), |id, segment| {
        let word = segment.trim_matches(['{', '}']).replace(['.', '-'], "_");
        format!("{id}_{word}")
    })
}

fn method_name(method: &HttpMethod) -> &'static str {
    match method {
        HttpMethod::Post => "create",
        HttpMethod::Put | HttpMethod::Patch => "update",
        HttpMethod::Delete => "delete",
        _ => "get",
    }
}

/// What an error is, with an example of it.
fn problem(status: &str, description: &str) -> Response {
    let code = match status {
        "400" => ErrorCode::InvalidRequest,
        "401" => ErrorCode::Unauthorized,
        "403" => ErrorCode::Forbidden,
        "404" => ErrorCode::NotFound,
        "409" => ErrorCode::Conflict,
        "410" => ErrorCode::Expired,
        "413" => ErrorCode::PayloadTooLarge,
        "415" => ErrorCode::UnsupportedMediaType,
        "429" => ErrorCode::RateLimited,
        "503" => ErrorCode::Unavailable,
        _ => ErrorCode::Internal,
    };
    let example = ApiError::new(code, description).to_problem("152d74-000017");
    let mut content = Content::new(Some(Ref::from_schema_name(Problem::name())));
    content.example = serde_json::to_value(example).ok();
    let mut response = Response::new(description);
    let media_type = "application/problem+json".to_owned();
    response.content.insert(media_type, content.into());
    response
}

//! Sessions and their requests as the API shows them, made of the store's rows. Pure.

use engine::EndpointRecord;
use engine::attribute::{self, facts, session_key_source};
use shared::{
    AdjacentSession, Header, KeySource, Purpose, RequestAttack, SessionDetail, SessionRequest,
    SessionSummary, UserAgentClass,
};

use crate::address::{AddressBook, Country};
use crate::http::routes::{country, sender, source};
use crate::ingest::normalize::is_session_name;
use crate::store::{AdjacentSessions, RequestRow, SessionRequestRow, SessionRow};

/// Fewer requests show nothing.
const MIN_REQUESTS: u32 = 3;

/// A row of the list.
pub(in crate::http::routes) fn summary(row: &SessionRow, book: &AddressBook) -> SessionSummary {
    let user_agent = row.user_agent.as_ref();
    let text = user_agent.map_or("", |known| &known.text);
    let class = user_agent.map_or(UserAgentClass::Unknown, |known| known.class);
    let (purpose, verification) = sender(text, &[row.address], row.ended_at, book);
    SessionSummary {
        id: row.id,
        application_id: row.application_id,
        application: row.application.clone(),
        started_at: row.started_at,
        ended_at: row.ended_at,
        requests: row.requests.into(),
        hits: row.hits.into(),
        errors: row.errors.into(),
        attacks: row.attacks.clone(),
        user: some(&row.user),
        role: some(&row.role),
        ip: row.address.to_string(),
        ip_count: row.address_count,
        country: country(book, row.address),
        source: source(book, row.address),
        host: row
            .top_endpoints
            .first()
            .map_or(String::new(), |endpoint| endpoint.host.clone()),
        user_agent: text.to_owned(),
        user_agent_class: class,
        purpose: purpose.or_else(|| shown_purpose(row, class)),
        verification,
        top_endpoints: top_endpoints(&row.top_endpoints),
        endpoint_count: row.endpoint_count,
    }
}

/// What a session shows that it works for, without saying so: it asked for this and nothing else.
fn shown_purpose(row: &SessionRow, class: UserAgentClass) -> Option<Purpose> {
    let asked = &row.top_endpoints;
    let is_all = asked.len() == row.endpoint_count as usize && row.requests >= MIN_REQUESTS;
    if !is_all || matches!(class, UserAgentClass::Browser | UserAgentClass::NativeApp) {
        return None;
    }
    let mut purposes = asked
        .iter()
        .map(|it| attribute::service(&it.method, &it.template));
    let first = purposes.next()??;
    purposes.all(|other| other == Some(first)).then_some(first)
}

/// `METHOD template`, each once: some may have been folded into one since.
fn top_endpoints(endpoints: &[EndpointRecord]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for endpoint in endpoints {
        let name = format!("{} {}", endpoint.method, endpoint.template);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// The whole; `grouped_by` as [`grouped_by`] says of one of its requests.
pub(super) fn detail(
    row: &SessionRow,
    grouped_by: String,
    adjacent: &AdjacentSessions,
    book: &AddressBook,
) -> SessionDetail {
    SessionDetail {
        summary: summary(row, book),
        grouped_by,
        bytes: row.bytes,
        continues_from: adjacent.before.as_ref().map(adjacent_session),
        goes_on_as: adjacent.after.as_ref().map(adjacent_session),
    }
}

/// What grouped a request.
pub(super) fn grouped_by(row: &RequestRow) -> String {
    let Some(source) = session_key_source(row.settings(), row.request()) else {
        return "IP + user agent".to_owned();
    };
    if *source != KeySource::Auto {
        return format!("session key {source}");
    }
    let is_session = |label: &str| {
        let name = label.rsplit([':', '.']).next().unwrap_or(label);
        is_session_name(name.as_bytes())
    };
    match facts(row.text(row.request().facts)).find(|(label, _)| is_session(label)) {
        Some((label, _)) => format!("session key {label}"),
        None => "session key".to_owned(),
    }
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn adjacent_session(row: &SessionRow) -> AdjacentSession {
    AdjacentSession {
        id: row.id,
        started_at: row.started_at,
        ended_at: row.ended_at,
        requests: row.requests.into(),
    }
}

/// One request.
pub(super) fn request(row: &SessionRequestRow, book: &AddressBook) -> SessionRequest {
    let request = row.request.request();
    let headers = headers(row.request.text(request.headers));
    let text = |id| row.request.text(id).to_owned();
    SessionRequest {
        id: row.request.id(),
        at: row.request.at(),
        ip: request.address.to_string(),
        country: logged_country(&headers).or_else(|| country(book, request.address)),
        source: source(book, request.address),
        method: text(request.method),
        host: text(request.host),
        path: text(request.path),
        query: text(request.query),
        template: row.endpoint.template.clone(),
        tags: row.endpoint.tags.clone(),
        status: request.status,
        time_ms: request.time_us.map(|us| f64::from(us) / 1_000.0),
        bytes: request.response_bytes,
        protocol: text(request.protocol),
        referer: text(request.referer),
        user_agent: text(request.user_agent),
        user: some(row.request.text(request.user)),
        role: some(row.request.text(request.role)),
        grouped_by: grouped_by(&row.request),
        session_key: (request.session_key != 0).then(|| format!("{:016x}", request.session_key)),
        blocked: request.blocked,
        headers,
        attacks: row
            .attacks
            .iter()
            .filter(|attack| !attack.detectors.is_empty())
            .map(|attack| RequestAttack {
                id: attack.id,
                bot_type: attack.bot_type,
                detectors: attack.detectors.iter().collect(),
                crossed_bar: attack.crossed_bar,
            })
            .collect(),
        unusual: row.unusual.clone(),
    }
}

/// The country that a CDN found, as the log kept it.
fn logged_country(headers: &[Header]) -> Option<String> {
    let by_cdn = |header: &&Header| {
        matches!(
            header.name.as_str(),
            "cf-ipcountry" | "cloudfront-viewer-country" | "x-vercel-ip-country"
        )
    };
    let header = headers.iter().find(by_cdn)?;
    let country = Country::from_code(&header.value)?;
    Some(country.as_str().to_owned())
}

/// `name: value` lines.
fn headers(lines: &str) -> Vec<Header> {
    lines
        .lines()
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| Header {
            name: name.trim().to_ascii_lowercase(),
            value: value.trim().to_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_country_that_a_cdn_logged_is_taken() {
        let logged = |lines| logged_country(&headers(lines));
        assert_eq!(logged("CF-IPCountry: de\n").as_deref(), Some("DE"));
        assert_eq!(logged("cf-ipcountry: XX\n"), None);
        assert_eq!(logged("cf-ipcountry: T1\n"), None);
        assert_eq!(logged("accept: DE\n"), None);
    }

    #[test]
    fn kept_headers_are_names_and_values() {
        let header = |name: &str, value: &str| Header {
            name: name.to_owned(),
            value: value.to_owned(),
        };
        assert_eq!(headers(""), []);
        assert_eq!(
            headers("Accept: */*\nx-at: 10:30\nnonsense\n"),
            [header("accept", "*/*"), header("x-at", "10:30")]
        );
    }
}

//! Everything that is stored of one request.

use leptos::prelude::*;
use shared::{RequestAttack, SessionRequest};

use super::table::Table;
use crate::components::ListButtons;
use crate::format::{count, exact, quantity, visible};
use crate::ui::{BotTypeLabel, CopyButton, Source, Tag};

/// The request line, what the log kept, and what the detectors made of it.
#[component]
pub(super) fn RequestDetail(
    /// The request.
    request: SessionRequest,
    /// The table that it is in.
    table: Table,
) -> impl IntoView {
    let line = request_line(&request);
    let headers = headers(&request);
    let text = StoredValue::new(plain_text(&line, &headers, &request));
    let id = request.id.to_string();
    let link = Signal::derive({
        let id = id.clone();
        move || {
            let origin = window().location().origin().unwrap_or_default();
            [origin, table.filter.request(&id)].concat()
        }
    });
    let headers = headers
        .iter()
        .map(|(name, value)| {
            view! {
                <dt class="mono">{visible(name).into_owned()}</dt>
                <dd class="mono">{visible(value).into_owned()}</dd>
            }
            .into_any()
        })
        .collect_view();
    let tags = request
        .tags
        .iter()
        .map(|tag| view! { <Tag text=tag.label() /> })
        .collect_view();
    let kind = request
        .attacks
        .first()
        .map(|attack| attack.bot_type.label());
    let reason = kind.unwrap_or_default().to_owned();
    let unusual = request
        .unusual
        .into_iter()
        .map(|unusual| {
            view! {
                <p class="request-detail__unusual">
                    <Tag text=unusual.reason.label() />
                    {unusual.because}
                </p>
            }
            .into_any()
        })
        .collect_view();
    let attacks = request
        .attacks
        .into_iter()
        .map(|attack| view! { <Flagged attack /> })
        .collect_view();
    let ip = request.ip.clone();
    let fact = |name: &'static str, value: Option<String>| {
        value.map(|value| {
            view! {
                <dt>{name}</dt>
                <dd>{visible(&value).into_owned()}</dd>
            }
            .into_any()
        })
    };
    view! {
        <div class="request-detail">
            <div class="request-detail__head">
                <pre class="request-detail__line mono">{visible(&line).into_owned()}</pre>
                <div class="request-detail__actions">
                    <CopyButton
                        text=Signal::derive(move || text.get_value())
                        label="Copy as text"
                        named=true
                    />
                    <CopyButton text=link label="Copy link" named=true />
                </div>
            </div>
            <dl class="request-detail__list">{headers}</dl>
            <dl class="request-detail__list">
                {fact("Time", Some(exact(request.at)))}
                <dt>"Source"</dt>
                <dd>
                    <Source ip=request.ip country=request.country source=request.source />
                </dd>
                {fact("User", request.user)}
                {fact("Role", request.role)}
                <dt>"Endpoint"</dt>
                <dd>
                    <span class="mono">
                        {visible(&request.method).into_owned()} " "
                        {visible(&request.template).into_owned()}
                    </span>
                    {tags}
                </dd>
                {fact("Answered in", request.time_ms.map(|ms| [&quantity(ms), " ms"].concat()))}
                {fact("Size", request.bytes.map(|bytes| [&count(bytes), " bytes"].concat()))}
                {fact("Session grouped by", Some(request.grouped_by))}
                {fact("Session key, hashed", request.session_key)}
                <dt>"Request"</dt>
                <dd class="mono">{id}</dd>
            </dl>
            {attacks}
            {unusual}
            <ListButtons ip application=Some(table.application.get_value()) reason />
        </div>
    }
}

fn request_line(request: &SessionRequest) -> String {
    let query = if request.query.is_empty() { "" } else { "?" };
    let parts = [
        &request.method,
        " ",
        &request.path,
        query,
        &request.query,
        " ",
        &request.protocol,
    ];
    parts.concat()
}

/// The headers that the log kept, with those it has columns for.
fn headers(request: &SessionRequest) -> Vec<(String, String)> {
    let columns = [
        ("host", &request.host),
        ("user-agent", &request.user_agent),
        ("referer", &request.referer),
    ];
    let columns = columns.map(|(name, value)| (name.to_owned(), value.clone()));
    let further = request.headers.iter();
    let further = further.map(|header| (header.name.clone(), header.value.clone()));
    let mut headers: Vec<_> = columns.into_iter().chain(further).collect();
    headers.retain(|(_, value)| !value.is_empty() && value != "-");
    headers
}

/// The request as it was sent, as far as the log tells, then what was answered.
fn plain_text(line: &str, headers: &[(String, String)], request: &SessionRequest) -> String {
    let mut text = vec![line.to_owned()];
    for (name, value) in headers {
        text.push([name, ": ", value].concat());
    }
    let at = request.at.to_string();
    text.push(String::new());
    text.push(["# from ", &request.ip, " at ", &at].concat());
    text.push(["# answered ", &request.status.to_string()].concat());
    text.iter()
        .map(|line| visible(line))
        .collect::<Vec<_>>()
        .join("\n")
}

/// An attack that the request is a hit of.
#[component]
fn Flagged(attack: RequestAttack) -> impl IntoView {
    let detectors = attack
        .detectors
        .iter()
        .map(|detector| view! { <Tag text=detector.label() /> })
        .collect_view();
    view! {
        <p class="request-detail__attack">
            <a href=format!("/attacks/{}", attack.id)>
                <BotTypeLabel bot_type=attack.bot_type />
            </a>
            <span class="quiet">"fed"</span>
            {detectors}
            {attack
                .crossed_bar
                .then(|| view! { <b>"The bar was crossed with this request."</b> })}
        </p>
    }
}

#[cfg(test)]
mod tests {
    use shared::{Header, RequestId, Timestamp};

    use super::*;

    #[test]
    fn a_request_is_copied_as_text_without_what_would_hide_in_it() {
        let text = |text: &str| text.to_owned();
        let request = SessionRequest {
            id: RequestId { segment: 1, row: 2 },
            at: Timestamp(0),
            ip: text("192.0.2.1"),
            country: None,
            source: None,
            method: text("GET"),
            host: text("shop.example"),
            path: text("/a"),
            query: text("b=\u{202e}c"),
            template: text("/a"),
            tags: Vec::new(),
            status: 404,
            time_ms: None,
            bytes: None,
            protocol: text("HTTP/1.1"),
            referer: text("-"),
            user_agent: String::new(),
            user: None,
            role: None,
            session_key: None,
            grouped_by: text("IP + user agent"),
            blocked: false,
            headers: vec![Header {
                name: text("accept"),
                value: text("*/*"),
            }],
            attacks: Vec::new(),
            unusual: Vec::new(),
        };
        let line = request_line(&request);
        assert_eq!(
            plain_text(&line, &headers(&request), &request),
            "GET /a?b=⟨U+202E⟩c HTTP/1.1\nhost: shop.example\naccept: */*\n\n\
             # from 192.0.2.1 at 1970-01-01T00:00:00Z\n# answered 404"
        );
    }
}

//! `/sessions/{id}/requests.csv`: the requests of a session as one file of any length, written
//! as it is read.

use axum::BoxError;
use axum::body::Body;
use futures::stream;
use shared::SessionRequest;

use super::body;
use super::params::SelectionParams;
use super::requests::Selection;
use crate::http::error::ApiError;
use crate::http::reply::Csv;
use crate::http::route::Context;
use crate::http::routes::csv::write_line;

/// Requests that are read, and written, at a time.
const CHUNK: usize = 1_000;

/// The names of the columns.
const HEADER: [&str; 17] = [
    "request_id",
    "at",
    "ip",
    "country",
    "source",
    "user",
    "method",
    "host",
    "target",
    "template",
    "protocol",
    "status",
    "time_ms",
    "bytes",
    "attack_types",
    "detectors",
    "unusual",
];

pub(in crate::http) async fn requests_csv(
    context: Context,
    params: SelectionParams,
) -> Result<Csv, ApiError> {
    let selection = Selection::find(&context, &params).await?;
    let kept = selection.index.kept(&selection.filter);
    let store = context.store;
    let mut header = String::new();
    write_line(&mut header, &HEADER);
    let start = (store, selection, kept, 0, Some(header));
    let chunks = stream::try_unfold(
        start,
        |(store, selection, kept, start, header)| async move {
            if let Some(header) = header {
                return Ok(Some((header, (store, selection, kept, start, None))));
            }
            if start >= kept.len() {
                return Ok::<_, BoxError>(None);
            }
            let end = kept.len().min(start + CHUNK);
            // Nothing is read before the client took the part before it.
            let rows = selection.read(&store, &kept[start..end]).await;
            let rows = rows.map_err(|error| format!("{error:?}"))?;
            let mut text = String::new();
            for row in &rows {
                write_request(&mut text, &body::request(row, &store.addresses()));
            }
            Ok(Some((text, (store, selection, kept, end, None))))
        },
    );
    Ok(Csv {
        file_name: format!("session-{}-requests.csv", params.id),
        body: Body::from_stream(chunks),
    })
}

fn write_request(out: &mut String, request: &SessionRequest) {
    let target = if request.query.is_empty() {
        request.path.clone()
    } else {
        format!("{}?{}", request.path, request.query)
    };
    let number = |number: Option<String>| number.unwrap_or_default();
    let mut detectors = Vec::new();
    let mut types = Vec::new();
    for attack in &request.attacks {
        types.push(attack.bot_type.as_str());
        detectors.extend(attack.detectors.iter().map(|detector| detector.as_str()));
    }
    let unusual: Vec<&str> = request
        .unusual
        .iter()
        .map(|unusual| unusual.reason.as_str())
        .collect();
    write_line(
        out,
        &[
            &request.id.to_string(),
            &request.at.to_string(),
            &request.ip,
            request.country.as_deref().unwrap_or_default(),
            request.source.as_deref().unwrap_or_default(),
            request.user.as_deref().unwrap_or_default(),
            &request.method,
            &request.host,
            &target,
            &request.template,
            &request.protocol,
            &request.status.to_string(),
            &number(request.time_ms.map(|ms| ms.to_string())),
            &number(request.bytes.map(|bytes| bytes.to_string())),
            &types.join(" "),
            &detectors.join(" "),
            &unusual.join(" "),
        ],
    );
}

//! Hits as lines of CSV.

use shared::Hit;

use crate::http::routes::csv::write_line;

/// The names of the columns.
pub(super) const HEADER: &str =
    "request_id,at,session_id,ip,country,source,method,host,target,status,detectors\r\n";

/// Adds one line.
pub(super) fn write_hit(out: &mut String, hit: &Hit) {
    let detectors: Vec<&str> = hit.detectors.iter().map(|kind| kind.as_str()).collect();
    let session = hit.session_id.map_or(String::new(), |id| id.to_string());
    write_line(
        out,
        &[
            &hit.request_id.to_string(),
            &hit.at.to_string(),
            &session,
            &hit.ip,
            hit.country.as_deref().unwrap_or_default(),
            hit.source.as_deref().unwrap_or_default(),
            &hit.method,
            &hit.host,
            &hit.target,
            &hit.status.to_string(),
            &detectors.join(" "),
        ],
    );
}

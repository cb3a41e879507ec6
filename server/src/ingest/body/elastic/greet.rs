//! What programs ask of Elasticsearch before they send to it: who it is, whether it may be used,
//! and whether templates and policies are set up. They are told that everything is. Nothing of
//! it is stored, and nothing depends on who asks.
//!
//! | asked | by whom | answered |
//! |---|---|---|
//! | `GET /`, `HEAD /` | all | name, version, tagline |
//! | `GET /_license` | Filebeat, Elastic Agent | a basic one, active |
//! | `GET /_xpack` | older ones | no features |
//! | `GET /_cluster/health` | Vector, Logstash | green |
//! | `GET /_cat/health` | rsyslog, after it was refused | green |
//! | `GET /_nodes…` | Logstash, client libraries | none, so that they stay with this address |
//! | `HEAD`, `GET` below `/_index_template`, `/_component_template`, `/_template`, `/_ilm`, `/_data_stream`, `/_alias`, `/_ingest/pipeline` | Filebeat, unless its setup is off | there is one |
//! | `PUT`, `POST` of the same | the same | acknowledged |

/// The header without which client libraries refuse to go on, with its value. It belongs to
/// every answer, also to that of a bulk request.
pub const PRODUCT_HEADER: (&str, &str) = ("x-elastic-product", "Elasticsearch");

/// The version that is claimed: a late one that newer and older programs get on with.
const INFO: &str = r#"{"name":"botscope","cluster_name":"botscope","cluster_uuid":"botscope","version":{"number":"8.17.0","build_flavor":"default","build_type":"tar","build_hash":"0","build_date":"2026-01-01T00:00:00.000000000Z","build_snapshot":false,"lucene_version":"9.12.0","minimum_wire_compatibility_version":"7.17.0","minimum_index_compatibility_version":"7.0.0"},"tagline":"You Know, for Search"}"#;

const LICENSE: &str = r#"{"license":{"status":"active","uid":"00000000-0000-4000-8000-000000000000","type":"basic","issue_date":"2026-01-01T00:00:00.000Z","issue_date_in_millis":1767225600000,"max_nodes":1000,"issued_to":"botscope","issuer":"elasticsearch","start_date_in_millis":-1}}"#;

const HEALTH: &str = r#"{"cluster_name":"botscope","status":"green","timed_out":false,"number_of_nodes":1,"number_of_data_nodes":1,"active_primary_shards":0,"active_shards":0,"relocating_shards":0,"initializing_shards":0,"unassigned_shards":0}"#;

/// What somebody is told who asks `method` of `path`, which begins with a slash and has no
/// query; `None` for what is no greeting. Always JSON with the status 200; that to `HEAD` goes
/// without its body.
#[must_use]
pub fn greet(method: &str, path: &str) -> Option<&'static str> {
    const SET_UP: [&str; 7] = [
        "/_index_template",
        "/_component_template",
        "/_template",
        "/_ilm",
        "/_data_stream",
        "/_alias",
        "/_ingest/pipeline",
    ];
    let is_read = matches!(method, "GET" | "HEAD");
    let is_below = |place: &str| {
        let rest = path.strip_prefix(place);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let body = match path {
        "/" if is_read => INFO,
        "/_license" | "/_license/" if is_read => LICENSE,
        "/_xpack" if is_read => r#"{"features":{}}"#,
        _ if is_read && is_below("/_cluster/health") => HEALTH,
        "/_cat/health" if is_read => r#"[{"cluster":"botscope","status":"green"}]"#,
        _ if is_read && is_below("/_nodes") => r#"{"cluster_name":"botscope","nodes":{}}"#,
        _ if SET_UP.into_iter().any(is_below) => match method {
            "GET" | "HEAD" => "{}",
            "PUT" | "POST" => r#"{"acknowledged":true}"#,
            _ => return None,
        },
        _ => return None,
    };
    Some(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_asked_first_is_answered_in_json() {
        for (method, path) in [
            ("GET", "/"),
            ("HEAD", "/"),
            ("GET", "/_license"),
            ("GET", "/_xpack"),
            ("GET", "/_cluster/health"),
            ("GET", "/_cat/health"),
            ("GET", "/_nodes/http"),
            ("HEAD", "/_index_template/filebeat-8.17.0"),
            ("PUT", "/_ilm/policy/filebeat"),
            ("PUT", "/_ingest/pipeline/filebeat-nginx"),
        ] {
            let greeting = greet(method, path).unwrap();
            serde_json::from_str::<serde_json::Value>(greeting).unwrap();
        }
        let info: serde_json::Value = serde_json::from_str(INFO).unwrap();
        assert_eq!(info["tagline"], "You Know, for Search");
    }

    #[test]
    fn what_is_no_greeting_is_left_to_others() {
        for (method, path) in [
            ("POST", "/"),
            ("GET", "/_bulk"),
            ("GET", "/_license_of"),
            ("DELETE", "/_ilm/policy/x"),
            ("GET", "/api/v1/attacks"),
            ("GET", ""),
        ] {
            assert_eq!(greet(method, path), None, "{method} {path}");
        }
    }
}

//! What somebody could send who wants what another tenant owns: for every parameter and for every
//! field of a body. One that is not known here fails the tests: whoever adds one says what it
//! could ask for.

use serde_json::{Value, json};

use crate::http::tests::{TestApp, seed};
use crate::store::TenantStore;

/// What to send.
pub(super) enum Tried {
    /// What the seeded tenant owns, and the same of nobody: both must get the same answer.
    Named(String, String),
    /// What means something in every tenant, such as an address: it may be taken, and tells
    /// nothing.
    Taken(String),
}

use Tried::{Named, Taken};

/// Parameters that name nothing of a tenant's.
const PLAIN_PARAMETERS: [&str; 30] = [
    "repeats",
    "attack_type",
    "format",
    "from",
    "join",
    "key",
    "limit",
    "list",
    "malicious",
    "method",
    "not_attack_type",
    "not_ip",
    "not_method",
    "not_status",
    "not_template",
    "not_unusual",
    "not_user",
    "reproduce",
    "role",
    "session_key",
    "sort",
    "start",
    "state",
    "status",
    "unusual",
    "until",
    "zone",
    "after",
    "at",
    "action",
];

/// Fields of bodies that name nothing of a tenant's.
const PLAIN_FIELDS: [&str; 14] = [
    "code",
    "current",
    "duration",
    "hashed_fields[]",
    "list",
    "map",
    "new",
    "objects[]",
    "password",
    "reason",
    "role[]",
    "session_key[]",
    "user[]",
    "seed",
];

/// What to send in the parameter called `name`; empty if it can name nothing of another's.
pub(super) fn in_parameter(app: &TestApp, name: &str) -> Vec<Tried> {
    let (attack, session) = (seed::GUESSING, seed::GUESSING_SESSION);
    let named = |foreign: &str, nobodys: &str| Named(foreign.to_owned(), nobodys.to_owned());
    match name {
        "q" => vec![
            named("app:shop >2000-01-01", "app:nowhere >2000-01-01"),
            named("ip:192.0.2.0/24 >2000-01-01", "ip:192.0.3.0/24 >2000-01-01"),
            named(&format!("attack:{attack}"), "attack:000000000000dead"),
            named(&format!("session:{session}"), "session:000000000000dead"),
            named("request_id:0-30", "request_id:0-90"),
            named("url:wp-login >2000-01-01", "url:nowhere >2000-01-01"),
            named("user:alice >2000-01-01", "user:nobody >2000-01-01"),
            Taken("campaign:*".to_owned()),
            Taken(">2000-01-01".to_owned()),
        ],
        "attack" | "of" => vec![named(&attack.to_string(), "000000000000dead")],
        "request" => vec![named("0-30", "0-90")],
        "application" => vec![
            named("shop", "nowhere"),
            named(&app.application.to_string(), "000000000000dead"),
        ],
        "confirm" => vec![named("shop", "nowhere")],
        "object" | "ip" | "address" => vec![named("192.0.2.7", "192.0.2.99")],
        "text" => vec![
            named("192.0.2.7", "192.0.2.99"),
            named("nightly", "nowhere"),
            named("shop", "nowhere"),
        ],
        "actor" => vec![named("local", "nobody"), named("ann@example.com", "nobody")],
        "prefix" => vec![named("sh", "qq"), named("192.0.2.", "192.0.3.")],
        "user" => vec![named("alice", "nobody")],
        "endpoint" | "template" => vec![named("/wp-login.php", "/nowhere.php")],
        "cursor" => vec![named("152d748ceb8.a1", "152d748ceb8.a2")],
        plain => {
            assert!(
                PLAIN_PARAMETERS.contains(&plain),
                "say what of another tenant the parameter `{plain}` could name"
            );
            Vec::new()
        }
    }
}

/// What to send in the field called `name`; empty if it can name nothing of another's.
pub(super) fn in_field(app: &TestApp, name: &str) -> Vec<Tried> {
    let named = |foreign: &str, nobodys: &str| Named(foreign.to_owned(), nobodys.to_owned());
    match name {
        "applications[]" => vec![named("shop", "nowhere")],
        "application_id" => vec![named(&app.application.to_string(), "000000000000dead")],
        "changes[].id" => vec![named(&seed::DENIED.to_string(), "000000000000dead")],
        "tenant_id" => vec![named("0000000000000001", "000000000000dead")],
        "csv" => vec![named("shop", "nowhere")],
        "address" => vec![Taken("192.0.2.7".to_owned())],
        "user" => vec![Taken("alice".to_owned())],
        "email" => vec![Taken("ann@example.com".to_owned())],
        "name" => vec![Taken("nightly export".to_owned())],
        plain => {
            assert!(
                PLAIN_FIELDS.contains(&plain),
                "say what of another tenant the field `{plain}` of a body could name"
            );
            Vec::new()
        }
    }
}

/// `body` with one field of it naming `value`: `changes[].id` is that of the first of `changes`.
pub(super) fn with_field(body: &Value, field: &str, value: &str) -> Value {
    let mut body = body.clone();
    let mut place = &mut body;
    for step in field.split('.') {
        let (name, is_list) = match step.strip_suffix("[]") {
            Some(name) => (name, true),
            None => (step, false),
        };
        place = &mut place[name];
        if is_list {
            if !place.is_array() {
                *place = json!([null]);
            }
            place = &mut place[0];
        }
    }
    *place = json!(value);
    match field {
        // Only a token for one purpose is for one application.
        "application_id" => body["role"] = json!("ingest_only"),
        "csv" => body["csv"] = json!(format!("203.0.113.7,24h,mine,{value}")),
        _ => {}
    }
    body
}

/// A text that a body takes.
pub(super) struct TextField {
    pub(super) name: String,
    /// Whether it is written as identifiers are.
    pub(super) is_identifier: bool,
}

/// The texts that the document says a body of this shape has, but those of a few known values.
pub(super) fn text_fields(document: &Value, schema: &Value) -> Vec<TextField> {
    let mut fields = Vec::new();
    collect(document, schema, String::new(), &mut fields);
    fields
}

fn collect(document: &Value, schema: &Value, name: String, fields: &mut Vec<TextField>) {
    if let Some(reference) = schema["$ref"].as_str() {
        let schema = document.pointer(reference.trim_start_matches('#')).unwrap();
        return collect(document, schema, name, fields);
    }
    let alternatives = ["oneOf", "anyOf", "allOf"].map(|key| schema[key].as_array());
    for alternative in alternatives.into_iter().flatten().flatten() {
        collect(document, alternative, name.clone(), fields);
    }
    for (property, schema) in schema["properties"].as_object().into_iter().flatten() {
        let name = match name.as_str() {
            "" => property.clone(),
            name => format!("{name}.{property}"),
        };
        collect(document, schema, name, fields);
    }
    if schema["items"].is_object() {
        return collect(document, &schema["items"], format!("{name}[]"), fields);
    }
    let is_text = schema["type"] == "string" || schema["type"][0] == "string";
    if is_text && !schema["enum"].is_array() && schema["format"] != "date-time" {
        fields.push(TextField {
            name,
            is_identifier: schema["pattern"] == "^[0-9a-fA-F]{1,16}$",
        });
    }
}

/// Fails if a table of the seeded tenant's has become empty: nothing could be found then.
pub(super) async fn assert_owned(owner: &TenantStore) {
    assert_eq!(owner.list_applications().await.unwrap().len(), 2);
    assert!(owner.find_attack(seed::GUESSING).await.unwrap().is_some());
    let session = owner.find_session(seed::GUESSING_SESSION).await.unwrap();
    assert!(session.is_some());
}

//! The examples of the API document. Those of parameters are written here; those of bodies are
//! what the server of the API tests really takes and answers, kept in `server/examples/` under
//! the operations' identifiers. The test `every_example_runs` holds both to what the routes do,
//! and with `BOTSCOPE_EXAMPLES=write` it writes the files of `server/examples/` anew.

use rust_embed::RustEmbed;
use serde_json::Value;
use utoipa::openapi::path::{Parameter, ParameterBuilder};
use utoipa::openapi::{RefOr, Schema};

/// The bodies, as `OPERATION.json`, `OPERATION.csv` and `OPERATION.request.json`.
#[derive(RustEmbed)]
#[folder = "examples"]
struct Bodies;

/// What the examples are about. Wherever the document is served these are replaced by what is
/// in the store, so that the examples run there too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Subject {
    /// An application.
    pub(super) application: String,
    /// An attack.
    pub(super) attack: String,
    /// A session of that attack.
    pub(super) session: String,
    /// An entry of the deny list.
    pub(super) entry: String,
    /// Two days before the attack's last request.
    pub(super) from: String,
    /// The day of the attack's last request.
    pub(super) until: String,
}

impl Subject {
    /// What the examples name as they are kept.
    pub(super) fn kept() -> Self {
        let text = str::to_owned;
        Self {
            application: text("744a0ee5fdab2847"),
            attack: text("00000000000000a1"),
            session: text("0000000000000051"),
            entry: text("9c419712d42d2707"),
            from: text("2016-02-10"),
            until: text("2016-02-12"),
        }
    }

    fn words(&self) -> [&str; 6] {
        [
            &self.application,
            &self.attack,
            &self.session,
            &self.entry,
            &self.from,
            &self.until,
        ]
    }

    /// A document whose examples are about this instead of what is [kept](Self::kept).
    pub(super) fn put_into(&self, document: &str) -> String {
        let kept = Self::kept();
        let replacements = kept.words().into_iter().zip(self.words());
        replacements.fold(document.to_owned(), |text, (kept, real)| {
            text.replace(kept, real)
        })
    }
}

/// A job: they are gone when the server ends, so none of the store's stands for it.
const JOB: &str = "00000152d7ed5000";

/// An API token: none of the store's stands for it, since not all who read this may see those,
/// and who tries a route out revokes none by mistake.
const TOKEN: &str = "380100bdd9c4db1f";

/// A personal one.
const OWN_TOKEN: &str = "898f91c90cc3118d";
/// A tenant: none of the store's stands for it, for the same reason.
const TENANT: &str = "0000000000000002";

/// Examples of one parameter, which means the same wherever it is taken below a path.
struct ParameterExamples {
    name: &'static str,
    /// The beginning of the paths; of several that fit, the longest counts.
    below: &'static str,
    /// Whether the first one is worth sending where nothing else was chosen. The others would
    /// only hide what somebody who tries a route out wants to see.
    fills_in: bool,
    values: &'static [&'static str],
}

const fn filled(name: &'static str, values: &'static [&'static str]) -> ParameterExamples {
    ParameterExamples {
        name,
        below: "",
        fills_in: true,
        values,
    }
}

const fn named(name: &'static str, values: &'static [&'static str]) -> ParameterExamples {
    below("", name, values)
}

const fn below(
    below: &'static str,
    name: &'static str,
    values: &'static [&'static str],
) -> ParameterExamples {
    ParameterExamples {
        name,
        below,
        fills_in: false,
        values,
    }
}

/// Where a page may begin in a list whose example has only one.
const CURSOR: &str = "152d748ceb8.a1";

/// Of every parameter but `id`, which is another thing on each route, and `cursor`, which an
/// earlier page gives.
const PARAMETERS: &[ParameterExamples] = &[
    filled(
        "q",
        &[
            "2016-02-10 - 2016-02-12",
            "account_takeover last 3 days",
            "ip:192.0.2.0/24 app:shop",
        ],
    ),
    filled("limit", &["2"]),
    named("key", &["domain", "statuscode"]),
    named("prefix", &["sh"]),
    named("zone", &["60", "-300"]),
    named("sort", &["-confidence", "hits"]),
    below("/attacks", "at", &["2016-02-12T00:00:00Z"]),
    named("of", &["00000000000000a1"]),
    named("reproduce", &["true"]),
    named("endpoint", &["wp-login"]),
    named("attack", &["00000000000000a1"]),
    filled("confirm", &["shop"]),
    named("after", &["12"]),
    named("malicious", &["true"]),
    named("join", &["true"]),
    named("method", &["POST"]),
    named("not_method", &["GET"]),
    named("status", &["302"]),
    named("not_status", &["404"]),
    named("ip", &["192.0.2.7"]),
    named("not_ip", &["192.0.2.9"]),
    named("template", &["/wp-login.php"]),
    named("not_template", &["/cart"]),
    named("session_key", &["cookie:sid,auto", "query:sid"]),
    below("/applications", "user", &["auto", "field:account"]),
    named("role", &["auto", "field:plan"]),
    named("attack_type", &["account_takeover"]),
    named("not_attack_type", &["scraping"]),
    named("user", &["alice"]),
    named("not_user", &["alice"]),
    named("unusual", &["rare_endpoint"]),
    named("not_unusual", &["rare_endpoint"]),
    named("start", &["10"]),
    below("/sessions", "at", &["2016-02-12T22:05:00Z"]),
    named("request", &["0-3"]),
    named("list", &["exception"]),
    named("state", &["expired"]),
    named("repeats", &["drop"]),
    named("object", &["192.0.2.0/24", "192.0.2.7"]),
    named("application", &["shop"]),
    ParameterExamples {
        fills_in: true,
        ..below("/ingest", "application", &["744a0ee5fdab2847"])
    },
    below("/lists", "at", &["2016-02-12T23:30:00Z"]),
    named("format", &["nginx", "nftables"]),
    below("/privacy", "address", &["192.0.2.7"]),
    below("/privacy", "user", &["alice"]),
    named("text", &["192.0.2.7"]),
    named("action", &["token.create", "list_entry"]),
    named("actor", &["local"]),
    named("from", &["2016-02-12T00:00:00Z"]),
    named("until", &["2016-02-14T00:00:00Z"]),
];

/// Gives a parameter of `path` its examples. `answer` is the example of the route's answer.
pub(super) fn exemplify(path: &str, parameter: Parameter, answer: Option<&Value>) -> Parameter {
    let kept = Subject::kept();
    let (fills_in, values): (bool, Vec<&str>) = match parameter.name.as_str() {
        "id" => match path.split('/').nth(1) {
            Some("applications") => (true, vec![&kept.application]),
            Some("attacks") => (true, vec![&kept.attack]),
            Some("jobs") => (true, vec![JOB]),
            Some("sessions") => (true, vec![&kept.session]),
            Some("lists") => (true, vec![&kept.entry]),
            Some("tokens") => (true, vec![TOKEN]),
            Some("me") if path.contains("tokens") => (true, vec![OWN_TOKEN]),
            Some("me") => (true, vec!["0000000000000011"]),
            Some("members") => (true, vec!["00000000000000be"]),
            Some("invitations") => (true, vec!["0000000000000017"]),
            Some("tenants") => (true, vec![TENANT]),
            _ => return parameter,
        },
        "cursor" => {
            let next = answer.and_then(|answer| answer["next_cursor"].as_str());
            (false, vec![next.unwrap_or(CURSOR)])
        }
        name => {
            let fitting = PARAMETERS
                .iter()
                .filter(|known| known.name == name && path.starts_with(known.below));
            match fitting.max_by_key(|known| known.below.len()) {
                Some(known) => (known.fills_in, known.values.to_vec()),
                None => return parameter,
            }
        }
    };
    with_examples(parameter, fills_in, &values)
}

/// The parameter with these examples, in its description too.
fn with_examples(mut parameter: Parameter, fills_in: bool, values: &[&str]) -> Parameter {
    if values.is_empty() {
        return parameter;
    }
    let quoted: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
    let description = parameter.description.unwrap_or_default();
    parameter.description = Some(format!(
        "{}\n\nFor example {}.",
        description.trim_end(),
        quoted.join(", ")
    ));
    let values_as_json = values.iter().map(|value| as_json(value));
    match &mut parameter.schema {
        Some(RefOr::T(Schema::Object(object))) => object.examples = values_as_json.collect(),
        Some(RefOr::T(Schema::Array(array))) => {
            array.examples = values_as_json.map(|value| vec![value].into()).collect();
        }
        _ => {}
    }
    let first = fills_in.then(|| as_json(values[0]));
    ParameterBuilder::from(parameter).example(first).build()
}

/// A number or a truth value as such, anything else as a text.
fn as_json(value: &str) -> Value {
    match serde_json::from_str(value) {
        Ok(plain @ (Value::Bool(_) | Value::Number(_))) if !value.starts_with('0') => plain,
        _ => Value::from(value),
    }
}

/// The body that an operation takes.
pub(super) fn request(operation_id: &str) -> Option<Value> {
    read(&format!("{operation_id}.request.json"))
}

/// The body that an operation answers.
pub(super) fn answer(operation_id: &str, media_type: &str) -> Option<Value> {
    read(&answer_file(operation_id, media_type))
}

/// Where [`answer`] is kept.
pub(super) fn answer_file(operation_id: &str, media_type: &str) -> String {
    let extension = match media_type {
        "application/json" => "json",
        "text/csv" => "csv",
        _ => "txt",
    };
    format!("{operation_id}.{extension}")
}

fn read(name: &str) -> Option<Value> {
    let file = Bodies::get(name)?;
    let text = std::str::from_utf8(&file.data).ok()?;
    if name.ends_with(".json") {
        serde_json::from_str(text).ok()
    } else {
        Some(Value::from(text))
    }
}

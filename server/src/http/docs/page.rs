//! The page as a browser without scripts shows it: every operation with its parameters, a
//! `curl` command that runs, and an example of its answer. Made of the API document; pure.

use std::fmt::Write;

use serde_json::Value;

/// The longest example that is shown in full.
const MAX_EXAMPLE_CHARS: usize = 4_000;

const HEAD: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>API - Botscope</title>
<script src="/api/docs/docs.js"></script>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/api/docs/swagger-ui.css">
<link rel="stylesheet" href="/api/docs/docs.css">
<script src="/api/docs/swagger-ui-bundle.js" defer></script>
</head>
<body>
<header class="docs-header">
<h1 class="docs-header__title"><a href="/">Botscope</a> API</h1>
<a href="/api/v1/openapi.json">openapi.json</a>
</header>
<main id="main">
"#;

/// The page of an API document; `server` is where its commands go, e.g. `http://localhost:8080`.
pub(super) fn html(document: &Value, server: &str) -> String {
    let mut out = HEAD.to_owned();
    out.push_str("<div id=\"swagger-ui\"><div class=\"docs-plain\">\n");
    paragraph(&mut out, &document["info"]["description"]);
    for tag in items(&document["tags"]) {
        let name = text(&tag["name"]);
        let _ = writeln!(out, "<h2>{}</h2>", escape(name));
        paragraph(&mut out, &tag["description"]);
        for (path, method, operation) in operations(document) {
            if operation["tags"][0] == *name {
                write_operation(&mut out, server, (path, method), operation);
            }
        }
    }
    out.push_str("</div></div>\n</main>\n</body>\n</html>\n");
    out
}

fn operations(document: &Value) -> impl Iterator<Item = (&str, &str, &Value)> {
    let paths = document["paths"].as_object().into_iter().flatten();
    paths.flat_map(|(path, item)| {
        let methods = item.as_object().into_iter().flatten();
        methods.map(move |(method, operation)| (path.as_str(), method.as_str(), operation))
    })
}

fn write_operation(
    out: &mut String,
    server: &str,
    (path, method): (&str, &str),
    operation: &Value,
) {
    let verb = method.to_ascii_uppercase();
    let _ = write!(
        out,
        "<section class=\"docs-plain__operation\">\n<h3><code>{verb} {}</code></h3>\n",
        escape(path)
    );
    paragraph(out, &operation["summary"]);
    paragraph(out, &operation["description"]);
    let parameters = items(&operation["parameters"]);
    if !parameters.is_empty() {
        out.push_str("<dl>\n");
        for parameter in parameters {
            let name = escape(text(&parameter["name"]));
            let _ = write!(out, "<dt><code>{name}</code></dt><dd>");
            paragraph(out, &parameter["description"]);
            out.push_str("</dd>\n");
        }
        out.push_str("</dl>\n");
    }
    let command = curl(&format!("{server}{path}"), &verb, operation);
    let _ = writeln!(
        out,
        "<pre tabindex=\"0\"><code>{}</code></pre>",
        escape(&command)
    );
    if let Some(example) = example_answer(operation) {
        let shown: String = example.chars().take(MAX_EXAMPLE_CHARS).collect();
        let rest = if shown.len() < example.len() {
            "\n…"
        } else {
            ""
        };
        let _ = write!(
            out,
            "<details><summary>Example answer</summary>\n\
             <pre tabindex=\"0\"><code>{}{rest}</code></pre></details>\n",
            escape(&shown)
        );
    }
    out.push_str("</section>\n");
}

/// The command that asks what the examples ask.
fn curl(address: &str, verb: &str, operation: &Value) -> String {
    let mut address = address.to_owned();
    let mut separator = '?';
    for parameter in items(&operation["parameters"]) {
        let Some(value) = parameter.get("example") else {
            continue;
        };
        let value = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let name = text(&parameter["name"]);
        if parameter["in"] == "path" {
            address = address.replace(&format!("{{{name}}}"), &value);
        } else {
            let value = value.replace('%', "%25").replace(' ', "+");
            let _ = write!(address, "{separator}{name}={value}");
            separator = '&';
        }
    }
    let mut command = "curl".to_owned();
    if verb != "GET" {
        let _ = write!(command, " -X {verb}");
    }
    let body = &operation["requestBody"]["content"]["application/json"]["example"];
    if !body.is_null() {
        let quoted = body.to_string().replace('\'', r"'\''");
        let _ = write!(
            command,
            " -H 'Content-Type: application/json' -d '{quoted}'"
        );
    }
    let _ = write!(command, " \"{address}\"");
    command
}

/// The answer of the first success that has one, as text.
fn example_answer(operation: &Value) -> Option<String> {
    let responses = operation["responses"].as_object()?;
    let (_, success) = responses
        .iter()
        .find(|(status, _)| status.starts_with('2'))?;
    let contents = success["content"].as_object()?;
    let example = contents
        .values()
        .find_map(|content| content.get("example"))?;
    match example {
        Value::String(text) => Some(text.clone()),
        other => serde_json::to_string_pretty(other).ok(),
    }
}

/// A text of the document as paragraphs, with its `code`.
fn paragraph(out: &mut String, value: &Value) {
    for part in text(value).split("\n\n").filter(|part| !part.is_empty()) {
        out.push_str("<p>");
        for (i, piece) in part.split('`').enumerate() {
            let piece = escape(piece);
            let _ = match i % 2 {
                0 => write!(out, "{piece}"),
                _ => write!(out, "<code>{piece}</code>"),
            };
        }
        out.push_str("</p>\n");
    }
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn escape(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_command_asks_what_the_examples_ask_and_breaks_out_of_no_quote() {
        let operation = json!({
            "parameters": [
                {"name": "id", "in": "path", "example": "a1"},
                {"name": "q", "in": "query", "example": "last 3 days"},
                {"name": "cursor", "in": "query"},
                {"name": "limit", "in": "query", "example": 2},
            ],
            "requestBody": {"content": {"application/json": {"example": {"reason": "it's"}}}},
        });
        assert_eq!(
            curl("http://localhost/attacks/{id}", "POST", &operation),
            "curl -X POST -H 'Content-Type: application/json' -d '{\"reason\":\"it'\\''s\"}' \
             \"http://localhost/attacks/a1?q=last+3+days&limit=2\""
        );
    }

    #[test]
    fn texts_are_never_markup() {
        let mut out = String::new();
        paragraph(&mut out, &json!("a <b> `c&d`\n\ne"));
        assert_eq!(out, "<p>a &lt;b&gt; <code>c&amp;d</code></p>\n<p>e</p>\n");
    }
}

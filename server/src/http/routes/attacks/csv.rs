//! Hits as lines of CSV (RFC 4180). Every text in them came from a client, and a spreadsheet
//! may run a cell that begins like a formula, so such cells get an apostrophe in front.

use shared::Hit;

/// The names of the columns.
pub(super) const HEADER: &str =
    "request_id,at,session_id,ip,method,host,target,status,detectors\r\n";

/// Adds one line.
pub(super) fn write_hit(out: &mut String, hit: &Hit) {
    let detectors: Vec<&str> = hit.detectors.iter().map(|kind| kind.as_str()).collect();
    let session = hit.session_id.map_or(String::new(), |id| id.to_string());
    let cells = [
        &hit.request_id.to_string(),
        &hit.at.to_string(),
        &session,
        &hit.ip,
        &hit.method,
        &hit.host,
        &hit.target,
        &hit.status.to_string(),
        &detectors.join(" "),
    ];
    for (i, cell) in cells.into_iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        write_cell(out, cell);
    }
    out.push_str("\r\n");
}

fn write_cell(out: &mut String, text: &str) {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if !is_formula && !text.contains([',', '"', '\n', '\r']) {
        out.push_str(text);
        return;
    }
    out.push('"');
    if is_formula {
        out.push('\'');
    }
    for c in text.chars() {
        if c == '"' {
            out.push('"');
        }
        out.push(c);
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_quoted_where_it_must_be_and_never_a_formula() {
        let check = |text: &str, expected: &str| {
            let mut out = String::new();
            write_cell(&mut out, text);
            assert_eq!(out, expected);
        };
        check("/a/b?c=d", "/a/b?c=d");
        check("", "");
        check("a,b", "\"a,b\"");
        check("say \"hi\"\r\n", "\"say \"\"hi\"\"\r\n\"");
        check("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\"");
        for text in ["+1", "-1", "@x", "\tx", "\rx"] {
            check(text, &format!("\"'{text}\""));
        }
    }
}

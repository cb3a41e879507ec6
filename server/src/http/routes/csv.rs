//! Lines of CSV (RFC 4180). Texts in them come from clients, and a spreadsheet may run a cell
//! that begins like a formula, so such cells get an apostrophe in front.

/// Adds one line.
pub(super) fn write_line(out: &mut String, cells: &[&str]) {
    for (i, cell) in cells.iter().enumerate() {
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

//! Entries as lines of CSV (RFC 4180, without line breaks inside of cells). Pure; what the
//! cells mean is decided in `write`.

/// A line with its number, from 1, and its cells.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) number: usize,
    /// Or what is wrong with it as CSV.
    pub(super) cells: Result<Vec<String>, &'static str>,
}

/// The names that the first column of a head may have.
const HEADS: [&str; 4] = ["object", "ip", "address", "subnet"];

/// The lines that say something.
pub(super) fn lines(text: &str) -> Vec<Line> {
    let mut lines: Vec<Line> = text
        .trim_start_matches('\u{feff}')
        .lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line.trim()))
        .filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
        .map(|(number, line)| Line {
            number,
            cells: cells(line),
        })
        .collect();
    let is_head = lines.first().is_some_and(|line| {
        let first = line.cells.as_ref().ok().and_then(|cells| cells.first());
        first.is_some_and(|first| HEADS.iter().any(|head| first.eq_ignore_ascii_case(head)))
    });
    if is_head {
        lines.remove(0);
    }
    lines
}

fn cells(line: &str) -> Result<Vec<String>, &'static str> {
    let mut cells = Vec::new();
    let mut rest = line;
    loop {
        rest = rest.trim_start();
        let cell;
        (cell, rest) = match rest.strip_prefix('"') {
            Some(quoted) => quoted_cell(quoted)?,
            None => {
                let end = rest.find(',').unwrap_or(rest.len());
                (rest[..end].trim().to_owned(), &rest[end..])
            }
        };
        cells.push(cell);
        match rest.trim_start().strip_prefix(',') {
            Some(further) => rest = further,
            None if rest.trim().is_empty() => return Ok(cells),
            None => return Err("a comma is expected after a quoted cell"),
        }
    }
}

fn quoted_cell(text: &str) -> Result<(String, &str), &'static str> {
    let mut cell = String::new();
    let mut rest = text;
    loop {
        let end = rest.find('"').ok_or("a quotation mark is not closed")?;
        cell.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('"') {
            Some(further) => {
                cell.push('"');
                rest = further;
            }
            None => return Ok((cell, rest)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_cell_by_cell() {
        let check = |text: &str, expected: Result<&[&str], &'static str>| {
            let read = cells(text);
            let read = read
                .as_ref()
                .map(|cells| cells.iter().map(String::as_str).collect());
            let read: Result<Vec<&str>, &'static str> = read.map_err(|error| *error);
            assert_eq!(read, expected.map(<[&str]>::to_vec), "{text}");
        };
        check("192.0.2.7", Ok(&["192.0.2.7"]));
        check(
            "192.0.2.7, 24h , so it is,",
            Ok(&["192.0.2.7", "24h", "so it is", ""]),
        );
        check(
            r#""192.0.2.7","24h" ,"say ""hi"", please""#,
            Ok(&["192.0.2.7", "24h", r#"say "hi", please"#]),
        );
        check(r#""192.0.2.7"#, Err("a quotation mark is not closed"));
        check(r#""a"b,c"#, Err("a comma is expected after a quoted cell"));
        check(",", Ok(&["", ""]));
    }

    #[test]
    fn heads_comments_and_empty_lines_are_left_out_and_numbers_stay() {
        let text = "\u{feff}# bad ones\r\nObject,duration\r\n\r\n192.0.2.7\n  \n192.0.2.8,5m";
        let numbers: Vec<usize> = lines(text).iter().map(|line| line.number).collect();
        assert_eq!(numbers, [4, 6]);
        assert_eq!(lines(""), []);
    }
}

//! What a W3C log says of its own lines: `#Fields:` and `#Date:` hold for all that follows, so a
//! batch from the middle of the file is told them first.

use serde::{Deserialize, Serialize};

/// The longest such line, in bytes; a longer one is not repeated.
const MAX_BYTES: usize = 16 * 1024;

/// The lines that hold where one is in a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Columns {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    date: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    fields: String,
}

impl Columns {
    /// Learns from the lines that were read next.
    pub(super) fn learn(&mut self, lines: &[u8]) {
        let mut rest = lines;
        while !rest.is_empty() {
            let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len() - 1);
            let (line, after) = rest.split_at(end + 1);
            rest = after;
            if line.first() != Some(&b'#') || line.len() > MAX_BYTES {
                continue;
            }
            let kept = if line.starts_with(b"#Fields:") {
                &mut self.fields
            } else if line.starts_with(b"#Date:") {
                &mut self.date
            } else {
                continue;
            };
            *kept = String::from_utf8_lossy(line.trim_ascii_end()).into_owned();
        }
    }

    /// What goes in front of a batch; mostly nothing.
    pub(super) fn head(&self) -> Vec<u8> {
        let mut head = Vec::new();
        for line in [&self.date, &self.fields] {
            if !line.is_empty() {
                head.extend_from_slice(line.as_bytes());
                head.push(b'\n');
            }
        }
        head
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.date.is_empty() && self.fields.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_lines_that_name_columns_and_day_hold() {
        let mut columns = Columns::default();
        columns.learn(b"1.2.3.4 - -\n#Version: 1.0\n");
        assert!(columns.is_empty() && columns.head().is_empty());
        columns.learn(b"#Date: 2026-03-01\r\n#Fields: time c-ip\r\n10:00:00 1.2.3.4\r\n");
        assert_eq!(columns.head(), b"#Date: 2026-03-01\n#Fields: time c-ip\n");
        columns.learn(b"#Fields: c-ip");
        assert_eq!(columns.head(), b"#Date: 2026-03-01\n#Fields: c-ip\n");
        columns.learn(&[b"#Fields: ", "x".repeat(MAX_BYTES).as_bytes(), b"\n"].concat());
        assert_eq!(columns.head(), b"#Date: 2026-03-01\n#Fields: c-ip\n");
    }
}

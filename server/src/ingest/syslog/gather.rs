//! Messages as the lines of one batch.

/// Messages that are gathered.
#[derive(Debug, Default)]
pub struct Gathered {
    bytes: Vec<u8>,
    count: usize,
}

impl Gathered {
    /// Adds a message; line breaks in it become spaces, for it is one line.
    pub fn push(&mut self, message: &[u8]) {
        // Also in front of the first: whatever it begins with, all of it is text.
        self.bytes.push(b'\n');
        let is_break = |byte: &u8| matches!(byte, b'\n' | b'\r');
        let as_space = |byte: &u8| if is_break(byte) { b' ' } else { *byte };
        self.bytes.extend(message.iter().map(as_space));
        self.count += 1;
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// How many bytes they have.
    #[must_use]
    pub fn size(&self) -> usize {
        self.bytes.len()
    }

    /// All of them.
    #[must_use]
    pub fn into_lines(self) -> Vec<u8> {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::body::{Reading, decode_body};
    use crate::ingest::decode::FieldMap;
    use crate::ingest::normalize::{Protection, SecretKey};

    #[test]
    fn messages_of_nginx_and_of_collectors_become_requests() {
        let line =
            r#"203.0.113.9 - - [01/Mar/2026:10:00:00 +0000] "GET /a HTTP/1.1" 200 5 "-" "curl/8""#;
        let json = r#"{"time":"2026-03-01T10:00:00Z","remote_addr":"203.0.113.9",
            "request_method":"GET","request_uri":"/b","status":200}"#;
        let heads = [
            "<190>Mar  1 10:00:00 web-1 nginx: ",
            "<190>Mar  1 10:00:00 nginx: ",
            "<190>1 2026-03-01T10:00:00Z web-1 nginx 12 - - ",
            "<190>1 2026-03-01T10:00:00Z web-1 nginx 12 - [a@1 b=\"c\"] ",
        ];
        let mut gathered = Gathered::default();
        assert!(gathered.is_empty());
        for head in heads {
            for message in [line, json] {
                gathered.push(format!("{head}{message}").as_bytes());
            }
        }
        gathered.push(b"\x1f\x8b\x08 is no packed body");
        assert_eq!(gathered.len(), 9);
        let fields = FieldMap::default();
        let by = Protection::from(SecretKey([0; 16]));
        let lines = gathered.into_lines();
        let decoded = decode_body(&lines, None, &Reading::new(&fields, &by)).unwrap();
        assert_eq!((decoded.answer.accepted, decoded.answer.rejected), (8, 1));
    }
}

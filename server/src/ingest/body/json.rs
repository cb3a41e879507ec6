//! The outline of JSON: where objects and texts end, and arrays of objects within. Only braces,
//! brackets and quotes are looked at, without recursion. Not whether it is valid.

/// Where something ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// So many bytes from where it begins, its last one included.
    At(usize),
    /// In a text, at a line break that no text can have.
    InText(usize),
    /// Nowhere.
    Missing,
}

/// Where the object ends that `text` begins with.
pub(super) fn find_end(text: &[u8]) -> End {
    let mut depth = 0usize;
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        at += 1;
        match byte {
            b'"' => match find_string_end(&text[at..]) {
                End::At(length) => at += length,
                End::InText(length) => return End::InText(at + length),
                End::Missing => return End::Missing,
            },
            b'{' => depth += 1,
            b'}' if depth <= 1 => return End::At(at),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    End::Missing
}

/// Where the text ends whose opening quote stands before `text`.
pub(super) fn find_string_end(text: &[u8]) -> End {
    let mut at = 0;
    while let Some(found) = memchr::memchr3(b'"', b'\\', b'\n', text.get(at..).unwrap_or_default())
    {
        at += found;
        match text[at] {
            b'"' => return End::At(at + 1),
            b'\\' => at += 2,
            _ => return End::InText(at),
        }
    }
    End::Missing
}

/// An array of objects in an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Array {
    /// What follows its `[`.
    pub(super) start: usize,
    /// Where its `]` stands, or where the object was cut off.
    pub(super) end: usize,
    /// Whether the object has no other.
    pub(super) is_only: bool,
}

/// The first array of objects that stands directly in the object that `object` begins with.
pub(super) fn find_array(object: &[u8]) -> Option<Array> {
    // Most records have none, and then this look is all they cost.
    memchr::memchr(b'[', object)?;
    let mut found: Option<Array> = None;
    let (mut braces, mut brackets) = (0usize, 0usize);
    let mut at = 0;
    while let Some(byte) = object.get(at) {
        at += 1;
        match byte {
            b'"' => match find_string_end(&object[at..]) {
                End::At(length) => at += length,
                End::InText(_) | End::Missing => break,
            },
            b'{' => braces += 1,
            b'}' => braces = braces.saturating_sub(1),
            b'[' => {
                brackets += 1;
                let is_direct = braces == 1 && brackets == 1;
                if is_direct && is_before_object(&object[at..]) {
                    if let Some(found) = &mut found {
                        found.is_only = false;
                        break;
                    }
                    found = Some(Array {
                        start: at,
                        end: object.len(),
                        is_only: true,
                    });
                }
            }
            b']' => {
                brackets = brackets.saturating_sub(1);
                if braces == 1
                    && brackets == 0
                    && let Some(found) = &mut found
                    && found.end == object.len()
                {
                    found.end = at - 1;
                }
            }
            _ => {}
        }
    }
    found
}

fn is_before_object(text: &[u8]) -> bool {
    text.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_ends_with_its_own_brace() {
        for (text, end) in [
            ("{}", End::At(2)),
            ("{}{}", End::At(2)),
            (r#"{"a":{"b":[{}]}} {"#, End::At(16)),
            (r#"{"a":"}"}"#, End::At(9)),
            (r#"{"a":"\"}{\\"},"#, End::At(14)),
            (r#"{"a":{}"#, End::Missing),
            (r#"{"a"#, End::Missing),
            (r#"{"a\"#, End::Missing),
            ("{\"a\n\"}", End::InText(3)),
            ("", End::Missing),
        ] {
            assert_eq!(find_end(text.as_bytes()), end, "{text}");
        }
    }

    #[test]
    fn an_array_of_objects_is_found_where_it_stands_directly_in_the_object() {
        let inside = |text: &'static str| {
            let array = find_array(text.as_bytes())?;
            Some((&text[array.start..array.end], array.is_only))
        };
        assert_eq!(
            inside(r#"{"a":[{"b":[{}]},{}],"c":1}"#),
            Some((r#"{"b":[{}]},{}"#, true))
        );
        assert_eq!(
            inside(r#"{"a":[1],"c":[ {"]":"]"} ]}"#),
            Some((r#" {"]":"]"} "#, true))
        );
        assert_eq!(inside(r#"{"a":[{}],"c":[{}]}"#), Some(("{}", false)));
        assert_eq!(inside(r#"{"a":[{},{"#), Some(("{},{", true)));
        assert_eq!(inside(r#"{"a":{"b":[{}]}}"#), None);
        assert_eq!(inside(r#"{"a":[[{}]],"b":["{"]}"#), None);
        assert_eq!(inside(r#"{"[{":1}"#), None);
    }
}

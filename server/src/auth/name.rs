//! Names that others are shown: of people, tokens and tenants. Not whether somebody else has one.

/// The longest, in characters.
const MAX: usize = 100;

/// What is wrong with one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected 1 to {MAX} printable characters")]
pub struct InvalidName;

/// Reads one, without what is blank around it.
///
/// # Errors
/// If it is empty, too long, or cannot be printed.
pub fn read_name(text: &str) -> Result<&str, InvalidName> {
    let name = text.trim();
    let is_shown =
        !name.is_empty() && name.chars().count() <= MAX && !name.contains(char::is_control);
    is_shown.then_some(name).ok_or(InvalidName)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_can_be_shown() {
        assert_eq!(read_name(" Ada Lovelace "), Ok("Ada Lovelace"));
        let long = "ü".repeat(MAX);
        assert_eq!(read_name(&long), Ok(&*long));
        for bad in ["", "  ", "a\u{1b}[31m", "a\nb", &format!("{long}x")] {
            assert_eq!(read_name(bad), Err(InvalidName), "{bad}");
        }
    }
}

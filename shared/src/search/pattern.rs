//! Texts in a search: `*` stands for anything, `?` for any one character, and `\` makes the
//! next one ordinary. Case does not matter.

use std::fmt;

/// A text to compare with, as the search names it.
#[derive(Debug, Clone, Eq)]
pub struct Pattern {
    signs: Vec<Sign>,
}

/// A character of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// An ordinary one.
    Char(char),
    /// `?`.
    One,
    /// `*`.
    Any,
}

impl Sign {
    /// What a character says that no `\` stands before.
    pub(super) const fn bare(character: char) -> Self {
        match character {
            '*' => Self::Any,
            '?' => Self::One,
            other => Self::Char(other),
        }
    }
}

impl Pattern {
    pub(super) fn new(signs: Vec<Sign>) -> Self {
        Self { signs }
    }

    /// Exactly this text.
    #[must_use]
    pub fn literal(text: &str) -> Self {
        Self::new(text.chars().map(Sign::Char).collect())
    }

    /// Any text with this in it.
    #[must_use]
    pub fn part(text: &str) -> Self {
        let mut pattern = Self::literal(text);
        pattern.signs.insert(0, Sign::Any);
        pattern.signs.push(Sign::Any);
        pattern
    }

    /// The text it is, if it has no wildcards.
    #[must_use]
    pub fn as_literal(&self) -> Option<String> {
        let ordinary = self.signs.iter().map(|sign| match sign {
            Sign::Char(character) => Some(*character),
            Sign::One | Sign::Any => None,
        });
        ordinary.collect()
    }

    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.signs.is_empty()
    }

    /// Whether it begins with this character.
    #[must_use]
    pub fn begins_with(&self, character: char) -> bool {
        self.signs.first() == Some(&Sign::Char(character))
    }

    /// This pattern in capitals.
    pub(super) fn to_uppercase(&self) -> Self {
        let upper = self.signs.iter().map(|sign| match sign {
            Sign::Char(character) => Sign::Char(character.to_ascii_uppercase()),
            wildcard => *wildcard,
        });
        Self::new(upper.collect())
    }

    /// What compares texts with it: whole ones, or any part of them.
    #[must_use]
    pub fn to_matcher(&self, part: bool) -> Matcher {
        let mut pieces = vec![Vec::new()];
        for sign in &self.signs {
            match sign {
                Sign::Any => pieces.push(Vec::new()),
                Sign::One => last(&mut pieces).push(None),
                Sign::Char(character) => {
                    last(&mut pieces).extend(character.to_lowercase().map(Some));
                }
            }
        }
        if part {
            pieces.insert(0, Vec::new());
            pieces.push(Vec::new());
        }
        Matcher {
            pieces: pieces.into_iter().map(Piece::new).collect(),
        }
    }

    /// Writes it as one value of a search, in quotes where it must be.
    pub(super) fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = |sign: &Sign| match sign {
            Sign::Char(c) => !c.is_whitespace() && !matches!(c, '\'' | '"' | '\\' | '*' | '?'),
            Sign::One | Sign::Any => true,
        };
        if !self.is_empty() && self.signs.iter().all(plain) {
            return fmt::Display::fmt(self, f);
        }
        write!(f, "'{self}'")
    }
}

fn last<T>(pieces: &mut [Vec<T>]) -> &mut Vec<T> {
    pieces.last_mut().expect("there is a first piece")
}

/// Two patterns are equal that take the same texts.
impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        let folded = |pattern: &Self| {
            let signs = pattern.signs.iter().map(|sign| match sign {
                Sign::Char(character) => Err(character.to_lowercase()),
                wildcard => Ok(*wildcard),
            });
            let mut all = Vec::new();
            for sign in signs {
                match sign {
                    Ok(wildcard) => all.push(wildcard),
                    Err(lower) => all.extend(lower.map(Sign::Char)),
                }
            }
            all
        };
        folded(self) == folded(other)
    }
}

/// With `\` before what would otherwise mean something, quotes included.
impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for sign in &self.signs {
            match sign {
                Sign::Any => f.write_str("*")?,
                Sign::One => f.write_str("?")?,
                Sign::Char(c) if matches!(c, '*' | '?' | '\\' | '\'') => write!(f, "\\{c}")?,
                Sign::Char(c) => write!(f, "{c}")?,
            }
        }
        Ok(())
    }
}

/// A text as [`Matcher::matches`] takes it: lower case, character by character.
#[must_use]
pub fn fold_case(text: &str) -> String {
    text.chars().flat_map(char::to_lowercase).collect()
}

/// A pattern made ready to be compared with many texts.
#[derive(Debug, Clone)]
pub struct Matcher {
    /// What stands between the `*`; one piece if there are none. The first must stand at the
    /// beginning, the last at the end, the others anywhere between, in order.
    pieces: Vec<Piece>,
}

#[derive(Debug, Clone)]
enum Piece {
    Text(String),
    /// With `?`, which is `None`.
    Mixed(Vec<Option<char>>),
}

impl Matcher {
    /// Whether `text`, which [`fold_case`] made, is one of those asked for.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let (first, rest) = self.pieces.split_first().expect("there is a first piece");
        let Some(mut rest_of_text) = first.strip_from(text) else {
            return false;
        };
        let Some((last, middle)) = rest.split_last() else {
            return rest_of_text.is_empty();
        };
        for piece in middle {
            let Some(after) = piece.skip_to(rest_of_text) else {
                return false;
            };
            rest_of_text = after;
        }
        last.ends(rest_of_text)
    }

    /// The only text it takes, if it takes only one.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }
}

impl Piece {
    fn new(characters: Vec<Option<char>>) -> Self {
        match characters.iter().copied().collect::<Option<String>>() {
            Some(text) => Self::Text(text),
            None => Self::Mixed(characters),
        }
    }

    /// What follows in `text` if it begins with this piece.
    fn strip_from<'t>(&self, text: &'t str) -> Option<&'t str> {
        match self {
            Self::Text(piece) => text.strip_prefix(piece.as_str()),
            Self::Mixed(characters) => {
                let mut rest = text.chars();
                let same = characters.iter().all(|expected| {
                    let next = rest.next();
                    next.is_some() && expected.is_none_or(|expected| next == Some(expected))
                });
                same.then_some(rest.as_str())
            }
        }
    }

    /// What follows in `text` after this piece where it first stands.
    fn skip_to<'t>(&self, text: &'t str) -> Option<&'t str> {
        match self {
            Self::Text(piece) => text
                .find(piece.as_str())
                .map(|at| &text[at + piece.len()..]),
            Self::Mixed(_) => text
                .char_indices()
                .find_map(|(at, _)| self.strip_from(&text[at..])),
        }
    }

    fn ends(&self, text: &str) -> bool {
        match self {
            Self::Text(piece) => text.ends_with(piece.as_str()),
            Self::Mixed(characters) => {
                let spare = text.chars().count().checked_sub(characters.len());
                spare.is_some_and(|spare| {
                    let mut rest = text.chars();
                    rest.by_ref().take(spare).for_each(drop);
                    self.strip_from(rest.as_str()).is_some()
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pattern(text: &str) -> Pattern {
        Pattern::new(text.chars().map(Sign::bare).collect())
    }

    #[test]
    fn wildcards_stand_for_what_they_say() {
        let check = |text: &str, inside: &[&str], outside: &[&str]| {
            let matcher = pattern(text).to_matcher(false);
            for text in inside {
                assert!(matcher.matches(&fold_case(text)), "{matcher:?} {text}");
            }
            for text in outside {
                assert!(!matcher.matches(&fold_case(text)), "{matcher:?} {text}");
            }
        };
        check("shop", &["shop", "SHOP"], &["", "shop.example", "eshop"]);
        check("*.shop", &["a.shop", ".shop"], &["shop", "a.shop.b"]);
        check("a*b*c", &["abc", "aXbYc", "abbcc"], &["acb", "ab", "bc"]);
        check("a*a", &["aa", "aba"], &["a"]);
        check("?", &["a", "Ä", "😀"], &["", "ab"]);
        check("??*x?", &["abxy", "abcxxz"], &["abx", "axy"]);
        check("*?b", &["ab", "xxäb"], &["b"]);
        check("*", &["", "anything"], &[]);
        check("ÄÖ*", &["äö", "ÄÖü"], &["ao"]);
    }

    #[test]
    fn a_part_is_found_wherever_it_stands() {
        let part = pattern("sql?ap").to_matcher(true);
        assert!(part.matches("mozilla sqlmap/1.5"));
        assert!(!part.matches("sqlap"));
    }

    /// The same by trying every way.
    fn naive(signs: &[Sign], text: &[char]) -> bool {
        match (signs.split_first(), text.split_first()) {
            (None, None) => true,
            (None, Some(_)) => false,
            (Some((Sign::Any, rest)), Some((_, after))) => naive(rest, text) || naive(signs, after),
            (Some((Sign::Any, rest)), None) => naive(rest, text),
            (Some((Sign::One, rest)), Some((_, after))) => naive(rest, after),
            (Some((Sign::Char(c), rest)), Some((d, after))) => c == d && naive(rest, after),
            (Some(_), None) => false,
        }
    }

    proptest! {
        #[test]
        fn a_matcher_agrees_with_trying_every_way(text in "[abä]{0,8}", of in "[abä*?]{0,6}") {
            let pattern = pattern(&of);
            let characters: Vec<char> = text.chars().collect();
            let matches = pattern.to_matcher(false).matches(&text);
            prop_assert_eq!(matches, naive(&pattern.signs, &characters));
        }
    }
}

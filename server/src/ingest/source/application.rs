//! The application that a file's name suggests.

use super::STDIN;

/// What an application is called when nothing says more.
pub const DEFAULT_APPLICATION: &str = "default";

/// The longest name, in characters.
const MAX_CHARS: usize = 64;

/// Endings that say how a file is packed or what it holds, not whose it is.
const ENDINGS: &[&str] = &[
    ".gz", ".zst", ".log", ".json", ".jsonl", ".ndjson", ".txt", ".bak", ".old",
];

/// Words between separators that say it is an access log.
const WORDS: &[&str] = &["access", "accesslog", "log", "logs"];

/// `shop.example.com-access.log.2.gz` → `shop.example.com`. Rotated files of one log get the
/// same name; if nothing is left it is [`DEFAULT_APPLICATION`].
#[must_use]
pub fn application_name(argument: &str) -> String {
    if argument == STDIN {
        return DEFAULT_APPLICATION.to_owned();
    }
    let mut name = argument.rsplit(['/', '\\']).next().unwrap_or(argument);
    while let Some(shorter) = strip_ending(name) {
        name = shorter;
    }
    while let Some(shorter) = name
        .strip_prefix("access")
        .filter(|rest| rest.is_empty() || rest.starts_with(is_separator))
    {
        name = shorter.trim_start_matches(is_separator);
    }
    let name: String = name
        .trim_matches(is_separator)
        .chars()
        .filter(|character| !character.is_control())
        .take(MAX_CHARS)
        .collect();
    if name.is_empty() || WORDS.contains(&name.to_ascii_lowercase().as_str()) {
        DEFAULT_APPLICATION.to_owned()
    } else {
        name
    }
}

/// `name` without one ending that does not belong to the application.
fn strip_ending(name: &str) -> Option<&str> {
    let lower = name.to_ascii_lowercase();
    if let Some(ending) = ENDINGS.iter().find(|ending| lower.ends_with(*ending)) {
        return Some(&name[..name.len() - ending.len()]);
    }
    let at = name.rfind(is_separator)?;
    let (rest, last) = (&name[..at], &lower[at + 1..]);
    if WORDS.contains(&last) || last.is_empty() {
        return Some(rest);
    }
    let is_rotation = lower.as_bytes()[at] == b'.' && last.len() <= 3 && is_digits(last);
    if is_rotation || is_date(last) {
        return Some(rest);
    }
    strip_dashed_date(name)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `20151231`, with or without an hour, or seconds since 1970.
fn is_date(text: &str) -> bool {
    matches!(text.len(), 8 | 10 | 12 | 14) && is_digits(text)
}

/// `x-2015-12-31` → `x`.
fn strip_dashed_date(name: &str) -> Option<&str> {
    let at = name.len().checked_sub(11)?;
    let (rest, date) = (name.get(..at)?, name.get(at..)?);
    let is_dashed = date.bytes().enumerate().all(|(index, byte)| match index {
        0 => is_separator(char::from(byte)),
        5 | 8 => matches!(byte, b'-' | b'_' | b'.'),
        _ => byte.is_ascii_digit(),
    });
    is_dashed.then_some(rest)
}

fn is_separator(character: char) -> bool {
    matches!(character, '.' | '-' | '_' | ' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(argument: &str, expected: &str) {
        assert_eq!(application_name(argument), expected, "{argument}");
    }

    #[test]
    fn rotated_files_of_one_log_have_one_name() {
        for argument in [
            "access.log",
            "access.log.1",
            "/var/log/nginx/access.log.12.gz",
            "access_log",
            "access_log.1.zst",
            "access-20151231.log",
            "access.log-20151231.gz",
            "access_log_2015-12-31",
            "access.json.log.gz",
            "-",
            "log",
            ".log",
        ] {
            check(argument, "default");
        }
        for argument in [
            "shop.example.com-access.log",
            "shop.example.com.access.log.3.gz",
            "shop.example.com_access_log-20151231",
            "logs/shop.example.com.log",
            "access-shop.example.com.log",
            "shop.example.com-2015-12-31.log",
        ] {
            check(argument, "shop.example.com");
        }
    }

    #[test]
    fn a_year_belongs_to_the_name() {
        check("blog-2015.log.gz", "blog-2015");
        check("/data/wordpress-2016.log.gz", "wordpress-2016");
        check("rentals-2005-2018.log.gz", "rentals-2005-2018");
    }

    #[test]
    fn any_name_is_survived() {
        check("../..", "default");
        check("a\u{1b}[31m.log", "a[31m");
        check("été-access.log", "été");
        check(&"x".repeat(300), &"x".repeat(64));
        check("accessories.log", "accessories");
    }
}

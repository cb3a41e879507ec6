//! What completes a search: which word the caret stands in, what could stand there, and the
//! text with it. Pure. Values that the store holds come from elsewhere.

use shared::search::{Key, List};
use shared::{AttackStatus, BotType, SearchValue};

use crate::format::{count, lower};

/// The word that is being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// Where it begins, in characters.
    start: usize,
    /// Where it ends.
    end: usize,
    /// Whether `!` stands before it.
    negated: bool,
    /// What it is, up to the caret.
    pub(super) written: Written,
}

/// What was written so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Written {
    /// The beginning of a word or of a key.
    Word(String),
    /// The beginning of a value, without its quote.
    Value(Key, String),
}

/// What could stand in a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Suggestion {
    /// As it is written in the search.
    pub(super) text: String,
    /// What it means, or how many rows have it.
    pub(super) note: String,
    /// Whether a value comes after it.
    pub(super) goes_on: bool,
}

/// Periods that are words of the language.
const PERIODS: [&str; 6] = [
    "today",
    "yesterday",
    "last 24 hours",
    "last 7 days",
    "last 30 days",
    "this month",
];

/// Whether the store can be asked for the values of a key.
pub(crate) const fn has_values(key: Key) -> bool {
    !matches!(
        key,
        Key::Excepted
            | Key::Ongoing
            | Key::AddressCount
            | Key::Hits
            | Key::Confidence
            | Key::Session
            | Key::Attack
            | Key::Campaign
            | Key::Request
    )
}

/// What the keys take, in a few words.
const fn meaning(key: Key) -> &'static str {
    match key {
        Key::Address => "192.0.2.7, a range, 192.0.2., 10.0.0.0/8, 100+",
        Key::Country => "two letters",
        Key::Source => "tor, vpn, proxy, a datacenter",
        Key::StatusCode => "404, 5xx, 400-499, 500+",
        Key::Method => "GET, POST",
        Key::Hits => "of the attack: >100",
        Key::Confidence => "in percent: >80",
        Key::Domain => "a host; * and ? are wildcards",
        Key::Url => "a path or URL template",
        Key::Application => "its name",
        Key::UserAgent => "a part of the user agent",
        Key::Detector => "that voted",
        Key::User => "who is signed in",
        Key::Role => "of who is signed in",
        Key::Session | Key::Attack | Key::Request => "its identifier",
        Key::Campaign => "its identifier, or * for any",
        Key::Verified => "how far a crawler was checked",
        Key::Outcome => "what the bot got",
        Key::Excepted => "also attacks on the exception list",
        Key::Ongoing => "attacks that are not over",
        Key::Bot => "part of an attack",
        Key::Type | Key::Status | Key::AddressCount => "",
    }
}

/// What to offer for the value of a key whose values the store cannot list.
const fn examples(key: Key) -> &'static [&'static str] {
    match key {
        Key::Hits => &[">100", ">1000"],
        Key::Confidence => &[">80", ">60"],
        Key::Campaign => &["*"],
        Key::StatusCode => &["4xx", "5xx"],
        _ => &[],
    }
}

/// The word of `text` that the caret, counted in characters, stands in or right behind.
pub(super) fn place(list: List, text: &str, caret: usize) -> Place {
    let characters: Vec<char> = text.chars().collect();
    let caret = caret.min(characters.len());
    let (start, end) = bounds(&characters, caret);
    let written: String = characters[start..caret].iter().collect();
    let (negated, written) = match written.strip_prefix('!') {
        Some(rest) => (true, rest),
        None => (false, written.as_str()),
    };
    Place {
        start,
        end,
        negated,
        written: read(list, written),
    }
}

/// The ends of the word at the caret. A space inside quotes is part of a word.
fn bounds(characters: &[char], caret: usize) -> (usize, usize) {
    let mut start = 0;
    let mut quote = None;
    let mut at = 0;
    while at < characters.len() {
        let character = characters[at];
        match quote {
            Some(open) if character == open => quote = None,
            Some(_) => {}
            None if character.is_whitespace() => {
                if at >= caret {
                    return (start, at);
                }
                start = at + 1;
            }
            None if matches!(character, '\'' | '"') && at > start && characters[at - 1] == ':' => {
                quote = Some(character);
            }
            None => {}
        }
        at += if character == '\\' { 2 } else { 1 };
    }
    (start.min(caret), characters.len())
}

fn read(list: List, written: &str) -> Written {
    let looks_like_address = written.contains('.')
        && written
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.');
    if written.starts_with('/') {
        return Written::Value(Key::Url, written.to_owned());
    }
    if looks_like_address {
        return Written::Value(Key::Address, written.to_owned());
    }
    let value = written.split_once(':').and_then(|(name, value)| {
        let key = key_named(list, name)?;
        Some(Written::Value(
            key,
            value.trim_matches(['\'', '"']).to_owned(),
        ))
    });
    value.unwrap_or_else(|| Written::Word(written.to_owned()))
}

fn key_named(list: List, name: &str) -> Option<Key> {
    if name.eq_ignore_ascii_case("host") {
        return Some(Key::Domain);
    }
    name.parse().ok().filter(|key| is_written(*key, list))
}

/// Whether a key stands in a search of `list`, with a colon behind it.
fn is_written(key: Key, list: List) -> bool {
    key.is_of(list) && !key.is_word() && key != Key::AddressCount
}

/// The words and keys that fit what was written: first those that begin so, then those that
/// have it anywhere, in the name or in what people read.
pub(super) fn words(list: List, written: &str) -> Vec<Suggestion> {
    let written = lower(written);
    let (mut first, mut further) = (Vec::new(), Vec::new());
    let mut offer = |text: String, label: &str, meaning: &str| {
        let at = text.find(&written);
        let is_meant = || lower(label).contains(&written);
        if at.is_none() && !is_meant() {
            return;
        }
        let note = match (label, meaning) {
            ("", note) | (note, "") => note.to_owned(),
            (label, meaning) => format!("{label}: {meaning}"),
        };
        let goes_on = text.ends_with(':');
        let fitting = if at == Some(0) {
            &mut first
        } else {
            &mut further
        };
        fitting.push(Suggestion {
            text,
            note,
            goes_on,
        });
    };
    for bot_type in BotType::ALL {
        offer(bot_type.to_string(), bot_type.label(), "attack type");
    }
    for key in Key::ALL {
        if is_written(*key, list) {
            offer(format!("{key}:"), key.label(), meaning(*key));
        }
    }
    for status in AttackStatus::ALL {
        offer(status.to_string(), status.label(), "status");
    }
    for key in Key::ALL {
        if key.is_of(list) && key.is_word() && !matches!(key, Key::Type | Key::Status) {
            offer(key.to_string(), key.label(), meaning(*key));
        }
    }
    for period in PERIODS {
        offer(period.to_owned(), "", "period");
    }
    first.append(&mut further);
    first
}

/// The values that fit what was written. `found` may be the answer to a shorter beginning.
pub(super) fn values(key: Key, written: &str, found: &[SearchValue]) -> Vec<Suggestion> {
    let written = lower(written);
    let examples = examples(key)
        .iter()
        .filter(|value| value.contains(&written));
    let examples = examples.map(|value| Suggestion {
        text: format!("{key}:{value}"),
        note: "for example".to_owned(),
        goes_on: false,
    });
    let found = found
        .iter()
        .filter(|value| lower(&value.value).contains(&written))
        .map(|value| Suggestion {
            text: value.term.clone(),
            note: count(value.count),
            goes_on: false,
        });
    found.chain(examples).collect()
}

impl Place {
    /// Whether the suggestion is what already stands here.
    pub(super) fn holds(&self, text: &str, suggestion: &Suggestion) -> bool {
        self.in_text(text) == self.whole(suggestion)
    }

    /// The search without the word that is being written.
    pub(super) fn without(&self, text: &str) -> String {
        let characters = text.chars().enumerate();
        characters
            .filter(|(at, _)| *at < self.start || *at >= self.end)
            .map(|(_, character)| character)
            .collect()
    }

    /// The search with the suggestion in this place, and where the caret stands then.
    pub(super) fn apply(&self, text: &str, suggestion: &Suggestion) -> (String, usize) {
        let mut result: String = text.chars().take(self.start).collect();
        result.push_str(&self.whole(suggestion));
        let mut rest = text.chars().skip(self.end).peekable();
        if !suggestion.goes_on && rest.peek().is_none() {
            result.push(' ');
        }
        let mut caret = result.chars().count();
        result.extend(rest);
        if !suggestion.goes_on && caret < result.chars().count() {
            // Behind the space that was there already.
            caret += 1;
        }
        (result, caret)
    }

    /// Whether nothing was written yet.
    pub(super) fn is_empty(&self) -> bool {
        self.start == self.end
    }

    fn in_text(&self, text: &str) -> String {
        text.chars()
            .skip(self.start)
            .take(self.end - self.start)
            .collect()
    }

    fn whole(&self, suggestion: &Suggestion) -> String {
        let sign = if self.negated { "!" } else { "" };
        format!("{sign}{}", suggestion.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Place {
        let caret = text.chars().position(|it| it == '|').unwrap();
        place(List::Attacks, &text.replacen('|', "", 1), caret)
    }

    fn word(text: &str) -> Written {
        Written::Word(text.to_owned())
    }

    fn value(key: Key, text: &str) -> Written {
        Written::Value(key, text.to_owned())
    }

    #[test]
    fn the_word_at_the_caret_is_what_is_written() {
        for (text, expected) in [
            ("|", word("")),
            ("scr|", word("scr")),
            ("last week scr|aping ip:", word("scr")),
            ("scraping |", word("")),
            ("!sec|", word("sec")),
            ("domain:sh|", value(Key::Domain, "sh")),
            ("!host:sh|", value(Key::Domain, "sh")),
            ("app:'my sh|", value(Key::Application, "my sh")),
            ("app:'my shop' ip:|", value(Key::Address, "")),
            ("/wp-|", value(Key::Url, "/wp-")),
            ("203.0.|", value(Key::Address, "203.0.")),
            ("2026-11|", word("2026-11")),
            ("user:an|", word("user:an")),
            ("ü ip:1|", value(Key::Address, "1")),
        ] {
            assert_eq!(at(text).written, expected, "{text}");
        }
    }

    fn texts(suggestions: &[Suggestion]) -> Vec<&str> {
        suggestions.iter().map(|it| it.text.as_str()).collect()
    }

    #[test]
    fn words_that_begin_as_written_come_first() {
        assert_eq!(
            texts(&words(List::Attacks, "s"))[..3],
            ["scraping", "security_crawlers", "source:"]
        );
        assert_eq!(texts(&words(List::Attacks, "suspicious")), ["api_abuse"]);
        assert_eq!(texts(&words(List::Attacks, "month")), ["this month"]);
        assert!(words(List::Attacks, "zz").is_empty());
    }

    #[test]
    fn keys_of_the_other_list_are_not_offered() {
        assert!(!texts(&words(List::Attacks, "")).contains(&"user:"));
        assert!(texts(&words(List::Sessions, "")).contains(&"user:"));
        assert!(!texts(&words(List::Attacks, "")).contains(&"ip_count:"));
    }

    #[test]
    fn a_suggestion_takes_the_place_of_the_word() {
        let with = |text: &str, suggestion: &str, goes_on| {
            let plain = text.replacen('|', "", 1);
            at(text).apply(
                &plain,
                &Suggestion {
                    text: suggestion.to_owned(),
                    note: String::new(),
                    goes_on,
                },
            )
        };
        let check = |(text, caret): (String, usize), expected: &str| {
            let mut characters: Vec<char> = text.chars().collect();
            characters.insert(caret, '|');
            assert_eq!(characters.into_iter().collect::<String>(), expected);
        };
        check(with("scr|", "scraping", false), "scraping |");
        check(with("do|", "domain:", true), "domain:|");
        check(with("!scr| today", "scraping", false), "!scraping |today");
        check(
            with("ü domain:sh|op x", "domain:shop.example", false),
            "ü domain:shop.example |x",
        );
        check(
            with("app:'my s|", "app:'my shop'", false),
            "app:'my shop' |",
        );
    }

    #[test]
    fn the_rest_of_the_search_is_what_values_are_counted_in() {
        assert_eq!(
            at("today domain:s| ip:1.2.3.4").without("today domain:s ip:1.2.3.4"),
            "today  ip:1.2.3.4"
        );
    }
}

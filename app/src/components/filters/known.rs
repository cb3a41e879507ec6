//! Which quick filters a list has, what they are called, and what their values are called.
//! Pure.

use shared::search::{Condition, Key, List, NumberRange};

use crate::format::{country_name, visible};

/// The keys that can be filtered by, in the order they are offered. The date comes before all.
pub(super) const fn filters_of(list: List) -> &'static [Key] {
    match list {
        List::Attacks => &[
            Key::Type,
            Key::Application,
            Key::Address,
            Key::Domain,
            Key::StatusCode,
            Key::Source,
            Key::Country,
            Key::Status,
        ],
        List::Sessions => &[
            Key::Application,
            Key::Domain,
            Key::Address,
            Key::Country,
            Key::Type,
            Key::StatusCode,
            Key::Method,
            Key::User,
            Key::Role,
            Key::Session,
            Key::Bot,
        ],
    }
}

/// What a filter is called.
pub(super) const fn name_of(list: List, key: Key) -> &'static str {
    match (list, key) {
        (List::Sessions, Key::Domain) => "Host",
        (List::Sessions, Key::Type) => "Attack type",
        (List::Sessions, Key::Session) => "Session ID",
        _ => key.label(),
    }
}

/// What people read for a value of a key.
pub(crate) fn text_of(condition: &Condition) -> String {
    match condition {
        Condition::Type(value) => value.label().to_owned(),
        Condition::Status(value) => value.label().to_owned(),
        Condition::Detector(value) => value.label().to_owned(),
        Condition::Verified(value) => value.label().to_owned(),
        Condition::Outcome(value) => value.label().to_owned(),
        Condition::Bot => "Part of an attack".to_owned(),
        Condition::Ongoing | Condition::Excepted => condition.key().label().to_owned(),
        Condition::StatusCode(NumberRange::Between(first, last))
            if first % 100 == 0 && *last == first + 99 =>
        {
            format!("{}xx", first / 100)
        }
        Condition::StatusCode(NumberRange::Exactly(0)) => "none".to_owned(),
        Condition::Text(Key::Country, _) => country_name(&condition.value()),
        other => visible(&other.value()).into_owned(),
    }
}

/// What people read for a value as the store names it.
pub(super) fn text_of_value(key: Key, value: &str) -> String {
    match Condition::of(key, value) {
        Some(condition) => text_of(&condition),
        None => visible(value).into_owned(),
    }
}

/// Why a filter has nothing to choose from, and what would change that.
pub(super) const fn why_empty(list: List, key: Key) -> &'static str {
    match (key, list) {
        (Key::Country, _) => "No country is known for these addresses.",
        (Key::Source, _) => {
            "No source type is known for these addresses. `botscope serve --address-data` names a \
             folder with lists of them."
        }
        (Key::User, _) => "No request in these sessions names a user.",
        (Key::Role, _) => "No role is known for the users of these sessions.",
        (Key::Domain, _) => "The logs of these requests name no host.",
        (_, List::Attacks) => "No attack in this period has one.",
        (_, List::Sessions) => "No session in this period has one.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_filter_is_of_its_list() {
        for list in [List::Attacks, List::Sessions] {
            for key in filters_of(list) {
                assert!(key.is_of(list), "{key}");
            }
        }
    }

    #[test]
    fn values_read_as_people_say_them() {
        for (key, value, expected) in [
            (Key::Type, "account_takeover", "Account takeover"),
            (Key::Status, "blocked", "Blocked"),
            (Key::StatusCode, "400-499", "4xx"),
            (Key::StatusCode, "400-404", "400-404"),
            (Key::StatusCode, "404", "404"),
            (Key::Domain, "shop\u{202e}", "shop⟨U+202E⟩"),
        ] {
            assert_eq!(text_of_value(key, value), expected);
        }
    }
}

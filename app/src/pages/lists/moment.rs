//! The choice of a past moment, in the reader's zone.

use leptos::prelude::*;
use shared::Timestamp;

use crate::format::zone;
use crate::state::address::use_address;
use crate::ui::Field;

/// **As it was at**: writes the moment into the address.
#[component]
pub(super) fn MomentField(
    /// The moment in the address.
    at: Memo<Option<String>>,
) -> impl IntoView {
    let address = use_address();
    let shown = move || {
        let at = at.get().and_then(|text| text.parse().ok());
        at.map_or_else(String::new, |at| to_local(at, zone::minutes_east()))
    };
    view! {
        <Field label="As it was at">
            <input
                class="form-field__input"
                type="datetime-local"
                prop:value=shown
                on:change:target=move |event| {
                    let at = from_local(&event.target().value(), zone::minutes_east());
                    address.set(&[("at", at.map(|at| at.to_string()))]);
                }
            />
        </Field>
    }
}

/// A moment as the field holds it: without a zone, to the minute.
fn to_local(at: Timestamp, minutes_east: i32) -> String {
    let local = at.plus(i64::from(minutes_east) * Timestamp::MINUTE);
    local.to_string().chars().take(16).collect()
}

/// The end of the minute that the field holds, so that what changed in it is seen.
fn from_local(text: &str, minutes_east: i32) -> Option<Timestamp> {
    let minute: String = text.chars().take(16).collect();
    let local: Timestamp = format!("{minute}:00Z").parse().ok()?;
    Some(local.plus((1 - i64::from(minutes_east)) * Timestamp::MINUTE - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_is_seen_to_its_end_in_the_readers_zone() {
        let at = from_local("2026-11-07T09:30", 60).unwrap();
        assert_eq!(at.to_string(), "2026-11-07T08:30:59.999Z");
        assert_eq!(to_local(at, 60), "2026-11-07T09:30");
        assert_eq!(from_local("", 0), None);
    }
}

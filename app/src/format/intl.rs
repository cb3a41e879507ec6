//! The browser's number and date formats. Outside a browser, where only tests run, a plain
//! English form in UTC stands in.

#[cfg(target_arch = "wasm32")]
pub(super) use browser::{moment, number, region};
#[cfg(not(target_arch = "wasm32"))]
pub(super) use plain::{moment, number, region};

/// Which parts of a moment are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Style {
    /// `7 Nov 2026`
    Day,
    /// `7 Nov 2026, 09:00`
    DayAndMinute,
    /// `7 Nov 2026, 09:00:12`
    DayAndSecond,
    /// `7 Nov`
    ShortDay,
    /// `Nov 2026`
    Month,
    /// `09:00`
    Minute,
    /// `09:00:12`
    Second,
    /// `Sat, 7 November 2026, 09:00:12 CET`
    Full,
}

#[cfg(target_arch = "wasm32")]
mod browser {
    use std::cell::RefCell;
    use std::collections::HashMap;

    use js_sys::{Array, Date, Function, Intl, Object, Reflect};
    use wasm_bindgen::JsValue;

    use super::Style;

    thread_local! {
        static NUMBERS: RefCell<HashMap<u8, Function>> = RefCell::default();
        static REGIONS: Intl::DisplayNames =
            Intl::DisplayNames::new(&Array::new(), &options(&[("type", "region".into())]));
        static MOMENTS: RefCell<HashMap<Style, Function>> = RefCell::default();
    }

    /// `value` with at most `decimals` decimals in the reader's locale.
    pub(in crate::format) fn number(value: f64, decimals: u8) -> String {
        NUMBERS.with_borrow_mut(|formats| {
            let format = formats.entry(decimals).or_insert_with(|| {
                let options = options(&[("maximumFractionDigits", decimals.into())]);
                Intl::NumberFormat::new(&Array::new(), &options).format()
            });
            call(format, &value.into())
        })
    }

    /// The moment `ms` after 1970 in the reader's locale and zone.
    pub(in crate::format) fn moment(ms: i64, style: Style) -> String {
        MOMENTS.with_borrow_mut(|formats| {
            let format = formats.entry(style).or_insert_with(|| {
                Intl::DateTimeFormat::new(&Array::new(), &moment_options(style)).format()
            });
            // Moments stay far below 2^53 ms.
            call(format, &Date::new(&(ms as f64).into()))
        })
    }

    /// What the reader's language calls the country of a two-letter code.
    pub(in crate::format) fn region(code: &str) -> String {
        REGIONS.with(|names| names.of(code).map_or_else(|| code.to_owned(), String::from))
    }

    fn moment_options(style: Style) -> Object {
        let day: &[(&str, JsValue)] = &[("day", "numeric".into()), ("month", "short".into())];
        let minute: &[(&str, JsValue)] = &[
            ("hour", "2-digit".into()),
            ("minute", "2-digit".into()),
            ("hourCycle", "h23".into()),
        ];
        let year: &[(&str, JsValue)] = &[("year", "numeric".into())];
        let second: &[(&str, JsValue)] = &[("second", "2-digit".into())];
        let parts = match style {
            Style::Day => [day, year].concat(),
            Style::DayAndMinute => [day, year, minute].concat(),
            Style::DayAndSecond => [day, year, minute, second].concat(),
            Style::ShortDay => day.to_vec(),
            Style::Month => [&day[1..], year].concat(),
            Style::Minute => minute.to_vec(),
            Style::Second => [minute, second].concat(),
            Style::Full => {
                let zone: &[(&str, JsValue)] = &[
                    ("weekday", "short".into()),
                    ("timeZoneName", "short".into()),
                ];
                [day, year, minute, second, zone].concat()
            }
        };
        options(&parts)
    }

    fn options(entries: &[(&str, JsValue)]) -> Object {
        let options = Object::new();
        for (name, value) in entries {
            // Setting a field of a plain object cannot fail.
            let _ = Reflect::set(&options, &(*name).into(), value);
        }
        options
    }

    fn call(format: &Function, value: &JsValue) -> String {
        format
            .call1(&JsValue::UNDEFINED, value)
            .ok()
            .and_then(|text| text.as_string())
            .unwrap_or_default()
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod plain {
    use shared::Timestamp;

    use super::Style;

    /// `value` with at most `decimals` decimals and commas.
    pub(in crate::format) fn number(value: f64, decimals: u8) -> String {
        let text = format!("{value:.*}", usize::from(decimals));
        let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
        let fraction = fraction.trim_end_matches('0');
        let mut grouped = String::new();
        for (index, digit) in whole.chars().enumerate() {
            if index > 0 && (whole.len() - index).is_multiple_of(3) && grouped != "-" {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        if fraction.is_empty() {
            grouped
        } else {
            format!("{grouped}.{fraction}")
        }
    }

    /// The code itself.
    pub(in crate::format) fn region(code: &str) -> String {
        code.to_owned()
    }

    /// The moment `ms` after 1970 in UTC.
    pub(in crate::format) fn moment(ms: i64, style: Style) -> String {
        let text = Timestamp(ms).to_string();
        let range = match style {
            Style::Day => 0..10,
            Style::DayAndMinute => 0..16,
            Style::DayAndSecond => 0..19,
            Style::ShortDay => 5..10,
            Style::Month => 0..7,
            Style::Minute => 11..16,
            Style::Second => 11..19,
            Style::Full => 0..text.len(),
        };
        text.get(range).unwrap_or(&text).to_owned()
    }
}

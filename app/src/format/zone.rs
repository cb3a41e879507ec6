//! The reader's time zone.

/// How many minutes the reader's clock is ahead of UTC now.
pub fn minutes_east() -> i32 {
    #[cfg(target_arch = "wasm32")]
    {
        // Whole minutes within a day of zero.
        -(js_sys::Date::new_0().get_timezone_offset() as i32)
    }
    #[cfg(not(target_arch = "wasm32"))]
    0
}

/// The zone's name, e.g. `Europe/Berlin`; `UTC` where the browser does not tell.
pub fn name() -> String {
    #[cfg(target_arch = "wasm32")]
    {
        let format =
            js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &js_sys::Object::new());
        js_sys::Reflect::get(&format.resolved_options(), &"timeZone".into())
            .ok()
            .and_then(|name| name.as_string())
            .unwrap_or_else(|| "UTC".to_owned())
    }
    #[cfg(not(target_arch = "wasm32"))]
    "UTC".to_owned()
}

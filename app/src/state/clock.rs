//! What time it is for the console: the server's own time, moved on by the browser's clock.

use std::time::Duration;

use leptos::prelude::*;
use shared::Timestamp;

/// How often ages on the screen are brought up to date.
const TICK: Duration = Duration::from_secs(30);

#[derive(Clone, Copy)]
struct Clock {
    now: RwSignal<Timestamp>,
    /// How far the server's clock is ahead of the browser's, in milliseconds.
    ahead: StoredValue<i64>,
}

/// Starts the clock; until the server told its time, the browser's counts.
pub fn provide() {
    let clock = Clock {
        now: RwSignal::new(browser_time()),
        ahead: StoredValue::new(0),
    };
    provide_context(clock);
    // Fails only outside a browser. The clock runs as long as the console.
    let _ = set_interval_with_handle(move || clock.tick(), TICK);
}

/// Now, to half a minute.
pub fn use_now() -> RwSignal<Timestamp> {
    expect_context::<Clock>().now
}

/// A function that takes over the time that the server told.
pub fn use_set_server_time() -> impl Fn(Timestamp) + Copy {
    let clock = expect_context::<Clock>();
    move |server| {
        clock.ahead.set_value(server.since(browser_time()));
        clock.tick();
    }
}

impl Clock {
    fn tick(self) {
        self.now.set(browser_time().plus(self.ahead.get_value()));
    }
}

fn browser_time() -> Timestamp {
    Timestamp(js_sys::Date::now() as i64)
}

//! What goes on while the console is open: follows the server's stream of changes, and tells the
//! pages to ask again. Where there is no stream it asks every few seconds, and tries for one again
//! later and later. Pauses while nobody looks. Knows no page.

mod stream;

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::{Application, ApplicationId, AttackSummary, Changes};

use self::stream::{Heard, Stream, retry_after};
use crate::api;

/// How often is looked after the stream, and how often the server is asked without one.
const EVERY: Duration = Duration::from_secs(4);

/// Pages are told to ask again at most so often.
const REST: Duration = Duration::from_secs(1);

/// A stream that says nothing for so long, not even that it lives, is none, in milliseconds.
const SILENCE_MS: f64 = 40_000.0;

/// The same before it said anything: something on the way keeps it back, perhaps.
const FIRST_SILENCE_MS: f64 = 8_000.0;

/// Failures in a row from which on it is said that nothing comes by itself.
const SAID_FROM: u32 = 2;

/// How the console hears of what happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hearing {
    /// At once, or it is not known otherwise yet.
    Live,
    /// By asking now and then.
    Asking,
    /// Not at all: the server does not answer.
    Nothing,
}

/// What goes on.
#[derive(Clone, Copy)]
pub struct Live {
    /// Counts up whenever something changed.
    pub revision: RwSignal<u64>,
    /// The application with demo traffic, if there is one.
    pub demo: RwSignal<Option<Application>>,
    /// How the console hears of it.
    pub hearing: RwSignal<Hearing>,
    /// The last change known; absent until the server was asked.
    seq: StoredValue<Option<u64>>,
    /// What changed last.
    last: StoredValue<Changes>,
    /// What changed since the pages were told; absent if nothing did. Told after a rest.
    untold: StoredValue<Option<Changes>>,
    is_resting: StoredValue<bool>,
    /// Whether an answer is on the way.
    is_asking: StoredValue<bool>,
    /// Absent while there is no stream.
    stream: StoredValue<Option<Stream>, LocalStorage>,
    /// When the stream was heard of last, and from when on another may be tried, in milliseconds.
    heard_at: StoredValue<f64>,
    retry_at: StoredValue<f64>,
    /// How often in a row there was none, and there was no answer.
    failures: StoredValue<(u32, u32)>,
}

/// Begins to follow; goes on as long as the console.
pub fn provide() {
    let live = Live {
        revision: RwSignal::new(0),
        demo: RwSignal::new(None),
        hearing: RwSignal::new(Hearing::Live),
        seq: StoredValue::new(None),
        last: StoredValue::new(Changes::default()),
        untold: StoredValue::new(None),
        is_resting: StoredValue::new(false),
        is_asking: StoredValue::new(false),
        stream: StoredValue::new_local(None),
        heard_at: StoredValue::new(0.0),
        retry_at: StoredValue::new(0.0),
        failures: StoredValue::new((0, 0)),
    };
    provide_context(live);
    live.look();
    // Fails only outside a browser.
    let _ = set_interval_with_handle(move || live.look(), EVERY);
    // Who comes back sees at once what they missed.
    let _ = window_event_listener_untyped("visibilitychange", move |_| live.look());
}

/// Whether every attack of its application may be another one now.
fn is_of_all(last: &Changes, attack: &AttackSummary) -> bool {
    last.missed || last.judged.contains(&attack.application_id)
}

/// What goes on.
pub fn use_live() -> Live {
    expect_context()
}

/// Whether the page is not scrolled: further down, rows would move under the reader.
pub fn is_at_top() -> bool {
    window().scroll_y().unwrap_or(0.0) < 1.0
}

impl Live {
    /// Whether this application's traffic is made up.
    pub fn is_demo(self, id: ApplicationId) -> bool {
        self.demo
            .with(|demo| demo.as_ref().is_some_and(|demo| demo.id == id))
    }

    /// Takes over what was told of the applications.
    pub fn notice(self, applications: &[Application]) {
        let demo = applications.iter().find(|one| one.demo_seed.is_some());
        let is_same = self.demo.with_untracked(|known| {
            known.as_ref().map(|known| (known.id, known.demo_seed))
                == demo.map(|demo| (demo.id, demo.demo_seed))
        });
        if !is_same {
            self.demo.set(demo.cloned());
        }
    }

    /// Whether what changed last changes what is said of this attack.
    pub fn tells_of(self, attack: &AttackSummary) -> bool {
        self.last.with_value(|last| {
            is_of_all(last, attack) || last.lists || last.attacks.contains(&attack.id)
        })
    }

    /// Whether it changes what is said of the others that this attack is compared with.
    pub fn tells_of_others(self, attack: &AttackSummary) -> bool {
        self.last.with_value(|last| {
            is_of_all(last, attack) || last.applications.contains(&attack.application_id)
        })
    }

    /// Lets the pages ask again now: something was changed here.
    pub fn touch(self) {
        self.tell(Changes {
            missed: true,
            ..Changes::default()
        });
    }

    fn tell(self, changes: Changes) {
        self.last.set_value(changes);
        self.revision.update(|revision| *revision += 1);
    }

    /// Tells the pages at once if they were left alone for a while, else after that.
    fn tell_soon(self, changes: Changes) {
        self.untold.update_value(|untold| match untold {
            Some(untold) => stream::merge(untold, changes),
            None => *untold = Some(changes),
        });
        if !self.is_resting.get_value() {
            self.tell_untold();
        }
    }

    fn tell_untold(self) {
        let untold = self.untold.try_update_value(Option::take).flatten();
        self.is_resting.set_value(untold.is_some());
        let Some(changes) = untold else {
            return;
        };
        self.tell(changes);
        set_timeout(move || self.tell_untold(), REST);
    }

    /// Looks after the stream: now and then, and when somebody comes or goes.
    fn look(self) {
        if document().hidden() {
            // A browser has few connections to a server, and nobody looks.
            self.stream.set_value(None);
            return;
        }
        let now = js_sys::Date::now();
        let silent_for = now - self.heard_at.get_value();
        let is_open = self.stream.with_value(Option::is_some);
        let patience = match self.seq.get_value() {
            Some(_) => SILENCE_MS,
            None => FIRST_SILENCE_MS,
        };
        if is_open && silent_for > patience {
            self.lose();
        } else if !is_open && now >= self.retry_at.get_value() {
            self.open();
        }
        if self.stream.with_value(Option::is_none) || self.failures.get_value().0 > 0 {
            self.ask();
        }
    }

    fn open(self) {
        self.heard_at.set_value(js_sys::Date::now());
        let address = api::changes_stream(self.seq.get_value());
        let stream = Stream::open(&address, move |heard| match heard {
            Heard::Changes(changes) => {
                self.hear();
                self.learn(changes);
            }
            Heard::Beat => self.hear(),
            Heard::End => {
                self.lose();
                self.ask();
            }
        });
        self.stream.set_value(stream);
    }

    fn hear(self) {
        self.heard_at.set_value(js_sys::Date::now());
        self.failures.set_value((0, 0));
        self.say();
    }

    /// There is no stream any more; another is tried later.
    fn lose(self) {
        self.stream.set_value(None);
        self.failures.update_value(|(lost, _)| *lost += 1);
        let (lost, _) = self.failures.get_value();
        let wait = retry_after(lost, js_sys::Math::random());
        self.retry_at.set_value(js_sys::Date::now() + wait);
        self.say();
    }

    fn say(self) {
        let hearing = match self.failures.get_value() {
            (_, SAID_FROM..) => Hearing::Nothing,
            (SAID_FROM.., _) => Hearing::Asking,
            _ => Hearing::Live,
        };
        if self.hearing.get_untracked() != hearing {
            self.hearing.set(hearing);
        }
    }

    fn ask(self) {
        if self.is_asking.get_value() || document().hidden() {
            return;
        }
        self.is_asking.set_value(true);
        spawn_local(async move {
            match api::changes(self.seq.get_value()).await {
                Ok(changes) => {
                    self.failures
                        .update_value(|(_, unanswered)| *unanswered = 0);
                    self.learn(changes);
                }
                Err(_) => self
                    .failures
                    .update_value(|(_, unanswered)| *unanswered += 1),
            }
            self.say();
            self.is_asking.set_value(false);
        });
    }

    /// Takes over what the server said, however it did.
    fn learn(self, changes: Changes) {
        let known = self.seq.get_value();
        self.seq.set_value(Some(changes.seq));
        match known {
            // Pages that need the overview ask for it themselves; others need this.
            None => spawn_local(async move {
                if let Ok(overview) = api::overview().await {
                    self.notice(&overview.applications);
                }
            }),
            Some(known) if known != changes.seq => self.tell_soon(changes),
            Some(_) => {}
        }
    }
}

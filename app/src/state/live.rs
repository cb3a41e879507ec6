//! What goes on while the console is open: asks every few seconds whether anything changed, and
//! tells the pages to ask again. Pauses while nobody looks. Knows no page.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::{Application, ApplicationId, AttackSummary, Changes};

use crate::api;

/// How often the server is asked whether anything changed.
const EVERY: Duration = Duration::from_secs(4);

/// What goes on.
#[derive(Clone, Copy)]
pub struct Live {
    /// Counts up whenever something changed.
    pub revision: RwSignal<u64>,
    /// The application with demo traffic, if there is one.
    pub demo: RwSignal<Option<Application>>,
    /// The last change known; absent until the server was asked.
    seq: StoredValue<Option<u64>>,
    /// What changed last.
    last: StoredValue<Changes>,
    /// Whether an answer is on the way.
    is_asking: StoredValue<bool>,
}

/// Begins to ask; goes on as long as the console.
pub fn provide() {
    let live = Live {
        revision: RwSignal::new(0),
        demo: RwSignal::new(None),
        seq: StoredValue::new(None),
        last: StoredValue::new(Changes::default()),
        is_asking: StoredValue::new(false),
    };
    provide_context(live);
    live.ask();
    // Fails only outside a browser.
    let _ = set_interval_with_handle(move || live.ask(), EVERY);
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

    fn ask(self) {
        if self.is_asking.get_value() || document().hidden() {
            return;
        }
        self.is_asking.set_value(true);
        spawn_local(async move {
            // Whether the server is gone, the page says when it is asked for something.
            let known = self.seq.get_value();
            if let Ok(changes) = api::changes(known).await {
                self.seq.set_value(Some(changes.seq));
                match known {
                    // Pages that need the overview ask for it themselves; others need this.
                    None => {
                        if let Ok(overview) = api::overview().await {
                            self.notice(&overview.applications);
                        }
                    }
                    Some(known) if known != changes.seq => self.tell(changes),
                    Some(_) => {}
                }
            }
            self.is_asking.set_value(false);
        });
    }
}

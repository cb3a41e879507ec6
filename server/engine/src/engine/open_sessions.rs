//! Telling the sessions that go on. Those that are over are told when they end: see `lifetime`.

use super::Engine;
use crate::actor::Client;
use crate::effects::ClientKey;
use crate::session::OpenSession;

/// The longest time that an open session which changed is not told.
const LONGEST_UNTOLD_MS: i64 = 10_000;

impl Engine {
    /// Tells the sessions that are still open.
    pub(super) fn tell_open_sessions(&mut self) {
        for key in self.clients.outlined(|of| of.in_session) {
            self.tell_open_session(key);
        }
    }

    /// The same of those that changed since they were told last, unless that was a moment before
    /// `now`: long sessions are told less often, so that many that go on at one time cost little.
    /// No more than `most`, those that began last before others.
    pub(super) fn tell_changed_sessions(&mut self, now: i64, most: usize) {
        self.told_sessions
            .retain(|_, at| now.saturating_sub(*at) < LONGEST_UNTOLD_MS);
        let is_due = |key: &&ClientKey| {
            let told = self.told_sessions.get(*key);
            told.is_none_or(|at| {
                let open = self.clients.look(**key, |client| {
                    let session = client.session.as_ref();
                    session.map_or(0, OpenSession::duration)
                });
                let pause = open.unwrap_or(0) / 4;
                now.saturating_sub(*at) >= pause.min(LONGEST_UNTOLD_MS)
            })
        };
        let changed = self.changed_sessions.iter();
        let mut due: Vec<ClientKey> = changed.filter(is_due).copied().collect();
        if due.len() > most {
            let began = |key: &ClientKey| {
                let began = |client: &Client| client.session.as_ref().map(OpenSession::started_at);
                (std::cmp::Reverse(self.clients.look(*key, began)), *key)
            };
            due.sort_by_cached_key(began);
            due.truncate(most);
        }
        due.sort_unstable();
        for key in due {
            self.changed_sessions.remove(&key);
            self.told_sessions.insert(key, now);
            self.tell_open_session(key);
        }
    }

    fn tell_open_session(&mut self, key: ClientKey) {
        let session = self.clients.look(key, |client| client.session.clone());
        let Some(session) = session.flatten() else {
            return;
        };
        let user = self.users.get(&session.user()).map_or("", |user| user);
        let role = self.roles.get(session.role());
        self.effects
            .sessions
            .push(session.record(key, user, role, false));
    }
}

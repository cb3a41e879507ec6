//! Judging one minute: first what each client did (nothing learned moves meanwhile), then what
//! several clients of one address did together, then what is learned from it, then verdicts.
//! A minute with very many events is judged in parts, so that they need not all be held back.

use shared::{Timestamp, UserAgentClass};

use super::{Engine, MAX_CLIENTS, MINUTE_MS};
use crate::actor::{ADDRESS_CLIENTS, Client, fed};
use crate::driven::seems_driven;
use crate::effects::ClientKey;
use crate::event::Event;
use crate::request::Address;
use crate::session::OpenSession;
use crate::shape::Shape;
use crate::trace::Traces;

/// Events after which a part of a minute ends, between two moments. So parts depend on nothing but
/// the events, however they came.
const PART_EVENTS: usize = 32_768;

/// Room for so many events is kept.
const SPARE_EVENTS: usize = 32_768;
/// The length of a crawler's slice.
const CRAWLER_SLICE_MS: i64 = 6 * Timestamp::HOUR;

/// A client that moved in a part. What may follow is noted while the client is at hand: with very
/// many of them each look at one takes as long as what is done with it. Whatever may follow is
/// looked at again when it does; what may not, cannot before the client moves again.
struct Active {
    key: ClientKey,
    block: Address,
    /// It may show what visits look like.
    may_show: bool,
    /// It is due to be judged.
    is_due: bool,
    /// It may teach though its session goes on.
    may_teach: bool,
}

impl Active {
    fn of(key: ClientKey, client: &Client) -> Self {
        Self {
            key,
            block: client.block,
            may_show: is_new_visit(client) || newly_driven(client).is_some(),
            is_due: client.is_due(),
            may_teach: client.is_well_known(),
        }
    }
}

impl Engine {
    /// Judges everything held back that is older than `end`.
    pub(super) fn judge_before(&mut self, end: i64) {
        let mut due = self.take_due(end);
        for events in due.chunk_by_mut(|a, b| minute_of(a) == minute_of(b)) {
            let begins = minute_of(&events[0]) * MINUTE_MS;
            // Once a minute, whatever parts it is judged in.
            if begins >= self.judged_until {
                self.look_after(begins);
                self.clients.rest(begins);
                self.addresses.rest(begins);
            }
            if events.len() <= PART_EVENTS {
                self.judge_part(events);
                continue;
            }
            events.sort_unstable_by_key(|event| event.at);
            let mut rest = events;
            while !rest.is_empty() {
                let end = part_end(rest).unwrap_or(rest.len());
                let (part, later) = rest.split_at_mut(end);
                part.sort_unstable_by_key(|event| (event.client, event.order()));
                self.judge_part(part);
                rest = later;
            }
        }
    }

    /// Takes what is held back and older than `end`, by minute and client, each client's in order;
    /// the others stay in theirs.
    fn take_due(&mut self, end: i64) -> Vec<Event> {
        let held = &mut self.pending;
        let is_due = |event: &Event| event.at < end || end == i64::MAX;
        // An event is large, and what it is sorted by is not.
        let mut places: Vec<(i64, ClientKey, usize)> = (held.iter().enumerate())
            .filter(|(_, event)| is_due(event))
            .map(|(place, event)| (minute_of(event), event.client, place))
            .collect();
        places.sort_unstable_by(|a, b| {
            let order = |place: usize| held[place].order();
            (a.0, a.1)
                .cmp(&(b.0, b.1))
                .then_with(|| order(a.2).cmp(&order(b.2)))
        });
        let due: Vec<Event> = places
            .iter()
            .map(|(.., place)| held[*place].clone())
            .collect();
        held.retain(|event| !is_due(event));
        // What a flood took is given back.
        if held.capacity() > SPARE_EVENTS.max(4 * (due.len() + held.len())) {
            held.shrink_to(SPARE_EVENTS.max(2 * held.len()));
        }
        due
    }

    /// Until when whole parts of the minute that begins at `begins` can be judged, if nothing older
    /// than `watermark` comes any more. `begins` if none.
    pub(super) fn parts_before(&self, begins: i64, watermark: i64) -> i64 {
        if self.pending.len() <= PART_EVENTS {
            return begins;
        }
        let known = self.pending.iter().filter(|event| event.at < watermark);
        let held = known.map(|event| event.at);
        let mut held: Vec<i64> = held.filter(|at| *at >= begins).collect();
        if held.len() <= PART_EVENTS {
            return begins;
        }
        held.sort_unstable();
        let mut rest = &held[..];
        let mut until = begins;
        while let Some(end) = end_of(rest, |at| *at) {
            until = rest[end - 1] + 1;
            rest = &rest[end..];
        }
        until
    }

    fn judge_part(&mut self, events: &mut [Event]) {
        let mut active: Vec<Active> = Vec::new();
        for events in events.chunk_by_mut(|a, b| a.client == b.client) {
            if self.follow_client(events) {
                let client = events[0].client;
                active.extend(self.clients.get(&client).map(|it| Active::of(client, it)));
            }
        }
        let shared = self.follow_addresses(events, &active);
        self.learn_endpoints(events);
        self.learn_visits(active.iter().filter(|it| it.may_show).map(|it| it.key));
        self.follow_crawlers(events);
        let alike = self.note_likeness(active.iter().map(|it| it.key));
        for client in active.iter().filter(|it| it.is_due) {
            self.judge_client(client.key);
        }
        for block in shared {
            self.judge_address(block);
        }
        for client in &active {
            self.join_address(client.key, client.block);
        }
        for cluster in alike {
            self.judge_cluster(cluster, false);
        }
        self.teach_early(active.iter().filter(|it| it.may_teach).map(|it| it.key));
    }

    /// Counts the events of one client. Returns false if there was no room for it.
    fn follow_client(&mut self, events: &mut [Event]) -> bool {
        let key = events[0].client;
        let full = self.clients.len() >= MAX_CLIENTS;
        if full && !self.clients.contains_key(&key) {
            return false;
        }
        let remembered = Traces::most(self.clients.len());
        let minute = minute_of(&events[0]) * MINUTE_MS;
        let known = self.clients.get(&key);
        // Once a minute, whatever parts it is judged in.
        if known.is_none_or(|client| client.last_at < minute) {
            self.clients.moved(key, minute);
        }
        for event in events {
            event.endpoint = self.directory.resolve(event.endpoint);
            if event.has(Event::ATTEMPT) && self.succeeded(event) {
                event.flags |= Event::SUCCESS;
                let known = self.clients.get(&key);
                if known.is_none_or(|client| client.features.sign_ins.successes == 0) {
                    self.signed_in.add(event.at);
                }
            }
            let client = self.clients.get_or_insert_with(key, || {
                let mut client = Client::new(event);
                // Its address was found to be one actor: it is part of that, if it does the same.
                let class = self.directory.user_agent(event.user_agent).class;
                let same = event.has(Event::AUTHENTICATION | Event::PROBE)
                    || !matches!(class, UserAgentClass::Browser | UserAgentClass::NativeApp);
                let neighbors = self.addresses.get(&client.block).filter(|_| same);
                let back = self.away.remove(&key);
                client.attack = back.or(neighbors.and_then(|neighbors| neighbors.attack));
                let failed = self.memory.recall(client.block, event.at);
                client.features.remember_failed(failed);
                client
            });
            if !event.is_static()
                && let Some(bits) = self.model.surprise(client.last_endpoint, event.endpoint)
            {
                event.surprise = (bits * 1_000.0) as u32;
            }
            let stale = client
                .session
                .as_ref()
                .is_some_and(|open| !open.goes_on(event.at));
            let attack = client.attack;
            if stale {
                self.end_session(key);
            }
            // Not every client of a large actor is let go when its attack closes. (The end of a
            // session begins no attack, and ends none.)
            if attack.is_some_and(|id| !self.is_open(id)) {
                self.let_go(key);
            }
            let client = self.clients.get_mut(&key).expect("inserted above");
            let began = client.session.is_none();
            if self.tells_open_sessions {
                self.changed_sessions.insert(key);
            }
            let session = client
                .session
                .get_or_insert_with(|| OpenSession::begin(event, &self.config.application));
            session.add(event);
            let (session, over_at) = (session.id, session.over_at());
            let trace = client.add(event, session);
            if began && over_at < client.next_check {
                self.client_checks.remove(&(client.next_check, key));
                client.next_check = over_at;
                self.client_checks.insert((over_at, key));
            }
            match client.attack.and_then(|id| self.attacks.get_mut(&id)) {
                Some(attack) => {
                    attack.add(event, &trace);
                    self.touched.insert(attack.id);
                }
                None => {
                    if client.remember(trace, remembered) {
                        self.judge_client(key);
                    }
                }
            }
        }
        true
    }

    /// Whether submitted credentials were likely accepted. A redirect leads in; a page shown
    /// again does not, unless this endpoint is known to reject with a status. (403 is no such
    /// status: it says that somebody is not let in at all.)
    fn succeeded(&self, event: &Event) -> bool {
        match event.status {
            300..=399 => true,
            // Something came to be; a page that is shown again says 200.
            201 | 202 | 204 => true,
            200..=299 => self.directory.rejects(event.endpoint),
            _ => false,
        }
    }

    /// Counts the events of addresses with several clients; returns those addresses. A client
    /// that moves counts where it was first, so that each request counts at one address.
    fn follow_addresses(&mut self, events: &[Event], active: &[Active]) -> Vec<Address> {
        let mut order: Vec<(Address, &Event)> = Vec::with_capacity(events.len());
        // Both are in the order of clients; for some of these there was no room.
        let mut active = active.iter().peekable();
        for events in events.chunk_by(|a, b| a.client == b.client) {
            let client = active.next_if(|client| client.key == events[0].client);
            order.extend(events.iter().map(|event| {
                let block = client.map_or_else(|| event.address.block(), |client| client.block);
                (block, event)
            }));
        }
        order.retain(|(block, _)| block.0 != 0);
        order.sort_unstable_by_key(|(block, event)| (*block, event.order()));
        let mut shared = Vec::new();
        for events in order.chunk_by(|a, b| a.0 == b.0) {
            let (block, first) = events[0];
            if !self.is_shared(block, events) {
                continue;
            }
            let minute = minute_of(first) * MINUTE_MS;
            let known = self.addresses.get(&block);
            if known.is_none_or(|neighbors| neighbors.last_at < minute) {
                self.addresses.moved(block, minute);
            }
            self.look_at_address(block, first.at);
            if self.follow_neighbors(block, events) {
                shared.push(block);
            }
        }
        shared
    }

    /// Whether an address is looked at as a whole: it has several clients. Of a new one the first
    /// is noted, if there is room.
    fn is_shared(&mut self, block: Address, events: &[(Address, &Event)]) -> bool {
        if self.addresses.get(&block).is_some() {
            return true;
        }
        let first = events[0].1.client;
        let known = self.addresses.alone(&block);
        if known.is_none() {
            if self.addresses.len() >= MAX_CLIENTS {
                return false;
            }
            self.addresses.begin(block, first);
        }
        let alone = known.unwrap_or(first);
        events.iter().any(|(_, event)| event.client != alone)
    }

    /// Counts the events of one address. Returns whether several of its clients may be one
    /// program.
    fn follow_neighbors(&mut self, block: Address, events: &[(Address, &Event)]) -> bool {
        let Some(neighbors) = self.addresses.get_mut(&block) else {
            return false;
        };
        let mut present: Vec<ClientKey> = Vec::new();
        for (_, event) in events {
            neighbors.last_at = event.at;
            if event.is_static() {
                neighbors.note_browser(event.user_agent);
            }
            if !present.contains(&event.client) {
                present.push(event.client);
            }
        }
        for client in &present {
            if neighbors.clients.len() < ADDRESS_CLIENTS && !neighbors.clients.contains(client) {
                neighbors.clients.push(*client);
            }
        }
        let neighbors = self.addresses.get(&block).expect("just changed");
        let counts = |key: &ClientKey| {
            let client = self.clients.get(key);
            client.is_some_and(|client| self.counts_among(client, neighbors))
        };
        if neighbors.features.is_none() {
            let clients: Vec<ClientKey> =
                neighbors.clients.iter().copied().filter(counts).collect();
            return clients.len() > 1 && self.measure_together(block, &clients);
        }
        present.retain(counts);
        let first = events[0].1.at;
        let began = present.iter().filter(|key| {
            let client = self.clients.get(key);
            client.is_some_and(|client| client.began_at >= first)
        });
        let began = began.count() as u64;
        let neighbors = self.addresses.get_mut(&block).expect("looked at above");
        neighbors.sessions += began;
        let Some(features) = &mut neighbors.features else {
            return false;
        };
        for (_, event) in events.iter().filter(|(_, it)| present.contains(&it.client)) {
            let added = features.add(event);
            neighbors.fed.add(fed(event, &added));
        }
        true
    }

    /// Begins to measure clients of an address as one.
    fn measure_together(&mut self, block: Address, clients: &[ClientKey]) -> bool {
        let (together, fed) = self.together(clients);
        let Some(neighbors) = self.addresses.get_mut(&block) else {
            return false;
        };
        neighbors.fed.merge(&fed);
        neighbors.sessions = clients.len() as u64;
        neighbors.features = Some(Box::new(together));
        true
    }

    /// Learns what visits of browsers look like, from each once, and which of them a program seems
    /// to drive. Where that shows for the first time that browsers load files, or no more, addresses
    /// are measured anew: others count there.
    fn learn_visits(&mut self, active: impl Iterator<Item = ClientKey>) {
        let had_files = self.shape.has_files();
        for key in active {
            let Some(client) = self.clients.get(&key) else {
                continue;
            };
            let is_new = is_new_visit(client);
            let driven = newly_driven(client);
            if !is_new && driven.is_none() {
                continue;
            }
            let class = self.directory.user_agent(client.user_agent).class;
            if class != UserAgentClass::Browser {
                continue;
            }
            let Some(client) = self.clients.get_mut(&key) else {
                continue;
            };
            if is_new {
                client.shaped = true;
                self.shape.learn(&client.features);
            }
            if let Some(driven) = driven {
                self.driven.learn(client.user_agent, client.driven, driven);
                client.driven = Some(driven);
            }
        }
        if had_files != self.shape.has_files() {
            self.addresses.start_over();
        }
    }

    fn learn_endpoints(&mut self, events: &[Event]) {
        for event in events {
            if event.has(Event::ROBOTS) {
                self.directory.learn_robots(event.user_agent);
            }
            if event.has(Event::ATTEMPT) && matches!(event.status, 400 | 401 | 422) {
                self.directory.learn_rejection(event.endpoint);
            }
            if (200..400).contains(&event.status) && !event.has(Event::PROBE | Event::STATIC) {
                self.directory.learn_success(event.endpoint);
            }
        }
    }

    /// Counts crawlers that name themselves, for the heatmaps' reference bubbles.
    fn follow_crawlers(&mut self, events: &[Event]) {
        let mut order: Vec<&Event> = events
            .iter()
            .filter(|event| {
                !event.is_static() && self.directory.crawler(event.user_agent).is_some()
            })
            .collect();
        order.sort_unstable_by_key(|event| event.order());
        for event in order {
            let Some(name) = self.directory.crawler(event.user_agent) else {
                continue;
            };
            if !self.crawlers.contains_key(name) {
                self.crawlers.insert(name.to_owned(), Default::default());
            }
            let Some((pace, slice)) = self.crawlers.get_mut(name) else {
                continue;
            };
            let stretch = |at: i64| at.div_euclid(CRAWLER_SLICE_MS);
            if slice.requests > 0 && stretch(slice.until.0) != stretch(event.at) {
                let finished = std::mem::take(slice).stored();
                self.effects
                    .crawler_slices
                    .push((name.to_owned(), finished));
            }
            let step = pace.step(event.at, event.resolution_ms);
            slice.add(event, &step);
        }
    }
}

/// Whether the shape of a visit can be learned from and was not.
fn is_new_visit(client: &Client) -> bool {
    !client.shaped && client.attack.is_none() && Shape::is_enough(&client.features)
}

/// Whether a program seems to drive a browser, where that is not what was learned from it.
fn newly_driven(client: &Client) -> Option<bool> {
    let features = &client.features;
    // What loads no files is told by that.
    let driven = (features.static_requests() > 0).then(|| seems_driven(features));
    driven.flatten().filter(|it| client.driven != Some(*it))
}

fn minute_of(event: &Event) -> i64 {
    event.at.div_euclid(MINUTE_MS)
}

/// Where a part of events in the order of time ends; `None` if there are too few for one.
fn part_end(events: &[Event]) -> Option<usize> {
    end_of(events, |event| event.at)
}

fn end_of<T>(events: &[T], at: impl Fn(&T) -> i64) -> Option<usize> {
    let last = at(events.get(PART_EVENTS - 1)?);
    let more = events[PART_EVENTS..].partition_point(|it| at(it) <= last);
    Some(PART_EVENTS + more)
}

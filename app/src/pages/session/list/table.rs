//! The table's state on the screen: which rows exist around the view, where they are, and how one
//! moves among them. The window scrolls, so its scroll bar is the list's. Draws nothing.

use std::ops::Range;
use std::time::Duration;

use leptos::html::Div;
use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::{SessionDay, SessionFacets, Timestamp};
use wasm_bindgen::JsCast;
use web_sys::{Element, FocusOptions, HtmlElement};

use super::extent::{Extent, LEAST_ROW, by_row, place_in};
use super::state::List;
use crate::pages::session::filter::Filter;
use crate::state::remote::Remote;
use crate::state::toast::{Toasts, use_toasts};

/// A view that jumps again within this time is being dragged.
const SETTLED: Duration = Duration::from_millis(80);

/// What the page's header and the table's head cover of the view.
const COVERED: f64 = 96.0;

/// A table and everything that its rows need.
#[derive(Clone, Copy)]
pub(crate) struct Table {
    /// What it shows.
    pub(crate) list: List,
    /// The filter in the address.
    pub(crate) filter: Filter,
    /// The application that the session is of.
    pub(super) application: StoredValue<String>,
    /// Places of the requests that are open.
    pub(super) opened: RwSignal<Vec<usize>>,
    /// The place that the keyboard is at.
    pub(super) active: RwSignal<usize>,
    /// The place that the address leads to.
    pub(super) target: RwSignal<Option<usize>>,
    /// What the filter keeps, and the days.
    pub(super) facets: Remote<SessionFacets>,
    /// The height of a row, and by how much open ones are higher, as measured.
    row: RwSignal<f64>,
    higher: RwSignal<Vec<(usize, f64)>>,
    /// The places of the rows that exist.
    pub(super) existing: RwSignal<Range<usize>>,
    /// Counts jumps of the view.
    jumps: StoredValue<u32>,
    /// Whether the view was scrolled from here, and its rows are there already.
    is_followed: StoredValue<bool>,
    /// What the rows and the room for all others stand in.
    pub(super) track: NodeRef<Div>,
    toasts: Toasts,
}

/// The table of a list.
pub(crate) fn use_table(
    list: List,
    filter: Filter,
    facets: Remote<SessionFacets>,
    application: String,
) -> Table {
    Table {
        list,
        filter,
        application: StoredValue::new(application),
        opened: RwSignal::new(Vec::new()),
        active: RwSignal::new(0),
        target: RwSignal::new(None),
        facets,
        row: RwSignal::new(LEAST_ROW),
        higher: RwSignal::new(Vec::new()),
        existing: RwSignal::new(0..0),
        jumps: StoredValue::new(0),
        is_followed: StoredValue::new(false),
        track: NodeRef::new(),
        toasts: use_toasts(),
    }
}

impl Table {
    /// The place of the request that a slot shows. Reactive.
    pub(super) fn place_in(self, slot: usize) -> usize {
        place_in(slot, &self.existing.read())
    }

    /// The day that begins with this place, where days are joined. Reactive.
    pub(super) fn day_at(self, place: usize) -> Option<SessionDay> {
        let days = self.days();
        days.into_iter().find(|day| day.start as usize == place)
    }

    /// The days that are joined, if several. Reactive.
    fn days(self) -> Vec<SessionDay> {
        let facets = self.facets.value.read();
        let days = facets.as_ref().map(|facets| facets.days.clone());
        let mut days = days.unwrap_or_default();
        if days.len() < 2 {
            days.clear();
        }
        days.retain(|day| day.requests > 0);
        days
    }

    /// Opens a request, or closes it.
    pub(super) fn toggle(self, place: usize) {
        let mut opened = self.opened.write();
        match opened.iter().position(|other| *other == place) {
            Some(index) => {
                opened.swap_remove(index);
            }
            None => opened.push(place),
        }
    }

    /// Where all rows are. Reactive.
    pub(super) fn extent(self) -> Extent {
        let rows = self.list.total.get().unwrap_or(0);
        Extent::new(rows, self.row.get(), self.higher.get())
    }

    /// Scrolls to a request and puts the keyboard there.
    fn go_to(self, place: usize) {
        let extent = untrack(|| self.extent());
        self.active.set(place);
        let view = view_height();
        // The request stands at a third of the view.
        let offset = extent.top_of(place) - (view - COVERED) / 3.0;
        self.scroll_to(offset);
        self.follow();
        self.focus_soon(place);
    }

    /// Goes to the request that is named, or that came at a moment, once it is known where.
    pub(super) fn go_to_found(self, from: (&'static str, String), open: bool) {
        spawn_local(async move {
            match self.list.find((from.0, &from.1)).await {
                Ok(place) => {
                    // The page may be gone meanwhile.
                    let Some(Some(total)) = self.list.total.try_get_untracked() else {
                        return;
                    };
                    if open {
                        self.target.set(Some(place));
                        self.opened.set(vec![place]);
                    }
                    self.go_to(place.min(total.saturating_sub(1)));
                }
                Err(_) => self
                    .toasts
                    .show("That request is not among those that are shown"),
            }
        });
    }

    /// Goes to a request, which the address then names.
    pub(crate) fn go_to_request(self, id: &str) {
        if self.filter.parameter("request").as_deref() == Some(id) {
            self.go_to_found(("request", id.to_owned()), true);
        } else {
            self.filter.go_to(id);
        }
    }

    /// Goes to the first request that came at a moment or later.
    pub(crate) fn go_to_moment(self, at: Timestamp) {
        self.go_to_found(("at", at.to_string()), false);
    }

    /// Scrolls so that `offset` of the list is at the top of what is not covered.
    pub(super) fn scroll_to(self, offset: f64) {
        if let Some(track) = self.track.get_untracked() {
            let top = track.get_bounding_client_rect().top();
            let scrolled = window().scroll_y().unwrap_or(0.0);
            window()
                .scroll_to_with_x_and_y(0.0, (scrolled + top + offset - COVERED / 2.0).max(0.0));
            self.is_followed.set_value(true);
            self.soon(move || self.is_followed.set_value(false));
        }
    }

    /// The rows that are in view now.
    fn in_view(self) -> Option<Range<usize>> {
        let offset = -self.track.get_untracked()?.get_bounding_client_rect().top();
        Some(untrack(|| self.extent()).existing(offset, view_height()))
    }

    /// Lets the rows exist that are in view now.
    pub(super) fn follow(self) {
        let Some(existing) = self.in_view() else {
            return;
        };
        self.jumps.update_value(|jumps| *jumps += 1);
        let before = self.existing.get_untracked();
        if before != existing {
            self.keep_focus(&existing);
            self.existing.set(existing.clone());
            self.list.look_at(existing);
        }
    }

    /// Brings the rows into the order of their places again: those that came stand where those
    /// that went were, at the other end.
    fn arrange(self) {
        let existing = self.existing.get_untracked();
        let Some(track) = self.track.get_untracked() else {
            return;
        };
        let Ok(rows) = track.query_selector_all(".request") else {
            return;
        };
        let slots = existing.len();
        let first = rows.get(0);
        let slot = first
            .as_ref()
            .and_then(|row| row.dyn_ref().and_then(slot_of));
        let Some(slot) = slot.filter(|_| rows.length() as usize == slots) else {
            return;
        };
        let offset = place_in(slot, &existing) - existing.start;
        // Whichever are fewer are moved.
        let (moved, before) = if offset < slots / 2 {
            (slots - offset..slots, first)
        } else {
            let last = rows.get(slots as u32 - 1);
            (0..slots - offset, last.and_then(|last| last.next_sibling()))
        };
        for row in moved.filter_map(|index| rows.get(index as u32)) {
            if let Some(table) = row.parent_node() {
                // Cannot fail: both are in the table.
                let _ = table.insert_before(&row, before.as_ref());
            }
        }
    }

    /// The same after the window was scrolled. Whoever drags the scroll bar jumps from one part
    /// to another with every frame; to make all rows anew each time would take longer than a
    /// frame, so they wait until the view stands still.
    pub(super) fn follow_scroll(self) {
        // To look where rows are would lay them out, before they are in order.
        if self.is_followed.get_value() {
            return;
        }
        let Some(existing) = self.in_view() else {
            return;
        };
        let before = self.existing.get_untracked();
        let is_jump = before.end <= existing.start || existing.end <= before.start;
        if !is_jump {
            return self.follow();
        }
        self.jumps.update_value(|jumps| *jumps += 1);
        let jump = self.jumps.get_value();
        set_timeout(
            move || {
                if self.jumps.try_get_value() == Some(jump) {
                    self.follow();
                }
            },
            SETTLED,
        );
    }

    /// A row that goes leaves the focus to the table, so that the next key still counts.
    fn keep_focus(self, existing: &Range<usize>) {
        let focused = document().active_element();
        let place = focused.and_then(|element| place_in_group(&element, ".request"));
        if place.is_some_and(|place| !existing.contains(&place))
            && let Some(track) = self.track.get_untracked()
        {
            focus(&track);
        }
    }

    /// Runs with the next frame, unless the page was left meanwhile.
    pub(super) fn soon(self, act: impl FnOnce() + 'static) {
        request_animation_frame(move || {
            if self.jumps.try_get_value().is_some() {
                act();
            }
        });
    }

    /// Focuses a row once it exists, where it then stays.
    fn focus_soon(self, place: usize) {
        self.soon(move || {
            self.arrange();
            let selector = format!("#request-{place} .request__toggle");
            let found = document().query_selector(&selector).ok().flatten();
            if let Some(element) = found.and_then(|element| element.dyn_into().ok()) {
                focus(&element);
            }
        });
    }

    /// Moves the keyboard by a key; `false` if the key means nothing here.
    pub(super) fn step(self, key: &str) -> bool {
        let last = match self.list.total.get_untracked() {
            None | Some(0) => return false,
            Some(total) => total - 1,
        };
        let screen = ((view_height() - COVERED) / self.row.get_untracked()) as usize;
        let active = self.active.get_untracked();
        let next = match key {
            "ArrowDown" => active + 1,
            "ArrowUp" => active.saturating_sub(1),
            "PageDown" => active + screen.max(2) - 1,
            "PageUp" => active.saturating_sub(screen.max(2) - 1),
            "Home" => 0,
            "End" => last,
            _ => return false,
        };
        let next = next.min(last);
        self.active.set(next);
        self.show(next);
        true
    }

    /// Scrolls no further than needed to show a row whole, and focuses it.
    fn show(self, place: usize) {
        let Some(track) = self.track.get_untracked() else {
            return;
        };
        let extent = untrack(|| self.extent());
        let seen = COVERED - track.get_bounding_client_rect().top();
        let (top, bottom) = (
            extent.top_of(place),
            extent.top_of(place) + 2.0 * self.row.get_untracked(),
        );
        let view = view_height() - COVERED;
        if top < seen {
            self.scroll_to(top - COVERED / 2.0);
        } else if bottom > seen + view {
            self.scroll_to(bottom - view - COVERED / 2.0);
        }
        self.follow();
        self.focus_soon(place);
    }

    /// Brings the rows that exist into order, and measures those among them that may be of
    /// another height than a row: to measure is to lay out.
    pub(super) fn settle(self) {
        let is_even = untrack(|| self.opened.read().is_empty() && self.days().is_empty());
        if is_even {
            self.arrange();
        } else {
            self.measure();
        }
    }

    /// Brings the rows that exist into order and measures them.
    pub(super) fn measure(self) {
        self.arrange();
        let Some(track) = self.track.get_untracked() else {
            return;
        };
        let height = |selector: &str| {
            let found = track.query_selector(selector).ok().flatten();
            found.map(|element| element.get_bounding_client_rect().height())
        };
        if let Some(row) = height(".table__row").filter(|row| *row > 1.0)
            && (row - self.row.get_untracked()).abs() > 0.1
        {
            self.row.set(row);
        }
        let mut higher = self.higher.get_untracked();
        let opened = self.opened.get_untracked();
        let days = untrack(|| self.days());
        let begins = |place: usize| days.iter().any(|day| day.start as usize == place);
        higher.retain(|(place, _)| opened.contains(place) || begins(*place));
        let places = opened.iter().copied();
        for place in places.chain(days.iter().map(|day| day.start as usize)) {
            if let Some(whole) = height(&format!("#request-{place}")) {
                higher.retain(|(other, _)| *other != place);
                higher.push((place, whole - self.row.get_untracked()));
            }
        }
        let higher = by_row(&higher);
        if self.higher.get_untracked() != higher {
            self.higher.set(higher);
        }
    }
}

/// The place of the request whose row an element stands in, if it stands in one.
pub(super) fn place_of(element: &Element) -> Option<usize> {
    place_in_group(element, ".request > .table__row")
}

fn place_in_group(element: &Element, part: &str) -> Option<usize> {
    let part = element.closest(part).ok()??;
    let request = part.closest(".request").ok()??;
    request.id().strip_prefix("request-")?.parse().ok()
}

fn slot_of(row: &Element) -> Option<usize> {
    row.get_attribute("data-slot")?.parse().ok()
}

fn focus(element: &HtmlElement) {
    let options = FocusOptions::new();
    options.set_prevent_scroll(true);
    // Fails only on an element that left the page.
    let _ = element.focus_with_options(&options);
}

fn view_height() -> f64 {
    let height = window()
        .inner_height()
        .ok()
        .and_then(|height| height.as_f64());
    height.unwrap_or(900.0)
}

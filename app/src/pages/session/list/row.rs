//! One request: a row, its details underneath once it is opened, and a heading above where a
//! day begins. Of fixed height unless open. Rows are used again: the one that leaves the view at
//! one end comes back at the other with another request, so that scrolling makes no elements.

use std::sync::Arc;

use leptos::prelude::*;
use shared::{SessionDay, SessionRequest};

use super::detail::RequestDetail;
use super::table::Table;
use crate::chart::sketch::{Node, drawn, node, path};
use crate::format::{count, count_of, day_and_second, quantity, visible};
use crate::ui::{class_of, glyph_of, live};

/// What a row shows.
#[derive(Clone, PartialEq)]
struct Shown {
    place: usize,
    /// Absent while it is on its way.
    request: Option<Same>,
    is_open: bool,
    /// Whether the keyboard is at it.
    is_active: bool,
    /// Whether the address leads to it.
    is_target: bool,
}

/// A request that equals only itself, so that nothing compares texts.
#[derive(Clone)]
struct Same(Arc<SessionRequest>);

impl PartialEq for Same {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// The body of the table that a slot is.
pub(super) fn request_row(table: Table, slot: usize) -> AnyView {
    let shown = Memo::new(move |_| {
        let place = table.place_in(slot);
        Shown {
            place,
            request: table.list.item(place).map(Same),
            is_open: table.opened.read().contains(&place),
            is_active: table.active.get() == place,
            is_target: table.target.get() == Some(place),
        }
    });
    let opened = Memo::new(move |_| {
        let shown = shown.read();
        shown.request.clone().filter(|_| shown.is_open)
    });
    let day = move || table.day_at(shown.read().place).map(day_heading);
    let detail = move || {
        opened.get().map(|Same(request)| {
            view! {
                <tr>
                    <td class="request__detail" colspan="7">
                        <RequestDetail request=(*request).clone() table />
                    </td>
                </tr>
            }
        })
    };
    view! {
        <tbody
            class=move || class_of_row(&shown.read())
            id=move || ["request-", &shown.read().place.to_string()].concat()
            data-slot=slot.to_string()
        >
            {live(day)}
            {drawn("tr", Box::new(move || row(&shown.read())))}
            {live(detail)}
        </tbody>
    }
    .into_any()
}

fn class_of_row(shown: &Shown) -> String {
    let request = shown.request.as_ref().map(|Same(request)| &**request);
    let mut class = "request".to_owned();
    for (name, holds) in [
        (" request--hit", request.is_some_and(is_hit)),
        (" request--crossed", request.is_some_and(crossed_bar)),
        (" request--open", shown.is_open),
        (" request--target", shown.is_target),
    ] {
        if holds {
            class.push_str(name);
        }
    }
    class
}

/// The row itself. What happens to it the table hears of.
fn row(shown: &Shown) -> Node {
    let mut toggle = node("button", "request__toggle")
        .set("type", "button")
        .set("tabindex", if shown.is_active { "0" } else { "-1" })
        .state("aria-expanded", shown.is_open);
    let (name, cells) = match &shown.request {
        Some(Same(request)) => {
            let at = day_and_second(request.at);
            let moment = node("time", "moment").set("datetime", &request.at.to_string());
            toggle.push(moment.text(&at));
            let (method, path) = (visible(&request.method), visible(&request.path));
            ([&*at, " ", &method, " ", &path].concat(), cells_of(request))
        }
        None => {
            let target = node("td", "request__target").set("colspan", "6");
            let target = target.child(node("span", "skeleton request__skeleton"));
            ("on its way".to_owned(), vec![target])
        }
    };
    let toggle = toggle.set("aria-label", &name);
    node("", "table__row")
        .set("aria-rowindex", &(shown.place + 2).to_string())
        .child(node("td", "request__time").child(toggle))
        .children(cells)
}

fn is_hit(request: &SessionRequest) -> bool {
    !request.attacks.is_empty()
}

fn crossed_bar(request: &SessionRequest) -> bool {
    request.attacks.iter().any(|attack| attack.crossed_bar)
}

fn cells_of(request: &SessionRequest) -> Vec<Node> {
    let query = if request.query.is_empty() { "" } else { "?" };
    let line = [&*request.path, query, &request.query].concat();
    let line = node("span", "clip")
        .set("data-tip-clipped", "")
        .text(&visible(&line));
    let mut target =
        node("span", "attack__target").child(node("span", "attack__path mono").child(line));
    for (words, holds) in [
        ("crossed the bar", crossed_bar(request)),
        ("blocked", request.blocked),
    ] {
        if holds {
            target.push(node("span", "tag").text(words));
        }
    }
    for unusual in &request.unusual {
        target.push(
            node("span", "tag request__unusual")
                .set("data-tip", &unusual.because)
                .text(unusual.reason.label()),
        );
    }
    let code = match request.status {
        0 => "none".to_owned(),
        code => code.to_string(),
    };
    let code = node("span", "response-code")
        .set("data-class", class_of(request.status))
        .text(&code);
    let attack = request.attacks.first().map(|attack| {
        let label = attack.bot_type.label();
        let icon = node("svg", "icon")
            .set("viewBox", "0 0 16 16")
            .set("aria-hidden", "true")
            .child(path("", glyph_of(attack.bot_type).path()));
        let name = node("span", "bot-type__name").set("data-tip-clipped", "");
        node("span", "bot-type").child(icon).child(name.text(label))
    });
    vec![
        node("td", "request__method mono").text(&visible(&request.method)),
        node("td", "request__target").child(target),
        node("td", "request__code").child(code),
        node("td", "request__took table__number").child(known(request.time_ms.map(quantity))),
        node("td", "request__size table__number")
            .set("data-unit", "bytes")
            .child(known(request.bytes.map(count))),
        node("td", "request__attack").children(attack.into_iter().collect()),
    ]
}

fn known(value: Option<String>) -> Node {
    match value {
        Some(value) => node("span", "").text(&value),
        None => node("span", "quiet").text("\u{2013}"),
    }
}

/// The heading above the first request of a joined day.
fn day_heading(day: SessionDay) -> AnyView {
    // Sessions end at midnight in UTC, wherever the reader is.
    let date: String = day.started_at.to_string().chars().take(10).collect();
    view! {
        <tr class="request__day">
            <th colspan="7" scope="rowgroup">
                <span class="request__day-line">
                    {date} " UTC"
                    <span class="quiet">{count_of(day.requests, "request", "requests")}</span>
                    <a href=format!("/sessions/{}", day.session)>"Open this day alone"</a>
                </span>
            </th>
        </tr>
    }
    .into_any()
}

//! The table's view: its head, its rows and the room for all others, and what has it measured,
//! moved and filled. Where rows are and how one moves among them is `table`'s.

use leptos::ev::{FocusEvent, KeyboardEvent, MouseEvent};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

use super::row::request_row;
use super::table::{Table, place_of};
use crate::math::fixed;
use crate::state::effect::effect;
use crate::ui::Each;

/// A pointer that went further than this while it was pressed draws, in pixels.
const DRAWN: i32 = 5;

/// The table of requests.
#[component]
pub(crate) fn RequestTable(
    /// What it shows.
    table: Table,
) -> impl IntoView {
    let Table { list, track, .. } = table;
    let listeners = [
        window_event_listener_untyped("scroll", move |_| table.follow_scroll()),
        window_event_listener_untyped("resize", move |_| {
            table.measure();
            table.follow();
        }),
    ];
    on_cleanup(move || listeners.into_iter().for_each(WindowListenerHandle::remove));
    // A new answer is another list: nothing in it is open, and it is read from its beginning.
    Effect::new(move |before: Option<u32>| {
        let answered = list.answered.get();
        if before.is_some_and(|before| before > 0 && before != answered) {
            table.opened.set(Vec::new());
            table.active.set(0);
            table.target.set(None);
            let is_below = track
                .get_untracked()
                .is_some_and(|track| track.get_bounding_client_rect().top() < 0.0);
            if is_below {
                table.scroll_to(0.0);
                table.follow();
            }
        }
        answered
    });
    effect(move || {
        let answered = list.answered.get();
        let request = table.filter.parameter("request");
        if let Some(request) = request.filter(|_| answered > 0) {
            table.go_to_found(("request", request), true);
        }
    });
    // Whatever changes how high rows are is measured once it is drawn.
    effect(move || {
        table.opened.track();
        table.facets.value.track();
        list.answered.track();
        table.soon(move || table.measure());
    });
    effect(move || {
        table.existing.track();
        table.soon(move || table.settle());
    });
    effect(move || {
        table.extent();
        track.track();
        table.follow();
    });
    let pressed_at = StoredValue::new((0, 0));
    let on_press = move |event: MouseEvent| {
        pressed_at.set_value((event.client_x(), event.client_y()));
    };
    // One listener for all rows: they change too often to have their own.
    let on_click = move |event: MouseEvent| {
        let target = event.target();
        let target = target.as_ref().and_then(|target| target.dyn_ref());
        let place = target.and_then(place_of);
        // Who draws over text, to copy it, opens nothing.
        let (x, y) = pressed_at.get_value();
        let is_still = (event.client_x() - x).abs() + (event.client_y() - y).abs() < DRAWN;
        let is_key = event.detail() == 0;
        if let Some(place) = place.filter(|_| is_still || is_key) {
            table.toggle(place);
        }
    };
    let on_focus = move |event: FocusEvent| {
        let target = event.target();
        let target = target.as_ref().and_then(|target| target.dyn_ref());
        let toggle = target.filter(|target| is_toggle(target));
        if let Some(place) = toggle.and_then(place_of) {
            table.active.set(place);
        }
    };
    let on_key = move |event: KeyboardEvent| {
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<HtmlElement>().ok());
        let is_at = |class| {
            let classes = target.as_ref().map(|target| target.class_list());
            classes.is_some_and(|classes| classes.contains(class))
        };
        let (key, is_at_track) = (event.key(), is_at("requests__track"));
        let is_plain = !event.ctrl_key() && !event.alt_key() && !event.meta_key();
        if !is_plain || !(is_at_track || is_at("request__toggle")) {
            return;
        }
        // Between a jump and its row's coming the table has the focus.
        let is_press = is_at_track && matches!(&*key, "Enter" | " ");
        if is_press {
            table.toggle(table.active.get_untracked());
        }
        if is_press || table.step(&key) {
            event.prevent_default();
        }
    };
    let slots = Memo::new(move |_| table.existing.read().len());
    let rows_of = move || {
        let slots = slots.get();
        (0..slots).map(|slot| (slots, slot)).collect()
    };
    let above = move || table.extent().top_of(table.existing.get().start);
    let below = move || {
        let extent = table.extent();
        extent.height() - extent.top_of(table.existing.get().end)
    };
    let px = |pixels: f64| [&fixed(pixels, 1), "px"].concat();
    let rows = move || list.total.get().map(|total| (total + 1).to_string());
    // While no row that exists has it, Tab must still lead into the list.
    let tabindex = move || {
        let active = table.active.get();
        if table.existing.get().contains(&active) {
            "-1"
        } else {
            "0"
        }
    };
    view! {
        <div
            class="requests__track"
            role="group"
            aria-label="Requests in order; the arrow keys, Page Up and Down, Home and End go from one to another"
            node_ref=track
            tabindex=tabindex
            style=("padding-block-start", move || px(above()))
            style=("padding-block-end", move || px(below().max(0.0)))
            on:keydown=on_key
            on:mousedown=on_press
            on:click=on_click
            on:focusin=on_focus
        >
            <table
                class="table table--stack table--requests"
                aria-label="Requests"
                aria-rowcount=rows
                aria-busy=move || list.is_stale.get().to_string()
            >
                <thead>
                    <tr aria-rowindex="1">
                        <th scope="col">"Time"</th>
                        <th scope="col">"Method"</th>
                        <th scope="col">"Endpoint"</th>
                        <th scope="col">"Code"</th>
                        <th scope="col" class="table__number">
                            "Time, ms"
                        </th>
                        <th scope="col" class="table__number">
                            "Size, bytes"
                        </th>
                        <th scope="col">"Attack"</th>
                    </tr>
                </thead>
                <Each
                    items=rows_of
                    key=|(slots, slot)| format!("{slots} {slot}")
                    children=move |(_, slot)| request_row(table, slot)
                />
            </table>
        </div>
    }
}

fn is_toggle(element: &Element) -> bool {
    element.class_list().contains("request__toggle")
}

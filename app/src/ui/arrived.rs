//! Tells who reads a list how much of it is new, and brings them there.

use leptos::prelude::*;

use super::{Glyph, Icon, focus_soon, live, press};
use crate::format::count_of;
use crate::state::arrived::Arrived;

/// The button above a list while something waits. Stays in view; spoken when it is convenient.
#[component]
pub fn ArrivedButton(
    /// What waits.
    arrived: Arrived,
    /// What one row is, e.g. `new attack`.
    one: &'static str,
    /// What several are.
    many: &'static str,
) -> impl IntoView {
    // Whoever takes it reads on at the newest row.
    let show = move || {
        arrived.show();
        window().scroll_to_with_x_and_y(0.0, 0.0);
        focus_soon(".list .table__link".to_owned());
    };
    let button = move || {
        let count = arrived.count.get();
        let text = match arrived.is_more.get() {
            true => format!("More than {count} {many}"),
            false => count_of(count as u64, one, many),
        };
        (count > 0).then(|| {
            view! {
                <button class="arrived__button" type="button" on:click=press(show)>
                    <Icon glyph=Glyph::Up />
                    {text}
                </button>
            }
        })
    };
    view! {
        <div class="arrived" role="status">
            {live(button)}
        </div>
    }
}

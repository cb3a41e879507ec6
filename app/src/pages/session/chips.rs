//! What the requests are narrowed by, each with the way to let it go.

use leptos::prelude::*;

use super::facets::text_of;
use super::filter::{Chosen, Filter};
use crate::format::visible;
use crate::ui::{Glyph, Icon, Show};

/// A chip for each value that is asked for or ruled out; nothing while there is none.
#[component]
pub(super) fn Chips(
    /// The filter in the address.
    filter: Filter,
) -> impl IntoView {
    let chips = move || {
        let chosen = filter.chosen();
        chosen
            .into_iter()
            .map(|chosen| view! { <Chip chosen filter /> })
            .collect_view()
    };
    view! {
        <Show when=move || !filter.chosen().is_empty()>
            <div class="chips" role="group" aria-label="Filters in use">
                {move || chips()}
                <a class="button button--small button--quiet" data-noscroll href=move || filter.freed()>
                    "Clear the filters"
                </a>
            </div>
        </Show>
    }
}

#[component]
fn Chip(chosen: Chosen, filter: Filter) -> impl IntoView {
    let Chosen {
        facet,
        excluded,
        value,
    } = chosen;
    let text = visible(&text_of(facet, &value)).into_owned();
    let sign = if excluded { "not " } else { "" };
    let name = format!("Remove: {} {sign}{text}", facet.label());
    let target = move || filter.toggled(facet, excluded, &value);
    view! {
        <a class="session-chip" class:session-chip--not=excluded data-noscroll href=target aria-label=name>
            <span class="quiet">{facet.label()} ": " {sign}</span>
            <span class="session-chip__text">{text}</span>
            <Icon glyph=Glyph::Close />
        </a>
    }
}

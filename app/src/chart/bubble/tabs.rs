//! The heatmaps as a whole: tabs, how to read them, picture or table, caption. What is picked
//! stays picked from tab to tab.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use shared::{AttackId, Heatmaps};

use super::figure::Figure;
use super::layout::Views;
use super::model::{Key, Model};
use super::tab::Tab;
use super::table::HeatmapTable;
use super::text;

/// What the reader has chosen. All parts of the heatmaps share it.
#[derive(Clone, Copy)]
pub struct State {
    pub tab: RwSignal<Tab>,
    pub model: Memo<Model>,
    /// The bubble under the pointer or the keyboard's cursor.
    pub cursor: RwSignal<Option<Key>>,
    /// The bubble that was picked and stays so.
    pub pinned: RwSignal<Option<Key>>,
    /// Per tab the part of its axes that is shown; none is the whole.
    zooms: RwSignal<[Option<Views>; 3]>,
    pub on_open: Callback<AttackId>,
}

impl State {
    pub fn zoom(self) -> Option<Views> {
        self.zooms.with(|zooms| zooms[self.tab.get().index()])
    }

    pub fn set_zoom(self, zoom: Option<Views>) {
        let index = self.tab.get_untracked().index();
        self.zooms.update(|zooms| zooms[index] = zoom);
    }

    pub fn set_cursor(self, key: Option<Key>) {
        if self.cursor.with_untracked(|now| *now != key) {
            self.cursor.set(key);
        }
    }

    pub fn toggle_pin(self, key: Key) {
        self.pinned.update(|pinned| {
            *pinned = if pinned.as_ref() == Some(&key) {
                None
            } else {
                Some(key)
            };
        });
    }

    /// Opens the attack behind a bubble. References have none, and *this bot* is open already.
    pub fn open(self, key: &Key) {
        let is_here = self
            .model
            .with_untracked(|model| model.this_bot().is_some_and(|spot| spot.key == *key));
        if let Some(attack) = key.attack().filter(|_| !is_here) {
            self.on_open.run(attack);
        }
    }
}

/// The three bubble heatmaps of an attack.
#[component]
pub fn HeatmapTabs(
    /// The heatmaps; a live attack's may change.
    #[prop(into)]
    heatmaps: Signal<Heatmaps>,
    /// Runs with the attack whose bubble was opened.
    on_open: Callback<AttackId>,
) -> impl IntoView {
    let tab = RwSignal::new(Tab::Performance);
    let model =
        Memo::new(move |_| heatmaps.with(|all| Model::new(tab.get(), tab.get().heatmap(all))));
    let state = State {
        tab,
        model,
        cursor: RwSignal::new(None),
        pinned: RwSignal::new(None),
        zooms: RwSignal::new([None; 3]),
        on_open,
    };
    let as_table = RwSignal::new(false);
    let caption = move || {
        let year = js_sys::Date::new_0().get_full_year() as i32;
        heatmaps.with(|heatmaps| text::caption(heatmaps, year))
    };
    view! {
        <div class="heatmap">
            <TabList tab />
            <div
                class="heatmap__panel"
                id="heatmap-panel"
                role="tabpanel"
                aria-labelledby=move || format!("heatmap-tab-{}", tab.get().slug())
            >
                <Reading state />
                <Show
                    when=move || as_table.get()
                    fallback=move || view! { <Figure state /> }
                >
                    <HeatmapTable state />
                </Show>
            </div>
            <div class="heatmap__foot">
                <p class="heatmap__caption">
                    {caption}
                    <span class="heatmap__live">
                        {move || {
                            if heatmaps.with(|heatmaps| heatmaps.live) {
                                "live until the attack closes"
                            } else {
                                "fixed"
                            }
                        }}
                    </span>
                </p>
                <Tools state as_table />
            </div>
        </div>
    }
}

#[component]
fn TabList(tab: RwSignal<Tab>) -> impl IntoView {
    let id = |tab: Tab| format!("heatmap-tab-{}", tab.slug());
    let choose = move |chosen: Tab| {
        tab.set(chosen);
        if let Some(button) = document().get_element_by_id(&id(chosen)) {
            focus(&button);
        }
    };
    let on_key = move |event: KeyboardEvent| {
        let now = tab.get_untracked();
        let chosen = match event.key().as_str() {
            "ArrowRight" => now.neighbour(1),
            "ArrowLeft" => now.neighbour(-1),
            "Home" => Tab::ALL[0],
            "End" => Tab::ALL[Tab::ALL.len() - 1],
            _ => return,
        };
        event.prevent_default();
        choose(chosen);
    };
    let button = move |this: Tab| {
        let selected = move || tab.get() == this;
        view! {
            <button
                class="heatmap__tab"
                type="button"
                role="tab"
                id=id(this)
                aria-controls="heatmap-panel"
                aria-selected=move || if selected() { "true" } else { "false" }
                tabindex=move || if selected() { "0" } else { "-1" }
                on:click=move |_| tab.set(this)
            >
                {this.label()}
            </button>
        }
    };
    view! {
        <div class="heatmap__tabs" role="tablist" aria-label="Heatmaps" on:keydown=on_key>
            {Tab::ALL.map(button)}
        </div>
    }
}

/// Focuses an element, if it is one that can be.
fn focus(element: &web_sys::Element) {
    use wasm_bindgen::JsCast;
    if let Some(element) = element.dyn_ref::<web_sys::HtmlElement>() {
        // Fails only on an element that left the page, where there is nothing to focus.
        let _ = element.focus();
    }
}

#[component]
fn Tools(state: State, as_table: RwSignal<bool>) -> impl IntoView {
    let pinned_name = move || {
        let key = state.pinned.get()?;
        state
            .model
            .with(|model| model.spot(&key).map(|spot| spot.bubble.label.clone()))
    };
    view! {
        <div class="heatmap__tools">
            {move || {
                pinned_name()
                    .map(|name| {
                        let label = format!("Unpin {name}");
                        view! {
                            <button
                                class="heatmap__pin"
                                type="button"
                                aria-label=label
                                on:click=move |_| state.pinned.set(None)
                            >
                                <span class="heatmap__pin-name">{name}</span>
                                <span aria-hidden="true">"×"</span>
                            </button>
                        }
                    })
            }}
            <button
                class="button button--small"
                type="button"
                aria-pressed=move || if as_table.get() { "true" } else { "false" }
                on:click=move |_| as_table.update(|shown| *shown = !*shown)
            >
                "View as table"
            </button>
        </div>
    }
}

/// The sentence that says how to read the heatmap, and on demand what each dimension means.
#[component]
fn Reading(state: State) -> impl IntoView {
    let more = RwSignal::new(false);
    let dimensions = move || {
        state.model.with(|model| {
            [
                ("Further right", &model.x.dimension),
                ("Further up", &model.y.dimension),
                ("Redder", &model.color),
                ("Bigger", &model.size),
            ]
            .map(|(channel, dimension)| {
                view! {
                    <div class="heatmap__dimension">
                        <dt>
                            <span class="heatmap__channel">{channel}</span>
                            {dimension.label.clone()}
                        </dt>
                        <dd>{dimension.explanation.clone()}</dd>
                    </div>
                }
            })
        })
    };
    view! {
        <p class="heatmap__reading">
            {move || state.tab.get().reading()}
            " "
            <button
                class="heatmap__more"
                type="button"
                aria-expanded=move || if more.get() { "true" } else { "false" }
                aria-controls="heatmap-dimensions"
                on:click=move |_| more.update(|shown| *shown = !*shown)
            >
                {move || if more.get() { "Show less" } else { "Show more" }}
            </button>
        </p>
        <dl class="heatmap__dimensions" id="heatmap-dimensions" hidden=move || !more.get()>
            {dimensions}
        </dl>
    }
}

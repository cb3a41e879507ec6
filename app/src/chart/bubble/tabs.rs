//! The heatmaps as a whole: tabs or all three beside one another, how to read them, picture or
//! table, the course of time, what is compared, caption and tools.

use leptos::ev::KeyboardEvent;
use leptos::html::Div;
use leptos::prelude::*;
use shared::{AttackId, HeatmapSteps, Heatmaps, Timestamp};
use wasm_bindgen::JsCast;

use super::compare::comparison;
use super::course::Course;
use super::figure::figure;
use super::model::Model;
use super::reading::reading;
use super::shown::Shown;
use super::state::{Pointed, State};
use super::tab::Tab;
use super::table::table;
use super::timebar::time_bar;
use super::tools::tools;
use super::travel::{self, Moment};
use crate::chart::sketch::{button, drawn, node};

/// The three bubble heatmaps of an attack.
#[component]
pub fn HeatmapTabs(
    /// The heatmaps, which change while the attack goes on.
    heatmaps: Memo<Heatmaps>,
    /// How the bots came to where they are, once that has come.
    steps: RwSignal<Option<HeatmapSteps>>,
    /// The addresses of the campaign that is unfolded, once they have come.
    members: RwSignal<Option<HeatmapSteps>>,
    /// What is looked at first.
    shown: Shown,
    /// Runs with what is looked at, whenever that changed.
    on_change: Callback<Shown>,
    /// Runs with the attack whose bubble was opened.
    on_open: Callback<AttackId>,
    /// Where the data of a moment can be downloaded.
    csv: Callback<Option<Timestamp>, String>,
) -> impl IntoView {
    let (at, choice) = (RwSignal::new(shown.at), RwSignal::new(shown));
    let course = Memo::new(move |_| steps.read().as_ref().map(Course::new));
    // Between two changes the picture is the same.
    let settled = Memo::new(move |_| {
        let at = at.get()?;
        course.read().as_ref().map(|course| course.settled(at))
    });
    let moment = Memo::new(move |_| {
        let (steps, members, unfolded) = (steps.read(), members.read(), choice.read().unfolded);
        let members = members
            .as_ref()
            .filter(|all| Some(all.attack_id) == unfolded);
        Moment::new(&heatmaps.read(), steps.as_ref(), settled.get(), members)
    });
    let pointed = RwSignal::new(Pointed::default());
    let (playing, speed) = (RwSignal::new(false), RwSignal::new(0));
    let run = StoredValue::new(0);
    let state = move |of: Option<Tab>| State {
        of,
        model: Memo::new(move |_| {
            let (moment, steps, choice) = (moment.read(), steps.read(), choice.read());
            let tab = of.unwrap_or(choice.tab);
            let moving = steps.as_ref().filter(|_| moment.at.is_some());
            let extent = moving.map(|steps| travel::extent(tab.heatmap(&moment.heatmaps), steps));
            Model::new(tab, &moment, extent.unwrap_or_default()).pin(&choice.pins)
        }),
        choice,
        at,
        pointed,
        playing,
        run,
        speed,
        steps,
        course,
        moment,
        on_open,
    };
    let whole = state(None);
    Effect::new(move |before: Option<()>| {
        let now = whole.shown();
        if before.is_some() {
            on_change.run(now);
        }
    });
    let as_table = RwSignal::new(false);
    let maps = NodeRef::<Div>::new();
    let picture = move |state: State, slug: &'static str| {
        if as_table.get() {
            table(state)
        } else {
            figure(state, slug)
        }
    };
    let all = Memo::new(move |_| choice.read().all);
    let one = move || {
        view! {
            <div
                class="heatmap__panel"
                id="heatmap-panel"
                role="tabpanel"
                aria-labelledby=move || format!("heatmap-tab-{}", whole.tab().slug())
            >
                {reading(whole)}
                {move || picture(whole, "one")}
            </div>
        }
    };
    let three = move || {
        Tab::ALL
            .map(|tab| {
                let state = state(Some(tab));
                view! {
                    <section class="heatmap__map" aria-label=tab.label()>
                        <h2 class="heatmap__name">{tab.label()}</h2>
                        {move || picture(state, tab.slug())}
                    </section>
                }
            })
            .collect_view()
    };
    view! {
        <div class="heatmap" data-maps=move || if all.get() { "all" } else { "one" }>
            <div class="heatmap__head">
                {tab_list(whole)}
                {drawn(
                    "button",
                    Box::new(move || {
                        let toggle = move || whole.choose(|choice| choice.all = !choice.all);
                        button("button button--small heatmap__all", Box::new(toggle))
                            .key("all".to_owned())
                            .state("aria-pressed", whole.all())
                            .text("All three")
                    }),
                )}
            </div>
            <div class="heatmap__maps" node_ref=maps>
                {move || if all.get() { three().into_any() } else { one().into_any() }}
            </div>
            {time_bar(whole)}
            {comparison(whole)}
            <div class="heatmap__foot">
                {drawn(
                    "p",
                    Box::new(move || {
                        let live = match whole.moment.read().heatmaps.live {
                            true => "live until the attack closes",
                            false => "fixed",
                        };
                        node("p", "heatmap__caption")
                            .text(&whole.caption())
                            .child(node("span", "heatmap__live").text(live))
                    }),
                )}
                {tools(whole, as_table, maps, csv)}
            </div>
        </div>
    }
}

fn tab_list(state: State) -> AnyView {
    let id = |tab: Tab| ["heatmap-tab-", tab.slug()].concat();
    let choose = move |chosen: Tab| {
        state.choose(|choice| choice.tab = chosen);
        if let Some(button) = document().get_element_by_id(&id(chosen)) {
            focus(&button);
        }
    };
    let on_key = move |event: web_sys::Event| {
        let now = untrack(|| state.tab());
        let chosen = match event.unchecked_ref::<KeyboardEvent>().key().as_str() {
            "ArrowRight" => now.neighbour(1),
            "ArrowLeft" => now.neighbour(-1),
            "Home" => Tab::ALL[0],
            "End" => Tab::ALL[Tab::ALL.len() - 1],
            _ => return,
        };
        event.prevent_default();
        choose(chosen);
    };
    let draw = move || {
        let mut list = node("div", "heatmap__tabs")
            .key("tabs".to_owned())
            .set("role", "tablist")
            .set("aria-label", "Heatmaps")
            .mark("hidden", state.all())
            .on("onkeydown", Box::new(on_key));
        for tab in Tab::ALL {
            let is_chosen = state.tab() == tab;
            let press = move || state.choose(|choice| choice.tab = tab);
            let button = button("heatmap__tab", Box::new(press))
                .key(id(tab))
                .set("role", "tab")
                .set("id", &id(tab))
                .set("aria-controls", "heatmap-panel")
                .state("aria-selected", is_chosen)
                .set("tabindex", if is_chosen { "0" } else { "-1" });
            list.push(button.text(tab.label()));
        }
        list
    };
    drawn("div", Box::new(draw))
}

/// Focuses an element, if it is one that can be.
fn focus(element: &web_sys::Element) {
    if let Some(element) = element.dyn_ref::<web_sys::HtmlElement>() {
        // Fails only on an element that left the page, where there is nothing to focus.
        let _ = element.focus();
    }
}

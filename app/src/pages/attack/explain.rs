//! **Explain**: the verdict number by number, its arithmetic, and whether the stored requests
//! give it again. Closed until somebody asks; whether it is open stands in the address.

use leptos::html::Section;
use leptos::prelude::*;
use shared::{
    AttackId, Contribution, Difference, ExplainedDetector, Reproduction, ReproductionOutcome,
};

use super::detectors::Reading;
use crate::api::{self, Explained, ExplainedSteps};
use crate::format::{count, count_of, percent, quantity, times, visible};
use crate::state::address::{use_address, use_parameter};
use crate::state::remote::{Meanwhile, Remote, use_remote};
use crate::ui::{BotTypeLabel, ProblemPanel, Show, SkeletonRows, Tag, lead_to, live, press};

/// The parameter that says that it is open.
const OPEN: &str = "explain";

/// How the verdict on an attack came about.
#[component]
pub(super) fn Explain(
    /// Which attack.
    id: AttackId,
) -> impl IntoView {
    let address = use_address();
    let opened = use_parameter(OPEN);
    let is_open = Memo::new(move |_| opened.read().is_some());
    let again = RwSignal::new(false);
    let explained = use_remote(
        Meanwhile::Keep,
        move || (is_open.get(), again.get()),
        move |(is_open, again)| async move {
            match is_open {
                true => api::explain(id, again).await,
                false => std::future::pending().await,
            }
        },
    );
    let section = NodeRef::<Section>::new();
    let is_asked_for = is_open.get_untracked();
    lead_to(section, is_asked_for, move || {
        explained.value.read().is_some()
    });
    let toggle = press(move || {
        let open = (!is_open.get_untracked()).then(|| "1".to_owned());
        address.replace(&[(OPEN, open)]);
    });
    view! {
        <section class="page__section explain" node_ref=section>
            <div class="section-head">
                <h2>"The verdict, number by number"</h2>
                <p class="quiet">"What each detector measured, how it counted, and whether it comes out again."</p>
                <button
                    class="button button--small"
                    type="button"
                    aria-expanded=move || is_open.get().to_string()
                    on:click=toggle
                >
                    {move || if is_open.get() { "Hide" } else { "Explain" }}
                </button>
            </div>
            <Show when=move || is_open.get()>{content(explained, again)}</Show>
        </section>
    }
}

/// What is shown while it is open.
fn content(explained: Remote<Explained>, again: RwSignal<bool>) -> AnyView {
    let problem = live(move || {
        let problem = explained.problem.get();
        problem.map(|problem| {
            view! { <ProblemPanel problem on_retry=move || explained.retry() /> }
        })
    });
    let verdict = live(move || {
        let failed = explained.problem.read().is_some();
        match &*explained.value.read() {
            Some(explained) => whole(explained),
            None if failed => ().into_any(),
            None => view! { <SkeletonRows rows=8 columns=7 /> }.into_any(),
        }
    });
    let reproduction = live(move || {
        if again.get() && explained.loading.get() {
            let text =
                "Judging the stored requests again, in memory, up to what this verdict saw …";
            return Some(view! { <p>{text}</p> }.into_any());
        }
        let explained = explained.value.read();
        explained.as_ref()?.reproduction.as_ref().map(outcome)
    });
    let reproduce = press(move || {
        if explained.loading.get_untracked() {
            return;
        }
        if again.get_untracked() {
            explained.retry();
        } else {
            again.set(true);
        }
    });
    view! {
        {problem}
        {verdict}
        <div class="explain__again">
            <button
                class="button"
                type="button"
                aria-disabled=move || explained.loading.get().then_some("true")
                on:click=reproduce
            >
                "Reproduce"
            </button>
            <div role="status">{reproduction}</div>
        </div>
    }
    .into_any()
}

/// Everything that is stored of the verdict.
fn whole(explained: &Explained) -> AnyView {
    let model = explained.model_version;
    let model = model.map(|model| format!(" · anomaly model {model}"));
    let of = count_of(explained.requests, "request", "requests");
    let engine = visible(&explained.engine_version).into_owned();
    view! {
        <p class="quiet">{format!("A verdict of {of} by engine {engine}")}{model}</p>
        <div class="explain__types">
            {explained.types.iter().map(arithmetic).collect_view()}
        </div>
        <div class="scroll" tabindex="0" role="region" aria-label="Detectors in numbers">
            <table class="table table--explain">
                <thead>
                    <tr>
                        <th scope="col">"Detector"</th>
                        <th scope="col">"Family"</th>
                        <th scope="col">"Value"</th>
                        <th scope="col">"Normal"</th>
                        <th scope="col">"Normal from"</th>
                        <th scope="col" class="table__number">"Apart"</th>
                        <th scope="col" class="table__number">"Vote"</th>
                        <th scope="col">"Weight for"</th>
                    </tr>
                </thead>
                <tbody>{explained.detectors.iter().map(row).collect_view()}</tbody>
            </table>
        </div>
        {contributions(&explained.contributions)}
    }
    .into_any()
}

/// The arithmetic of one type, a line a step.
fn arithmetic(of: &ExplainedSteps) -> AnyView {
    let steps = of.steps.iter().map(|step| {
        let step = visible(step).into_owned();
        view! { <li>{step}</li> }
    });
    view! {
        <div>
            <h3><BotTypeLabel bot_type=of.bot_type /></h3>
            <ol role="list" class="explain__steps">{steps.collect_view()}</ol>
        </div>
    }
    .into_any()
}

fn row(detector: &ExplainedDetector) -> AnyView {
    let result = &detector.result;
    let weights = detector.weights.iter();
    let weights: Vec<String> = weights
        .map(|it| [it.bot_type.label(), " ", &quantity(it.weight)].concat())
        .collect();
    let name = result.detector.label();
    let family = visible(&detector.family).into_owned();
    let weights = weights.join(", ");
    if !result.worked {
        return view! {
            <tr class="quiet">
                <th scope="row">{name}</th>
                <td>{family}</td>
                <td colspan="5">"too little to work with"</td>
                <td class="explain__weights">{weights}</td>
            </tr>
        }
        .into_any();
    }
    let reading = Reading::of(result);
    let has_normal = reading.normal.is_some();
    let default = detector
        .default_normal
        .filter(|_| detector.learned_percent > 0);
    let default = default.map(|default| [", default ", &quantity(default)].concat());
    let from = [
        visible(&result.normal_source).into_owned(),
        default.unwrap_or_default(),
    ]
    .concat();
    let unit = reading.unit.map(|unit| [" ", &unit].concat());
    let decisive = detector.decisive_for.is_some();
    view! {
        <tr class:quiet=(result.vote == 0.0)>
            <th scope="row">{name}</th>
            <td>{family}</td>
            <td class="explain__value">
                {visible(&reading.value).into_owned()} <span class="quiet">{unit}</span>
            </td>
            <td>{reading.normal}</td>
            <td>{from}</td>
            <td class="table__number">{has_normal.then(|| times(result.deviation))}</td>
            <td class="table__number">
                {decisive.then(|| view! { <Tag text="decisive" /> })} " " {quantity(result.vote)}
            </td>
            <td class="explain__weights">{weights}</td>
        </tr>
    }
    .into_any()
}

/// What the anomaly model found unusual, if one was asked.
fn contributions(found: &[Contribution]) -> Option<AnyView> {
    let items = found.iter().map(|found| {
        let name = visible(&found.name).into_owned();
        view! { <li>{percent(found.share)}" "{name}</li> }
    });
    (!found.is_empty()).then(|| {
        view! {
            <h3>"What the model finds unusual"</h3>
            <ol role="list" class="explain__steps">{items.collect_view()}</ol>
        }
        .into_any()
    })
}

/// What came of judging again.
fn outcome(found: &Reproduction) -> AnyView {
    let seconds = quantity(found.duration_ms as f64 / 1_000.0);
    let how = format!("engine {}, {seconds} s", visible(&found.engine_version));
    let is_same = found.outcome == ReproductionOutcome::Reproduced;
    let differences = found.differences.clone();
    view! {
        <p class="explain__outcome" data-same=is_same.then_some("")>
            <b>{found.outcome.label()}</b>
            " "
            {visible(&found.detail).into_owned()}
            " "
            <span class="quiet">{how}</span>
        </p>
        {(!differences.is_empty()).then(|| compared(&differences))}
    }
    .into_any()
}

fn compared(differences: &[Difference]) -> AnyView {
    let rows = differences.iter().map(|difference| {
        let cell = |text: &str| visible(text).into_owned();
        view! {
            <tr>
                <th scope="row">{cell(&difference.field)}</th>
                <td>{cell(&difference.stored)}</td>
                <td>{cell(&difference.recomputed)}</td>
            </tr>
        }
    });
    let number = count(differences.len() as u64);
    view! {
        <div class="scroll" tabindex="0" role="region" aria-label="What differs">
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">{number}" that differ"</th>
                        <th scope="col">"Stored"</th>
                        <th scope="col">"Found again"</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

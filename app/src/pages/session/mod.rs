//! The page at `/sessions/{id}`: the requests of one user journey, in order. Coming from an
//! attack (`?attack=ID`) only those that the attack flagged, until all are asked for; with
//! `?request=ID`, at that request.

mod chips;
mod days;
mod facets;
mod filter;
mod head;
mod list;
mod requests;

use leptos::prelude::*;
use shared::{SessionDetail, SessionId};

use self::days::Days;
use self::facets::Facets;
use self::filter::use_request_filter;
use self::head::Head;
use self::list::{use_list, use_table};
use self::requests::Requests;
use crate::api;
use crate::chart::timeline::{Marked, TimelineChart};
use crate::components::{Subject, Unopened};
use crate::format::visible;
use crate::state::address::use_path_id;
use crate::state::remote::{Meanwhile, use_remote};
use crate::state::title::use_title;
use crate::ui::{Show, SkeletonBlock};

/// One session.
#[component]
pub fn SessionPage() -> impl IntoView {
    let id = use_path_id::<SessionId>();
    let session = use_remote(
        Meanwhile::Clear,
        move || id.get(),
        |id| async move {
            match id {
                Some(id) => api::session(id).await,
                None => Err(api::not_found("This address names no session.")),
            }
        },
    );
    use_title(move || {
        session.value.read().as_ref().map_or_else(
            || "Session".to_owned(),
            |session| format!("Session of {}", visible(&session.summary.ip)),
        )
    });
    view! {
        <div class="page">
            {move || {
                session
                    .problem
                    .get()
                    .map(|problem| {
                        let on_retry = move || session.retry();
                        view! { <Unopened title="Session" back=Subject::Sessions problem on_retry /> }
                    })
            }}
            {move || match session.value.get() {
                Some(session) => view! { <Session session /> }.into_any(),
                None if session.problem.read().is_some() => ().into_any(),
                None => view! { <SessionSkeleton /> }.into_any(),
            }}
        </div>
    }
}

#[component]
fn Session(
    /// The session.
    session: SessionDetail,
) -> impl IntoView {
    let id = session.summary.id;
    let filter = use_request_filter();
    let question = filter.question;
    let facets = use_remote(
        Meanwhile::Keep,
        move || question.get(),
        move |question| async move { api::session_facets(id, &question).await },
    );
    let list = use_list(id, question);
    let table = use_table(list, filter, facets, session.summary.application.clone());
    let on_pick = Callback::new(move |at| table.go_to_moment(at));
    let course = Signal::derive(move || {
        let facets = facets.value.read();
        facets.as_ref().map(|facets| Marked {
            timeline: facets.timeline.clone(),
            crossed_at: facets.crossed.map(|crossed| crossed.at),
            reaction: String::new(),
        })
    });
    let is_one = session.summary.requests < 2;
    view! {
        <article>
            <Head session=session.clone() filter />
            <Days session=session.clone() filter facets />
            {(!is_one)
                .then(|| {
                    view! {
                        <div class="session-timeline">
                            <Show when=move || course.read().is_some()>
                                <TimelineChart shown=course on_pick />
                            </Show>
                        </div>
                    }
                })}
            <div class="session-columns">
                <Facets facets filter />
                <Requests session filter facets table />
            </div>
        </article>
    }
}

/// The page's outline while the session is on its way.
#[component]
fn SessionSkeleton() -> impl IntoView {
    view! {
        <div role="status" aria-label="Loading the session">
            <SkeletonBlock height="9rem" />
            <div class="session-columns">
                <SkeletonBlock height="24rem" />
                <SkeletonBlock height="36rem" />
            </div>
        </div>
    }
}

//! The job that judges an application again, followed until it ends.

use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::{Job, JobState};

use crate::api;
use crate::format::visible;
use crate::state::address::link;
use crate::ui::{Glyph, Icon};

/// How often the server is asked how far a job is.
const EVERY: Duration = Duration::from_millis(400);

/// Asks for `job` again and again until it ends, or another one takes its place; then
/// `on_end`.
pub(super) fn follow(job: RwSignal<Option<Job>>, on_end: Callback<()>) {
    let ask = move || {
        let asked = job
            .try_get_untracked()
            .flatten()
            .filter(|job| job.state.is_active());
        let Some(asked) = asked else { return };
        spawn_local(async move {
            let answer = api::job(asked.id).await;
            // The page may be gone, or show a newer job.
            let current = job.try_get_untracked().flatten();
            if current.is_none_or(|current| current.id != asked.id) {
                return;
            }
            match answer {
                Ok(now) if now.state.is_active() => {
                    job.set(Some(now));
                    follow(job, on_end);
                }
                Ok(ended) => {
                    job.set(Some(ended));
                    on_end.run(());
                }
                // The server may start again, and goes on with the job then.
                Err(_) => follow(job, on_end),
            }
        });
    };
    set_timeout(ask, EVERY);
}

/// How far a job is, or what came of it.
#[component]
pub(super) fn Progress(
    /// The job; absent if there was none.
    job: RwSignal<Option<Job>>,
) -> impl IntoView {
    let shown = move || {
        let job = job.get()?;
        let search = format!("app:'{}' >2000-01-01", job.application);
        let text = match job.state {
            JobState::Waiting => "Waiting until what is being written is stored.".to_owned(),
            JobState::Running => format!(
                "Judging everything stored again: {}%. The former verdicts are shown meanwhile.",
                job.percent
            ),
            JobState::Done => "Judged again.".to_owned(),
            JobState::Superseded => return None,
            JobState::Failed => format!(
                "Not judged again: {}. The former verdicts are still shown.",
                visible(&job.reason.unwrap_or_default())
            ),
        };
        let bar = job.state.is_active().then(|| {
            view! {
                <progress class="progress" max="100" value=job.percent aria-label="Judging again" />
            }
        });
        let links = (job.state == JobState::Done).then(|| {
            [("Attacks", "/attacks"), ("API sessions", "/sessions")]
                .map(|(name, path)| {
                    view! {
                        <a class="button button--small" href=link(path, "q", &search) rel="external">
                            {name}
                            <Icon glyph=Glyph::Forward />
                        </a>
                    }
                    .into_any()
                })
                .collect_view()
        });
        Some(view! {
            {bar}
            <p>{text}</p>
            {links}
        })
    };
    view! {
        <div class="settings__job" role="status">
            {move || shown()}
        </div>
    }
}

//! The page at `/settings/applications/{id}`: where session key, user and role stand in an
//! application's requests. Saving has the server judge everything stored again. What fields are
//! called is `field_names`, what is normal `learned`.

use std::sync::Arc;

use leptos::prelude::*;
use leptos::task::spawn_local;
use shared::{
    Application, ApplicationId, ApplicationSettings, KeyPurpose, Permission, Problem,
    SettingsDetail,
};

use super::field_names::FieldNamesSection;
use super::frame::framed;
use super::learned::Learned;
use super::progress::{Progress, follow};
use super::sources::Sources;
use super::words;
use crate::api;
use crate::components::PermittedButton;
use crate::format::{count, visible};
use crate::state::address::use_path_id;
use crate::state::overview::use_overview;
use crate::state::remote::{Meanwhile, Remote, use_remote};
use crate::state::sending::take_back;
use crate::state::title::use_title;
use crate::state::toast::use_toasts;
use crate::ui::{Glyph, Icon, ProblemLine, Show, fetched, press};

/// The settings of one application.
#[component]
pub fn ApplicationSettingsPage() -> impl IntoView {
    let id = use_path_id::<ApplicationId>();
    let detail = use_remote(
        Meanwhile::Clear,
        move || id.get(),
        |id| async move {
            match id {
                Some(id) => api::settings(id).await,
                None => Err(api::not_found("This address names no application.")),
            }
        },
    );
    let name = move || {
        let detail = detail.value.read();
        let name = detail.as_ref().map(|detail| &*detail.application);
        visible(name.unwrap_or("Settings")).into_owned()
    };
    use_title(name);
    let head = view! {
        <a class="back" href="/settings/applications">
            <Icon glyph=Glyph::Back />
            "Applications"
        </a>
        <div class="page__head">
            <h1>{move || name()}</h1>
        </div>
    };
    let content = move || {
        view! {
            {fetched(detail, "24rem", move || {
                let detail = detail.value.get()?;
                Some(view! { <Editor detail /> }.into_any())
            })}
        }
        .into_any()
    };
    framed(
        Some(Permission::ApplicationsRead),
        head.into_any(),
        Arc::new(content),
    )
}

#[component]
fn Editor(
    /// As it is set.
    detail: SettingsDetail,
) -> impl IntoView {
    let id = detail.application_id;
    let overview = use_overview();
    let saved = RwSignal::new(detail.settings.clone());
    let draft = RwSignal::new(detail.settings);
    let job = RwSignal::new(detail.job);
    let problem = RwSignal::new(None::<Problem>);
    let saving = RwSignal::new(false);
    let toasts = use_toasts();
    let on_end = Callback::new(move |()| overview.retry());
    follow(job, on_end);
    let store = StoredValue::new(Callback::new(|_: ApplicationSettings| {}));
    let save = Callback::new(move |settings: ApplicationSettings| {
        saving.set(true);
        spawn_local(async move {
            let answer = api::save_settings(id, &settings).await;
            if saving.try_set(false).is_some() {
                return;
            }
            match answer {
                Ok(done) => {
                    problem.set(None);
                    saved.set(done.settings.clone());
                    draft.set(done.settings);
                    if done.job.is_some() {
                        job.set(done.job);
                        follow(job, on_end);
                    }
                    let former = done.former;
                    toasts.offer_undo("Settings saved", move || {
                        let former = former.clone();
                        match store.try_get_value() {
                            Some(save) => save.run(former),
                            None => {
                                let answer = api::save_settings(id, &former);
                                take_back(answer, toasts, "The settings are as they were", drop);
                            }
                        }
                    });
                }
                Err(failed) => problem.set(Some(failed)),
            }
        });
    });
    store.set_value(save);
    let is_changed = Memo::new(move |_| *saved.read() != *draft.read());
    let may_save = Memo::new(move |_| is_changed.get() && !saving.get());
    let candidates = use_remote(Meanwhile::Keep, move || id, api::settings_candidates);
    let application = move || {
        let overview = overview.value.read();
        let all = &overview.as_ref()?.applications;
        all.iter().find(|one| one.id == id).map(facts)
    };
    let send = move || {
        if may_save.get_untracked() {
            save.run(draft.get_untracked());
        }
    };
    view! {
        {move || application()}
        <Progress job />
        <h2>"Session key, user and role"</h2>
        <p class="settings__lead">
            "The first source of a list that a request has counts. Values of cookies, tokens and
            session keys are kept as keyed hashes, so that another choice can be tried on what is
            stored."
        </p>
        <div class="settings__lists">
            <Sources
                purpose=KeyPurpose::SessionKey
                title="Session key"
                explained="Groups requests into sessions. Where a request has none: IP + user agent."
                draft
                candidates
            />
            <Sources
                purpose=KeyPurpose::User
                title="User"
                explained="Who is signed in."
                draft
                candidates
            />
            <Sources
                purpose=KeyPurpose::Role
                title="Role"
                explained="What the user may do."
                draft
                candidates
            />
        </div>
        {move || {
            problem
                .get()
                .map(|problem| {
                    view! { <ProblemLine problem on_retry=send /> }
                })
        }}
        <div class="settings__save">
            <PermittedButton
                needs=Permission::ApplicationsWrite
                label="Save and judge again"
                class="button button--primary"
                when=may_save
                on_press=send
            />
            <Show when=move || is_changed.get()>
                <button
                    class="button button--quiet"
                    type="button"
                    on:click=press(move || draft.set(saved.get_untracked()))
                >
                    "Discard the changes"
                </button>
            </Show>
            <Preview id draft />
        </div>
        <Looked candidates />
        <FieldNamesSection id />
        <Learned id />
    }
}

/// What the draft would come to.
#[component]
fn Preview(id: ApplicationId, draft: RwSignal<ApplicationSettings>) -> impl IntoView {
    let preview = use_remote(
        Meanwhile::Keep,
        move || draft.get(),
        move |draft| async move { api::settings_preview(id, &draft).await },
    );
    view! {
        <p class="settings__preview" role="status" aria-busy=move || preview.loading.get().to_string()>
            {move || preview.value.read().as_ref().map(words::preview)}
        </p>
    }
}

/// How many requests the candidates come from.
#[component]
fn Looked(candidates: Remote<shared::KeyCandidates>) -> impl IntoView {
    view! {
        <p class="quiet">
            {move || {
                match &*candidates.value.read() {
                    Some(found) => {
                        format!("Found by looking at {} stored requests.", count(found.examined))
                    }
                    None if candidates.loading.get() => {
                        "Looking for session keys, users and roles in the stored requests…".to_owned()
                    }
                    None => String::new(),
                }
            }}
        </p>
    }
}

/// What is known of the application.
fn facts(application: &Application) -> AnyView {
    let entry = |name: &'static str, value: String| {
        view! {
            <div>
                <dt>{name}</dt>
                <dd>{visible(&value).into_owned()}</dd>
            </div>
        }
        .into_any()
    };
    let hosts = match application.hosts.join(", ") {
        hosts if hosts.is_empty() => "not in the log".to_owned(),
        hosts => hosts,
    };
    view! {
        <dl class="summary">
            {entry("Hosts", hosts)} {entry("Requests", count(application.requests))}
            {entry("Sessions", count(application.sessions))}
            {entry("Attacks", count(application.attacks))}
            {entry("Normals", words::learned(&application.learning))}
        </dl>
    }
    .into_any()
}

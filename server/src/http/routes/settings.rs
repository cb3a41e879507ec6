//! `/applications/{id}/settings`: where session key, user and role stand, what could be named,
//! and what it would come to.

use shared::{
    ApplicationId, ApplicationSettings, KeyCandidates, KeySource, SettingsDetail, SettingsPreview,
    SettingsSaved,
};
use utoipa::IntoParams;

use super::params::IdParams;
use crate::http::body::JsonBody;
use crate::http::error::ApiError;
use crate::http::fields::{Fields, Params};
use crate::http::reply::Json;
use crate::http::route::Context;
use crate::pipeline::preview_settings;
use crate::store::ApplicationState;

pub(in crate::http) async fn show(
    context: Context,
    params: IdParams<ApplicationId>,
) -> Result<Json<SettingsDetail>, ApiError> {
    let application = find(&context, params.id).await?;
    Ok(Json(SettingsDetail {
        job: context
            .state
            .jobs
            .find_newest(&context.store, application.id),
        application_id: application.id,
        application: application.name,
        settings: application.settings,
        kept: application.kept,
    }))
}

pub(in crate::http) async fn update(
    context: Context,
    params: IdParams<ApplicationId>,
    JsonBody(settings): JsonBody<ApplicationSettings>,
) -> Result<Json<SettingsSaved>, ApiError> {
    check(&settings)?;
    let changed = context
        .store
        .set_settings(params.id, &settings, context.now);
    let former = changed.await?;
    let former = former.ok_or_else(not_found)?;
    let application = find(&context, params.id).await?;
    let active = context.state.jobs.find_newest(&context.store, params.id);
    let is_active = active.is_some_and(|job| job.state.is_active());
    // Also when it is the former settings that count again: a job for others may be at work.
    let job = (application.is_due_again() || is_active).then(|| {
        let store = context.store.clone();
        context
            .state
            .jobs
            .judge_again(store, &application, context.state.clock)
    });
    Ok(Json(SettingsSaved {
        settings,
        former,
        job,
    }))
}

pub(in crate::http) async fn candidates(
    context: Context,
    params: IdParams<ApplicationId>,
) -> Result<Json<KeyCandidates>, ApiError> {
    let application = find(&context, params.id).await?;
    let found = context
        .state
        .candidates
        .find(&context.store, &application)
        .await?;
    Ok(Json(found))
}

/// Settings to try.
#[derive(IntoParams)]
pub(in crate::http) struct PreviewParams {
    /// The application.
    #[param(value_type = String, pattern = "^[0-9a-fA-F]{1,16}$")]
    id: ApplicationId,
    /// Sources of the session key with commas between them, or `none`.
    #[param(value_type = String)]
    session_key: Option<String>,
    /// Sources of the user, likewise.
    #[param(value_type = String)]
    user: Option<String>,
    /// Sources of the role, likewise.
    #[param(value_type = String)]
    role: Option<String>,
}

impl Params for PreviewParams {
    fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        Ok(Self {
            id: fields.path("id")?,
            session_key: fields.optional("session_key")?,
            user: fields.optional("user")?,
            role: fields.optional("role")?,
        })
    }
}

/// What is not named counts as it is set.
pub(in crate::http) async fn preview(
    context: Context,
    params: PreviewParams,
) -> Result<Json<SettingsPreview>, ApiError> {
    let application = find(&context, params.id).await?;
    let set = &application.settings;
    let settings = ApplicationSettings {
        session_key: sources("session_key", params.session_key, &set.session_key)?,
        user: sources("user", params.user, &set.user)?,
        role: sources("role", params.role, &set.role)?,
    };
    check(&settings)?;
    let judgement = application.judgement;
    let preview = preview_settings(&context.store, judgement, &settings).await?;
    Ok(Json(preview))
}

fn sources(
    name: &'static str,
    text: Option<String>,
    otherwise: &[KeySource],
) -> Result<Vec<KeySource>, ApiError> {
    let Some(text) = text else {
        return Ok(otherwise.to_vec());
    };
    if text == "none" {
        return Ok(Vec::new());
    }
    text.split(',')
        .map(str::parse)
        .collect::<Result<_, shared::InvalidSource>>()
        .map_err(|error| ApiError::field(name, error.to_string()))
}

fn check(settings: &ApplicationSettings) -> Result<(), ApiError> {
    match settings.fault() {
        Some((purpose, why)) => Err(ApiError::field(purpose.as_str(), why)),
        None => Ok(()),
    }
}

async fn find(context: &Context, id: ApplicationId) -> Result<ApplicationState, ApiError> {
    let application = context.store.find_application_state_by_id(id).await?;
    application.ok_or_else(not_found)
}

fn not_found() -> ApiError {
    ApiError::not_found("application")
}

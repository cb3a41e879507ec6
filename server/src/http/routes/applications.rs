//! `GET` and `POST /applications`; `GET`, `DELETE`, `GET learning` and `POST restore` of
//! `/applications/{id}`.

use shared::{Application, ApplicationId, ErrorCode, LearningState, NewApplication, Page};

use utoipa::IntoParams;

use super::params::IdParams;
use crate::auth::read_name;
use crate::http::body::{JsonBody, NoBody};
use crate::http::error::ApiError;
use crate::http::fields::{Fields, NoParams, Params};
use crate::http::reply::{Created, Json, List, NoContent};
use crate::http::route::Context;
use crate::pipeline::{self, DemoOptions};
use crate::store::ApplicationState;

/// All of them on one page: an installation has a handful.
pub(in crate::http) async fn list(
    context: Context,
    _: NoParams,
) -> Result<List<Application>, ApiError> {
    Ok(List(Page {
        items: context.store.list_applications().await?,
        next_cursor: None,
    }))
}

/// Makes one without any traffic, so that there is something that a token can be for.
pub(in crate::http) async fn create(
    context: Context,
    _: NoParams,
    JsonBody(new): JsonBody<NewApplication>,
) -> Result<Created<Application>, ApiError> {
    let name = read_name(&new.name)?;
    let made = context.store.create_application(name, context.now).await?;
    let made = made.ok_or_else(|| {
        let detail = format!("there is an application called `{name}`");
        ApiError::new(ErrorCode::Conflict, detail)
    })?;
    let application = context.store.find_application(made.id).await?;
    application
        .map(Created)
        .ok_or_else(|| ApiError::not_found("application"))
}

pub(in crate::http) async fn show(
    context: Context,
    params: IdParams<ApplicationId>,
) -> Result<Json<Application>, ApiError> {
    let application = context.store.find_application(params.id).await?;
    application
        .map(Json)
        .ok_or_else(|| ApiError::not_found("application"))
}

pub(in crate::http) async fn learning(
    context: Context,
    params: IdParams<ApplicationId>,
) -> Result<Json<LearningState>, ApiError> {
    let learned = context.store.find_learning(params.id).await?;
    learned
        .map(Json)
        .ok_or_else(|| ApiError::not_found("application"))
}

/// Which application goes.
#[derive(IntoParams)]
pub(in crate::http) struct RemovalParams {
    /// Its identifier.
    #[param(value_type = String, pattern = "^[0-9a-fA-F]{1,16}$")]
    id: ApplicationId,
    /// Its name, unless its traffic is made up: what is removed is not stored elsewhere.
    #[param(value_type = String)]
    confirm: Option<String>,
}

impl Params for RemovalParams {
    fn read(fields: &mut Fields) -> Result<Self, ApiError> {
        Ok(Self {
            id: fields.path("id")?,
            confirm: fields.optional("confirm")?,
        })
    }
}

pub(in crate::http) async fn remove(
    context: Context,
    params: RemovalParams,
    _: NoBody,
) -> Result<NoContent, ApiError> {
    let application = context.store.find_application(params.id).await?;
    let application = application.ok_or_else(|| ApiError::not_found("application"))?;
    let is_confirmed = params.confirm.as_deref() == Some(application.name.as_str());
    if application.demo_seed.is_none() && !is_confirmed {
        let message = format!(
            "this removes everything stored of `{}`; give its name to say that you mean it",
            application.name
        );
        return Err(ApiError::field("confirm", message));
    }
    context.state.demo.stop(context.caller.tenant(), params.id);
    context.state.jobs.give_up(&context.store, params.id);
    let (store, lanes) = (&context.store, context.state.demo.lanes());
    match pipeline::remove_application(store, lanes, params.id, context.now).await? {
        true => Ok(NoContent),
        false => Err(ApiError::not_found("application")),
    }
}

/// What is there already stays as it is.
pub(in crate::http) async fn restore(
    context: Context,
    params: IdParams<ApplicationId>,
    _: NoBody,
) -> Result<Json<Application>, ApiError> {
    let application = match context.store.find_application(params.id).await? {
        Some(application) => Some(application),
        None => {
            let store = &context.store;
            store.restore_application(params.id, context.now).await?;
            go_on(&context, params.id).await?;
            context.store.find_application(params.id).await?
        }
    };
    let application = application.ok_or_else(|| ApiError::not_found("application"))?;
    if let Some(seed) = application.demo_seed {
        let options = DemoOptions {
            seed,
            ..DemoOptions::default()
        };
        context.state.demo.start(&context.caller, &options).await?;
    }
    Ok(Json(application))
}

/// Judges again what was being judged again when the application was removed.
async fn go_on(context: &Context, id: ApplicationId) -> Result<(), ApiError> {
    let state = context.store.find_application_state_by_id(id).await?;
    if let Some(state) = state.filter(ApplicationState::is_due_again) {
        let store = context.store.clone();
        context
            .state
            .jobs
            .judge_again(store, &state, context.state.clock);
    }
    Ok(())
}

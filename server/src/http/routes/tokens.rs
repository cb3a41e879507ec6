//! `/tokens`: which there are, making one, revoking one.

use shared::{AccountId, CreatedToken, ErrorCode, NewToken, Page, Token, TokenId};

use super::params::IdParams;
use crate::auth::{self, IssueError};
use crate::http::body::{JsonBody, NoBody};
use crate::http::error::ApiError;
use crate::http::fields::NoParams;
use crate::http::reply::{Created, Json, List};
use crate::http::route::Context;

pub(in crate::http) async fn list(context: Context, _: NoParams) -> Result<List<Token>, ApiError> {
    Ok(List(Page {
        items: context.store.list_tokens(None).await?,
        next_cursor: None,
    }))
}

pub(in crate::http) async fn create(
    context: Context,
    _: NoParams,
    JsonBody(new): JsonBody<NewToken>,
) -> Result<Created<CreatedToken>, ApiError> {
    make(&context, &new, None).await.map(Created)
}

/// Makes a token: a personal one of `account`, or one that the tenant shares.
pub(super) async fn make(
    context: &Context,
    new: &NewToken,
    account: Option<AccountId>,
) -> Result<CreatedToken, ApiError> {
    let issued = auth::issue(new, account, &context.caller, context.now);
    let (token, secret) = issued.map_err(|error| {
        let text = error.to_string();
        match error {
            IssueError::Name(fault) => fault.into(),
            IssueError::Duration(_) => ApiError::field("duration", text),
            IssueError::Application => ApiError::field("application_id", text),
            IssueError::Denied(_) => ApiError::new(ErrorCode::Forbidden, text),
            IssueError::Random(error) => error.into(),
        }
    })?;
    if let Some(id) = token.application_id {
        let application = context.store.find_application(id).await?;
        application.ok_or_else(|| ApiError::not_found("application"))?;
    }
    context.store.create_token(&token, &secret.hash()).await?;
    Ok(CreatedToken {
        token,
        secret: secret.reveal().to_owned(),
    })
}

pub(in crate::http) async fn revoke(
    context: Context,
    params: IdParams<TokenId>,
    _: NoBody,
) -> Result<Json<Token>, ApiError> {
    let revoked = context
        .store
        .revoke_token(params.id, None, context.now)
        .await?;
    revoked
        .map(Json)
        .ok_or_else(|| ApiError::not_found("token"))
}

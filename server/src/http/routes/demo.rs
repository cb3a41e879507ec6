//! `POST /demo`: demo traffic begins, or goes on from where it was.

use shared::{Application, ErrorCode, StartDemo};

use crate::http::body::JsonBody;
use crate::http::error::ApiError;
use crate::http::fields::NoParams;
use crate::http::reply::Created;
use crate::http::route::Context;
use crate::pipeline::{DEMO_NAME, DemoError, DemoOptions};
use crate::store::AuditRecord;

pub(in crate::http) async fn start(
    context: Context,
    _: NoParams,
    JsonBody(body): JsonBody<StartDemo>,
) -> Result<Created<Application>, ApiError> {
    let mut options = DemoOptions::default();
    if let Some(seed) = body.seed {
        options.seed = seed;
    }
    let id = context.state.demo.start(&context.caller, &options).await?;
    let application = context.store.find_application(id).await?;
    let record = AuditRecord::new("demo.start", DEMO_NAME).with("seed", options.seed);
    context.store.record(record, context.now).await?;
    application
        .map(Created)
        .ok_or_else(|| ApiError::not_found("application"))
}

impl From<DemoError> for ApiError {
    fn from(error: DemoError) -> Self {
        match error {
            DemoError::Real | DemoError::OtherSeed(_) => {
                Self::new(ErrorCode::Conflict, error.to_string())
            }
            DemoError::Store(error) => error.into(),
            DemoError::Live(error) => Self::unavailable(error.to_string()),
        }
    }
}

//! Work that goes on in the background, as the API shows it.

use serde::{Deserialize, Serialize};

use crate::{ApplicationId, JobId, Timestamp};

/// Work in the background, or what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Job {
    /// Its identifier.
    pub id: JobId,
    /// The application that is judged again.
    pub application_id: ApplicationId,
    /// That application's name.
    pub application: String,
    /// How it stands.
    pub state: JobState,
    /// From 0 to 100.
    pub percent: u8,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it ended; absent before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Timestamp>,
    /// Why it failed, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// How a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// Something else still writes into the application.
    Waiting,
    /// At work.
    Running,
    /// Done: what came of it is shown.
    Done,
    /// Given up; what was shown before still is.
    Failed,
    /// Given up for a newer one of the same application.
    Superseded,
}

impl JobState {
    /// The name in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Superseded => "superseded",
        }
    }

    /// Whether it goes on.
    #[must_use]
    pub const fn is_active(self) -> bool {
        matches!(self, Self::Waiting | Self::Running)
    }
}

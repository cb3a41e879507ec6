//! What is written: a [`Commit`] is there as a whole or not at all. Not how.

use engine::Effects;
use shared::{ApplicationId, ApplicationSettings, KeySource, Timestamp};

use super::engine_state::EngineState;
use super::segment::EncodedSegment;

/// Names one generation of verdicts on an application. From
/// [`TenantStore::find_or_create_application`](super::TenantStore::find_or_create_application).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct JudgementKey {
    pub(crate) application: i64,
    pub(crate) number: i64,
}

/// An application as whoever writes into it needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationState {
    /// Its identifier.
    pub id: ApplicationId,
    /// Its name.
    pub name: String,
    /// The judgement that is shown.
    pub judgement: JudgementKey,
    /// The last segment that is judged in it; `None` before the first.
    pub position: Option<u64>,
    /// The number that the next segment gets.
    pub next_segment: u64,
    /// Requests that came too late to be judged: if not 0, another judgement is due.
    pub late: u64,
    /// The moment before which everything is judged, where a live source said so.
    pub judged_until: Option<Timestamp>,
    /// The seed of its made-up traffic; `None` for real traffic.
    pub demo_seed: Option<u32>,
    /// What is set for it.
    pub settings: ApplicationSettings,
    /// What the shown judgement was made by: if not the same, another judgement is due.
    pub judged_by: ApplicationSettings,
    /// Of which sources the values are kept in segments.
    pub kept: Vec<KeySource>,
    /// What fields of what is sent for it are called, as a `FieldMap` is written.
    pub field_map: String,
}

impl ApplicationState {
    /// Whether what is shown is not what would be said now.
    #[must_use]
    pub fn is_due_again(&self) -> bool {
        self.late > 0 || self.settings != self.judged_by
    }
}

/// How far a source of requests was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceProgress {
    /// The hash of its first `prefix_bytes` bytes: with them, its name.
    pub fingerprint: u64,
    /// How many bytes at its beginning the fingerprint covers.
    pub prefix_bytes: u64,
    /// What people call it, e.g. the file's name; not its identity.
    pub name: String,
    /// How many bytes of it (uncompressed) are stored or rejected.
    pub bytes: u64,
    /// How many lines.
    pub lines: u64,
}

/// How far the log of what was admitted is in a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admission {
    /// The log's name: positions of different logs say nothing of one another.
    pub log: u64,
    /// The last record that is in this commit or an earlier one.
    pub position: u64,
    /// When that was.
    pub at: Timestamp,
    /// The batches in this commit that their senders gave a name.
    pub batches: Vec<AdmittedBatch>,
}

/// A batch that is recognised when its sender sends it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AdmittedBatch {
    /// A hash of what the sender calls it.
    pub id: [u8; 16],
    /// How many of its records are requests, as the sender was told.
    pub accepted: u32,
    /// How many are not.
    pub rejected: u32,
}

/// How far a log is committed for an application.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Commitment {
    /// The last record that is; 0 before the first.
    pub position: u64,
    /// The named batches of the last hours, the oldest first.
    pub batches: Vec<AdmittedBatch>,
}

/// The engine's state after an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// The last segment that is in it.
    pub position: u64,
    /// The version of the engine that wrote it.
    pub engine_version: String,
    /// The state.
    pub state: EngineState,
}

/// What belongs together: all of it is there, or nothing.
#[derive(Debug)]
pub struct Commit {
    /// Where the effects go.
    pub judgement: JudgementKey,
    /// The last segment whose effects are here or earlier.
    pub position: u64,
    /// Segments that are new or have grown.
    pub segments: Vec<EncodedSegment>,
    /// How far the sources of these segments were read.
    pub sources: Vec<SourceProgress>,
    /// How far the log of what was admitted is in it, where it came from there.
    pub admission: Option<Admission>,
    /// What the engine said. A record that stands here twice counts as it stands last.
    pub effects: Effects,
    /// The engine's state at `position`; older ones are dropped.
    pub snapshot: Option<Snapshot>,
    /// What the engine would say if nothing more came, beyond the effects. The next commit of
    /// the judgement removes the rows that this adds.
    pub preview: Option<Effects>,
    /// Everything before this moment is judged, though no request of a later one came.
    pub judged_until: Option<Timestamp>,
}

impl Commit {
    /// A commit of nothing yet.
    #[must_use]
    pub fn new(judgement: JudgementKey, position: u64) -> Self {
        Self {
            judgement,
            position,
            segments: Vec::new(),
            sources: Vec::new(),
            admission: None,
            effects: Effects::default(),
            snapshot: None,
            preview: None,
            judged_until: None,
        }
    }
}

/// What a commit did to the changes feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Committed {
    /// The last change's number.
    pub seq: u64,
}

/// What changed, for whoever follows the feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// An application has more requests, or another judgement is shown.
    Application,
    /// Of an application another judgement is shown, none any more, or the same again: whatever
    /// was said of its attacks may be otherwise.
    Judgement,
    /// An attack is new or changed.
    Attack,
    /// A list changed; its place in the order of the lists stands for an identifier.
    List,
}

impl ChangeKind {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Application => "application",
            Self::Judgement => "judgement",
            Self::Attack => "attack",
            Self::List => "list",
        }
    }

    pub(crate) fn find(name: &str) -> Option<Self> {
        [Self::Application, Self::Judgement, Self::Attack, Self::List]
            .into_iter()
            .find(|kind| kind.as_str() == name)
    }
}

/// One entry of the changes feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// Its number; larger is later.
    pub seq: u64,
    /// What changed.
    pub kind: ChangeKind,
    /// Its identifier.
    pub reference: u64,
}

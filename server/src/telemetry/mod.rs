//! What the process says of itself: its log on the standard error, and its metrics, which
//! `http` serves. Not what commands answer: that goes to the standard output.

mod catalog;
mod instruments;
mod log;
mod process;

pub use instruments::{
    EngineMetrics, HttpMetrics, IngestMetrics, JobMetrics, Metrics, Share, StoreMetrics, metrics,
};
pub use log::{LogFilter, LogFormat, LogOptions, start};

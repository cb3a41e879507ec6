//! The registry of metrics and, beside it, what each is called and means, so that the
//! documentation can be held against it. Not what is counted: that is `instruments`.

use prometheus_client::registry::{Metric, Registry};

/// A registry of which one knows what is in it.
#[derive(Debug, Default)]
pub(super) struct Catalog {
    pub(super) registry: Registry,
    pub(super) entries: Vec<Entry>,
}

/// One metric, as people read of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its name in the answer.
    pub(super) name: String,
    /// `counter`, `gauge` or `histogram`.
    pub(super) kind: &'static str,
    /// The names of its labels.
    pub(super) labels: &'static [&'static str],
    /// What it is, without a full stop.
    pub(super) help: &'static str,
}

impl Catalog {
    /// Adds something that only grows. Its name in the answer ends in `_total`.
    pub(super) fn counter(
        &mut self,
        name: &str,
        labels: &'static [&'static str],
        help: &'static str,
        metric: &(impl Metric + Clone),
    ) {
        self.add(
            name,
            format!("{name}_total"),
            "counter",
            labels,
            help,
            metric,
        );
    }

    /// Adds something that is as it is now.
    pub(super) fn gauge(
        &mut self,
        name: &str,
        labels: &'static [&'static str],
        help: &'static str,
        metric: &(impl Metric + Clone),
    ) {
        self.add(name, name.to_owned(), "gauge", labels, help, metric);
    }

    /// Adds something of which one knows how often it was how large.
    pub(super) fn histogram(
        &mut self,
        name: &str,
        labels: &'static [&'static str],
        help: &'static str,
        metric: &(impl Metric + Clone),
    ) {
        self.add(name, name.to_owned(), "histogram", labels, help, metric);
    }

    fn add(
        &mut self,
        registered: &str,
        name: String,
        kind: &'static str,
        labels: &'static [&'static str],
        help: &'static str,
        metric: &(impl Metric + Clone),
    ) {
        self.registry.register(registered, help, metric.clone());
        self.entries.push(Entry {
            name,
            kind,
            labels,
            help,
        });
    }
}

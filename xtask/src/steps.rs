//! The steps of a long task: a heading and a duration for each, and a closing account.

use std::time::{Duration, Instant};

/// What the tests of a step came to.
#[derive(Clone, Copy, Default)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
}

/// What one step has to say for itself.
#[derive(Default)]
pub(crate) struct Report {
    /// Counted tests; a step without any counts as one.
    pub(crate) tally: Option<Tally>,
    /// Summary lines of the test runner, repeated at the end.
    pub(crate) summary: Vec<String>,
}

struct Done {
    name: &'static str,
    duration: Duration,
    tally: Tally,
    summary: Vec<String>,
    problem: Option<String>,
}

/// The steps taken so far.
#[derive(Default)]
pub(crate) struct Steps {
    done: Vec<Done>,
}

impl Steps {
    /// Takes a step. A failure is shown at once and remembered; the next steps still run.
    /// Returns whether the step succeeded.
    pub(crate) fn take(
        &mut self,
        name: &'static str,
        step: impl FnOnce() -> anyhow::Result<Report>,
    ) -> bool {
        println!("\n=== {name}");
        let start = Instant::now();
        let outcome = step();
        let duration = start.elapsed();
        let (report, mut problem) = match outcome {
            Ok(report) => (report, None),
            Err(error) => (Report::default(), Some(format!("{error:#}"))),
        };
        let mut tally = report.tally.unwrap_or(Tally {
            passed: u64::from(problem.is_none()),
            failed: u64::from(problem.is_some()),
        });
        if tally.failed > 0 && problem.is_none() {
            problem = Some(format!("{} failed", tally.failed));
        } else if tally.passed == 0 && problem.is_none() {
            tally.failed = 1;
            problem = Some("no test was run".into());
        }
        match &problem {
            None => println!("=== {name}: ok in {}", seconds(duration)),
            Some(problem) => println!("=== {name}: FAILED in {}: {problem}", seconds(duration)),
        }
        let succeeded = problem.is_none();
        self.done.push(Done {
            name,
            duration,
            tally,
            summary: report.summary,
            problem,
        });
        succeeded
    }

    /// Records a step that could not be taken because an earlier one failed.
    pub(crate) fn skip(&mut self, name: &'static str, why: &str) {
        println!("\n=== {name}: not run, {why}");
        self.done.push(Done {
            name,
            duration: Duration::ZERO,
            tally: Tally {
                passed: 0,
                failed: 1,
            },
            summary: Vec::new(),
            problem: Some(format!("not run, {why}")),
        });
    }

    /// Prints the account; an error if any step failed.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        println!("\n=== Summary");
        let mut total = Tally::default();
        for done in &self.done {
            let verdict = done.problem.as_deref().unwrap_or("ok");
            println!("{:>8}  {}: {verdict}", seconds(done.duration), done.name);
            total.passed += done.tally.passed;
            total.failed += done.tally.failed;
        }
        for line in self.done.iter().flat_map(|done| &done.summary) {
            println!("{line}");
        }
        println!("{} passed, {} failed", total.passed, total.failed);
        anyhow::ensure!(total.failed == 0, "the tests failed");
        Ok(())
    }
}

/// A duration as people read it.
pub(crate) fn seconds(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    if seconds < 60.0 {
        format!("{seconds:.1} s")
    } else {
        format!(
            "{:.0} min {:02.0} s",
            (seconds / 60.0).floor(),
            seconds % 60.0
        )
    }
}

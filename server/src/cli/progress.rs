//! The progress bar of an import, on a terminal only.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use crate::pipeline::Meter;

const REFRESH: Duration = Duration::from_millis(120);

/// Draws what `meter` says until dropped.
pub(super) struct Progress {
    bar: ProgressBar,
    drawing: tokio::task::JoinHandle<()>,
}

impl Progress {
    /// `total` is how many bytes there are; 0 if that is not known.
    pub(super) fn start(meter: Arc<Meter>, total: u64) -> Self {
        let bar = if total == 0 {
            ProgressBar::new_spinner()
        } else {
            ProgressBar::new(total)
        };
        let template = if total == 0 {
            "{spinner} {bytes} read · {msg}"
        } else {
            "{bar:30} {percent:>3}% of {total_bytes} · {msg} · {eta} left"
        };
        let style = ProgressStyle::with_template(template).expect("the template is constant");
        bar.set_style(style.progress_chars("━╸ "));
        Self::draw(bar, meter, draw)
    }

    /// Of judging again, without an import.
    pub(super) fn start_again(meter: Arc<Meter>) -> Self {
        let style = ProgressStyle::with_template("{bar:30} {percent:>3}% judged · {eta} left")
            .expect("the template is constant");
        let bar = ProgressBar::new(0).with_style(style.progress_chars("━╸ "));
        Self::draw(bar, meter, |bar, meter| {
            bar.set_length(meter.again.0.load(Ordering::Relaxed));
            bar.set_position(meter.again.1.load(Ordering::Relaxed));
        })
    }

    fn draw(bar: ProgressBar, meter: Arc<Meter>, draw: fn(&ProgressBar, &Meter)) -> Self {
        let drawn = bar.clone();
        let drawing = tokio::spawn(async move {
            loop {
                draw(&drawn, &meter);
                tokio::time::sleep(REFRESH).await;
            }
        });
        Self { bar, drawing }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.drawing.abort();
        self.bar.finish_and_clear();
    }
}

fn draw(bar: &ProgressBar, meter: &Meter) {
    bar.set_position(meter.bytes.load(Ordering::Relaxed));
    let again = meter.again.0.load(Ordering::Relaxed);
    let done = meter.again.1.load(Ordering::Relaxed) * 100;
    if let Some(done) = done.checked_div(again) {
        bar.set_message(format!("judging again in order of time: {done}%"));
        return;
    }
    let requests = meter.requests.load(Ordering::Relaxed);
    let rate = requests as f64 / bar.elapsed().as_secs_f64().max(0.1);
    bar.set_message(format!("{requests} requests · {rate:.0}/s"));
}

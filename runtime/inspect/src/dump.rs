//! Everything about every loop, as text.

use std::fmt::Write;
use std::time::Duration;

use runtime_core::inspect::{Histogram, Metrics, Snapshot};

use crate::ask;
use crate::own;

/// Describes all loops of this process, for a log or a terminal: figures, and who waits for whom.
///
/// It asks each loop that is not the current one, and waits no longer than `timeout` for each; what a loop is
/// busy with that does not answer takes the place of its description. It blocks the thread meanwhile.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// runtime::run(async {
///     let _task = runtime::task::Builder::new().name("idle").spawn(std::future::pending::<()>());
///     let text = runtime::inspect::dump(Duration::from_secs(1));
///     assert!(text.contains("`idle`"), "{text}");
/// });
/// ```
pub fn dump(timeout: Duration) -> String {
    let loops = own::loops();
    let mut text =
        format!("process {}: {} open\n", std::process::id(), loops_in_words(loops.len()));
    for open in &loops {
        let thread = open.thread().name().unwrap_or("without a name").to_owned();
        // Writing to a string does not fail.
        let _ = writeln!(text, "\nloop {} on thread {thread}", open.id());
        match ask::snapshot(open.handle(), timeout) {
            Ok(snapshot) => describe(&mut text, &snapshot),
            Err(refusal) => {
                let _ = writeln!(text, "  {refusal}");
            }
        }
    }
    text.push_str("end of dump\n");
    text
}

fn loops_in_words(count: usize) -> String {
    if count == 1 { "1 loop is".to_owned() } else { format!("{count} loops are") }
}

fn describe(text: &mut String, snapshot: &Snapshot) {
    let Metrics {
        live_tasks, queue_depth, armed_timers, registered_sources, blocking_jobs, ..
    } = snapshot.metrics;
    let _ = writeln!(
        text,
        "  {live_tasks} tasks, {queue_depth} ready, {armed_timers} timers, {registered_sources} \
         sources, {blocking_jobs} blocking jobs"
    );
    let metrics = &snapshot.metrics;
    if let (Some(polls), Some(passes), Some(busy)) = (metrics.polls, metrics.passes, metrics.busy) {
        let percent = metrics.busy_ratio().unwrap_or(0.0) * 100.0;
        let _ = writeln!(
            text,
            "  {polls} polls in {passes} passes, {busy:.1?} in polls, busy {percent:.1} % of the time"
        );
    }
    spread(text, "polls take", metrics.poll_durations.as_ref());
    spread(text, "tasks wait for their turn", metrics.scheduling_delays.as_ref());
    for line in snapshot.graph().to_text().lines() {
        let _ = writeln!(text, "  {line}");
    }
}

fn spread(text: &mut String, what: &str, histogram: Option<&Histogram>) {
    let Some(histogram) = histogram.filter(|histogram| histogram.count() > 0) else { return };
    let (median, high) = (histogram.quantile(0.5), histogram.quantile(0.99));
    let _ = writeln!(
        text,
        "  {what} {median:.1?} (median), {high:.1?} (99 %), {:.1?} (longest)",
        histogram.max()
    );
}

//! What one look is in words: some lines about the loop, and a table of its tasks.

use std::fmt::Write;

use runtime_inspect::protocol::{Histogram, Loop, Process};

use super::rates::{Rates, Row};
use crate::table::{drawn, table};
use crate::text::{clean, duration, grouped, uptime};

/// The lines about the loop.
pub(super) fn heading(process: &Process, chosen: &Loop, rates: &Rates) -> String {
    let thread = chosen.thread.as_deref().unwrap_or("-");
    let program = clean(process.program.rsplit('/').next().unwrap_or_default());
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = writeln!(
        text,
        "{program} ({}), up {}, loop {} on {thread}: busy {:.1} %",
        process.pid,
        uptime(process.uptime_ms),
        chosen.id,
        rates.busy * 100.0
    );
    let _ = writeln!(
        text,
        "now        {} tasks, {} ready, {} timers, {} sources, {} blocking jobs",
        grouped(rates.live_tasks as u64),
        grouped(rates.ready as u64),
        grouped(rates.timers as u64),
        grouped(rates.sources as u64),
        grouped(rates.blocking_jobs as u64)
    );
    let _ = writeln!(
        text,
        "per second {} polls, {} passes, {} waits ({} spinning), {} wakes ({} remote), {} spawns, \
         {} events, {} timers",
        rate(rates.polls_per_second),
        rate(rates.passes_per_second),
        rate(rates.waits_per_second),
        rate(rates.spins_per_second),
        rate(rates.wakes_per_second + rates.remote_wakes_per_second),
        rate(rates.remote_wakes_per_second),
        rate(rates.spawns_per_second),
        rate(rates.events_per_second),
        rate(rates.timers_per_second)
    );
    let _ = writeln!(
        text,
        "a poll     {};  a task waits for its turn {}",
        spread(&rates.poll_durations),
        spread(&rates.scheduling_delays)
    );
    text
}

/// The table of tasks.
pub(super) fn tasks(rows: &[Row], grouped_rows: bool) -> String {
    let number = if grouped_rows { "TASKS" } else { "ID" };
    let columns =
        [number, "BUSY %", "POLLS/S", "POLLS", "BUSY", "STATE", "NAME", "AWAITS", "SPAWNED AT"];
    let mut table = table(&columns, &[0, 1, 2, 3, 4]);
    for row in rows {
        table.add_row([
            if grouped_rows { row.count.to_string() } else { row.id.to_string() },
            format!("{:.1}", row.busy * 100.0),
            rate(row.polls_per_second),
            grouped(row.polls),
            duration(row.busy_ns),
            row.state.clone(),
            row.name.clone(),
            row.awaits.clone(),
            row.location.clone(),
        ]);
    }
    drawn(&table)
}

fn rate(per_second: f64) -> String {
    if per_second > 0.0 && per_second < 10.0 {
        return format!("{per_second:.1}");
    }
    grouped(per_second.round() as u64)
}

fn spread(histogram: &Histogram) -> String {
    if histogram.count == 0 {
        return "-".to_owned();
    }
    format!(
        "{} (median), {} (99 %), {} (longest)",
        duration(histogram.quantile_ns(0.5)),
        duration(histogram.quantile_ns(0.99)),
        duration(histogram.max_ns)
    )
}

//! The date, each second for five seconds: a callback that calls itself later.
//!
//! ```text
//! cargo run --example display_date
//! cargo run --example display_date -- --interval 0.1
//! ```

use std::error::Error;
use std::time::Duration;

use clap::Parser;
use jiff::Zoned;
use runtime::callback::call_later;
use runtime::time::{self, Instant};
use runtime::{Handle, Runtime};

/// Prints the date again and again, and stops after five intervals.
#[derive(Parser)]
struct Options {
    /// Seconds from one date to the next
    #[arg(long, default_value = "1", value_name = "SECONDS", value_parser = seconds)]
    interval: Duration,
}

fn main() -> Result<(), Box<dyn Error>> {
    let Options { interval } = Options::parse();
    let rt = Runtime::new()?;
    let end = time::now() + 5 * interval;
    rt.call_soon(move || display_date(interval, end));
    rt.run_forever()?;
    rt.close()?;
    Ok(())
}

fn display_date(interval: Duration, end: Instant) {
    println!("{}", Zoned::now().strftime("%a %e %b %Y, %H:%M:%S%.3f"));
    if time::now() + interval < end {
        call_later(interval, move || display_date(interval, end));
    } else {
        Handle::current().stop().expect("a loop that runs is not closed");
    }
}

fn seconds(text: &str) -> Result<Duration, Box<dyn Error + Send + Sync>> {
    Ok(Duration::try_from_secs_f64(text.parse()?)?)
}

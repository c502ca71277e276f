//! A source of events that the runtime has never heard of: a timer of the Linux kernel, behind a file
//! descriptor.
//!
//! ```text
//! cargo run --example custom_source
//! ```

#[cfg(target_os = "linux")]
mod timerfd;

#[cfg(target_os = "linux")]
#[runtime::main]
async fn main() -> std::io::Result<()> {
    use std::time::{Duration, Instant};

    let period = Duration::from_millis(20);
    let timer = timerfd::TimerFd::every(period)?;
    let start = Instant::now();
    println!("a timerfd that expires every {period:?}, read through `runtime::reactor::AsyncFd`");
    for _ in 0..5 {
        let expirations = timer.expired().await?;
        println!("  {:>6.1?}  {expirations} expiration(s)", start.elapsed());
    }

    // While nobody looks the kernel goes on counting.
    runtime::time::sleep(period * 5).await;
    println!("  {:>6.1?}  {} expirations, all at once", start.elapsed(), timer.expired().await?);
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("this example needs a timerfd, which only Linux has");
}

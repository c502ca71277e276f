//! Virtual time stands still while a task waits for a blocking job.

use std::sync::mpsc::channel;
use std::time::Duration;

use runtime::Builder;
use runtime::time::{Instant, sleep, timeout};

#[test]
fn a_timeout_does_not_run_ahead_of_a_job() {
    let rt = Builder::new().start_paused(true).build().unwrap();
    rt.block_on(async {
        let (release, released) = channel::<()>();
        let job = runtime::spawn_blocking(move || {
            // Lasts until the loop has had every chance to jump to the timeout.
            let _ = released.recv();
            42
        });
        let waiting = runtime::spawn(timeout(Duration::from_secs(3600), job));
        for _ in 0..100 {
            runtime::task::yield_now().await;
        }
        drop(release);
        assert_eq!(waiting.await.unwrap().expect("the clock stood still").unwrap(), 42);
    });
}

#[test]
fn without_jobs_it_jumps_again() {
    let rt = Builder::new().start_paused(true).build().unwrap();
    rt.block_on(async {
        runtime::spawn_blocking(|| ()).await.unwrap();
        let start = Instant::now();
        sleep(Duration::from_secs(3600)).await;
        assert_eq!(start.elapsed(), Duration::from_secs(3600));
    });
}

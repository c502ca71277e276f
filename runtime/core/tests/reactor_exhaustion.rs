//! Without descriptors to spare the loop goes on, if less precisely.

#![cfg(target_os = "linux")]

use std::fs::File;
use std::io;
use std::time::{Duration, Instant};

use runtime_core::Runtime;
use runtime_core::reactor::AsyncFd;

// Alone in its process, because it uses up the descriptors.
#[test]
fn sleeps_are_on_time_without_a_descriptor_for_a_timer() {
    let rt = Runtime::new().unwrap();
    let (ours, theirs) = std::os::unix::net::UnixStream::pair().unwrap();
    let mut hoard = Vec::new();
    let limit = rustix::process::Rlimit { current: Some(64), maximum: Some(64) };
    rustix::process::setrlimit(rustix::process::Resource::Nofile, limit).unwrap();
    let error = loop {
        match File::open("/dev/null") {
            Ok(file) => hoard.push(file),
            Err(error) => break error,
        }
    };
    assert_eq!(error.raw_os_error(), Some(rustix::io::Errno::MFILE.raw_os_error()));

    rt.block_on(async {
        for duration in [Duration::from_micros(300), Duration::from_millis(3)] {
            let begin = Instant::now();
            runtime_core::time::sleep(duration).await;
            assert!(begin.elapsed() >= duration);
        }
        // Sources that are there already can be watched.
        let ours = AsyncFd::new(ours).unwrap();
        drop(theirs);
        let _ = ours.readable().await.unwrap();
        // A second loop cannot be made, and says why.
        let error = std::thread::spawn(|| Runtime::new().map(drop)).join();
        let error: io::Error = error.unwrap().unwrap_err();
        assert_eq!(error.raw_os_error(), Some(rustix::io::Errno::MFILE.raw_os_error()));
    });
    drop(hoard);
    rt.block_on(runtime_core::time::sleep(Duration::from_micros(300)));
}

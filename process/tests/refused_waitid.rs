//! A system that opens pidfds but does not reap by them (Linux 5.3) has its children reaped by their pids, and
//! one that does not let us wait has them looked at now and then.

#![cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]

use std::io;
use std::time::Duration;

use runtime::Builder;
use runtime::process::watcher::{ChildWatcher, Pidfd, Thread, Watched};
use runtime::process::{BuilderExt, Command};
use rustix::time::{ClockId, clock_gettime};
use seccompiler::SeccompCmpOp::Eq;

#[path = "common/sandbox.rs"]
mod sandbox;

use sandbox::{Refusal, inside};

#[test]
fn a_child_is_reaped_by_its_pid() {
    let by_pidfd = u64::from(libc::P_PIDFD);
    let no_waitid = Refusal::of(libc::SYS_waitid, libc::EINVAL).if_argument(0, Eq, by_pidfd);
    inside(vec![no_waitid], || {
        let runtime = Builder::new().child_watcher(Works).build().expect("a loop can be built");
        let status = runtime.block_on(async { Command::shell("exit 3").status().await });
        assert_eq!(status.expect("the child is reaped").code(), Some(3));
    });
}

#[test]
fn a_thread_that_may_not_wait_sleeps_in_between() {
    for error in [libc::EPERM, libc::ENOSYS] {
        inside(vec![Refusal::of(libc::SYS_waitid, error)], || {
            let runtime = Builder::new().child_watcher(Thread::new()).build().expect("a loop");
            let before = processor_time();
            let status =
                runtime.block_on(async { Command::new("sleep").arg("0.5").status().await });
            assert!(status.expect("the child is reaped").success());
            // All threads together. One that spins takes what there is.
            let taken = processor_time() - before;
            assert!(taken < Duration::from_millis(100), "{taken:?}");
        });
    }
}

fn processor_time() -> Duration {
    let now = clock_gettime(ClockId::ProcessCPUTime);
    now.try_into().expect("it is not negative")
}

#[derive(Debug)]
struct Works;

impl ChildWatcher for Works {
    fn watch(&self, child: &Watched) -> io::Result<()> {
        Pidfd::new().watch(child).inspect_err(|error| panic!("pidfds do not work: {error}"))
    }
}

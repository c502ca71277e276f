//! Signalling a child that others wait for.

#![cfg(unix)]

use std::io;
use std::os::unix::process::ExitStatusExt;

use runtime::process::{ChildHandle, Command};
use runtime::signal::SignalKind;
use rustix::process::{WaitId, WaitIdOptions, waitid};

mod common;

use common::selectors::{self, run};
use common::shell_that_says;
use common::watchers::on_each_watcher;

on_each_watcher!(
    a_child_is_signalled_while_a_task_waits_for_it,
    a_child_that_foreign_code_has_reaped_is_not_signalled,
);

fn a_child_is_signalled_while_a_task_waits_for_it() -> io::Result<()> {
    let signals: [(fn(&ChildHandle) -> io::Result<()>, i32); 4] = [
        (|handle| handle.start_kill(), libc::SIGKILL),
        (|handle| handle.terminate(), libc::SIGTERM),
        (|handle| handle.send_signal(SignalKind::hangup()), libc::SIGHUP),
        (|handle| handle.send_signal_to_group(libc::SIGINT), libc::SIGINT),
    ];
    run(async {
        for (send, signal) in signals {
            let mut child = Command::new("sleep").arg("600").process_group(0).spawn()?;
            let handle = child.handle();
            assert_eq!(handle.id(), child.id());
            let end = runtime::spawn(async move { child.wait().await });
            runtime::task::yield_now().await;
            let from_elsewhere = handle.clone();
            let sent = std::thread::spawn(move || send(&from_elsewhere));
            sent.join().expect("no panic")?;
            assert_eq!(end.await.expect("no panic")?.signal(), Some(signal));
            assert_eq!(handle.id(), None);
            send(&handle)?;
        }
        Ok(())
    })
}

fn a_child_that_foreign_code_has_reaped_is_not_signalled() -> io::Result<()> {
    run(async {
        let mut child = shell_that_says("true", "read line").await?;
        let id = common::pid(child.id().expect("it runs"));
        drop(child.stdin.take());
        // A watcher on another thread may be faster, which makes no difference here.
        let _ = waitid(WaitId::Pid(id), WaitIdOptions::EXITED);
        // Had the system been asked, it would have said that there is no such process.
        child.terminate()?;
        child.start_kill()?;
        assert_eq!(child.id(), None);
        Ok(())
    })
}

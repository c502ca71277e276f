//! Children of the standard library beside those of a loop.
//!
//! One test after the other, as the fast strategy reaps all children, whosever they are.

#![cfg(target_os = "linux")]

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use runtime::process::{Child, Command};

mod common;

use common::selectors::{on, run};
use common::watchers::{ALL, DEFAULT, FAST};

#[test]
fn each_gets_its_status() -> io::Result<()> {
    for watcher in ALL.into_iter().filter(|watcher| watcher.module != FAST.module) {
        println!("{}", watcher.module);
        on(watcher, beside_each_other)?;
    }
    taken_over_while_all_are_reaped()
}

/// They all end while the others do.
fn beside_each_other() -> io::Result<()> {
    run(async {
        for round in 0..10 {
            let mut foreign = process::Command::new("sh").args(["-c", "exit 21"]).spawn()?;
            let ours = (0..5).map(|code| Command::shell(format!("exit {code}")).status());
            let ours = futures::future::join_all(ours).await;
            for (code, status) in ours.into_iter().enumerate() {
                assert_eq!(status?.code(), i32::try_from(code).ok());
            }
            let mut killed = process::Command::new("sleep").arg("600").spawn()?;
            assert!(Command::new("true").status().await?.success());
            assert_eq!(killed.try_wait()?, None, "{round}");
            killed.kill()?;
            assert!(Command::new("true").status().await?.success());
            assert_eq!(killed.wait()?.signal(), Some(libc::SIGKILL));
            assert_eq!(foreign.wait()?.code(), Some(21));
        }
        Ok(())
    })
}

/// A loop on another thread reaps whatever child ends, at any moment of the other's being handed over.
fn taken_over_while_all_are_reaped() -> io::Result<()> {
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            on(FAST, || {
                run(async {
                    while !is_over.load(Ordering::Relaxed) {
                        let both = [Command::new("true").status(), Command::new("true").status()];
                        for status in futures::future::join_all(both).await {
                            assert!(status.expect("it is ours").success());
                        }
                    }
                });
            });
        });
        // Also when an assertion fails.
        let _ends = Ends(&is_over);
        on(DEFAULT, take_over)
    })
}

fn take_over() -> io::Result<()> {
    run(async {
        for round in 0..1000 {
            let mut child = Child::from_std(process::Command::new("true").spawn()?)?;
            let status = child.wait().await;
            assert!(status.is_ok_and(|status| status.success()), "{round}");
        }
        Ok(())
    })
}

struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

//! A pid that another process has got since is not signalled, nor waited for.
//!
//! One test, alone in its process. It runs itself again in a pid namespace of its own, where it can say which
//! pid is the next (pid_namespaces(7)).

#![cfg(target_os = "linux")]

use std::env;
use std::fs;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::{self, Stdio};
use std::time::Duration;

use runtime::process::{Child, Command};
use rustix::process::{WaitId, WaitIdOptions, waitid};

mod common;

use common::pid;
use common::selectors::{Choice, on, run};
use common::watchers::{ALL, DEFAULT, PIDFD, POLL};

/// Set in the namespace.
const INSIDE: &str = "IN_A_PID_NAMESPACE";

/// The pid that is next but this.
const LAST: &str = "/proc/sys/kernel/ns_last_pid";

#[test]
fn a_pid_that_is_another_s_is_left_alone() -> io::Result<()> {
    if env::var_os(INSIDE).is_some() {
        return ALL.into_iter().try_for_each(|watcher| on(watcher, || reuse(watcher)));
    }
    let unshare = || {
        let mut command = process::Command::new("unshare");
        command.args(["--user", "--map-root-user", "--pid", "--fork", "--mount-proc"]);
        command
    };
    let allowed = unshare().args(["sh", "-c", &format!("echo 100 > {LAST}")]).output();
    if !allowed.as_ref().is_ok_and(|output| output.status.success()) {
        println!("skipped: there is no pid namespace to be had: {allowed:?}");
        return Ok(());
    }
    let mut inside = unshare();
    inside.arg(env::current_exe()?).args(["--nocapture", "--test-threads=1"]);
    let output = inside.env(INSIDE, "1").output()?;
    assert!(output.status.success(), "{output:?}");
    Ok(())
}

fn reuse(watcher: Choice) -> io::Result<()> {
    println!("{}", watcher.module);
    run(async {
        let mut gone = cat()?;
        let handle = gone.handle();
        let id = gone.id().expect("it runs");
        assert!(gone.wait().await?.success());
        let mut stranger = with_pid(id, || Command::new("sleep").arg("600").spawn())?;
        assert_eq!(stranger.id(), Some(id));
        signal(&mut gone).await?;
        handle.start_kill()?;
        handle.terminate()?;
        assert!(gone.wait().await?.success());
        assert_eq!((gone.id(), handle.id()), (None, None));
        unharmed(&mut stranger).await?;

        // Foreign code reaps one, and the loop does not turn before another child of ours gets the pid.
        let mut lost = cat()?;
        let id = end_unseen(&mut lost);
        let mut stranger = with_pid(id, || Command::new("sleep").arg("600").spawn())?;
        signal(&mut lost).await?;
        // A thread may have been faster than the foreign code.
        let _ = lost.wait().await;
        unharmed(&mut stranger).await?;

        // The same, and the other one is foreign, too. Only a descriptor tells the two apart.
        if [DEFAULT.module, POLL.module, PIDFD.module].contains(&watcher.module) {
            let mut lost = cat()?;
            let id = end_unseen(&mut lost);
            let mut stranger = with_pid(id, || process::Command::new("sleep").arg("600").spawn())?;
            assert_eq!(stranger.id(), id);
            signal(&mut lost).await?;
            assert!(lost.wait().await.is_err());
            assert_eq!(stranger.try_wait()?, None);
            stranger.kill()?;
            assert_eq!(stranger.wait()?.signal(), Some(libc::SIGKILL));
        }
        Ok(())
    })
}

/// Everything by which a child can be signalled.
async fn signal(child: &mut Child) -> io::Result<()> {
    child.start_kill()?;
    child.terminate()?;
    child.send_signal(libc::SIGUSR1)?;
    child.send_signal_to_group(libc::SIGUSR1)?;
    let _ = child.kill().await;
    let _ = child.terminate_then_kill(Duration::from_millis(1)).await;
    Ok(())
}

async fn unharmed(stranger: &mut Child) -> io::Result<()> {
    assert_eq!(stranger.try_wait()?, None);
    stranger.send_signal(libc::SIGHUP)?;
    assert_eq!(stranger.wait().await?.signal(), Some(libc::SIGHUP));
    Ok(())
}

/// A child that ends when its input does.
fn cat() -> io::Result<Child> {
    Command::new("cat").stdin(Stdio::piped()).spawn()
}

/// Has foreign code reap a child; returns the pid that it had.
fn end_unseen(child: &mut Child) -> u32 {
    let id = child.id().expect("it runs");
    drop(child.stdin.take());
    let _ = waitid(WaitId::Pid(pid(id)), WaitIdOptions::EXITED);
    id
}

/// Spawns a process that is to have a pid, which no other process or thread takes meanwhile.
fn with_pid<T>(id: u32, spawn: impl FnOnce() -> io::Result<T>) -> io::Result<T> {
    fs::write(LAST, (id - 1).to_string())?;
    spawn()
}

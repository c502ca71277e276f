//! Ending a child together with what it has started.

use std::io;
use std::process::ExitStatus;
use std::time::Duration;

use runtime_core::time::{sleep, timeout};

use super::Child;
use crate::sys::{PidFd, Sent};
use crate::watcher::Watched;

/// How often one looks whether a group is empty, at first and at least: nothing tells.
const SHORTEST: Duration = Duration::from_millis(1);
const LONGEST: Duration = Duration::from_millis(64);

/// Ending a child, and what it has started (Unix).
impl Child {
    /// Asks the whole process group that the child leads to end, waits for up to `grace`, and kills what is left
    /// of it then. Returns the exit status of the child.
    ///
    /// As [`terminate_then_kill`](Child::terminate_then_kill), for a child that has children: a shell, say, or a
    /// server with workers. On Linux since 6.9 all of them have the grace, also when the child itself ends at
    /// once. Elsewhere those are left alone which outlive the child, as the number of their group might be
    /// another's as soon as it has been reaped; but if the child does not end in time, all are killed.
    ///
    /// Those who have ended count until they are reaped, by whoever is in charge of them. For what the child
    /// leaves behind that is the first process of the system or container; one that does not reap makes this take
    /// as long as `grace`.
    ///
    /// [`stdin`](Child::stdin) is closed, as by [`wait`](Child::wait).
    ///
    /// # Errors
    ///
    /// As [`send_signal_to_group`](Child::send_signal_to_group) and [`wait`](Child::wait). If the child has been
    /// reaped before this is called, its group is left alone.
    ///
    /// # Panics
    ///
    /// Outside a loop.
    ///
    /// # Cancel safety
    ///
    /// The group is asked by the first poll. Cancelled later, nobody is killed.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use runtime::process::Command;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// runtime::run(async {
    ///     let mut service = Command::shell("sleep 60 & sleep 60").process_group(0).spawn()?;
    ///     let status = service.terminate_group_then_kill(Duration::from_secs(5)).await?;
    ///     assert!(!status.success());
    ///     Ok(())
    /// })
    /// # }
    /// ```
    pub async fn terminate_group_then_kill(&mut self, grace: Duration) -> io::Result<ExitStatus> {
        // Before the child can be reaped on account of the signal.
        let group = Group::led_by(&self.watched);
        self.send_signal_to_group(libc::SIGTERM)?;
        let ended = async {
            let status = self.wait().await;
            group.until_empty().await;
            status
        };
        if let Ok(outcome) = timeout(grace, ended).await {
            return outcome;
        }
        self.send_signal_to_group(libc::SIGKILL)?;
        group.signal(libc::SIGKILL);
        self.wait().await
    }
}

/// The group that a child leads, or has led, if it can be reached then.
struct Group(Option<PidFd>);

impl Group {
    fn led_by(child: &Watched) -> Group {
        Group(child.pidfd().ok())
    }

    /// None if the group is out of reach.
    fn signal(&self, signal: i32) -> Option<Sent> {
        self.0.as_ref()?.send_signal_to_group(signal)
    }

    /// Waits until nobody is left, if that can be found out.
    async fn until_empty(&self) {
        let mut pause = SHORTEST;
        while self.signal(0) == Some(Sent::ToSome) {
            sleep(pause).await;
            pause = LONGEST.min(pause * 2);
        }
    }
}

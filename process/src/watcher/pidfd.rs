//! A descriptor for each child, which becomes readable when the child ends (Linux 5.3).

use std::cell::Cell;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use runtime_core::callback::call_later;
use runtime_core::reactor::{add_reader, remove_reader};
use rustix::io::Errno;

use super::kept::Kept;
use super::{ChildWatcher, Watched};
use crate::sys::PidFd;

/// How long a descriptor is left alone that keeps being ready without reason, at first and at most.
const PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(128);

/// Watches each child by a pidfd (pidfd_open(2)), which the loop's selector waits for. The default on Linux.
///
/// It costs a descriptor a child, asks only for children that have ended, and goes by the descriptor where a
/// child is reaped or signalled, not by its pid: even if foreign code reaps the child at that moment, no
/// stranger that has got its pid is hit. Linux has pidfds since 5.3; a sandbox may refuse them. Then, and
/// when there are no descriptors left, the child is left to the next strategy.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pidfd(());

impl Pidfd {
    /// The strategy. It has nothing to set.
    pub const fn new() -> Pidfd {
        Pidfd(())
    }
}

impl ChildWatcher for Pidfd {
    fn watch(&self, child: &Watched) -> io::Result<()> {
        let fd = match child.pidfd() {
            Ok(fd) => fd,
            // It has ended, and the system, told to ignore SIGCHLD, or somebody else has reaped it.
            Err(error) if is_gone(&error) && child.try_reap() => return Ok(()),
            Err(error) => return Err(error),
        };
        let watch = Rc::new(Watch { fd, child: Kept::new(child), spurious: Cell::new(0) });
        watch.begin()
    }
}

fn is_gone(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound || Errno::from_io_error(error) == Some(Errno::SRCH)
}

struct Watch {
    // The callback, with its registration, is gone before this is dropped.
    fd: PidFd,
    child: Kept,
    /// How often the descriptor has been ready without reason.
    spurious: Cell<u32>,
}

impl Watch {
    /// Has the loop wait for the descriptor. Nobody but the loop keeps it, and the child.
    fn begin(self: Rc<Watch>) -> io::Result<()> {
        let watch = self.clone();
        add_reader(&self.fd, move || watch.clone().ready())
    }

    fn ready(self: Rc<Watch>) {
        if self.child.child().try_reap() {
            remove_reader(&self.fd);
            return;
        }
        // The child has ended but is not ours to reap yet, as happens while a debugger holds it; or there was
        // no reason at all. The loop asks again by itself, at once, which is right once but not for as long
        // as that lasts.
        let count = self.spurious.get();
        self.spurious.set(count.saturating_add(1));
        if let Some(doublings) = count.checked_sub(1) {
            remove_reader(&self.fd);
            let pause = LONGEST_PAUSE.min(PAUSE * (1 << doublings.min(16)));
            call_later(pause, move || {
                // If that fails the child, let go of, goes to the orphans.
                let _ = self.begin();
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::process::{Command, Stdio};

    use super::*;
    use crate::watcher::spawning;

    #[test]
    fn a_pidfd_that_is_ready_without_reason_is_asked_again() -> io::Result<()> {
        runtime::run(async {
            let hold = spawning();
            let mut std = Command::new("cat").stdin(Stdio::piped()).spawn()?;
            let stdin = std.stdin.take();
            let child = Watched::new(std);
            crate::watcher::children::enter(&child);
            drop(hold);
            let fd = child.pidfd()?;
            let watch = Rc::new(Watch { fd, child: Kept::new(&child), spurious: Cell::new(0) });
            watch.clone().begin()?;
            for count in 1..5 {
                watch.clone().ready();
                assert_eq!(watch.spurious.get(), count);
            }
            drop(watch);
            drop(stdin);
            assert!(poll_fn(|cx| child.poll_outcome(cx)).await?.success());
            Ok(())
        })
    }
}

//! What commands have on Unix only.

use std::ffi::OsStr;
use std::io;
use std::os::unix::process::CommandExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{self, Child};

use super::Command;

/// Settings that only Unix has.
impl Command {
    /// Sets the user that the child becomes. Its supplementary groups are dropped if this process is root's.
    pub fn uid(&mut self, id: u32) -> &mut Command {
        self.std.uid(id);
        self
    }

    /// Sets the group that the child becomes a member of.
    pub fn gid(&mut self, id: u32) -> &mut Command {
        self.std.gid(id);
        self
    }

    /// Sets what the program is told its name is, instead of the path under which it is found.
    pub fn arg0(&mut self, name: impl AsRef<OsStr>) -> &mut Command {
        self.std.arg0(name);
        self
    }

    /// Puts the child into a process group: 0 stands for a new one, which it leads.
    ///
    /// The terminal's Ctrl-C does not reach a group in the background. The members of a group that the child
    /// leads can be signalled together, by
    /// [`Child::send_signal_to_group`](crate::Child::send_signal_to_group).
    pub fn process_group(&mut self, group: i32) -> &mut Command {
        self.std.process_group(group);
        self
    }

    /// Replaces this process by the program, and returns only if that fails (execve(2)).
    ///
    /// Destructors are not run, and all tasks are gone.
    pub fn exec(&mut self) -> io::Error {
        self.std.exec()
    }
}

/// The shell takes options behind `-c`, so that a line which begins with a dash needs the `--` (system(3)
/// does the same).
pub(super) fn shell(line: &OsStr) -> process::Command {
    let mut command = process::Command::new("/bin/sh");
    command.args(["-c", "--"]).arg(line);
    command
}

/// How often a child is made anew because of what other threads do to the numbers of its descriptors.
const ATTEMPTS: usize = 100;

pub(super) fn spawn(command: &mut Command) -> io::Result<Child> {
    let mut attempts = ATTEMPTS;
    loop {
        let reserved = command.mapped.reserve()?;
        let spawned = without_panic(|| command.std.spawn());
        command.mapped.forget();
        drop(reserved);
        attempts -= 1;
        match &spawned {
            Err(error) if command.mapped.has_moved(error) => {}
            _ => return spawned,
        }
        if attempts == 0 {
            return Err(io::Error::new(
                io::ErrorKind::ResourceBusy,
                "other threads keep opening and closing the very numbers that the child's descriptors are to \
                 have; choose higher ones",
            ));
        }
    }
}

/// The standard library reaps a child that could not execute the program, and panics if that fails.
fn without_panic(spawn: impl FnOnce() -> io::Result<Child>) -> io::Result<Child> {
    catch_unwind(AssertUnwindSafe(spawn)).unwrap_or_else(|_| {
        Err(io::Error::other(
            "the program could not be run, and why is lost: the process ignores SIGCHLD, or other code has \
             reaped the child",
        ))
    })
}

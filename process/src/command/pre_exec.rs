//! Code that runs in the child, between fork(2) and execve(2).

#![allow(unsafe_code)]

use std::io;
use std::os::fd::{BorrowedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::process::{self, Stdio};
use std::sync::Arc;

use rustix::fs::{Mode, RawMode, fstat};
use rustix::process::{setsid, umask};

use super::Command;
use super::descriptors::Number;

impl Command {
    /// Calls `f` in the child before the program replaces it, each time that the command is run.
    ///
    /// By then the child has its streams, user, group, directory and process group. What is done in the same
    /// way as this, by `fd_mappings`, `stderr_to_stdout`, `umask` and `start_new_session`, is done in the order
    /// in which it was asked for, as several of these are called: ask for those first on which `f` depends.
    ///
    /// One that fails makes [`spawn`](Command::spawn) fail, with the number of its error.
    ///
    /// # Safety
    ///
    /// The child is a copy of a process of which only this thread has come along: locks, the allocator's
    /// among them, may be held by threads that are not there. Only what may be done in a signal handler
    /// (signal-safety(7)) may be done in `f`, as for
    /// [`CommandExt::pre_exec`](std::os::unix::process::CommandExt::pre_exec) of the standard library.
    pub unsafe fn pre_exec<F>(&mut self, f: F) -> &mut Command
    where
        F: FnMut() -> io::Result<()> + Send + Sync + 'static,
    {
        // SAFETY: the caller has promised what the standard library asks for, in the same words.
        unsafe { self.std.pre_exec(f) };
        self
    }

    /// Sends the standard error where the standard output goes, so that both come by one pipe, or go to one
    /// file, in the right order.
    ///
    /// As `2>&1` of the shell, behind all that is said about the standard output. Whatever else is said about
    /// the standard error has no effect any more.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::process::Command;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// runtime::run(async {
    ///     let mut command = Command::shell("echo one; echo two >&2; echo three");
    ///     let output = command.stderr_to_stdout().output().await?;
    ///     assert_eq!(output.stdout, b"one\ntwo\nthree\n");
    ///     assert!(output.stderr.is_empty());
    ///     Ok(())
    /// })
    /// # }
    /// ```
    pub fn stderr_to_stdout(&mut self) -> &mut Command {
        if self.merged {
            return self;
        }
        self.merged = true;
        // SAFETY: dup2(2) is async-signal-safe, and so is looking at errno.
        unsafe {
            self.std.pre_exec(|| match libc::dup2(libc::STDOUT_FILENO, libc::STDERR_FILENO) {
                -1 => Err(io::Error::last_os_error()),
                _ => Ok(()),
            });
        }
        self.stderr(Stdio::null())
    }

    /// Has the child lead a session of its own, and in that a process group of its own (setsid(2)).
    ///
    /// It has no controlling terminal then: neither Ctrl-C nor the end of the terminal reaches it. The group can
    /// be signalled as a whole, by [`Child::send_signal_to_group`](crate::Child::send_signal_to_group). Not to
    /// be combined with `process_group(0)`, as who leads a group cannot begin a session: to run the command
    /// fails then, with [`PermissionDenied`](io::ErrorKind::PermissionDenied).
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::process::Command;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// runtime::run(async {
    ///     let mut daemon = Command::new("sleep").arg("60").start_new_session().spawn()?;
    ///     daemon.send_signal_to_group(15)?;
    ///     assert!(!daemon.wait().await?.success());
    ///     Ok(())
    /// })
    /// # }
    /// ```
    #[doc(alias = "setsid")]
    pub fn start_new_session(&mut self) -> &mut Command {
        if self.leads_session {
            return self;
        }
        self.leads_session = true;
        // SAFETY: setsid(2) is async-signal-safe.
        unsafe {
            self.std.pre_exec(|| setsid().map(drop).map_err(io::Error::from));
        }
        self
    }

    /// Sets which permissions are taken away from the files that the child makes, by the bits of umask(2), such
    /// as `0o027`. They are those of this process by default.
    pub fn umask(&mut self, mask: u32) -> &mut Command {
        // Nothing but permissions counts, which fit into the type on all systems.
        let mask = Mode::from_bits_truncate((mask & 0o777) as RawMode);
        // SAFETY: umask(2) is async-signal-safe.
        unsafe {
            self.std.pre_exec(move || {
                umask(mask);
                Ok(())
            });
        }
        self
    }
}

/// Has the child look at the numbers that descriptors were promised.
pub(super) fn check_before_exec(command: &mut process::Command, numbers: Arc<[Number]>) {
    // SAFETY: `check` loads atomics and makes a system call. It neither allocates nor locks.
    unsafe {
        command.pre_exec(move || numbers.iter().try_for_each(Number::check));
    }
}

/// The file that a number stands for in this process, by device and inode; none if there is none.
#[allow(clippy::useless_conversion, clippy::unnecessary_cast)] // The types differ from system to system.
pub(super) fn file_at(number: RawFd) -> Option<(u64, u64)> {
    // SAFETY: the number is not negative, and the call that it is borrowed for fails if it is nobody's.
    // Whoever has it may give it back meanwhile: nothing is done with the file but to look which one it is.
    let fd = unsafe { BorrowedFd::borrow_raw(number) };
    let file = fstat(fd).ok()?;
    Some((file.st_dev as u64, file.st_ino as u64))
}

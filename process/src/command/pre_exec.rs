//! Code of the program's that runs in the child, between fork(2) and execve(2).

#![allow(unsafe_code)]

use std::io;
use std::os::unix::process::CommandExt;

use super::Command;

impl Command {
    /// Calls `f` in the child before the program replaces it, each time that the command is run.
    ///
    /// It runs after all that is set here has been done. Several are called in the order in which they were set; one that fails makes
    /// [`spawn`](Command::spawn) fail, with the number of its error.
    ///
    /// # Safety
    ///
    /// The child is a copy of a process of which only this thread has come along: locks, the allocator's among them, may be held by
    /// threads that are not there. Only what may be done in a signal handler (signal-safety(7)) may be done in `f`, as for
    /// [`CommandExt::pre_exec`](std::os::unix::process::CommandExt::pre_exec) of the standard library.
    pub unsafe fn pre_exec<F>(&mut self, f: F) -> &mut Command
    where
        F: FnMut() -> io::Result<()> + Send + Sync + 'static,
    {
        // SAFETY: the caller has promised what the standard library asks for, in the same words.
        unsafe { self.std.pre_exec(f) };
        self
    }
}

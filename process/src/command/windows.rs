//! What commands have on Windows only.

use std::ffi::OsStr;
use std::io;
use std::os::windows::process::CommandExt;
use std::process::{self, Child};

use super::Command;

/// Settings that only Windows has.
impl Command {
    /// Sets the flags that `CreateProcess` is called with.
    pub fn creation_flags(&mut self, flags: u32) -> &mut Command {
        self.std.creation_flags(flags);
        self
    }

    /// Adds text to the command line as it is, without quotes around it.
    pub fn raw_arg(&mut self, text: impl AsRef<OsStr>) -> &mut Command {
        self.std.raw_arg(text);
        self
    }
}

pub(super) fn shell(line: &OsStr) -> process::Command {
    let mut command = process::Command::new("cmd");
    command.arg("/C").raw_arg(line);
    command
}

pub(super) fn spawn(command: &mut Command) -> io::Result<Child> {
    command.std.spawn()
}

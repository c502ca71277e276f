//! There and back: the command of the standard library.

use std::ffi::OsStr;
use std::path::Path;
use std::process;

use super::{Chosen, Command};

/// What has been set, and conversions.
impl Command {
    /// The program.
    pub fn get_program(&self) -> &OsStr {
        self.std.get_program()
    }

    /// The arguments, without the program's name.
    pub fn get_args(&self) -> process::CommandArgs<'_> {
        self.std.get_args()
    }

    /// The variables that are set here, and those that are taken out (`None`), but not those that are
    /// inherited.
    pub fn get_envs(&self) -> process::CommandEnvs<'_> {
        self.std.get_envs()
    }

    /// The directory in which the child begins, if it is not that of this process.
    pub fn get_current_dir(&self) -> Option<&Path> {
        self.std.get_current_dir()
    }

    /// Whether the child is killed when its handle is dropped.
    pub fn get_kill_on_drop(&self) -> bool {
        self.kill_on_drop
    }

    /// Borrows the command of the standard library.
    pub fn as_std(&self) -> &process::Command {
        &self.std
    }

    /// Borrows the command of the standard library, for settings that this one does not have.
    ///
    /// What is said there about standard streams is not known here: [`output`](Command::output) puts its own
    /// defaults in their place.
    pub fn as_std_mut(&mut self) -> &mut process::Command {
        &mut self.std
    }

    /// Returns the command of the standard library, which knows nothing of
    /// [`kill_on_drop`](Command::kill_on_drop). All else that was set here it does.
    ///
    /// If [`output`](Command::output) has been called here, the streams that nothing was said about are set
    /// to be inherited, which is their default there for `spawn` and `status`, but not for `output`.
    pub fn into_std(self) -> process::Command {
        self.std
    }
}

impl From<process::Command> for Command {
    /// Takes a command over with all that has been set.
    ///
    /// It does not tell what has been said about the standard streams: [`output`](Command::output) puts its
    /// own defaults in their place, unless it is said again.
    fn from(std: process::Command) -> Command {
        Command {
            std,
            kill_on_drop: false,
            chosen: Chosen::default(),
            #[cfg(unix)]
            mapped: Default::default(),
            #[cfg(unix)]
            merged: false,
            #[cfg(unix)]
            leads_session: false,
        }
    }
}

//! What to run, and how.

#[cfg(unix)]
mod descriptors;
mod failure;
#[cfg(unix)]
mod pre_exec;
mod run;
mod std_command;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::ffi::OsStr;
use std::path::Path;
use std::process::{self, Stdio};

#[cfg(unix)]
use self::unix as sys;
#[cfg(windows)]
use self::windows as sys;

/// A program to be run as a child process, with its arguments, environment, and all else that it gets.
///
/// It is the [`Command`](process::Command) of the standard library, whose methods it has, and which it can be
/// made from. What it starts is waited for, read and written by the loop.
///
/// # Examples
///
/// ```
/// use runtime::process::Command;
///
/// # fn main() -> std::io::Result<()> {
/// runtime::run(async {
///     let output = Command::new("echo").arg("hello").output().await?;
///     assert!(output.status.success());
///     assert_eq!(output.stdout, b"hello\n");
///
///     let status = Command::shell("test $WEATHER = fine").env("WEATHER", "foul").status().await?;
///     assert_eq!(status.code(), Some(1));
///     Ok(())
/// })
/// # }
/// ```
///
/// A pipeline, in which each program reads what the one before it writes:
///
/// ```
/// use std::process::Stdio;
/// use runtime::process::Command;
///
/// # fn main() -> std::io::Result<()> {
/// runtime::run(async {
///     let mut echo = Command::new("echo").arg("hello").stdout(Stdio::piped()).spawn()?;
///     let stdout = echo.stdout.take().expect("it is piped");
///     let upper = Command::new("tr").args(["a-z", "A-Z"]).stdin(Stdio::try_from(stdout)?).output();
///     assert_eq!(upper.await?.stdout, b"HELLO\n");
///     assert!(echo.wait().await?.success());
///     Ok(())
/// })
/// # }
/// ```
#[derive(Debug)]
pub struct Command {
    std: process::Command,
    kill_on_drop: bool,
    /// Which of the three streams the program has said something about.
    chosen: Chosen,
    /// What the child's descriptors are besides those three.
    #[cfg(unix)]
    mapped: descriptors::Mapped,
    /// Whether the standard error goes where the standard output goes.
    #[cfg(unix)]
    merged: bool,
    /// Whether it leads a session of its own.
    #[cfg(unix)]
    leads_session: bool,
}

#[derive(Clone, Copy, Debug, Default)]
struct Chosen {
    stdin: bool,
    stdout: bool,
    stderr: bool,
}

impl Command {
    /// A program with no arguments, and with the environment, the directory and the standard streams of this
    /// process.
    ///
    /// A name without a slash is looked for in `PATH`.
    pub fn new(program: impl AsRef<OsStr>) -> Command {
        Command::from(process::Command::new(program))
    }

    /// A command line for the shell: `/bin/sh -c` on Unix, `cmd /C` on Windows.
    ///
    /// The shell takes the line apart, so never build one from words that others have chosen; use
    /// [`new`](Command::new) and [`arg`](Command::arg) for those, or [`env`](Command::env).
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::process::Command;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// runtime::run(async {
    ///     let output = Command::shell("printf '%s' \"$NAME\" | wc -c").env("NAME", "; rm x").output();
    ///     assert_eq!(String::from_utf8_lossy(&output.await?.stdout).trim(), "6");
    ///     Ok(())
    /// })
    /// # }
    /// ```
    pub fn shell(line: impl AsRef<OsStr>) -> Command {
        Command::from(sys::shell(line.as_ref()))
    }

    /// Adds an argument, which reaches the program as it is.
    pub fn arg(&mut self, argument: impl AsRef<OsStr>) -> &mut Command {
        self.std.arg(argument);
        self
    }

    /// Adds several arguments.
    pub fn args(&mut self, arguments: impl IntoIterator<Item: AsRef<OsStr>>) -> &mut Command {
        self.std.args(arguments);
        self
    }

    /// Sets a variable of the child's environment.
    pub fn env(&mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> &mut Command {
        self.std.env(name, value);
        self
    }

    /// Sets several variables of the child's environment.
    pub fn envs<K: AsRef<OsStr>, V: AsRef<OsStr>>(
        &mut self,
        variables: impl IntoIterator<Item = (K, V)>,
    ) -> &mut Command {
        self.std.envs(variables);
        self
    }

    /// Takes a variable out of the child's environment.
    pub fn env_remove(&mut self, name: impl AsRef<OsStr>) -> &mut Command {
        self.std.env_remove(name);
        self
    }

    /// Empties the child's environment: it inherits nothing, and forgets what was set here.
    pub fn env_clear(&mut self) -> &mut Command {
        self.std.env_clear();
        self
    }

    /// Sets the directory in which the child begins.
    ///
    /// Whether a relative path of the program is relative to it depends on the system; use absolute ones.
    pub fn current_dir(&mut self, folder: impl AsRef<Path>) -> &mut Command {
        self.std.current_dir(folder);
        self
    }

    /// Sets the standard input: inherited by default, and nothing (`/dev/null`) for
    /// [`output`](Command::output).
    pub fn stdin(&mut self, stdin: impl Into<Stdio>) -> &mut Command {
        self.chosen.stdin = true;
        self.std.stdin(stdin);
        self
    }

    /// Sets the standard output: inherited by default, and piped for [`output`](Command::output).
    pub fn stdout(&mut self, stdout: impl Into<Stdio>) -> &mut Command {
        self.chosen.stdout = true;
        self.std.stdout(stdout);
        self
    }

    /// Sets the standard error: inherited by default, and piped for [`output`](Command::output).
    pub fn stderr(&mut self, stderr: impl Into<Stdio>) -> &mut Command {
        self.chosen.stderr = true;
        self.std.stderr(stderr);
        self
    }

    /// Sets whether the child is killed when its handle is dropped, or the future of
    /// [`status`](Command::status) or [`output`](Command::output). It is not by default.
    ///
    /// Killed or not, it is reaped when it has ended.
    pub fn kill_on_drop(&mut self, kill: bool) -> &mut Command {
        self.kill_on_drop = kill;
        self
    }
}

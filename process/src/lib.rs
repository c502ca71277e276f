//! Child processes for the `runtime` event loop, and the standard streams of this one.
//!
//! ```
//! use runtime::process::Command;
//!
//! # fn main() -> std::io::Result<()> {
//! runtime::run(async {
//!     let output = Command::new("uname").arg("-s").output().await?;
//!     assert!(output.status.success());
//!     println!("this is {}", String::from_utf8_lossy(&output.stdout).trim());
//!     Ok(())
//! })
//! # }
//! ```
//!
//! # Where things are
//!
//! | item | what |
//! |---|---|
//! | [`Command`] | what to run, and how; the shell |
//! | [`Child`], [`ChildHandle`] | waiting for a child, talking with it, signalling it |
//! | [`ChildStdin`], [`ChildStdout`], [`ChildStderr`] | the pipes to and from it |
//! | [`watcher`], [`ChildWatcher`] | how the end of a child is noticed |
//! | [`BuilderExt`], [`set_child_watcher`] | which watcher a loop, or the process, has |
//! | [`protocol`] | children by callbacks |
//! | [`stdin`], [`stdout`], [`stderr`] | the standard streams of this process |
//!
//! # What holds for every child
//!
//! - It is reaped when it has ended, also if nobody waits for it, or its loop is closed: there are no
//!   zombies.
//! - Its exit status is there for as long as its [`Child`] is, and a wait that is cancelled takes nothing
//!   away.
//! - No signal goes to a pid that has been reaped, which may be a stranger's.
//! - A spawn that fails leaves neither a child nor a descriptor behind.
//!
//! # Coming from tokio
//!
//! The names are the same, all in this module of the feature `process`: `tokio::io::{stdin, stdout, stderr}` are
//! [`stdin`], [`stdout`] and [`stderr`]. What differs: [`Child::id`] is `None` as soon as the child has been reaped, which
//! happens by itself. Closing [`ChildStdin`] (`AsyncWriteExt::close`) ends the child's input, as dropping it
//! does. Signals other than the deadly one are here ([`Child::terminate`], [`Child::send_signal`]), and so is
//! [`Child::communicate`] for input and output at the same time.
//!
//! # Coming from asyncio
//!
//! | asyncio | here |
//! |---|---|
//! | `create_subprocess_exec`, `create_subprocess_shell` | [`Command::new`], [`Command::shell`], and [`Command::spawn`] |
//! | `Process.wait`, `communicate`, `send_signal`, `terminate`, `pid` | the same names, and [`id`](Child::id), of [`Child`] |
//! | `Process.kill` | [`Child::start_kill`]; [`Child::kill`] waits, too |
//! | `Process.returncode` | [`Child::try_wait`] |
//! | `PIPE`, `DEVNULL` | [`Stdio::piped`](std::process::Stdio::piped), [`Stdio::null`](std::process::Stdio::null) |
//! | `STDOUT`, for the standard error | `stderr_to_stdout` of [`Command`] |
//! | `process_group=`, `user=`, `group=`, `umask=`, `start_new_session=`, `pass_fds=`, `preexec_fn=` | `process_group`, `uid`, `gid`, `umask`, `start_new_session`, `fd_mappings`, `pre_exec` of [`Command`] |
//! | `loop.subprocess_exec`, `SubprocessProtocol` | [`protocol`] |
//! | child watchers | [`watcher`] |

mod child;
mod command;
mod pipe;
pub mod protocol;
mod streams;
mod sys;
pub mod watcher;

pub use self::child::{Child, ChildHandle};
pub use self::command::Command;
pub use self::pipe::{ChildStderr, ChildStdin, ChildStdout};
pub use self::streams::{BufferedStdin, Stderr, Stdin, Stdout, stderr, stdin, stdout};
pub use self::watcher::{BuilderExt, ChildWatcher, child_watcher, set_child_watcher};

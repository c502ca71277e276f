//! The standard streams of this process.
//!
//! The descriptors 0, 1 and 2 are inherited, and what they refer to, the *open file description* (open(2)),
//! is shared: with the shell that started the program, with the programs beside it in a pipeline, with its
//! own children. `O_NONBLOCK` belongs to the description, so that setting it would change the terminal or the
//! pipe under everybody's hands, and nobody would set it back after a `SIGKILL`. It is never set here on
//! anything inherited. Instead:
//!
//! ```text
//!                     reading                               writing
//!   pipe, terminal    a description of our own, opened by its name in /proc (Linux) and nonblocking
//!     if that fails   the thread                            poll(2), then a write that is small enough
//!   socket            recv with MSG_DONTWAIT                send with MSG_DONTWAIT
//!   anything else     the thread                            a plain write, as nothing can be waited for
//! ```
//!
//! The thread (`reader.rs`) is one for the process. It makes a blocking read when somebody wants to read, and
//! puts what comes where the next read finds it, whoever makes that. It ends with the process and holds up
//! nothing.

#[cfg(unix)]
mod as_fd;
mod buffered;
#[cfg(unix)]
mod descriptor;
#[cfg_attr(not(unix), path = "input_other.rs")]
mod input;
mod leftovers;
#[cfg_attr(not(unix), path = "output_other.rs")]
mod output;
#[cfg_attr(not(unix), path = "raw_other.rs")]
mod raw;
mod reader;
#[cfg(unix)]
#[cfg_attr(not(any(target_os = "linux", target_os = "android")), path = "reopen_other.rs")]
mod reopen;
mod stderr;
mod stdin;
mod stdout;
mod writing;

pub use self::buffered::BufferedStdin;
pub use self::stderr::{Stderr, stderr};
pub use self::stdin::{Stdin, stdin};
pub use self::stdout::{Stdout, stdout};

/// Which of the streams that are written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Target {
    Stdout,
    Stderr,
}

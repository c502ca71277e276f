//! Pipes, anonymous ones and those that have a name in the file system (pipe(7), fifo(7)).
//!
//! # Examples
//!
//! ```
//! use futures::{AsyncReadExt, AsyncWriteExt};
//! use runtime::net::unix::pipe;
//!
//! # fn main() -> std::io::Result<()> {
//! runtime::run(async {
//!     let (mut sender, mut receiver) = pipe::pipe()?;
//!     runtime::spawn(async move { sender.write_all(b"down the pipe").await });
//!     let mut text = String::new();
//!     receiver.read_to_string(&mut text).await?; // ends when the task drops the sender
//!     assert_eq!(text, "down the pipe");
//!     Ok(())
//! })
//! # }
//! ```

mod end;
mod open_options;
mod receiver;
mod sender;

use std::io;

use self::end::End;

pub use self::open_options::OpenOptions;
pub use self::receiver::Receiver;
pub use self::sender::Sender;

/// Makes a pipe that has no name, as pipe(2).
///
/// # Errors
///
/// Fails outside a loop, and when the process is out of descriptors.
pub fn pipe() -> io::Result<(Sender, Receiver)> {
    let (sender, receiver) = mio::unix::pipe::new()?;
    let (sender, receiver) = (End::of_our_own(sender.into()), End::of_our_own(receiver.into()));
    Ok((Sender::register(sender)?, Receiver::register(receiver)?))
}

//! Child processes by callbacks, as asyncio's subprocess transports and protocols.
//!
//! A *transport* is how a child is written to, signalled and ended; a *protocol* is what is called when the
//! child says something, closes a pipe, or ends. [`subprocess_exec`] starts a command with a protocol,
//! [`subprocess_shell`] a line of the shell.
//!
//! # Examples
//!
//! ```
//! use runtime::process::Command;
//! use runtime::process::protocol::{SubprocessProtocol, SubprocessTransport, subprocess_exec};
//! use futures::channel::oneshot;
//!
//! /// Collects what a program says, and tells when it has ended.
//! struct Collect {
//!     said: Vec<u8>,
//!     done: Option<oneshot::Sender<Vec<u8>>>,
//! }
//!
//! impl SubprocessProtocol for Collect {
//!     fn connection_made(&mut self, transport: SubprocessTransport) {
//!         let stdin = transport.pipe_transport(0).expect("it is piped");
//!         stdin.write(b"pears\napples\n");
//!         stdin.write_eof();
//!     }
//!
//!     fn pipe_data_received(&mut self, _fd: i32, data: &[u8]) {
//!         self.said.extend_from_slice(data);
//!     }
//!
//!     fn connection_lost(&mut self, _error: Option<std::io::Error>) {
//!         if let Some(done) = self.done.take() {
//!             let _ = done.send(std::mem::take(&mut self.said));
//!         }
//!     }
//! }
//!
//! # fn main() -> std::io::Result<()> {
//! runtime::run(async {
//!     let (sender, said) = oneshot::channel();
//!     let collect = || Collect { said: Vec::new(), done: Some(sender) };
//!     let transport = subprocess_exec(collect, &mut Command::new("sort"))?;
//!     assert_eq!(said.await.expect("it ends"), b"apples\npears\n");
//!     assert_eq!(transport.returncode(), Some(0));
//!     Ok(())
//! })
//! # }
//! ```

mod driver;
mod outgoing;
mod panics;
mod pipe;
mod shared;
mod start;
#[cfg_attr(not(unix), path = "sys_other.rs")]
mod sys;
mod traits;
mod transport;

pub use self::pipe::PipeTransport;
pub use self::start::{subprocess_exec, subprocess_shell};
pub use self::traits::SubprocessProtocol;
pub use self::transport::SubprocessTransport;

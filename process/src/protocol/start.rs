//! Starting a child with a protocol.

use std::ffi::OsStr;
use std::io;

use super::driver::Driver;
use super::{SubprocessProtocol, SubprocessTransport};
use crate::Command;

/// Starts a command, with the protocol that `factory` makes.
///
/// Those of the three standard streams about which the command says nothing are piped. The protocol's
/// `connection_made` has been called when this returns.
///
/// The child does not depend on the transport that is returned. When the last handle to it is dropped, and
/// all that was written has been read, its standard input is closed, as nobody could write any more.
///
/// # Errors
///
/// As [`Command::spawn`]. No callback is called then.
pub fn subprocess_exec<P: SubprocessProtocol>(
    factory: impl FnOnce() -> P,
    command: &mut Command,
) -> io::Result<SubprocessTransport> {
    let protocol = factory();
    let child = command.spawn_with_pipes()?;
    let driver = Driver::new(protocol, child)?;
    let transport = driver.transport();
    runtime_core::spawn(driver.begin());
    Ok(transport)
}

/// Starts a line of the shell, with the protocol that `factory` makes.
///
/// As [`subprocess_exec`] with [`Command::shell`], whose warning about words that others have chosen holds
/// here as well.
///
/// # Errors
///
/// As [`subprocess_exec`].
pub fn subprocess_shell<P: SubprocessProtocol>(
    factory: impl FnOnce() -> P,
    line: impl AsRef<OsStr>,
) -> io::Result<SubprocessTransport> {
    subprocess_exec(factory, &mut Command::shell(line))
}

//! Ctrl-C.

use std::io;

use super::kind::SignalKind;
use super::signal::signal;

/// Waits for the next Ctrl-C.
///
/// It is listened to, as `SIGINT`, from when this is first polled until it is done or dropped. Unless there
/// are other listeners, the next Ctrl-C after that ends the program as it does otherwise: who is tired of
/// waiting for an orderly end presses it again. A program that wants to hear of each keeps a
/// [`Signal`](super::Signal). To have Ctrl-C end the main function, write `#[runtime::main(ctrl_c =
/// "cancel")]`.
///
/// # Errors
///
/// Those of [`signal`](super::signal()); and when the loop is closed.
///
/// # Cancel safety
///
/// Cancel safe, yet a Ctrl-C that comes when nobody listens does what it does otherwise.
///
/// # Examples
///
/// ```no_run
/// use futures::future::{Either, select};
/// use std::pin::pin;
///
/// # async fn serve() {}
/// #[runtime::main]
/// async fn main() -> std::io::Result<()> {
///     match select(pin!(serve()), pin!(runtime::signal::ctrl_c())).await {
///         Either::Left(((), _)) => println!("done"),
///         Either::Right((interrupted, _)) => {
///             interrupted?;
///             println!("ending; press Ctrl-C again to end at once");
///         }
///     }
///     Ok(())
/// }
/// ```
pub async fn ctrl_c() -> io::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    interrupt.recv().await.ok_or_else(|| io::Error::other("the runtime is closed"))
}

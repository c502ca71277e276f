//! What there is where nothing is known of signals.

use std::io;

use runtime_core::Runtime;

/// Waits for the next Ctrl-C.
///
/// # Errors
///
/// Always fails on this platform, as [`Unsupported`](io::ErrorKind::Unsupported): Ctrl-C ends the program.
pub async fn ctrl_c() -> io::Result<()> {
    Err(io::Error::new(
        io::ErrorKind::Unsupported,
        "Ctrl-C cannot be waited for on this platform yet",
    ))
}

/// Runs a future to its end; on this platform Ctrl-C ends the program at any time.
///
/// This is what `#[runtime::main(ctrl_c = "cancel")]` calls.
pub fn run_until_ctrl_c<F: Future>(rt: Runtime, main: F) -> F::Output {
    rt.block_on(main)
}

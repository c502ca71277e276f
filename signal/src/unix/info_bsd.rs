//! The signal by which terminals ask how it is going.

use super::SignalKind;

impl SignalKind {
    /// `SIGINFO`: Ctrl-T on the terminal, which asks how it is going (macOS and the BSDs).
    pub const fn info() -> SignalKind {
        SignalKind(libc::SIGINFO)
    }
}

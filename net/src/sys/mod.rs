//! The few facts that differ between systems.

#[cfg_attr(target_os = "linux", path = "batch_linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "batch_other.rs")]
pub(crate) mod batch;
#[cfg(call_flags)]
#[cfg_attr(target_os = "linux", path = "call_linux.rs")]
#[cfg_attr(not(target_os = "linux"), path = "call_libc.rs")]
mod call;
#[cfg_attr(unix, path = "datagram_unix.rs")]
#[cfg_attr(windows, path = "datagram_windows.rs")]
pub(crate) mod datagram;
#[cfg_attr(any(target_os = "android", target_os = "linux"), path = "queue_linux.rs")]
#[cfg_attr(not(any(target_os = "android", target_os = "linux")), path = "queue_other.rs")]
mod queue;
#[cfg_attr(call_flags, path = "stream_libc.rs")]
#[cfg_attr(not(call_flags), path = "stream_std.rs")]
pub(crate) mod stream;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

pub(crate) use self::queue::nobody_waits;
#[cfg(unix)]
pub(crate) use self::unix::{
    REUSE_ADDRESS, accept_failure, is_family_missing, is_in_progress, read_at,
};
#[cfg(windows)]
pub(crate) use self::windows::{
    REUSE_ADDRESS, accept_failure, is_family_missing, is_in_progress, read_at,
};

/// What a failed accept is about, which decides what to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AcceptFailure {
    /// The process or the system is out of descriptors or memory: wait, then try again.
    Exhausted,
    /// The one connection died before it was accepted: go on with the next.
    Connection,
    /// The listener itself: tell the caller.
    Listener,
}

//! What depends on the system.

#[cfg(unix)]
mod kill;
#[cfg(unix)]
mod reap;
#[cfg(any(target_os = "linux", target_os = "android"))]
mod reap_pidfd;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(crate) use self::unix::{send_signal, send_signal_to_group, terminate, wait_until_ended};
#[cfg(windows)]
pub(crate) use self::windows::{send_signal, send_signal_to_group, terminate, wait_until_ended};

#[cfg(unix)]
pub(crate) use self::reap::{is_no_child, reap_any};
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) use self::reap_pidfd::{pid, reap_by_pidfd};

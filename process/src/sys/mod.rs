//! What depends on the system.

#[cfg(unix)]
mod kill;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub(crate) use self::unix::{send_signal, send_signal_to_group, terminate, wait_until_ended};
#[cfg(windows)]
pub(crate) use self::windows::{send_signal, send_signal_to_group, terminate, wait_until_ended};

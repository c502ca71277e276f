//! What depends on the system.

#[cfg(unix)]
mod kill;
#[cfg_attr(not(any(target_os = "linux", target_os = "android")), path = "pidfd_other.rs")]
mod pidfd;
#[cfg(unix)]
mod reap;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

pub(crate) use self::pidfd::PidFd;
#[cfg(unix)]
pub(crate) use self::pidfd::Sent;
#[cfg(unix)]
pub(crate) use self::unix::{kill, send_signal, send_signal_to_group, terminate, wait_until_ended};
#[cfg(windows)]
pub(crate) use self::windows::{
    kill, send_signal, send_signal_to_group, terminate, wait_until_ended,
};

#[cfg(unix)]
pub(crate) use self::reap::{is_no_child, reap_any};

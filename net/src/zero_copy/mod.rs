//! Which streams the system can move bytes to and from by itself, without a buffer of the program's.

#[cfg_attr(any(target_os = "linux", target_os = "android"), path = "linux.rs")]
#[cfg_attr(not(any(target_os = "linux", target_os = "android")), path = "other.rs")]
mod system;

pub(crate) use self::system::*;

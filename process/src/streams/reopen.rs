//! Opens once more what a standard stream refers to, for a description of our own.
//!
//! The links in `/proc/self/fd` lead to the file itself, whatever has become of its name (proc_pid_fd(5)).
//! Opening one makes a new open file description, as open(2) always does, and a flag set there is nobody
//! else's business. Sockets cannot be opened so (`ENXIO`). Devices other than terminals are left alone,
//! because opening one can have effects.

use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd};

use rustix::fs::{Dev, Mode, OFlags, Stat, fcntl_getfl, fstat, major, makedev, open};
use rustix::termios::tcgetsid;

use super::descriptor::Kind;

/// `/dev/ptmx`, each opening of which makes another pair of terminals (pts(4)).
const MULTIPLEXER: (u32, u32) = (5, 2);

/// The major number of the other kind of masters, those of BSD (pty(7)).
const OLD_MASTERS: u32 = 2;

/// Opens it for `access`, nonblocking; none where there is no way to.
pub(super) fn reopen(fd: BorrowedFd<'_>, kind: Kind, access: OFlags) -> Option<OwnedFd> {
    let flags = fcntl_getfl(fd).ok()?;
    let mode = flags & OFlags::RWMODE;
    if mode != access && mode != OFlags::RDWR {
        // The system says no to this one, and opening it again must not get around that.
        return None;
    }
    let metadata = fstat(fd).ok()?;
    if is_master(metadata.st_rdev) {
        return None;
    }
    // Packets stay packets (pipe(2)).
    let flags =
        access | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC | flags & OFlags::DIRECT;
    let by_name = |path: &str| open(path, flags, Mode::empty()).ok();
    let again = by_name(&format!("/proc/self/fd/{}", fd.as_raw_fd()));
    // Something else may be mounted there, or the descriptor has been replaced meanwhile.
    let again = again.filter(|again| fstat(again).is_ok_and(|other| same(&metadata, &other)));
    again.or_else(|| if is_controlling_terminal(fd, kind) { by_name("/dev/tty") } else { None })
}

fn same(one: &Stat, other: &Stat) -> bool {
    (one.st_dev, one.st_ino, one.st_rdev) == (other.st_dev, other.st_ino, other.st_rdev)
}

fn is_master(device: Dev) -> bool {
    device == makedev(MULTIPLEXER.0, MULTIPLEXER.1) || major(device) == OLD_MASTERS
}

/// Whether it is the terminal that everybody may open as `/dev/tty` (tty(4)), such as one that was another
/// user's before su(1).
fn is_controlling_terminal(fd: BorrowedFd<'_>, kind: Kind) -> bool {
    // Fails for a terminal that is not the controlling one (tcgetsid(3)).
    kind == Kind::Terminal && tcgetsid(fd).is_ok()
}

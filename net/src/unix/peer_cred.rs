//! Who is at the other end.

use std::io;

use rustix::net::sockopt::socket_peercred;

use super::UnixStream;

/// The identity of the process at the other end of a [`UnixStream`], vouched for by the kernel.
///
/// It is that of the moment when the process called connect(2), listen(2) or socketpair(2), and stays the
/// same if the process hands the socket to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UCred {
    uid: u32,
    gid: u32,
    pid: Option<i32>,
}

impl UCred {
    /// The effective user id.
    pub fn uid(&self) -> u32 {
        self.uid
    }

    /// The effective group id.
    pub fn gid(&self) -> u32 {
        self.gid
    }

    /// The process id; `None` when it has none in the namespace of this process.
    pub fn pid(&self) -> Option<i32> {
        self.pid
    }
}

impl UnixStream {
    /// Tells who is at the other end (`SO_PEERCRED`). Linux and Android only.
    ///
    /// # Errors
    ///
    /// Those of getsockopt(2).
    ///
    /// # Examples
    ///
    /// A service for one's own user and nobody else:
    ///
    /// ```
    /// use runtime::net::UnixStream;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// runtime::run(async {
    ///     let (server, _client) = UnixStream::pair()?;
    ///     let own = rustix::process::geteuid().as_raw();
    ///     if server.peer_cred()?.uid() != own {
    ///         return Err(std::io::ErrorKind::PermissionDenied.into());
    ///     }
    ///     Ok(())
    /// })
    /// # }
    /// ```
    pub fn peer_cred(&self) -> io::Result<UCred> {
        let credentials = socket_peercred(self)?;
        // A process of a namespace that is out of sight has the id 0.
        let pid = credentials.pid.as_raw_nonzero().get();
        Ok(UCred {
            uid: credentials.uid.as_raw(),
            gid: credentials.gid.as_raw(),
            pid: (pid != 0).then_some(pid),
        })
    }
}

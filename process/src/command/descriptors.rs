//! Descriptors of the child besides its three streams.

use std::collections::HashSet;
use std::io;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use command_fds::{CommandFdExt, FdMapping};
use rustix::io::{Errno, fcntl_dupfd_cloexec};

use super::Command;
use super::pre_exec::{check_before_exec, file_at};

/// The numbers that descriptors were promised in the child, but for the standard streams.
#[derive(Debug, Default)]
pub(super) struct Mapped {
    /// Whether any were promised, be it those of standard streams.
    given: bool,
    /// Shared with the code that runs in the child.
    numbers: Arc<[Number]>,
}

/// The first number that is not that of a standard stream.
const ABOVE: RawFd = 3;

/// A number that was promised.
#[derive(Debug)]
pub(super) struct Number {
    number: RawFd,
    /// Whether another descriptor of this process has it, which is not ours to keep there.
    is_taken: AtomicBool,
    /// Which file that is.
    device: AtomicU64,
    inode: AtomicU64,
}

impl Mapped {
    /// Occupies those of the numbers that nobody uses here, for as long as the child is being made, and notes
    /// who has the others.
    ///
    /// The standard library learns through a pipe whether the program could be started. Were one of its ends
    /// to get such a number, it would be overwritten in the child, and the report go astray. It may get one
    /// that was taken when we looked, and was given back by another thread since: the child
    /// [finds out](Number::check).
    pub(super) fn reserve(&self) -> io::Result<Vec<OwnedFd>> {
        let mut reserved = Vec::new();
        if self.numbers.is_empty() {
            return Ok(reserved);
        }
        // Something that needs no name, which a sandbox might not have. The standard library takes one, too.
        let (_, nothing) = mio::unix::pipe::new()?;
        let nothing = OwnedFd::from(nothing);
        for number in &*self.numbers {
            reserved.extend(number.reserve(nothing.as_fd())?);
        }
        // It may have one of the numbers itself, which must not become the standard library's.
        reserved.push(nothing);
        Ok(reserved)
    }

    /// Forgets who had the numbers, once the child has been made. Whoever makes one without looking anew, as
    /// by way of the standard library's command, must not be held to what was so then.
    pub(super) fn forget(&self) {
        self.numbers.iter().for_each(|number| number.is_taken.store(false, Ordering::Relaxed));
    }

    /// Whether an error is the child's who has found a number taken by somebody else than before.
    pub(super) fn has_moved(&self, error: &io::Error) -> bool {
        !self.numbers.is_empty() && Errno::from_io_error(error) == Some(MOVED)
    }
}

/// What the child says if a number is not taken by whom it was.
const MOVED: Errno = Errno::STALE;

impl Number {
    fn new(number: RawFd) -> Number {
        let is_taken = AtomicBool::new(false);
        Number { number, is_taken, device: AtomicU64::new(0), inode: AtomicU64::new(0) }
    }

    fn reserve(&self, nothing: BorrowedFd<'_>) -> io::Result<Option<OwnedFd>> {
        // Relaxed, all of them: the child is forked off by this very thread.
        self.is_taken.store(false, Ordering::Relaxed);
        loop {
            let fd = fcntl_dupfd_cloexec(nothing, self.number)?;
            if fd.as_raw_fd() == self.number {
                return Ok(Some(fd));
            }
            // It may have been given back in between.
            if let Some((device, inode)) = file_at(self.number) {
                self.device.store(device, Ordering::Relaxed);
                self.inode.store(inode, Ordering::Relaxed);
                self.is_taken.store(true, Ordering::Relaxed);
                return Ok(None);
            }
        }
    }

    /// Fails in the child if the number has come to somebody else since the parent looked, who may be the
    /// standard library. Async-signal-safe.
    pub(super) fn check(&self) -> io::Result<()> {
        let then = (self.device.load(Ordering::Relaxed), self.inode.load(Ordering::Relaxed));
        let is_another = |now| self.is_taken.load(Ordering::Relaxed) && now != then;
        if file_at(self.number).is_some_and(is_another) { Err(MOVED.into()) } else { Ok(()) }
    }
}

impl Command {
    /// Gives descriptors to the child, each under a number of the caller's choice.
    ///
    /// The numbers of this process are of no concern: descriptors may swap places, or keep their numbers. The
    /// command owns them and keeps them open in this process until it is dropped, so that the other end of a
    /// pipe finds no end before. All are to be given at once.
    ///
    /// What is given the number of a standard stream is what [`stdin`](Command::stdin),
    /// [`stdout`](Command::stdout) or [`stderr`](Command::stderr) could have been given: whichever is called
    /// last counts.
    ///
    /// A command that is run by the standard library ([`into_std`](Command::into_std)) gives them just the
    /// same. But a number that was free may be that by which it learns of failures, and then it does not.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) if a number is negative or occurs twice, and when called
    /// a second time. What the system says when it is out of descriptors.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::io::{Seek, Write};
    /// use runtime::process::Command;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// runtime::run(async {
    ///     let mut secret = tempfile::tempfile()?;
    ///     secret.write_all(b"not for the command line")?;
    ///     secret.rewind()?;
    ///     let output = Command::shell("cat <&7").fd_mappings([(secret.into(), 7)])?.output().await?;
    ///     assert_eq!(output.stdout, b"not for the command line");
    ///     Ok(())
    /// })
    /// # }
    /// ```
    pub fn fd_mappings(
        &mut self,
        mappings: impl IntoIterator<Item = (OwnedFd, RawFd)>,
    ) -> io::Result<&mut Command> {
        let refuse = |what: &str| Err(io::Error::new(io::ErrorKind::InvalidInput, what));
        if self.mapped.given {
            return refuse("the descriptors of a command have to be given all at once");
        }
        let mappings: Vec<(OwnedFd, RawFd)> = mappings.into_iter().collect();
        if mappings.iter().any(|(_, number)| *number < 0) {
            return refuse("a descriptor cannot have a negative number");
        }
        let mut numbers = HashSet::new();
        if !mappings.iter().all(|(_, number)| numbers.insert(*number)) {
            return refuse("two descriptors were given the same number in the child");
        }
        let (streams, others): (Vec<_>, Vec<_>) =
            mappings.into_iter().partition(|(_, number)| *number < ABOVE);
        let others: Vec<FdMapping> = others
            .into_iter()
            .map(|(fd, child_fd)| Ok(FdMapping { parent_fd: above_streams(fd)?, child_fd }))
            .collect::<io::Result<_>>()?;
        for (fd, number) in streams {
            match number {
                0 => self.stdin(Stdio::from(fd)),
                1 => self.stdout(Stdio::from(fd)),
                _ => self.stderr(Stdio::from(fd)),
            };
        }
        self.mapped.given = true;
        if !others.is_empty() {
            let numbers: Arc<[Number]> =
                others.iter().map(|mapping| Number::new(mapping.child_fd)).collect();
            // Checked before they are mapped.
            check_before_exec(&mut self.std, numbers.clone());
            self.std.fd_mappings(others).expect("each has a number of its own");
            self.mapped.numbers = numbers;
        }
        Ok(self)
    }
}

/// Moves a descriptor out of the way of the child's standard streams, which are in place before it is mapped.
fn above_streams(fd: OwnedFd) -> io::Result<OwnedFd> {
    if fd.as_raw_fd() < ABOVE { Ok(fcntl_dupfd_cloexec(fd, ABOVE)?) } else { Ok(fd) }
}

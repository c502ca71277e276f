//! Descriptors of the child besides its three streams.

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use command_fds::{CommandFdExt, FdMapping};
use rustix::io::{Errno, fcntl_dupfd_cloexec};

use super::Command;
use super::pre_exec::{check_before_exec, file_at};

/// The numbers that descriptors were promised in the child.
#[derive(Debug, Default)]
pub(super) struct Mapped {
    /// Shared with the code that runs in the child.
    numbers: Arc<[Number]>,
}

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
        let nothing = File::open("/dev/null")?;
        for number in &*self.numbers {
            reserved.extend(number.reserve(&nothing)?);
        }
        Ok(reserved)
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

    fn reserve(&self, nothing: &File) -> io::Result<Option<OwnedFd>> {
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
    /// # Errors
    ///
    /// [`InvalidInput`](io::ErrorKind::InvalidInput) if a number is negative or occurs twice, and when called
    /// a second time.
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
        if !self.mapped.numbers.is_empty() {
            return refuse("the descriptors of a command have to be given all at once");
        }
        let mappings: Vec<FdMapping> = mappings
            .into_iter()
            .map(|(parent_fd, child_fd)| FdMapping { parent_fd, child_fd })
            .collect();
        let numbers: Vec<RawFd> = mappings.iter().map(|mapping| mapping.child_fd).collect();
        if numbers.iter().any(|number| *number < 0) {
            return refuse("a descriptor cannot have a negative number");
        }
        let numbers: Arc<[Number]> = numbers.into_iter().map(Number::new).collect();
        // Checked before they are mapped.
        check_before_exec(&mut self.std, numbers.clone());
        if self.std.fd_mappings(mappings).is_err() {
            return refuse("two descriptors were given the same number in the child");
        }
        self.mapped.numbers = numbers;
        Ok(self)
    }
}

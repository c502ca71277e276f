//! Descriptors of the child besides its three streams.

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};

use command_fds::{CommandFdExt, FdMapping};
use rustix::io::fcntl_dupfd_cloexec;

use super::Command;

/// The numbers that descriptors were promised in the child.
#[derive(Debug, Default)]
pub(super) struct Mapped {
    numbers: Vec<RawFd>,
}

impl Mapped {
    /// Occupies those of the numbers that nobody uses here, for as long as the child is being made.
    ///
    /// The standard library learns through a pipe whether the program could be started. Were one of its ends
    /// to get such a number, it would be overwritten in the child, and the report go astray.
    pub(super) fn reserve(&self) -> io::Result<Vec<OwnedFd>> {
        let mut reserved = Vec::new();
        if self.numbers.is_empty() {
            return Ok(reserved);
        }
        let nothing = File::open("/dev/null")?;
        for number in &self.numbers {
            let fd = fcntl_dupfd_cloexec(&nothing, *number)?;
            if fd.as_raw_fd() == *number {
                reserved.push(fd);
            }
        }
        Ok(reserved)
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
        if self.std.fd_mappings(mappings).is_err() {
            return refuse("two descriptors were given the same number in the child");
        }
        self.mapped.numbers = numbers;
        Ok(self)
    }
}

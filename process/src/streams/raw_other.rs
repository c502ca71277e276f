//! The blocking read of the standard input, by the standard library, which knows about consoles.

use std::io::{self, Read};

/// Reads once, and waits as long as it takes.
pub(super) fn read_stdin(buf: &mut [u8]) -> io::Result<usize> {
    loop {
        match io::stdin().read(buf) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            outcome => return outcome,
        }
    }
}

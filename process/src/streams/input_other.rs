//! The standard input where there is nothing but the thread.

use std::io;
use std::task::{Context, Poll};

use super::reader::Ticket;

/// The thread.
#[derive(Debug)]
pub(super) struct Input(Ticket);

impl Input {
    pub(super) fn open() -> io::Result<Input> {
        Ok(Input(Ticket::new()))
    }

    pub(super) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        self.0.poll_read(cx, buf)
    }
}

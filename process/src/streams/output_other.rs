//! The standard streams that are written to, by the standard library, which knows about consoles.

use std::io::{self, Write};
use std::task::{Context, Poll, ready};

use runtime_core::task::coop;

use super::Target;

/// A stream of the standard library, whose calls may block.
#[derive(Debug)]
pub(super) enum Output {
    Stdout(io::Stdout),
    Stderr(io::Stderr),
}

impl Output {
    pub(super) fn open(target: Target) -> io::Result<Output> {
        Ok(match target {
            Target::Stdout => Output::Stdout(io::stdout()),
            Target::Stderr => Output::Stderr(io::stderr()),
        })
    }

    fn stream(&mut self) -> &mut dyn Write {
        match self {
            Output::Stdout(stream) => stream,
            Output::Stderr(stream) => stream,
        }
    }

    pub(super) fn poll_write(
        &mut self,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        let budget = ready!(coop::poll_proceed(cx));
        budget.made_progress();
        Poll::Ready(self.stream().write(buf))
    }

    pub(super) fn poll_flush(&mut self, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(self.stream().flush())
    }
}

//! The task of a child.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures_io::{AsyncRead, AsyncWrite};

use super::outgoing::Flow;
use super::panics::{contain, panicked};
use super::shared::Shared;
use super::sys::Hangup;
use super::{SubprocessProtocol, SubprocessTransport};
use crate::Child;

/// What one read takes at most, in bytes: as much as a pipe holds.
const SIZE: usize = 64 * 1024;

/// What one poll reads of a pipe at most before other tasks have their turn, in bytes.
const TURN: usize = 4 * SIZE;

/// Reads, writes and waits for the child, and calls the protocol, until all is over.
///
/// It alone has the protocol, so that no callback is called within another. What the transports ask for it
/// finds in `shared`.
pub(super) struct Driver<P: SubprocessProtocol> {
    protocol: P,
    shared: Rc<Shared>,
    /// There as long as the standard input is open.
    hangup: Option<Hangup>,
    outputs: [Option<Box<dyn AsyncRead + Unpin>>; 2],
    buffer: Vec<u8>,
    exited: bool,
    error: Option<io::Error>,
}

impl<P: SubprocessProtocol> Driver<P> {
    /// Takes the child over; if that fails, the child is killed.
    pub(super) fn new(protocol: P, mut child: Child) -> io::Result<Driver<P>> {
        let stdin = child.stdin.take();
        let hangup = match stdin.as_ref().map(Hangup::new) {
            Some(Err(error)) => {
                let _ = child.start_kill();
                return Err(error);
            }
            Some(Ok(hangup)) => Some(hangup),
            None => None,
        };
        let stdout = child.stdout.take().map(|pipe| Box::new(pipe) as Box<dyn AsyncRead + Unpin>);
        let stderr = child.stderr.take().map(|pipe| Box::new(pipe) as Box<dyn AsyncRead + Unpin>);
        let exist = [stdin.is_some(), stdout.is_some(), stderr.is_some()];
        let shared = Rc::new(Shared::new(child, stdin, exist));
        let outputs = [stdout, stderr];
        Ok(Driver {
            protocol,
            shared,
            hangup,
            outputs,
            buffer: Vec::new(),
            exited: false,
            error: None,
        })
    }

    /// A handle to the child.
    pub(super) fn transport(&self) -> SubprocessTransport {
        SubprocessTransport::new(self.shared.clone())
    }

    /// Tells the protocol of the child.
    pub(super) fn begin(mut self) -> Driver<P> {
        let transport = self.transport();
        self.call("connection_made", |protocol| protocol.connection_made(transport));
        self
    }

    fn call(&mut self, name: &str, callback: impl FnOnce(&mut P)) {
        let protocol = &mut self.protocol;
        if !contain(name, || callback(protocol)) {
            self.error.get_or_insert_with(panicked);
            self.shared.close();
        }
    }

    fn lose_pipe(&mut self, place: usize, error: Option<io::Error>) {
        // Closed before it is told.
        match place {
            0 => {
                self.hangup = None;
                drop(self.shared.stdin.take());
                self.shared.outgoing.clear();
            }
            _ => self.outputs[place - 1] = None,
        }
        self.shared.pipes[place].closing.set(true);
        self.call("pipe_connection_lost", |protocol| {
            protocol.pipe_connection_lost(place as i32, error);
        });
    }

    fn has_pipe(&self, place: usize) -> bool {
        match place {
            0 => self.hangup.is_some(),
            _ => self.outputs[place - 1].is_some(),
        }
    }

    fn write(&mut self, cx: &mut Context<'_>) {
        let Some(hangup) = &mut self.hangup else { return };
        let Some(mut stdin) = self.shared.stdin.take() else { return };
        let outgoing = &self.shared.outgoing;
        let outcome = loop {
            if let Some(error) = self.shared.failure.take() {
                break Some(Some(error));
            }
            if outgoing.len() == 0 {
                // Without a transport nobody can write any more.
                if self.shared.pipes[0].closing.get() || Rc::strong_count(&self.shared) == 1 {
                    break Some(None);
                }
                break hangup.poll(cx, self.exited).is_ready().then_some(None);
            }
            match outgoing.write(|bytes| Pin::new(&mut stdin).poll_write(cx, bytes)) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
                Poll::Ready(Err(error)) => break Some(Some(error)),
                Poll::Pending => break None,
            }
        };
        self.shared.stdin.set(Some(stdin));
        if let Some(error) = outcome {
            return self.lose_pipe(0, error);
        }
        match self.shared.outgoing.flow() {
            Flow::AsBefore => {}
            Flow::Pause => self.call("pause_writing", P::pause_writing),
            Flow::Resume => self.call("resume_writing", P::resume_writing),
        }
    }

    fn read(&mut self, cx: &mut Context<'_>, place: usize) {
        let mut sum = 0;
        while let Some(output) = &mut self.outputs[place - 1] {
            let pipe = &self.shared.pipes[place];
            if pipe.closing.get() {
                return self.lose_pipe(place, None);
            }
            if pipe.paused.get() {
                return;
            }
            if sum >= TURN {
                cx.waker().wake_by_ref();
                return;
            }
            self.buffer.resize(SIZE, 0);
            match Pin::new(output).poll_read(cx, &mut self.buffer) {
                Poll::Ready(Ok(0)) => return self.lose_pipe(place, None),
                Poll::Ready(Ok(count)) => {
                    sum += count;
                    let buffer = std::mem::take(&mut self.buffer);
                    self.call("pipe_data_received", |protocol| {
                        protocol.pipe_data_received(place as i32, &buffer[..count]);
                    });
                    self.buffer = buffer;
                }
                Poll::Ready(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
                Poll::Ready(Err(error)) => return self.lose_pipe(place, Some(error)),
                Poll::Pending => return,
            }
        }
    }

    fn wait(&mut self, cx: &mut Context<'_>) {
        if self.exited {
            return;
        }
        let Poll::Ready(outcome) = self.shared.child.watched().poll_outcome(cx) else { return };
        self.exited = true;
        match outcome {
            Ok(status) => self.shared.status.set(Some(status)),
            Err(error) => drop(self.error.get_or_insert(error)),
        }
        self.call("process_exited", P::process_exited);
        // For systems where the end of the child is the end of its input.
        cx.waker().wake_by_ref();
    }

    fn lose(&mut self) {
        self.shared.lost.set(true);
        let error = self.error.take();
        self.call("connection_lost", |protocol| protocol.connection_lost(error));
    }
}

impl<P: SubprocessProtocol> Unpin for Driver<P> {}

impl<P: SubprocessProtocol> Future for Driver<P> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        this.shared.meet(cx);
        if this.shared.closing.get() {
            this.shared.outgoing.clear();
        }
        this.write(cx);
        this.read(cx, 1);
        this.read(cx, 2);
        this.wait(cx);
        if this.exited && (0..3).all(|place| !this.has_pipe(place)) {
            this.lose();
            return Poll::Ready(());
        }
        Poll::Pending
    }
}

impl<P: SubprocessProtocol> Drop for Driver<P> {
    /// The loop closes, and the protocol hears of it. The child is dropped with the last transport.
    fn drop(&mut self) {
        if self.shared.lost.get() {
            return;
        }
        let closed =
            || io::Error::new(io::ErrorKind::ConnectionAborted, "the event loop was closed");
        self.error.get_or_insert_with(closed);
        for place in 0..3 {
            if self.has_pipe(place) {
                self.lose_pipe(place, Some(closed()));
            }
        }
        self.lose();
    }
}

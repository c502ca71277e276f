//! What users implement.

use std::io;

use super::SubprocessTransport;

/// What becomes of a child process, one callback for each event.
///
/// The callbacks are called on the loop's thread, one at a time:
///
/// ```text
///   connection_made ─► pipe_data_received(1, ..), pipe_data_received(2, ..) ... ─► connection_lost
///                      pipe_connection_lost(0), (1), (2)   each once
///                      process_exited                      once
///                      pause_writing, resume_writing ...
/// ```
///
/// `connection_made` is first. `connection_lost` is last, exactly once, when the child has ended *and* all of
/// its pipes are closed. In between there is one order only: `pipe_connection_lost` of a pipe comes after the
/// data of that pipe. `process_exited` may well come before the last data has been read, and pipes that the
/// child has handed on to children of its own outlive it.
///
/// A callback may call any method of its transport; callbacks that such a call gives rise to come when it has
/// returned. One that panics kills the child: the loop's exception handler is told, and `connection_lost` is
/// called with an error.
///
/// When the loop is closed while the child runs, the pipes are lost with an error, then the connection;
/// `process_exited` is not called.
pub trait SubprocessProtocol: 'static {
    /// The child has been started; `transport` is how to talk to it, and how to end it.
    fn connection_made(&mut self, transport: SubprocessTransport) {
        let _ = transport;
    }

    /// The child has written to its standard output (1) or its standard error (2): at least one byte, in no
    /// particular division.
    fn pipe_data_received(&mut self, fd: i32, data: &[u8]);

    /// A pipe is closed: because of an error, or `None` if the child has ended it or it was closed on this
    /// side.
    ///
    /// For the standard input (0) the error is [`BrokenPipe`](io::ErrorKind::BrokenPipe) if something was
    /// written, or still waited to be, when nobody was left to read it. What the system had taken by then may
    /// not have been read either, which nobody is told.
    fn pipe_connection_lost(&mut self, fd: i32, error: Option<io::Error>) {
        let _ = (fd, error);
    }

    /// More waits to be written to the standard input than the [high-water
    /// mark](super::PipeTransport::set_write_buffer_limits) says; write no more for now.
    fn pause_writing(&mut self) {}

    /// What waits to be written has come down to the low-water mark; go on writing.
    fn resume_writing(&mut self) {}

    /// The child has ended; [`status`](SubprocessTransport::status) and
    /// [`returncode`](SubprocessTransport::returncode) tell how.
    fn process_exited(&mut self) {}

    /// All is over. The error, if there is one: a callback panicked, the loop was closed, or the exit status
    /// has been lost to other code of this process.
    fn connection_lost(&mut self, error: Option<io::Error>) {
        let _ = error;
    }
}

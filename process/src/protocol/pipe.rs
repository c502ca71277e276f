//! The handle by which a pipe to a child is written to, paused, or closed.

use std::fmt;

use super::shared::Pipe;
use super::transport::Handle;

/// A pipe to or from a child, made by
/// [`SubprocessTransport::pipe_transport`](super::SubprocessTransport::pipe_transport).
///
/// It is a handle, as the transport of the child is.
///
/// The standard input is written to, the two others are read. What makes sense for one kind only panics when
/// it is asked of the other, as that is a mistake of the program, but questions have an answer for both:
/// nothing waits to be written to a pipe that is read, and a pipe that is written to is not reading.
#[derive(Clone)]
pub struct PipeTransport {
    shared: Handle,
    place: usize,
}

impl PipeTransport {
    pub(super) fn new(shared: Handle, place: usize) -> PipeTransport {
        PipeTransport { shared, place }
    }

    fn pipe(&self) -> &Pipe {
        &self.shared.get().pipes[self.place]
    }

    /// The number of the pipe among the child's descriptors: 0, 1 or 2.
    pub fn fd(&self) -> i32 {
        self.place as i32
    }

    #[track_caller]
    fn assert_is_written_to(&self) {
        assert!(self.place == 0, "descriptor {} of the child is read, not written to", self.place);
    }

    #[track_caller]
    fn assert_is_read(&self) {
        assert!(self.place != 0, "the standard input of the child is written to, not read");
    }

    /// Closes the pipe. What was written to the standard input before is written all the same.
    ///
    /// `pipe_connection_lost` is called with `None` at the end, not before this returns. A child that writes
    /// to a pipe that has been closed gets `SIGPIPE`.
    pub fn close(&self) {
        if !self.pipe().closing.replace(true) {
            self.shared.get().notify();
        }
    }

    /// Closes the pipe without writing what waits to be written, also if it is closing already. A pipe that
    /// is read is closed as by [`close`](PipeTransport::close).
    pub fn abort(&self) {
        if self.place == 0 {
            self.shared.get().outgoing.clear();
        }
        self.pipe().closing.set(true);
        // Though it was closing before, it may have waited for room until now.
        self.shared.get().notify();
    }

    /// Whether the pipe is closing or closed.
    pub fn is_closing(&self) -> bool {
        self.pipe().closing.get()
    }
}

/// The standard input.
impl PipeTransport {
    /// Writes `data` to the standard input of the child: at once as far as there is room, the rest as soon as
    /// there is.
    ///
    /// What is written to a pipe that is closing or closed is thrown away.
    ///
    /// # Panics
    ///
    /// For a pipe that is read.
    #[track_caller]
    pub fn write(&self, data: &[u8]) {
        self.assert_is_written_to();
        if !self.is_closing() && !data.is_empty() {
            self.shared.get().write(data);
        }
    }

    /// Ends the standard input of the child once everything has been written; the same as
    /// [`close`](PipeTransport::close).
    ///
    /// # Panics
    ///
    /// For a pipe that is read.
    #[track_caller]
    pub fn write_eof(&self) {
        self.assert_is_written_to();
        self.close();
    }

    /// Sets how many bytes have to wait to be written for the protocol to be told to pause, and how few for
    /// it to resume.
    ///
    /// It pauses above `high` and resumes at or below `low`. By default `high` is 64 KiB, or four times `low`
    /// if that is given, and `low` a quarter of `high`.
    ///
    /// # Panics
    ///
    /// If `low` is more than `high`, and for a pipe that is read.
    #[track_caller]
    pub fn set_write_buffer_limits(&self, high: Option<usize>, low: Option<usize>) {
        self.assert_is_written_to();
        let high = high.or(low.map(|low| low.saturating_mul(4))).unwrap_or(64 * 1024);
        let low = low.unwrap_or(high / 4);
        assert!(low <= high, "the low-water mark ({low}) must not be above the high one ({high})");
        let outgoing = &self.shared.get().outgoing;
        outgoing.low.set(low);
        outgoing.high.set(high);
        self.shared.get().notify();
    }

    /// How many bytes wait to be written: none to a pipe that is read.
    #[doc(alias = "get_write_buffer_size")]
    pub fn write_buffer_size(&self) -> usize {
        if self.place == 0 { self.shared.get().outgoing.len() } else { 0 }
    }

    /// Whether more than the high-water mark waits to be written, or has, and not yet little enough to
    /// resume; false for a pipe that is read.
    pub fn is_writing_paused(&self) -> bool {
        self.place == 0 && self.shared.get().outgoing.is_paused()
    }
}

/// The standard output and the standard error.
impl PipeTransport {
    /// Reads nothing more until [`resume_reading`](PipeTransport::resume_reading); the child will have to
    /// wait when the pipe is full.
    ///
    /// Nor is it noticed while reading is paused that the child has closed its end, so that `connection_lost`
    /// is not called.
    ///
    /// # Panics
    ///
    /// For the standard input.
    #[track_caller]
    pub fn pause_reading(&self) {
        self.assert_is_read();
        self.pipe().paused.set(true);
    }

    /// Reads on, if reading was paused.
    ///
    /// # Panics
    ///
    /// For the standard input.
    #[track_caller]
    pub fn resume_reading(&self) {
        self.assert_is_read();
        if self.pipe().paused.replace(false) {
            self.shared.get().notify();
        }
    }

    /// Whether the pipe is one that is read, is open, and is not paused.
    pub fn is_reading(&self) -> bool {
        self.place != 0 && !self.pipe().paused.get() && !self.is_closing()
    }
}

impl fmt::Debug for PipeTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PipeTransport")
            .field("fd", &self.fd())
            .field("is_closing", &self.is_closing())
            .finish_non_exhaustive()
    }
}

//! The least that a server of streams can do: epoll, and a state machine a connection instead of a task.
//!
//! One edge-triggered registration for both directions, and no second call after a short read, as a good
//! runtime does it.

use std::{
    io::{ErrorKind, Read, Write},
    os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd},
};

use crate::tcp::Job;

/// A stream of bytes with a descriptor of its own.
pub(crate) trait Stream: Read + Write + AsRawFd + FromRawFd {}

impl<S: Read + Write + AsRawFd + FromRawFd> Stream for S {}

struct Connection<S> {
    stream: S,
    buffer: Box<[u8]>,
    filled: usize,
    written: usize,
}

/// What to do with a connection next.
enum Next {
    Wait,
    Close,
}

const LISTENER: u64 = 0;

/// Serves connections until the process ends; the listener's are of the type `S`.
pub(crate) fn serve<S: Stream>(listener: impl AsFd, job: Job) -> ! {
    let listener = listener.as_fd();
    socket2::SockRef::from(&listener).set_nonblocking(true).expect("a socket can be nonblocking");
    // SAFETY: a plain system call.
    let epoll = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
    register(epoll, listener.as_raw_fd(), libc::EPOLLIN, LISTENER);
    let mut events = [libc::epoll_event { events: 0, u64: 0 }; 1024];
    loop {
        // SAFETY: the buffer has room for 1024 events.
        let ready = unsafe { libc::epoll_wait(epoll, events.as_mut_ptr(), 1024, -1) };
        for event in &events[..usize::try_from(ready).unwrap_or(0)] {
            let token = event.u64;
            if token == LISTENER {
                accept::<S>(epoll, listener, job);
                continue;
            }
            let connection = token as *mut Connection<S>;
            let closing =
                event.events & (libc::EPOLLRDHUP | libc::EPOLLHUP | libc::EPOLLERR) as u32 != 0;
            // SAFETY: a token is a leaked box, registered once and freed once, below; closing its descriptor
            // ends its events, and one wait reports it once.
            unsafe {
                if let Next::Close = (*connection).advance(job, closing) {
                    drop(Box::from_raw(connection));
                }
            }
        }
    }
}

fn register(epoll: i32, descriptor: i32, events: i32, token: u64) {
    let mut interest = libc::epoll_event { events: events as u32, u64: token };
    // SAFETY: both descriptors are open, and the event lives on this frame.
    let result = unsafe { libc::epoll_ctl(epoll, libc::EPOLL_CTL_ADD, descriptor, &mut interest) };
    assert_eq!(result, 0, "epoll takes a socket");
}

fn accept<S: Stream>(epoll: i32, listener: BorrowedFd<'_>, job: Job) {
    let flags = libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
    // SAFETY: no address is asked for; the descriptor that comes back is ours alone.
    let stream = unsafe {
        let descriptor =
            libc::accept4(listener.as_raw_fd(), std::ptr::null_mut(), std::ptr::null_mut(), flags);
        if descriptor < 0 {
            return;
        }
        S::from_raw_fd(descriptor)
    };
    let descriptor = stream.as_raw_fd();
    let buffer = vec![0; job.buffer()].into_boxed_slice();
    let connection = Box::new(Connection { stream, buffer, filled: 0, written: 0 });
    let token = Box::into_raw(connection) as u64;
    register(
        epoll,
        descriptor,
        libc::EPOLLIN | libc::EPOLLOUT | libc::EPOLLRDHUP | libc::EPOLLET,
        token,
    );
}

impl<S: Stream> Connection<S> {
    /// Moves a connection on as far as it goes; `closing` if the peer has sent its last.
    fn advance(&mut self, job: Job, closing: bool) -> Next {
        let mut emptied = false;
        loop {
            while self.written < self.filled {
                match self.stream.write(&self.buffer[self.written..self.filled]) {
                    Ok(count) => self.written += count,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => return Next::Wait,
                    Err(_) => return Next::Close,
                }
            }
            if emptied && !closing {
                return Next::Wait;
            }
            match self.stream.read(&mut self.buffer) {
                Ok(0) => return Next::Close,
                Ok(count) => {
                    emptied = count < self.buffer.len();
                    self.filled = count;
                    self.written = if job.echoes() { 0 } else { count };
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Next::Wait,
                Err(_) => return Next::Close,
            }
        }
    }
}

//! What the tests of descriptors share.

use std::cell::Cell;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::rc::Rc;

use runtime::reactor::{AsyncFd, Interest};
use runtime::task::yield_now;

/// Ends when the loop has seen everything that had happened when it was called.
pub(crate) async fn settled() {
    for _ in 0..3 {
        let (ours, theirs) = UnixStream::pair().unwrap();
        (&theirs).write_all(b"!").unwrap();
        let ours = AsyncFd::with_interest(ours, Interest::READABLE).unwrap();
        drop(ours.readable().await.unwrap());
        yield_now().await;
    }
}

/// A pair of sockets that do not block.
pub(crate) fn pair() -> (UnixStream, UnixStream) {
    let (one, other) = UnixStream::pair().unwrap();
    one.set_nonblocking(true).unwrap();
    other.set_nonblocking(true).unwrap();
    (one, other)
}

/// A counter that callbacks share.
#[derive(Clone, Default)]
pub(crate) struct Count(Rc<Cell<usize>>);

impl Count {
    pub(crate) fn up(&self) {
        self.0.set(self.0.get() + 1);
    }

    pub(crate) fn get(&self) -> usize {
        self.0.get()
    }
}

pub(crate) fn read_byte(mut stream: &UnixStream) -> Option<u8> {
    let mut byte = [0];
    match stream.read(&mut byte) {
        Ok(1) => Some(byte[0]),
        Ok(_) => None,
        Err(error) => panic!("called though there was nothing to read: {error}"),
    }
}

pub(crate) fn fill(mut stream: &UnixStream) {
    while stream.write(&[0; 4096]).is_ok() {}
}

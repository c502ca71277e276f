//! The selector for poll(2): levels become edges, and what others do to descriptors does no harm.

#![cfg(unix)]

use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::rc::Rc;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use mio::event;
use mio::net::UnixStream;
use mio::unix::{SourceFd, pipe};
use runtime_core::Builder;
use runtime_core::reactor::{
    AsyncFd, Deregister, Event, Interest, PollSelector, Ready, Rearm, Registered, Selector, Source,
    Token, Unpark,
};

const BOTH: Interest = Interest::READABLE.add(Interest::WRITABLE);
const FIRST: Token = Token(1);

fn selector() -> PollSelector {
    PollSelector::new().expect("there are descriptors left")
}

/// Counts the waits of the selector it wraps.
struct Counting {
    inner: PollSelector,
    waits: Rc<Cell<usize>>,
}

impl Selector for Counting {
    fn register(
        &self,
        source: &mut dyn Source,
        token: Token,
        interest: Interest,
    ) -> io::Result<()> {
        self.inner.register(source, token, interest)
    }

    fn reregister(
        &self,
        source: &mut dyn Source,
        token: Token,
        interest: Interest,
    ) -> io::Result<()> {
        self.inner.reregister(source, token, interest)
    }

    fn deregister(&self, source: &mut dyn Source) -> io::Result<()> {
        self.inner.deregister(source)
    }

    fn select(&mut self, events: &mut Vec<Event>, timeout: Option<Duration>) -> io::Result<()> {
        self.waits.set(self.waits.get() + 1);
        self.inner.select(events, timeout)
    }

    fn unparker(&self) -> Arc<dyn Unpark> {
        self.inner.unparker()
    }

    fn deregistrar(&self) -> Option<Arc<dyn Deregister>> {
        self.inner.deregistrar()
    }

    fn rearmer(&self) -> Option<Arc<dyn Rearm>> {
        self.inner.rearmer()
    }
}

/// A source that is no more than a number.
struct Number(RawFd);

impl AsRawFd for Number {
    fn as_raw_fd(&self) -> RawFd {
        self.0
    }
}

impl event::Source for Number {
    fn register(
        &mut self,
        registry: &mio::Registry,
        token: mio::Token,
        interests: mio::Interest,
    ) -> io::Result<()> {
        SourceFd(&self.0).register(registry, token, interests)
    }

    fn reregister(
        &mut self,
        registry: &mio::Registry,
        token: mio::Token,
        interests: mio::Interest,
    ) -> io::Result<()> {
        SourceFd(&self.0).reregister(registry, token, interests)
    }

    fn deregister(&mut self, registry: &mio::Registry) -> io::Result<()> {
        SourceFd(&self.0).deregister(registry)
    }
}

/// What there is to report at this moment.
fn look(selector: &mut PollSelector) -> Vec<Event> {
    let mut events = Vec::new();
    selector.select(&mut events, Some(Duration::ZERO)).unwrap();
    events
}

/// What there is to report of the only source.
fn look_at_one(selector: &mut PollSelector) -> Ready {
    let events = look(selector);
    assert!(events.len() <= 1, "{events:?}");
    events.first().map_or(Ready::EMPTY, |event| event.ready)
}

/// Moves a descriptor to a number that is free, and that no other test comes across.
fn high(descriptor: impl Into<OwnedFd>, number: RawFd) -> OwnedFd {
    let high = rustix::io::fcntl_dupfd_cloexec(descriptor.into(), number).unwrap();
    assert_eq!(high.as_raw_fd(), number);
    high
}

#[test]
fn a_level_is_reported_again_when_it_is_rearmed_and_not_before() {
    let mut selector = selector();
    let rearmer = selector.rearmer().unwrap();
    let (mut ours, mut theirs) = UnixStream::pair().unwrap();
    selector.register(&mut ours, FIRST, BOTH).unwrap();
    assert_eq!(look_at_one(&mut selector), Ready::WRITABLE);
    theirs.write_all(b"ab").unwrap();
    assert_eq!(look_at_one(&mut selector), Ready::READABLE);
    assert_eq!(look_at_one(&mut selector), Ready::EMPTY);

    // Not all has been read when somebody waits again.
    ours.read_exact(&mut [0; 1]).unwrap();
    rearmer.rearm(FIRST, Interest::READABLE);
    assert_eq!(look_at_one(&mut selector), Ready::READABLE);
    ours.read_exact(&mut [0; 1]).unwrap();
    rearmer.rearm(FIRST, Interest::READABLE);
    assert_eq!(look_at_one(&mut selector), Ready::EMPTY);
    theirs.write_all(b"c").unwrap();
    assert_eq!(look_at_one(&mut selector), Ready::READABLE);
}

#[test]
fn the_end_of_a_stream_and_a_hang_up_are_reported_once_each() {
    let mut selector = selector();
    let (mut ours, theirs) = UnixStream::pair().unwrap();
    selector.register(&mut ours, FIRST, BOTH).unwrap();
    look(&mut selector);
    theirs.shutdown(Shutdown::Write).unwrap();
    let ended = look_at_one(&mut selector);
    assert!(ended.is_readable() && !ended.is_write_closed(), "{ended:?}");
    assert_eq!(look_at_one(&mut selector), Ready::EMPTY);

    // Nobody waits, so nobody is told; a writer is, when there is one.
    drop(theirs);
    assert_eq!(look_at_one(&mut selector), Ready::EMPTY);
    selector.rearmer().unwrap().rearm(FIRST, Interest::WRITABLE);
    assert!(look_at_one(&mut selector).is_write_closed());
    assert_eq!(look_at_one(&mut selector), Ready::EMPTY);
}

#[test]
#[cfg(target_os = "linux")]
fn out_of_band_data_is_told_from_the_rest() {
    use mio::net::TcpStream;
    use rustix::net::{SendFlags, send};

    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut ours = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let (theirs, _) = listener.accept().unwrap();
    theirs.set_nodelay(true).unwrap();
    let mut selector = selector();
    let rearmer = selector.rearmer().unwrap();
    selector.register(&mut ours, FIRST, BOTH | Interest::PRIORITY).unwrap();
    let mut next = || {
        let mut events = Vec::new();
        selector.select(&mut events, None).unwrap();
        events.iter().fold(Ready::EMPTY, |ready, event| ready | event.ready)
    };
    assert_eq!(next(), Ready::WRITABLE);
    (&theirs).write_all(b"data").unwrap();
    assert_eq!(next(), Ready::READABLE);
    // The data is still there, but that is not what is waited for.
    rearmer.rearm(FIRST, Interest::PRIORITY);
    send(&theirs, b"!", SendFlags::OOB).unwrap();
    assert_eq!(next(), Ready::PRIORITY);
}

#[test]
fn a_descriptor_closed_under_the_selector_is_reported_as_an_error_once() {
    let mut selector = selector();
    let (ours, _theirs) = UnixStream::pair().unwrap();
    let ours = high(OwnedFd::from(std::os::unix::net::UnixStream::from(ours)), 701);
    let number = ours.as_raw_fd();
    selector.register(&mut Number(number), FIRST, Interest::READABLE).unwrap();
    drop(ours);
    let ready = look_at_one(&mut selector);
    assert!(ready.is_error() && ready.is_readable() && ready.is_writable());
    assert_eq!(look_at_one(&mut selector), Ready::EMPTY);
    // Its number may go to another one, which takes the registration over.
    let (sender, mut receiver) = UnixStream::pair().unwrap();
    let sender = high(OwnedFd::from(std::os::unix::net::UnixStream::from(sender)), number);
    receiver.write_all(b"x").unwrap();
    let mut again = Number(number);
    let error = selector.register(&mut again, Token(2), Interest::READABLE).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
    selector.reregister(&mut again, Token(2), Interest::READABLE).unwrap();
    assert_eq!(look(&mut selector), [Event { token: Token(2), ready: Ready::READABLE }]);
    drop(sender);
}

#[test]
fn a_number_without_a_descriptor_is_refused() {
    let selector = selector();
    for number in [-1, 702] {
        let error = selector.register(&mut Number(number), FIRST, BOTH).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(rustix::io::Errno::BADF.raw_os_error()));
    }
}

#[test]
fn a_regular_file_is_always_ready() {
    let rt = Builder::new().selector(selector()).build().unwrap();
    rt.block_on(async {
        let file = AsyncFd::new(File::open(std::env::current_exe().unwrap()).unwrap()).unwrap();
        let mut start = [0; 4];
        let length = file.async_io(Interest::READABLE, |mut file| file.read(&mut start)).await;
        assert_eq!(length.unwrap(), 4);
        let guard = file.ready(BOTH).await.unwrap();
        assert!(guard.ready().is_readable());
    });
}

#[test]
fn an_error_that_lasts_is_told_again_without_anybody_asking_twice() {
    let mut selector = selector();
    let rearmer = selector.rearmer().unwrap();
    let (mut sender, receiver) = pipe::new().unwrap();
    selector.register(&mut sender, FIRST, BOTH).unwrap();
    drop(receiver);
    for _ in 0..5 {
        // Longer and longer it is left out, but the wait ends when that is over.
        let mut events = Vec::new();
        while events.is_empty() {
            selector.select(&mut events, None).unwrap();
        }
        assert!(events[0].ready.is_error());
        rearmer.rearm(FIRST, Interest::READABLE);
    }
}

#[test]
fn sources_that_nobody_waits_for_let_the_loop_sleep() {
    let waits = Rc::new(Cell::new(0));
    let counting = Counting { inner: selector(), waits: waits.clone() };
    let rt = Builder::new().selector(counting).spin(None).build().unwrap();
    rt.block_on(async {
        // Writable all the time, readable all the time, ended, and hung up.
        let (writable, _peer) = UnixStream::pair().unwrap();
        let (readable, mut writer) = UnixStream::pair().unwrap();
        writer.write_all(b"unread").unwrap();
        let (ended, half) = UnixStream::pair().unwrap();
        half.shutdown(Shutdown::Write).unwrap();
        let (hung_up, gone) = UnixStream::pair().unwrap();
        drop(gone);
        let _sources = [writable, readable, ended, hung_up].map(|io| Registered::new(io).unwrap());
        runtime_core::time::sleep(Duration::from_millis(1)).await;

        waits.set(0);
        runtime_core::time::sleep(Duration::from_millis(20)).await;
        // One that ends by the timer, and perhaps one that comes an instant before it.
        assert!(waits.get() <= 3, "{} waits", waits.get());
    });
}

#[test]
fn rearming_from_another_thread_is_heard_by_a_wait_that_has_begun() {
    let mut selector = selector();
    let rearmer = selector.rearmer().unwrap();
    let (mut ours, mut theirs) = UnixStream::pair().unwrap();
    theirs.write_all(b"x").unwrap();
    selector.register(&mut ours, FIRST, Interest::READABLE).unwrap();
    assert_eq!(look_at_one(&mut selector), Ready::READABLE);
    let (waits, is_waiting) = mpsc::channel();
    let waiter = thread::spawn(move || {
        let mut events = Vec::new();
        waits.send(()).unwrap();
        // The byte is still there, so it would end the wait if anybody asked for it.
        while events.is_empty() {
            selector.select(&mut events, None).unwrap();
        }
        events
    });
    is_waiting.recv().unwrap();
    rearmer.rearm(FIRST, Interest::READABLE);
    let events = waiter.join().unwrap();
    assert_eq!(events, [Event { token: FIRST, ready: Ready::READABLE }]);
}

#[test]
fn a_socket_that_another_thread_closes_is_closed_though_the_selector_waits_for_it() {
    // There is no telling when a thread has arrived inside of poll(2); some of these times it has.
    for _ in 0..50 {
        let mut selector = selector();
        let deregistrar = selector.deregistrar().unwrap();
        let unparker = selector.unparker();
        let (mut ours, theirs) = UnixStream::pair().unwrap();
        selector.register(&mut ours, FIRST, Interest::READABLE).unwrap();
        let (waits, is_waiting) = mpsc::channel();
        let (leaves, may_leave) = mpsc::channel::<()>();
        let waiter = thread::spawn(move || {
            waits.send(()).unwrap();
            while may_leave.try_recv().is_err() {
                selector.select(&mut Vec::new(), None).unwrap();
            }
        });
        is_waiting.recv().unwrap();
        deregistrar.deregister(&mut ours).unwrap();
        drop(ours);
        // Waits until the other end is closed.
        let mut theirs = std::os::unix::net::UnixStream::from(theirs);
        theirs.set_nonblocking(false).unwrap();
        assert_eq!(theirs.read(&mut [0; 1]).unwrap(), 0);
        leaves.send(()).unwrap();
        unparker.unpark();
        waiter.join().unwrap();
    }
}

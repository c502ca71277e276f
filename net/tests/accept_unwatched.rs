//! A listener goes on when the loop cannot watch a connection that was accepted.

use std::cell::Cell;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use futures::{AsyncReadExt, StreamExt};
use runtime::Builder;
use runtime::net::TcpListener;
use runtime::reactor::{
    Deregister, Descriptor, Event, Interest, MioSelector, Rearm, Selector, Source, Token, Unpark,
};

/// Refuses as many registrations as it has been told to, as a system does that is out of watches.
struct Refusing {
    inner: MioSelector,
    left: Rc<Cell<u32>>,
}

impl Selector for Refusing {
    fn register(
        &self,
        source: &mut dyn Source,
        token: Token,
        interest: Interest,
    ) -> io::Result<()> {
        if let Some(left) = self.left.get().checked_sub(1) {
            self.left.set(left);
            return Err(io::Error::new(io::ErrorKind::StorageFull, "no watches left"));
        }
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

    fn descriptor(&self) -> Option<Descriptor> {
        self.inner.descriptor()
    }

    fn forgets_closed_sources(&self) -> bool {
        self.inner.forgets_closed_sources()
    }
}

/// Runs a test, which sets how many registrations are refused.
fn run<F: Future<Output = io::Result<()>>>(
    test: impl FnOnce(Rc<Cell<u32>>) -> F,
) -> io::Result<()> {
    let left = Rc::new(Cell::new(0));
    let selector = Refusing { inner: MioSelector::new()?, left: left.clone() };
    Builder::new().selector(selector).build()?.block_on(test(left))
}

/// Says who it is, once it is accepted.
fn client(listener: &TcpListener, name: &[u8; 1]) -> io::Result<std::net::TcpStream> {
    let mut stream = std::net::TcpStream::connect(listener.local_addr()?)?;
    io::Write::write_all(&mut stream, name)?;
    Ok(stream)
}

fn is_closed(mut stream: std::net::TcpStream) -> bool {
    // A reset, or an end.
    matches!(io::Read::read(&mut stream, &mut [0]), Ok(0) | Err(_))
}

#[test]
fn accept_closes_what_cannot_be_watched_and_goes_on() -> io::Result<()> {
    run(async |refusals| {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let (first, second) = (client(&listener, b"1")?, client(&listener, b"2")?);
        let _third = client(&listener, b"3")?;
        refusals.set(2);
        let (mut stream, _) = listener.accept().await?;
        let mut name = [0];
        stream.read_exact(&mut name).await?;
        assert_eq!(&name, b"3");
        assert!(is_closed(first) && is_closed(second));
        Ok(())
    })
}

#[test]
fn incoming_closes_what_cannot_be_watched_and_goes_on() -> io::Result<()> {
    run(async |refusals| {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let first = client(&listener, b"1")?;
        let _second = client(&listener, b"2")?;
        refusals.set(1);
        let mut stream = listener.incoming().next().await.expect("it never ends")?;
        let mut name = [0];
        stream.read_exact(&mut name).await?;
        assert_eq!(&name, b"2");
        assert!(is_closed(first));
        Ok(())
    })
}

#[test]
fn try_accept_cannot_wait_and_says_why() -> io::Result<()> {
    run(async |refusals| {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let _first = client(&listener, b"1")?;
        refusals.set(1);
        let error = loop {
            match listener.try_accept() {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    runtime::task::yield_now().await;
                }
                outcome => break outcome.expect_err("the selector refuses"),
            }
        };
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
        Ok(())
    })
}

#[cfg(unix)]
#[test]
fn a_unix_listener_does_the_same() -> io::Result<()> {
    use runtime::net::UnixListener;

    run(async |refusals| {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("listener");
        let listener = UnixListener::bind(&path)?;
        let mut first = std::os::unix::net::UnixStream::connect(&path)?;
        let mut second = std::os::unix::net::UnixStream::connect(&path)?;
        io::Write::write_all(&mut second, b"2")?;
        refusals.set(1);
        let (mut stream, _) = listener.accept().await?;
        let mut name = [0];
        stream.read_exact(&mut name).await?;
        assert_eq!(&name, b"2");
        assert_eq!(io::Read::read(&mut first, &mut name)?, 0);
        Ok(())
    })
}

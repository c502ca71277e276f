//! A listener that panics or fails costs one connection at most, and whoever is in charge hears of it.

use std::cell::{Cell, RefCell};
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use futures::{AsyncReadExt, AsyncWriteExt};
use runtime::net::server::{Connection, Listener};
use runtime::net::{Server, TcpListener, TcpStream};

mod common;

use common::selectors::{self, builder, on_each_selector};

on_each_selector!(
    a_listener_that_panics_while_it_accepts_goes_on_accepting,
    a_listener_that_panics_over_a_connection_loses_that_one,
    a_listener_that_cannot_name_itself_is_complained_about_all_the_same,
    a_complaint_names_the_listener_that_it_is_about,
);

#[derive(Clone, Copy, PartialEq)]
enum Trouble {
    None,
    Accepting,
    Establishing,
    Failing,
}

/// A listener that makes trouble once, and only there where it has been told to.
struct Troublesome {
    inner: TcpListener,
    trouble: Rc<Cell<Trouble>>,
    nameless: bool,
}

impl Troublesome {
    fn makes(&self, trouble: Trouble) -> bool {
        let makes = self.trouble.get() == trouble;
        if makes {
            self.trouble.set(Trouble::None);
        }
        makes
    }
}

impl Listener for Troublesome {
    type Io = TcpStream;
    type Stream = Connection<TcpStream>;
    type Addr = SocketAddr;

    fn poll_accept(&self, cx: &mut Context<'_>) -> Poll<io::Result<(TcpStream, SocketAddr)>> {
        let accepted = ready!(self.inner.poll_accept(cx))?;
        if self.makes(Trouble::Accepting) {
            panic!("while it accepts");
        }
        if self.makes(Trouble::Failing) {
            return Poll::Ready(Err(io::Error::other("just so")));
        }
        Poll::Ready(Ok(accepted))
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        if self.nameless && self.trouble.get() == Trouble::None {
            panic!("it has forgotten its name");
        }
        self.inner.local_addr()
    }

    fn establish(
        &self,
        connection: Connection<TcpStream>,
        peer: &SocketAddr,
    ) -> impl Future<Output = io::Result<Self::Stream>> + 'static {
        if self.makes(Trouble::Establishing) {
            panic!("while it establishes");
        }
        self.inner.establish(connection, peer)
    }

    fn end_input(io: &TcpStream) {
        TcpListener::end_input(io);
    }

    fn reset_on_close(io: &TcpStream) {
        TcpListener::reset_on_close(io);
    }
}

async fn troublesome(trouble: Trouble) -> io::Result<(Troublesome, SocketAddr)> {
    let inner = TcpListener::bind("127.0.0.1:0").await?;
    let address = inner.local_addr()?;
    Ok((Troublesome { inner, trouble: Rc::new(Cell::new(trouble)), nameless: false }, address))
}

/// What the exception handler was told: the message, the panic's, the task's name.
type Reports = Rc<RefCell<Vec<(String, String, String)>>>;

fn run_reporting<F: Future<Output = io::Result<()>>>(
    test: impl FnOnce(Reports) -> F,
) -> io::Result<()> {
    let reports = Reports::default();
    let kept = reports.clone();
    let rt = builder()
        .exception_handler(move |context| {
            let name = context.task().and_then(|task| task.name()).unwrap_or_default();
            let panic = context.panic_message().unwrap_or_default();
            let report = (context.message().to_owned(), panic.to_owned(), name.to_owned());
            kept.borrow_mut().push(report);
        })
        .build()?;
    rt.block_on(test(reports))
}

async fn echo(stream: Connection<TcpStream>, _: SocketAddr) -> io::Result<u64> {
    futures::io::copy(&stream, &mut &stream).await
}

async fn is_served(address: SocketAddr) -> io::Result<()> {
    let mut client = TcpStream::connect(address).await?;
    client.write_all(b"a").await?;
    client.read_exact(&mut [0]).await
}

async fn is_dropped(address: SocketAddr) -> io::Result<()> {
    let mut client = TcpStream::connect(address).await?;
    assert!(matches!(client.read(&mut [0]).await, Ok(0) | Err(_)));
    Ok(())
}

fn a_listener_that_panics_while_it_accepts_goes_on_accepting() -> io::Result<()> {
    run_reporting(async |reports| {
        let (listener, address) = troublesome(Trouble::Accepting).await?;
        let server = Server::over(listener).serve(echo).await?;
        is_dropped(address).await?;
        is_served(address).await?;
        assert!(server.is_serving());
        let reports = reports.take();
        let [(_, panic, name)] = &reports[..] else { panic!("not one report: {reports:?}") };
        assert_eq!(panic, "while it accepts");
        assert_eq!(*name, format!("accept loop on {address}"));
        Ok(())
    })
}

fn a_listener_that_panics_over_a_connection_loses_that_one() -> io::Result<()> {
    run_reporting(async |reports| {
        let (listener, address) = troublesome(Trouble::Establishing).await?;
        let server = Server::over(listener).serve(echo).await?;
        is_dropped(address).await?;
        is_served(address).await?;
        while server.connections() > 0 {
            common::round_trips(1).await?;
        }
        let reports = reports.take();
        let [(_, panic, name)] = &reports[..] else { panic!("not one report: {reports:?}") };
        assert_eq!(panic, "while it establishes");
        assert_eq!(*name, format!("accept loop on {address}"));
        Ok(())
    })
}

fn a_listener_that_cannot_name_itself_is_complained_about_all_the_same() -> io::Result<()> {
    run_reporting(async |reports| {
        let (mut listener, address) = troublesome(Trouble::Failing).await?;
        listener.nameless = true;
        let _server = Server::over(listener).serve(echo).await?;
        is_dropped(address).await?;
        is_served(address).await?;
        let reports = reports.take();
        let [(message, ..)] = &reports[..] else { panic!("not one report: {reports:?}") };
        assert_eq!(message, "a server cannot accept, and will retry");
        Ok(())
    })
}

fn a_complaint_names_the_listener_that_it_is_about() -> io::Result<()> {
    run_reporting(async |reports| {
        let (first, first_address) = troublesome(Trouble::None).await?;
        let (second, second_address) = troublesome(Trouble::Failing).await?;
        // Whose addresses come first in the list, and whose sockets last.
        let server = Server::builder()
            .bind("127.0.0.1", 0)
            .start_serving(false)
            .wrap(|inner| Troublesome {
                inner,
                trouble: Rc::new(Cell::new(Trouble::None)),
                nameless: false,
            })
            .listener(first)
            .listener(second)
            .serve(echo)
            .await?;
        server.start_serving()?;
        is_dropped(second_address).await?;
        is_served(second_address).await?;
        is_served(first_address).await?;
        is_served(server.local_addrs()[0]).await?;
        let reports = reports.take();
        let [(message, ..)] = &reports[..] else { panic!("not one report: {reports:?}") };
        let expected = format!("a server cannot accept on {second_address}, and will retry");
        assert_eq!(*message, expected);
        Ok(())
    })
}

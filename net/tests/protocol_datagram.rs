//! Datagrams by callbacks.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::rc::Rc;
use std::task::{Poll, Waker};

use runtime::net::UdpSocket;
use runtime::net::protocol::{DatagramProtocol, DatagramTransport, create_datagram_endpoint};
use runtime::reactor::Interest;

mod common;

use common::selectors::{self, builder, on_each_selector, run};

on_each_selector!(
    datagrams_are_received_one_by_one,
    an_answer_can_be_sent_from_the_callback,
    a_refusal_is_an_error_that_leaves_the_endpoint,
    a_close_ends_the_endpoint_once,
    an_abort_ends_the_endpoint_once,
    a_datagram_that_is_too_long_is_an_error,
    a_panic_ends_the_endpoint,
    a_closing_loop_ends_the_endpoint_with_an_error,
    a_protocol_that_answers_failures_by_failing_keeps_only_itself_busy,
    what_is_sent_on_account_of_a_failure_gets_away,
    a_full_socket_pauses_writing_until_there_is_room,
    limits_apply_to_what_waits_already,
    a_close_sends_what_waits_and_an_abort_does_not,
);

#[derive(Clone, Default)]
struct Log(Rc<Inner>);

#[derive(Default)]
struct Inner {
    events: RefCell<Vec<String>>,
    waker: RefCell<Option<Waker>>,
}

impl Log {
    fn note(&self, event: String) {
        self.0.events.borrow_mut().push(event);
        let waker = self.0.waker.take();
        waker.into_iter().for_each(Waker::wake);
    }

    fn events(&self) -> Vec<String> {
        self.0.events.borrow().clone()
    }

    async fn until(&self, count: usize) -> Vec<String> {
        poll_fn(|cx| {
            *self.0.waker.borrow_mut() = Some(cx.waker().clone());
            if self.events().len() >= count { Poll::Ready(self.events()) } else { Poll::Pending }
        })
        .await
    }
}

/// Writes down what it hears, answers questions, and panics if asked to.
struct Recorder {
    log: Log,
    transport: Option<DatagramTransport>,
}

impl Recorder {
    fn new(log: &Log) -> Recorder {
        Recorder { log: log.clone(), transport: None }
    }
}

impl DatagramProtocol for Recorder {
    fn connection_made(&mut self, transport: DatagramTransport) {
        self.transport = Some(transport);
        self.log.note("made".to_owned());
    }

    fn datagram_received(&mut self, data: &[u8], from: SocketAddr) {
        let text = String::from_utf8_lossy(data).into_owned();
        self.log.note(format!("got {text:?}"));
        if let Some(transport) = &self.transport {
            match &*text {
                "question" => transport.send_to(b"answer", from),
                "close" => transport.close(),
                "panic" => panic!("as asked"),
                _ => {}
            }
        }
    }

    fn error_received(&mut self, error: io::Error) {
        self.log.note(format!("error {:?}", error.kind()));
    }

    fn pause_writing(&mut self) {
        self.log.note("pause".to_owned());
    }

    fn resume_writing(&mut self) {
        let size = self.transport.as_ref().map_or(0, DatagramTransport::write_buffer_size);
        self.log.note(format!("resume at {size}"));
    }

    fn connection_lost(&mut self, error: Option<io::Error>) {
        self.log.note(format!("lost {:?}", error.map(|error| error.kind())));
    }
}

async fn endpoint(log: &Log) -> io::Result<(DatagramTransport, UdpSocket)> {
    let socket = UdpSocket::bind("127.0.0.1:0").await?;
    let transport = create_datagram_endpoint(|| Recorder::new(log), socket)?;
    let client = UdpSocket::bind("127.0.0.1:0").await?;
    client.connect(transport.local_addr()?).await?;
    Ok((transport, client))
}

fn datagrams_are_received_one_by_one() -> io::Result<()> {
    run(async {
        let log = Log::default();
        let (_transport, client) = endpoint(&log).await?;
        for text in ["a", "", "bc"] {
            client.send(text.as_bytes()).await?;
        }
        let events = log.until(4).await;
        assert_eq!(events, ["made", "got \"a\"", "got \"\"", "got \"bc\""]);
        Ok(())
    })
}

fn an_answer_can_be_sent_from_the_callback() -> io::Result<()> {
    run(async {
        let log = Log::default();
        let (transport, client) = endpoint(&log).await?;
        client.send(b"question").await?;
        let mut answer = [0; 20];
        assert_eq!(client.recv(&mut answer).await?, 6);
        assert_eq!(&answer[..6], b"answer");
        assert_eq!(transport.write_buffer_size(), 0);
        Ok(())
    })
}

fn a_refusal_is_an_error_that_leaves_the_endpoint() -> io::Result<()> {
    run(async {
        let log = Log::default();
        let gone = UdpSocket::bind("127.0.0.1:0").await?;
        let socket = UdpSocket::bind("127.0.0.1:0").await?;
        socket.connect(gone.local_addr()?).await?;
        drop(gone);
        let transport = create_datagram_endpoint(|| Recorder::new(&log), socket)?;
        transport.send(b"anybody there?");
        assert_eq!(log.until(2).await, ["made", "error ConnectionRefused"]);
        assert!(!transport.is_closing());
        transport.close();
        assert_eq!(log.until(3).await[2], "lost None");
        Ok(())
    })
}

fn a_close_ends_the_endpoint_once() -> io::Result<()> {
    run(async {
        let log = Log::default();
        let (transport, client) = endpoint(&log).await?;
        client.send(b"close").await?;
        client.send(b"too late").await?;
        let events = log.until(3).await;
        assert_eq!(events, ["made", "got \"close\"", "lost None"]);
        transport.send_to(b"too late", client.local_addr()?);
        transport.close();
        transport.abort();
        assert!(transport.local_addr().is_err());
        common::round_trips(3).await?;
        assert_eq!(log.events().len(), 3);
        Ok(())
    })
}

fn an_abort_ends_the_endpoint_once() -> io::Result<()> {
    run(async {
        let log = Log::default();
        let (transport, _client) = endpoint(&log).await?;
        transport.abort();
        assert_eq!(log.events(), ["made"], "not before the call returns");
        assert_eq!(log.until(2).await, ["made", "lost None"]);
        common::round_trips(3).await?;
        assert_eq!(log.events().len(), 2);
        Ok(())
    })
}

fn a_datagram_that_is_too_long_is_an_error() -> io::Result<()> {
    run(async {
        let log = Log::default();
        let (transport, client) = endpoint(&log).await?;
        transport.send_to(&[0; 70_000], client.local_addr()?);
        let events = log.until(2).await;
        assert!(events[1].starts_with("error"), "{events:?}");
        assert!(!transport.is_closing());
        Ok(())
    })
}

fn a_panic_ends_the_endpoint() -> io::Result<()> {
    let reports = Rc::new(RefCell::new(Vec::new()));
    let kept = reports.clone();
    let rt = builder()
        .exception_handler(move |context| {
            kept.borrow_mut().push(context.panic_message().unwrap_or_default().to_owned());
        })
        .build()?;
    rt.block_on(async {
        let log = Log::default();
        let (transport, client) = endpoint(&log).await?;
        client.send(b"panic").await?;
        let events = log.until(3).await;
        assert_eq!(events, ["made", "got \"panic\"", "lost Some(Other)"]);
        assert!(transport.is_closing());
        common::round_trips(3).await?;
        assert_eq!(*reports.borrow(), ["as asked"]);
        Ok(())
    })
}

fn a_closing_loop_ends_the_endpoint_with_an_error() -> io::Result<()> {
    let log = Log::default();
    let rt = builder().build()?;
    rt.block_on(async {
        endpoint(&log).await?;
        common::round_trips(2).await
    })?;
    rt.close().expect("it does not run");
    assert_eq!(log.events(), ["made", "lost Some(ConnectionAborted)"]);
    Ok(())
}

/// Does something when it hears of a failure.
struct OnError<F> {
    transport: Option<DatagramTransport>,
    react: F,
}

impl<F: FnMut(&DatagramTransport) + 'static> DatagramProtocol for OnError<F> {
    fn connection_made(&mut self, transport: DatagramTransport) {
        self.transport = Some(transport);
    }

    fn datagram_received(&mut self, _: &[u8], _: SocketAddr) {
        // As in `error_received`, but while there are other things to do.
        self.error_received(io::ErrorKind::Other.into());
    }

    fn error_received(&mut self, _: io::Error) {
        if let Some(transport) = &self.transport {
            (self.react)(transport);
        }
    }
}

/// Has the socket take nothing, until its selector says that there is room again: one that tells edges when
/// something else happens, one that tells levels when it looks next.
fn leave_no_room(transport: &DatagramTransport) {
    let blocked = || Err::<(), _>(io::ErrorKind::WouldBlock.into());
    transport.with_socket(|socket| socket.try_io(Interest::WRITABLE, blocked));
}

/// Where nothing can be sent.
fn nowhere() -> SocketAddr {
    ([127, 0, 0, 1], 0).into()
}

fn a_protocol_that_answers_failures_by_failing_keeps_only_itself_busy() -> io::Result<()> {
    run(async {
        for from_callback in [false, true] {
            let failures = Rc::new(Cell::new(0));
            let (count, stop) = (failures.clone(), Rc::new(Cell::new(false)));
            let stopped = stop.clone();
            let protocol = OnError {
                transport: None,
                react: move |transport: &DatagramTransport| {
                    count.set(count.get() + 1);
                    if !stopped.get() {
                        transport.send_to(b"x", nowhere());
                    }
                },
            };
            let socket = UdpSocket::bind("127.0.0.1:0").await?;
            let transport = create_datagram_endpoint(|| protocol, socket)?;
            common::round_trips(2).await?;
            if from_callback {
                let client = UdpSocket::bind("127.0.0.1:0").await?;
                client.send_to(b"begin", transport.local_addr()?).await?;
            } else {
                transport.send_to(b"x", nowhere());
            }
            while failures.get() < 1000 {
                runtime::task::yield_now().await;
            }
            stop.set(true);
        }
        Ok(())
    })
}

fn what_is_sent_on_account_of_a_failure_gets_away() -> io::Result<()> {
    run(async {
        let friend = UdpSocket::bind("127.0.0.1:0").await?;
        let address = friend.local_addr()?;
        let mut failing = true;
        let protocol = OnError {
            transport: None,
            react: move |transport: &DatagramTransport| {
                if std::mem::take(&mut failing) {
                    transport.send_to(b"x", nowhere());
                    return;
                }
                leave_no_room(transport);
                transport.send_to(b"help", address);
            },
        };
        let socket = UdpSocket::bind("127.0.0.1:0").await?;
        let transport = create_datagram_endpoint(|| protocol, socket)?;
        common::round_trips(2).await?;
        friend.send_to(b"begin", transport.local_addr()?).await?;
        common::round_trips(3).await?;
        // A selector that tells edges says that there is room when something else happens.
        friend.send_to(b"again", transport.local_addr()?).await?;
        let mut text = [0; 8];
        let (count, _) = friend.recv_from(&mut text).await?;
        assert_eq!(&text[..count], b"help");
        Ok(())
    })
}

/// An endpoint, with whom it sends to.
async fn with_friend(log: &Log) -> io::Result<(DatagramTransport, UdpSocket, SocketAddr)> {
    let (transport, friend) = endpoint(log).await?;
    common::round_trips(2).await?;
    let address = friend.local_addr()?;
    Ok((transport, friend, address))
}

fn a_full_socket_pauses_writing_until_there_is_room() -> io::Result<()> {
    run(async {
        let log = Log::default();
        let (transport, friend, address) = with_friend(&log).await?;
        // Each datagram counts for 8 bytes more than it has.
        transport.set_write_buffer_limits(Some(100), Some(50));
        assert_eq!(transport.write_buffer_limits(), (50, 100));
        for round in 0..3 {
            leave_no_room(&transport);
            transport.send_to(&[0; 42], address);
            transport.send_to(&[1; 42], address);
            assert_eq!(transport.write_buffer_size(), 100);
            assert_eq!(log.events().len(), 1 + 3 * round, "there is room for these");
            transport.send_to(&[2; 42], address);
            assert_eq!(log.events().last().map(String::as_str), Some("pause"));
            transport.send_to(&[3; 42], address);
            assert_eq!(log.events().len(), 2 + 3 * round, "it knows already");
            friend.send(b"wake up").await?;
            for number in 0..4 {
                let mut data = [9; 64];
                assert_eq!(friend.recv(&mut data).await?, 42);
                assert_eq!(data[..42], [number; 42]);
            }
            log.until(4 + 3 * round).await;
            let mut news = log.events().split_off(2 + 3 * round);
            news.sort();
            assert_eq!(news, ["got \"wake up\"", "resume at 50"]);
            assert_eq!(transport.write_buffer_size(), 0);
        }
        Ok(())
    })
}

fn limits_apply_to_what_waits_already() -> io::Result<()> {
    run(async {
        let log = Log::default();
        let (transport, _friend, address) = with_friend(&log).await?;
        leave_no_room(&transport);
        transport.send_to(&[0; 92], address);
        assert_eq!((transport.write_buffer_size(), log.events().len()), (100, 1));
        transport.set_write_buffer_limits(None, Some(24));
        assert_eq!(transport.write_buffer_limits(), (24, 96));
        assert_eq!(log.events(), ["made", "pause"]);
        transport.set_write_buffer_limits(Some(400), None);
        assert_eq!(transport.write_buffer_limits(), (100, 400));
        assert_eq!(log.events(), ["made", "pause", "resume at 100"]);
        Ok(())
    })
}

fn a_close_sends_what_waits_and_an_abort_does_not() -> io::Result<()> {
    run(async {
        for (abort, events) in [(false, 4), (true, 3)] {
            let log = Log::default();
            let (transport, friend, address) = with_friend(&log).await?;
            transport.set_write_buffer_limits(Some(0), None);
            leave_no_room(&transport);
            transport.send_to(b"last words", address);
            if abort {
                transport.abort();
                assert_eq!(transport.write_buffer_size(), 0);
            } else {
                transport.close();
                friend.send(b"ignored").await?;
            }
            let heard = log.until(events).await;
            assert_eq!(
                heard.first().zip(heard.last()),
                Some((&"made".into(), &"lost None".into()))
            );
            let mut text = [0; 16];
            if abort {
                let error = friend.try_recv(&mut text).expect_err("it was thrown away");
                assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
            } else {
                assert_eq!(heard[1..3], ["pause", "resume at 0"]);
                assert_eq!(friend.recv(&mut text).await?, 10);
            }
        }
        Ok(())
    })
}

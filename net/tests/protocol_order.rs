//! The callbacks of a protocol come in order, and each as often as is promised.

use std::cell::Cell;
use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::rc::Rc;

use runtime::net::protocol::{connect_accepted_socket, create_connection, create_server};

mod common;

use common::recorder::Log;
use common::selectors::{self, builder, on_each_selector, run};

on_each_selector!(
    a_protocol_hears_of_its_connection_from_beginning_to_end,
    a_buffered_protocol_hears_of_its_connection_from_beginning_to_end,
    both_ends_can_have_protocols,
    a_close_sends_everything_first,
    a_close_in_connection_made_ends_the_connection,
    a_close_in_data_received_ends_the_callbacks,
    an_abort_ends_the_connection_without_an_error,
    a_reset_is_an_error,
    a_side_that_stays_open_can_write_on,
    a_side_that_stays_open_is_closed_with_the_last_transport,
    ending_the_writing_side_leaves_the_reading_side,
    what_is_written_after_a_close_is_thrown_away,
    empty_writes_are_nothing,
    connection_lost_may_use_the_transport,
    the_stream_is_closed_and_the_protocol_dropped_at_the_end,
    a_closing_loop_ends_the_connection_with_an_error,
    a_refused_connection_makes_no_protocol,
);

fn a_protocol_hears_of_its_connection_from_beginning_to_end() -> io::Result<()> {
    run(async {
        let (stream, mut peer) = common::half_pair().await?;
        let log = Log::new();
        connect_accepted_socket(|| log.plain(), stream)?;
        assert_eq!(log.events(), ["made"]);
        peer.write_all(b"hello")?;
        log.until(|log| log.received() == b"hello").await;
        peer.shutdown(Shutdown::Write)?;
        assert_eq!(log.end().await, "lost");
        assert_eq!(log.events(), ["made", "data", "eof", "lost"]);
        assert_eq!(peer.read(&mut [0])?, 0);
        Ok(())
    })
}

fn a_buffered_protocol_hears_of_its_connection_from_beginning_to_end() -> io::Result<()> {
    run(async {
        let (stream, mut peer) = common::half_pair().await?;
        let log = Log::new();
        connect_accepted_socket(|| log.buffered(), stream)?;
        let data = vec![7; 100_000];
        let writer = std::thread::spawn(move || peer.write_all(&data));
        assert_eq!(log.end().await, "lost");
        writer.join().expect("it does not panic")?;
        assert_eq!(log.received(), vec![7; 100_000]);
        assert_eq!(log.events(), ["made", "data", "eof", "lost"]);
        Ok(())
    })
}

fn both_ends_can_have_protocols() -> io::Result<()> {
    run(async {
        let echo = Log::new();
        let answering = echo.clone().reacting(|event, transport| {
            if event == "data" {
                transport.write(b"pong");
            }
        });
        let server = create_server(move || answering.buffered(), "127.0.0.1:0").await?;
        let log = Log::new();
        let transport = create_connection(|| log.plain(), server.local_addrs()[0]).await?;
        assert_eq!(transport.peer_addr()?, server.local_addrs()[0]);
        transport.write(b"ping");
        log.until(|log| log.received() == b"pong").await;
        transport.close();
        assert_eq!(log.end().await, "lost");
        assert_eq!(echo.end().await, "lost");
        assert_eq!(log.events(), ["made", "data", "lost"]);
        assert_eq!(echo.events(), ["made", "data", "eof", "lost"]);
        Ok(())
    })
}

fn a_close_sends_everything_first() -> io::Result<()> {
    run(async {
        let (stream, mut peer) = common::half_pair().await?;
        let log = Log::new();
        let transport = connect_accepted_socket(|| log.plain(), stream)?;
        let data = vec![7; 10 << 20];
        transport.write(&data);
        assert!(transport.write_buffer_size() > 0, "it is more than the system takes");
        transport.close();
        assert!(transport.is_closing() && !transport.is_reading());
        let reader = std::thread::spawn(move || {
            let mut received = Vec::new();
            peer.read_to_end(&mut received).map(|_| received)
        });
        assert_eq!(log.end().await, "lost");
        assert!(reader.join().expect("it does not panic")? == data);
        Ok(())
    })
}

fn a_close_in_connection_made_ends_the_connection() -> io::Result<()> {
    run(async {
        let (stream, mut peer) = common::half_pair().await?;
        let log = Log::new().reacting(|event, transport| {
            if event == "made" {
                transport.write(b"bye");
                transport.close();
            }
        });
        connect_accepted_socket(|| log.plain(), stream)?;
        assert_eq!(log.events(), ["made"]);
        assert_eq!(log.end().await, "lost");
        assert_eq!(log.events(), ["made", "lost"]);
        let mut text = String::new();
        peer.read_to_string(&mut text)?;
        assert_eq!(text, "bye");
        Ok(())
    })
}

fn a_close_in_data_received_ends_the_callbacks() -> io::Result<()> {
    run(async {
        let (stream, mut peer) = common::half_pair().await?;
        let log = Log::new().reacting(|event, transport| {
            if event == "data" {
                transport.close();
            }
        });
        connect_accepted_socket(|| log.buffered(), stream)?;
        // More than the buffer of the protocol holds: the rest is not delivered.
        peer.write_all(&[7; 10_000])?;
        assert_eq!(log.end().await, "lost");
        common::round_trips(3).await?;
        assert_eq!(log.events(), ["made", "data", "lost"]);
        assert!(log.received().len() <= 4096);
        Ok(())
    })
}

fn an_abort_ends_the_connection_without_an_error() -> io::Result<()> {
    run(async {
        let (stream, peer) = common::half_pair().await?;
        let log = Log::new();
        let transport = connect_accepted_socket(|| log.plain(), stream)?;
        transport.write(&vec![7; 10 << 20]);
        transport.abort();
        assert_eq!(transport.write_buffer_size(), 0);
        assert!(transport.is_closing());
        assert_eq!(log.count("lost"), 0, "not before the call returns");
        transport.abort();
        assert_eq!(log.end().await, "lost");
        common::round_trips(3).await?;
        assert_eq!(log.count("lost"), 1);
        drop(peer);
        Ok(())
    })
}

fn a_reset_is_an_error() -> io::Result<()> {
    run(async {
        let (stream, peer) = common::half_pair().await?;
        let log = Log::new();
        connect_accepted_socket(|| log.plain(), stream)?;
        socket2::SockRef::from(&peer).set_linger(Some(std::time::Duration::ZERO))?;
        drop(peer);
        assert_eq!(log.end().await, "lost: ConnectionReset");
        assert_eq!(log.events(), ["made", "lost: ConnectionReset"]);
        Ok(())
    })
}

fn a_side_that_stays_open_can_write_on() -> io::Result<()> {
    run(async {
        let (stream, mut peer) = common::half_pair().await?;
        let log = Log::new().keeping_open();
        let transport = connect_accepted_socket(|| log.plain(), stream)?;
        peer.write_all(b"question")?;
        peer.shutdown(Shutdown::Write)?;
        log.heard("eof").await;
        common::round_trips(3).await?;
        assert!(!transport.is_closing() && !transport.is_reading());
        transport.write(b"answer");
        transport.close();
        let mut text = String::new();
        assert_eq!(log.end().await, "lost");
        peer.read_to_string(&mut text)?;
        assert_eq!(text, "answer");
        assert_eq!(log.events(), ["made", "data", "eof", "lost"]);
        Ok(())
    })
}

fn a_side_that_stays_open_is_closed_with_the_last_transport() -> io::Result<()> {
    run(async {
        let (stream, mut peer) = common::half_pair().await?;
        let log = Log::new().keeping_open();
        let transport = connect_accepted_socket(|| log.plain(), stream)?;
        peer.shutdown(Shutdown::Write)?;
        log.heard("eof").await;
        drop(transport);
        common::round_trips(3).await?;
        assert_eq!(log.count("lost"), 0, "the protocol has a transport");
        log.transport().write(b"x");
        log.forget_transport();
        assert_eq!(log.end().await, "lost");
        assert_eq!(peer.read(&mut [0; 2])?, 1);
        Ok(())
    })
}

fn ending_the_writing_side_leaves_the_reading_side() -> io::Result<()> {
    run(async {
        let (stream, mut peer) = common::half_pair().await?;
        let log = Log::new();
        let transport = connect_accepted_socket(|| log.plain(), stream)?;
        assert!(transport.can_write_eof());
        transport.write(b"over");
        transport.write_eof();
        transport.write_eof();
        common::round_trips(3).await?;
        let mut text = String::new();
        peer.read_to_string(&mut text)?;
        assert_eq!(text, "over");
        peer.write_all(b"and out")?;
        drop(peer);
        assert_eq!(log.end().await, "lost");
        assert_eq!(log.received(), b"and out");
        assert_eq!(log.events(), ["made", "data", "eof", "lost"]);
        Ok(())
    })
}

fn what_is_written_after_a_close_is_thrown_away() -> io::Result<()> {
    run(async {
        let (stream, mut peer) = common::half_pair().await?;
        let log = Log::new();
        let transport = connect_accepted_socket(|| log.plain(), stream)?;
        transport.close();
        transport.write(b"too late");
        transport.writelines(&[io::IoSlice::new(b"too"), io::IoSlice::new(b"late")]);
        assert_eq!(transport.write_buffer_size(), 0);
        assert_eq!(log.end().await, "lost");
        transport.write(b"much too late");
        transport.write_eof();
        transport.pause_reading();
        transport.resume_reading();
        transport.close();
        transport.abort();
        assert!(transport.peer_addr().is_err());
        assert_eq!(peer.read(&mut [0; 20])?, 0);
        assert_eq!(log.events(), ["made", "lost"]);
        Ok(())
    })
}

fn empty_writes_are_nothing() -> io::Result<()> {
    run(async {
        let (stream, mut peer) = common::half_pair().await?;
        let log = Log::new();
        let transport = connect_accepted_socket(|| log.plain(), stream)?;
        transport.write(b"");
        transport.writelines(&[]);
        transport.writelines(&[io::IoSlice::new(b""), io::IoSlice::new(b"a")]);
        transport.write(b"");
        transport.writelines(&[
            io::IoSlice::new(b"b"),
            io::IoSlice::new(b""),
            io::IoSlice::new(b"c"),
        ]);
        transport.close();
        assert_eq!(log.end().await, "lost");
        let mut text = String::new();
        peer.read_to_string(&mut text)?;
        assert_eq!(text, "abc");
        Ok(())
    })
}

fn connection_lost_may_use_the_transport() -> io::Result<()> {
    run(async {
        let (stream, peer) = common::half_pair().await?;
        let log = Log::new().reacting(|event, transport| {
            if event.starts_with("lost") {
                transport.write(b"anybody there?");
                transport.close();
                transport.abort();
                transport.set_write_buffer_limits(Some(0), None);
                transport.pause_reading();
                transport.resume_reading();
                transport.set_protocol(Log::new().plain());
            }
        });
        connect_accepted_socket(|| log.plain(), stream)?;
        drop(peer);
        assert_eq!(log.end().await, "lost");
        common::round_trips(3).await?;
        assert_eq!(log.events(), ["made", "eof", "lost"]);
        Ok(())
    })
}

fn the_stream_is_closed_and_the_protocol_dropped_at_the_end() -> io::Result<()> {
    struct Guard(Rc<Cell<bool>>, Option<runtime::net::protocol::Transport>);
    impl runtime::net::protocol::Protocol for Guard {
        fn connection_made(&mut self, transport: runtime::net::protocol::Transport) {
            self.1 = Some(transport);
        }
        fn data_received(&mut self, _: &[u8]) {}
    }
    impl Drop for Guard {
        fn drop(&mut self) {
            self.0.set(true);
            self.1.take().expect("it was made").write(b"from a destructor");
        }
    }
    run(async {
        let (stream, mut peer) = common::half_pair().await?;
        let dropped = Rc::new(Cell::new(false));
        let guard = Guard(dropped.clone(), None);
        let transport = connect_accepted_socket(|| guard, stream)?;
        transport.close();
        while !dropped.get() {
            runtime::task::yield_now().await;
        }
        // The transport lives on, the socket does not.
        assert_eq!(peer.read(&mut [0])?, 0);
        assert!(transport.with_stream(|_: &runtime::net::TcpStream| ()).is_none());
        Ok(())
    })
}

fn a_closing_loop_ends_the_connection_with_an_error() -> io::Result<()> {
    let log = Log::new();
    let rt = builder().build()?;
    let mut peer = rt.block_on(async {
        let (stream, peer) = common::half_pair().await?;
        connect_accepted_socket(|| log.plain(), stream)?;
        common::round_trips(3).await?;
        io::Result::Ok(peer)
    })?;
    rt.close().expect("it does not run");
    assert_eq!(log.events(), ["made", "lost: ConnectionAborted"]);
    log.transport().write(b"too late");
    assert_eq!(peer.read(&mut [0])?, 0);
    Ok(())
}

fn a_refused_connection_makes_no_protocol() -> io::Result<()> {
    run(async {
        let closed = runtime::net::TcpListener::bind("127.0.0.1:0").await?.local_addr()?;
        let made = Cell::new(false);
        let factory = || {
            made.set(true);
            Log::new().plain()
        };
        let error = create_connection(factory, closed).await.expect_err("nobody listens");
        assert_eq!(error.kind(), io::ErrorKind::ConnectionRefused);
        assert!(!made.get());
        Ok(())
    })
}

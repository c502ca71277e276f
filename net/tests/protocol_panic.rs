//! A protocol that panics loses its connection, and nobody else loses anything.

use std::cell::RefCell;
use std::io::{self, Read, Write};
use std::rc::Rc;

use runtime::net::protocol::{Transport, connect_accepted_socket};

mod common;

use common::recorder::Log;
use common::selectors::{self, builder, on_each_selector};

on_each_selector!(
    a_panic_in_data_received_ends_the_connection,
    a_panic_in_connection_made_ends_the_connection,
    a_panic_in_eof_received_ends_the_connection,
    a_panic_in_pause_writing_ends_the_connection_and_not_the_writer,
    a_panic_in_connection_lost_still_closes_the_stream,
    an_empty_buffer_ends_the_connection,
    a_write_after_write_eof_panics,
);

/// What the exception handler was told.
type Reports = Rc<RefCell<Vec<String>>>;

/// Runs with a handler that keeps what it is told.
fn run_reporting<F: Future<Output = io::Result<()>>>(
    test: impl FnOnce(Reports) -> F,
) -> io::Result<()> {
    let reports = Reports::default();
    let kept = reports.clone();
    let rt = builder()
        .exception_handler(move |context| {
            kept.borrow_mut().push(context.panic_message().unwrap_or_default().to_owned());
        })
        .build()?;
    rt.block_on(test(reports))
}

fn panicking_in(callback: &'static str) -> Log {
    Log::new().reacting(move |event, _| {
        if event == callback {
            panic!("in {event}");
        }
    })
}

fn a_panic_in_data_received_ends_the_connection() -> io::Result<()> {
    run_reporting(async |reports| {
        let (stream, mut peer) = common::half_pair().await?;
        let (other, mut other_peer) = common::half_pair().await?;
        let log = panicking_in("data");
        let unharmed = Log::new();
        connect_accepted_socket(|| log.plain(), stream)?;
        connect_accepted_socket(|| unharmed.plain(), other)?;
        peer.write_all(b"boo")?;
        assert_eq!(log.end().await, "lost: Other");
        common::round_trips(3).await?;
        assert_eq!(log.events(), ["made", "data", "lost: Other"]);
        assert_eq!(*reports.borrow(), ["in data"]);
        assert!(peer.read(&mut [0]).is_ok_and(|count| count == 0));
        other_peer.write_all(b"hello")?;
        unharmed.until(|log| log.received() == b"hello").await;
        Ok(())
    })
}

fn a_panic_in_connection_made_ends_the_connection() -> io::Result<()> {
    run_reporting(async |reports| {
        let (stream, mut peer) = common::half_pair().await?;
        let log = panicking_in("made");
        assert!(connect_accepted_socket(|| log.plain(), stream).is_err());
        assert_eq!(log.events(), ["made", "lost: Other"]);
        assert_eq!(*reports.borrow(), ["in made"]);
        assert_eq!(peer.read(&mut [0])?, 0);
        Ok(())
    })
}

fn a_panic_in_eof_received_ends_the_connection() -> io::Result<()> {
    run_reporting(async |reports| {
        let (stream, peer) = common::half_pair().await?;
        let log = panicking_in("eof");
        connect_accepted_socket(|| log.buffered(), stream)?;
        drop(peer);
        assert_eq!(log.end().await, "lost: Other");
        common::round_trips(3).await?;
        assert_eq!(*reports.borrow(), ["in eof"]);
        Ok(())
    })
}

fn a_panic_in_pause_writing_ends_the_connection_and_not_the_writer() -> io::Result<()> {
    run_reporting(async |reports| {
        let (stream, _peer) = common::half_pair().await?;
        let log = panicking_in("pause");
        let transport = connect_accepted_socket(|| log.plain(), stream)?;
        transport.write(&vec![0; 20 << 20]);
        assert_eq!(*reports.borrow(), ["in pause"]);
        assert!(transport.is_closing());
        assert_eq!(log.end().await, "lost: Other");
        Ok(())
    })
}

fn a_panic_in_connection_lost_still_closes_the_stream() -> io::Result<()> {
    run_reporting(async |reports| {
        let (stream, mut peer) = common::half_pair().await?;
        let log = panicking_in("lost");
        let transport: Transport = connect_accepted_socket(|| log.plain(), stream)?;
        transport.close();
        while reports.borrow().is_empty() {
            runtime::task::yield_now().await;
        }
        assert_eq!(peer.read(&mut [0])?, 0);
        common::round_trips(3).await?;
        assert_eq!(*reports.borrow(), ["in lost"]);
        assert_eq!(log.events(), ["made", "lost"]);
        Ok(())
    })
}

fn an_empty_buffer_ends_the_connection() -> io::Result<()> {
    struct Empty(Log);
    impl runtime::net::protocol::BufferedProtocol for Empty {
        fn get_buffer(&mut self, _: usize) -> &mut [u8] {
            &mut []
        }
        fn buffer_updated(&mut self, _: usize) {
            unreachable!("there is no room");
        }
        fn connection_lost(&mut self, error: Option<io::Error>) {
            runtime::net::protocol::Protocol::connection_lost(&mut self.0.plain(), error);
        }
    }
    run_reporting(async |_| {
        let (stream, mut peer) = common::half_pair().await?;
        let log = Log::new();
        connect_accepted_socket(|| Empty(log.clone()), stream)?;
        peer.write_all(b"x")?;
        assert_eq!(log.end().await, "lost: InvalidInput");
        Ok(())
    })
}

fn a_write_after_write_eof_panics() -> io::Result<()> {
    run_reporting(async |_| {
        let (stream, _peer) = common::half_pair().await?;
        let log = Log::new();
        let transport = connect_accepted_socket(|| log.plain(), stream)?;
        transport.write_eof();
        let write = std::panic::AssertUnwindSafe(|| transport.write(b"more"));
        let payload = std::panic::catch_unwind(write).expect_err("the writing side has ended");
        let text = payload.downcast_ref::<&str>().copied().unwrap_or_default();
        assert!(text.contains("after write_eof"), "{text}");
        assert!(!transport.is_closing());
        Ok(())
    })
}

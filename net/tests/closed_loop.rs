//! Sockets that outlive their loop.

use std::io;

use futures::{AsyncReadExt, AsyncWriteExt, executor};
use runtime::net::TcpListener;

mod common;

use common::selectors::{self, on_each_selector, run};

on_each_selector!(
    a_stream_of_a_closed_loop_says_so,
    a_listener_of_a_closed_loop_says_so,
    a_left_over_stream_does_not_disturb_the_next_loop,
);

/// Runs a loop and closes it; what the future returned is left over.
fn left_over<T>(future: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    run(future)
}

fn a_stream_of_a_closed_loop_says_so() -> io::Result<()> {
    let (mut client, server) = left_over(common::pair())?;
    let error = client.read(&mut [0; 4]).now();
    assert!(error.to_string().contains("closed"), "{error}");
    let error = client.write(b"x").now();
    assert!(error.to_string().contains("closed"), "{error}");
    let error = executor::block_on(client.readable()).expect_err("closed");
    assert!(error.to_string().contains("closed"), "{error}");

    // The socket itself is fine, and is given back.
    let mut server = server.into_std()?;
    server.set_nonblocking(false)?;
    drop(client);
    assert_eq!(io::Read::read(&mut server, &mut [0; 4])?, 0);
    Ok(())
}

fn a_listener_of_a_closed_loop_says_so() -> io::Result<()> {
    let listener = left_over(TcpListener::bind("127.0.0.1:0"))?;
    let error = executor::block_on(listener.accept()).expect_err("closed");
    assert!(error.to_string().contains("closed"), "{error}");
    listener.local_addr()?;
    Ok(())
}

fn a_left_over_stream_does_not_disturb_the_next_loop() -> io::Result<()> {
    let (client, server) = left_over(common::pair())?;
    run(async {
        let mut other = Box::pin(client.readable());
        assert!(futures::future::poll_immediate(&mut other).await.expect("at once").is_err());
        common::round_trips(10).await
    })?;
    drop(server);
    Ok(())
}

trait Now {
    fn now(self) -> io::Error;
}

impl<F: Future<Output = io::Result<usize>>> Now for F {
    /// The error of an operation that must not wait.
    fn now(self) -> io::Error {
        executor::block_on(self).expect_err("the loop is closed")
    }
}

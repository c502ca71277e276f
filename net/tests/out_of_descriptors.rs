//! Connecting and listening without a descriptor left, and with one again.
//!
//! One test, alone in its process: it takes all descriptors away.

#![cfg(target_os = "linux")]

use std::error::Error;
use std::fs::File;
use std::io;
use std::time::Duration;

use futures::{AsyncReadExt, AsyncWriteExt};
use runtime::net::{TcpConnector, TcpListener, TcpSocket, TcpStream, lookup_host};
use rustix::io::Errno;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

mod common;

use common::selectors;

#[test]
fn without_descriptors_what_is_new_fails_and_what_is_there_goes_on() -> io::Result<()> {
    let limits = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: Some(64), maximum: limits.maximum })?;
    for choice in [selectors::MIO, selectors::POLL] {
        let runtime = selectors::on(choice, || selectors::builder().build())?;
        runtime.block_on(starve())?;
        // Until its threads are gone, they may keep descriptors of the loop, and let go of them within the
        // next round.
        runtime.shutdown_blocking(None);
    }
    Ok(())
}

/// Takes every descriptor that is left.
fn take_all() -> io::Result<Vec<File>> {
    let mut files = Vec::new();
    loop {
        match File::open("/dev/null") {
            Ok(file) => files.push(file),
            Err(error) if is_exhaustion(&error) => return Ok(files),
            Err(error) => return Err(error),
        }
    }
}

/// Whether this, or what it came from, says that the process has no descriptor left.
fn is_exhaustion(error: &io::Error) -> bool {
    let cause = error.get_ref().and_then(Error::source);
    let cause = cause.and_then(|cause| cause.downcast_ref::<io::Error>()).unwrap_or(error);
    Errno::from_io_error(cause) == Some(Errno::MFILE)
}

async fn starve() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let (mut client, mut server) = common::pair().await?;
    let mut files = take_all()?;

    let error = TcpStream::connect(address).await.expect_err("no descriptor");
    assert!(is_exhaustion(&error), "{error}");
    assert!(error.to_string().contains(&address.to_string()), "{error}");
    let patient = TcpConnector::new().timeout(Duration::from_secs(60));
    let error = patient.connect([address; 3]).await.expect_err("no descriptor");
    assert!(is_exhaustion(&error), "{error}");
    assert_eq!(error.to_string().matches(&address.to_string()).count(), 3, "{error}");
    let error = TcpConnector::new().nodelay(true).connect(address).await.expect_err("the same");
    assert!(is_exhaustion(&error), "{error}");
    let error = TcpListener::bind("127.0.0.1:0").await.expect_err("no descriptor");
    assert!(is_exhaustion(&error), "{error}");
    assert!(is_exhaustion(&TcpSocket::new_v4().expect_err("no descriptor")));
    assert!(is_exhaustion(&listener.try_accept().err().unwrap_or_else(|| Errno::MFILE.into())));
    // The resolver cannot read its files either. Whatever it makes of that, it comes back.
    drop(lookup_host("no-such-host.invalid:1").await.err().expect("unknown"));

    client.write_all(b"still").await?;
    server.read_exact(&mut [0; 5]).await?;

    files.pop();
    let stream = TcpStream::connect(address).await?;
    assert_eq!(stream.peer_addr()?, address);
    let error = TcpStream::connect(address).await.expect_err("that was the last one");
    assert!(is_exhaustion(&error), "{error}");
    Ok(())
}

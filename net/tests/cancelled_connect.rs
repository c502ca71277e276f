//! A connect that nobody waits for any more closes its socket, once.
//!
//! One test, alone in its process: it counts descriptors.

#![cfg(target_os = "linux")]

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;

use runtime::net::TcpStream;

mod common;

use common::selectors::{self, run};
use common::{BlackHole, descriptors};

#[test]
fn a_cancelled_connect_closes_its_socket_exactly_once() -> io::Result<()> {
    selectors::on(selectors::MIO, cancel)?;
    selectors::on(selectors::POLL, cancel)
}

fn cancel() -> io::Result<()> {
    run(async {
        let hole = BlackHole::new().await?;
        let address = hole.address();
        let before = descriptors()?;
        let mut cancelled = 0;
        for _ in 0..4 {
            let mut connect = Box::pin(TcpStream::connect(address));
            if common::stays_pending(&mut connect).await? {
                cancelled += 1;
                assert_eq!(descriptors()?, before + 1);
            }
            drop(connect);
            assert_eq!(descriptors()?, before, "the socket is closed at once");

            // A second close would hit this file, which took the same number.
            let file = File::open("/proc/self/stat")?;
            common::round_trips(2).await?;
            file.metadata()?;
            assert!(file.as_raw_fd() > 2);
        }
        assert!(cancelled > 0, "no connect was pending");
        Ok(())
    })
}

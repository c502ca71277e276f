//! A process that has no descriptors left cannot begin to listen, and is told so.

#![cfg(unix)]

mod common;

use std::fs::File;
use std::io;

use common::sys::{disposition, raise};
use runtime::Runtime;
use runtime::signal::{SignalKind, on, signal};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

#[test]
fn without_descriptors_nothing_is_changed() -> io::Result<()> {
    let kind = SignalKind::user_defined1();
    let before = disposition(kind);
    let limits = getrlimit(Resource::Nofile);
    let rt = Runtime::new()?;
    rt.block_on(async {
        // The next descriptor is the smallest that is free.
        let next = std::os::fd::AsRawFd::as_raw_fd(&File::open("/dev/null")?);
        let none = Rlimit { current: u64::try_from(next).ok(), maximum: limits.maximum };
        setrlimit(Resource::Nofile, none)?;
        let errors = [signal(kind).map(drop), on(kind, || ()).map(drop)];
        setrlimit(Resource::Nofile, limits)?;
        for error in errors {
            let error = error.expect_err("there is no descriptor left");
            assert_eq!(error.raw_os_error(), Some(libc::EMFILE), "{error}");
        }
        assert_eq!(disposition(kind), before);

        let mut listener = signal(kind)?;
        raise(kind);
        assert_eq!(listener.recv().await, Some(()));
        Ok(())
    })
}

//! A listener whose process is out of descriptors.

#![cfg(target_os = "linux")]

use std::env;
use std::fs::File;
use std::io;
use std::process::Command;

use futures::{AsyncReadExt, AsyncWriteExt, FutureExt};
use runtime::net::{UnixListener, UnixStream};
use rustix::process::{Resource, Rlimit, setrlimit};

mod common;

use common::folder::Folder;
use common::selectors::{self, on_each_selector, run};

on_each_selector!(a_listener_out_of_descriptors_backs_off_and_recovers,);

const CHILD: &str = "RUNTIME_TEST_LISTENER";
const TEST: &str = "a_listener_out_of_descriptors_backs_off_and_recovers";
const COMPLAINT: &str = "cannot accept connections for now";

fn a_listener_out_of_descriptors_backs_off_and_recovers() -> io::Result<()> {
    if env::var_os(CHILD).is_some() {
        return listen();
    }
    // In a process of its own, as the limit is one for all tests of a process.
    let module = selectors::choice().module;
    let output = Command::new(env::current_exe()?)
        .args(["--exact", &format!("{module}::{TEST}"), "--nocapture"])
        .env(CHILD, "1")
        .output()?;
    let log = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{log}");
    assert_eq!(log.matches(COMPLAINT).count(), 1, "{log}");
    Ok(())
}

fn listen() -> io::Result<()> {
    let folder = Folder::new()?;
    let path = folder.path("s");
    setrlimit(Resource::Nofile, Rlimit { current: Some(64), maximum: Some(64) })?;
    run(async {
        let listener = UnixListener::bind(&path)?;
        let (mut one, mut other) = UnixStream::pair()?;
        let _client = UnixStream::connect(&path).await?;
        let files: Vec<File> = std::iter::from_fn(|| File::open("/dev/null").ok()).collect();

        let error = listener.try_accept().expect_err("no descriptor is left");
        assert_eq!(error.raw_os_error(), Some(libc::EMFILE));
        let mut accept = Box::pin(listener.accept());
        assert!((&mut accept).now_or_never().is_none());
        // Connections that are established go on.
        for _ in 0..20 {
            one.write_all(b"x").await?;
            other.read_exact(&mut [0]).await?;
            assert!((&mut accept).now_or_never().is_none());
        }
        drop(files);
        let (_server, peer) = accept.await?;
        assert!(peer.is_unnamed());
        Ok(())
    })
}

//! A blocking job that was refused is a failure if nobody asks after it; one that was cancelled is not.

mod support;

use std::io;

use runtime::blocking::{Executor, Job};
use runtime::task::yield_now;
use runtime::{Builder, Runtime};
use support::heard::{Heard, listening_with};

/// Takes no job.
struct Full;

impl Executor for Full {
    fn execute(&self, _: Job) -> io::Result<()> {
        Err(io::Error::new(io::ErrorKind::OutOfMemory, "no room"))
    }
}

/// Drops every job.
struct Loses;

impl Executor for Loses {
    fn execute(&self, job: Job) -> io::Result<()> {
        drop(job);
        Ok(())
    }
}

fn on(executor: impl Executor) -> (Runtime, Heard) {
    listening_with(Builder::new().blocking_executor(executor))
}

/// Spawns a job, lets it come to nothing, and does not ask after it.
fn spawn_in_vain(rt: &Runtime) {
    rt.block_on(async {
        let job = runtime::spawn_blocking(|| ());
        while !job.is_finished() {
            yield_now().await;
        }
        drop(job);
        yield_now().await;
        yield_now().await;
    });
}

#[test]
fn a_job_that_is_refused_is_reported_with_the_error() {
    let (rt, _) = on(Full);
    let (sender, receiver) = std::sync::mpsc::channel();
    rt.set_exception_handler(move |context| {
        let error = context.payload().unwrap().downcast_ref::<io::Error>().unwrap();
        sender
            .send((error.kind(), context.panic_message().is_none(), context.to_string()))
            .unwrap();
    });
    spawn_in_vain(&rt);
    let (kind, is_no_panic, text) = receiver.try_recv().unwrap();
    assert_eq!(kind, io::ErrorKind::OutOfMemory);
    assert!(is_no_panic);
    assert!(text.contains("no room"), "{text}");
    assert!(text.contains("exception_blocking.rs"), "{text}");
    assert!(receiver.try_recv().is_err(), "once");
}

#[test]
fn a_job_that_is_refused_is_no_unhandled_panic() {
    let (rt, heard) = listening_with(
        Builder::new().blocking_executor(Full).unhandled_panic(runtime::UnhandledPanic::Shutdown),
    );
    spawn_in_vain(&rt);
    assert_eq!(heard.reports().len(), 1);
    assert!(!rt.is_closed());
}

#[test]
fn a_job_that_is_cancelled_is_not_reported() {
    let (rt, heard) = on(Loses);
    spawn_in_vain(&rt);
    drop(rt);
    assert_eq!(heard.reports(), []);
}

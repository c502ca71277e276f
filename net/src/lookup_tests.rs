//! A resolver that hangs, and loops that do not care.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use runtime_core::{Builder, Runtime};

use super::aside;

/// A resolver that answers when it is let go, and tells when it is asked.
struct Stuck {
    asked: Receiver<()>,
    release: Option<Sender<()>>,
}

fn stuck() -> (Stuck, impl FnOnce() -> io::Result<&'static str> + Send + 'static) {
    let (ask, asked) = channel();
    let (release, released) = channel::<()>();
    let question = move || {
        let _ = ask.send(());
        let _ = released.recv();
        Ok("answer")
    };
    (Stuck { asked, release: Some(release) }, question)
}

/// Asks, and leaves before there is an answer.
fn ask_and_leave(runtime: &Runtime) -> Stuck {
    let (resolver, question) = stuck();
    runtime.block_on(async {
        let mut lookup = Box::pin(aside(question));
        assert!(futures::future::poll_immediate(&mut lookup).await.is_none());
        resolver.asked.recv().expect("a thread asks");
    });
    resolver
}

#[test]
fn an_answer_arrives() {
    let runtime = Runtime::new().expect("a loop");
    let (mut resolver, question) = stuck();
    resolver.release = None;
    let answer = runtime.block_on(aside(question)).expect("an answer");
    assert_eq!(answer, "answer");
}

#[test]
fn a_loop_ends_while_the_resolver_hangs() {
    let runtime = Runtime::new().expect("a loop");
    let resolver = ask_and_leave(&runtime);
    // Hangs here, were the end to wait for the look-up.
    drop(runtime);
    drop(resolver.release);
}

#[test]
fn a_shutdown_names_the_stuck_look_up_and_goes_on() {
    let runtime = Runtime::new().expect("a loop");
    let resolver = ask_and_leave(&runtime);
    let report = runtime.shutdown_blocking(Some(Duration::ZERO));
    assert!(!report.is_clean());
    drop(resolver.release);
    // Asked to end now; there is nobody left to be stuck.
    assert!(runtime.shutdown_blocking(None).is_clean());
}

#[test]
fn a_question_that_nobody_waits_for_is_never_asked() {
    let runtime = Builder::new().max_blocking_threads(1).build().expect("a loop");
    let resolver = ask_and_leave(&runtime);
    let asked = Arc::new(AtomicBool::new(false));
    runtime.block_on(async {
        // The only thread is stuck, so this one waits in the queue, and is dropped there.
        let asks = asked.clone();
        let mut lookup = Box::pin(aside(move || {
            asks.store(true, SeqCst);
            Ok(())
        }));
        assert!(futures::future::poll_immediate(&mut lookup).await.is_none());
        drop(lookup);
        // The abort takes effect at the loop's next turn.
        runtime_core::task::yield_now().await;
        drop(resolver.release);
        assert_eq!(aside(|| Ok(7)).await.expect("the next in the queue"), 7);
    });
    assert!(!asked.load(SeqCst));
}

#[test]
fn a_question_outside_a_loop_is_an_error() {
    let error = futures::executor::block_on(aside(|| Ok(()))).expect_err("no loop");
    assert!(error.to_string().contains("no reactor running"), "{error}");
}

//! Any thread may report to the exception handler of a loop, which is called on the loop's own thread.

mod support;

use std::sync::mpsc;
use std::thread;

use runtime::{Builder, Closed, ExceptionContext, Runtime};
use support::heard::listening;

#[test]
fn a_loop_that_sleeps_is_told() {
    let home = thread::current().id();
    let (sender, receiver) = futures::channel::oneshot::channel();
    let sender = std::cell::Cell::new(Some(sender));
    let rt = Builder::new()
        .exception_handler(move |context| {
            assert_eq!(thread::current().id(), home);
            sender.take().unwrap().send(context.message().to_owned()).unwrap();
        })
        .build()
        .unwrap();
    let handle = rt.handle().clone();
    let reporter = thread::spawn(move || {
        handle.call_exception_handler(ExceptionContext::new("from afar")).unwrap();
    });
    assert_eq!(rt.block_on(receiver).unwrap(), "from afar");
    reporter.join().unwrap();
}

#[test]
fn what_was_reported_before_the_loop_closed_is_told() {
    let (rt, heard) = listening();
    let handle = rt.handle().clone();
    let report = move || handle.call_exception_handler(ExceptionContext::new("just in time"));
    thread::spawn(report).join().unwrap().unwrap();
    assert_eq!(heard.messages().len(), 0);
    rt.close().unwrap();
    assert_eq!(heard.messages(), ["just in time"]);
}

#[test]
fn a_closed_loop_says_so() {
    let (rt, heard) = listening();
    let handle = rt.handle().clone();
    rt.close().unwrap();
    let refused: Result<(), Closed> = rt.call_exception_handler(ExceptionContext::new("here"));
    assert_eq!(refused.unwrap_err().to_string(), "the runtime is closed");
    assert!(handle.call_exception_handler(ExceptionContext::new("here")).is_err());
    let report = move || handle.call_exception_handler(ExceptionContext::new("there"));
    assert!(thread::spawn(report).join().unwrap().is_err());
    assert_eq!(heard.messages().len(), 0);
}

#[test]
fn each_report_of_many_threads_is_told_once() {
    let (rt, heard) = listening();
    let threads: Vec<_> = (0..4)
        .map(|thread| {
            let handle = rt.handle().clone();
            thread::spawn(move || {
                for report in 0..25 {
                    let message = format!("{thread}.{report:02}");
                    handle.call_exception_handler(ExceptionContext::new(message)).unwrap();
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    rt.block_on(runtime::task::yield_now());
    let mut messages = heard.messages();
    messages.sort();
    let expected: Vec<_> =
        (0..4).flat_map(|t| (0..25).map(move |r| format!("{t}.{r:02}"))).collect();
    assert_eq!(messages, expected);
}

#[test]
fn another_loop_on_the_same_thread_is_told_at_its_next_turn() {
    let (rt, heard) = listening();
    let other = Runtime::new().unwrap();
    let handle = rt.handle().clone();
    other.block_on(async move {
        handle.call_exception_handler(ExceptionContext::new("over the fence")).unwrap();
    });
    assert_eq!(heard.messages().len(), 0);
    rt.block_on(runtime::task::yield_now());
    assert_eq!(heard.messages(), ["over the fence"]);
}

#[test]
fn a_context_may_be_made_elsewhere() {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(ExceptionContext::new("made there")).unwrap());
    let (rt, heard) = listening();
    rt.call_exception_handler(receiver.recv().unwrap()).unwrap();
    assert_eq!(heard.messages(), ["made there"]);
}

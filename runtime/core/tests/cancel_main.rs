//! The main future can be asked to end, from anywhere, and is never dropped for it.

use std::future::pending;
use std::pin::pin;

use futures::future::{Either, select};
use runtime::Runtime;
use runtime::task::{
    cancelled, cancelling, is_cancelling, run_until_cancelled, uncancel, yield_now,
};

#[test]
fn a_main_future_hears_of_a_request_from_another_thread() {
    let rt = Runtime::new().unwrap();
    let handle = rt.handle().clone();
    let thread = std::thread::spawn(move || handle.cancel_main("closing time"));
    assert_eq!(rt.block_on(cancelled()), "closing time");
    thread.join().unwrap().unwrap();
}

#[test]
fn a_main_future_that_does_not_listen_goes_on() {
    let rt = Runtime::new().unwrap();
    let handle = rt.handle().clone();
    let output = rt.block_on(async move {
        handle.cancel_main("closing time").unwrap();
        for _ in 0..3 {
            yield_now().await;
        }
        "output"
    });
    assert_eq!(output, "output");
}

#[test]
fn a_task_of_the_loop_asks_and_is_not_asked_itself() {
    let rt = Runtime::new().unwrap();
    let handle = rt.handle().clone();
    rt.block_on(async {
        let task = runtime::spawn(async move {
            handle.cancel_main("closing time").unwrap();
            yield_now().await;
            is_cancelling()
        });
        cancelled().await;
        assert_eq!(cancelling(), 1);
        assert!(!task.await.unwrap());
    });
}

#[test]
fn the_request_stays_for_the_next_main_future_until_it_is_taken_back() {
    let rt = Runtime::new().unwrap();
    rt.handle().cancel_main("closing time").unwrap();
    assert_eq!(rt.block_on(cancelled()), "closing time");
    assert!(rt.block_on(async { is_cancelling() }));
    assert_eq!(rt.block_on(async { uncancel() }), 0);
    rt.block_on(async {
        assert!(!is_cancelling());
        let listening = cancelled();
        assert!(matches!(select(listening, pin!(yield_now())).await, Either::Right(_)));
    });
}

#[test]
fn run_until_can_be_asked_as_well() {
    let rt = Runtime::new().unwrap();
    let mut main = pin!(run_until_cancelled(pending::<()>()));
    rt.stop();
    assert!(rt.run_until(main.as_mut()).is_err());
    rt.handle().cancel_main("closing time").unwrap();
    assert_eq!(rt.run_until(main).unwrap(), Err("closing time".into()));
}

#[test]
fn a_closed_loop_says_so() {
    let rt = Runtime::new().unwrap();
    let handle = rt.handle().clone();
    drop(rt);
    assert!(handle.cancel_main("closing time").is_err());
}

#[test]
fn a_listener_of_a_main_future_that_is_gone_is_forgotten() {
    let rt = Runtime::new().unwrap();
    let mut kept = Box::pin(cancelled());
    rt.block_on(async {
        assert!(futures::poll!(kept.as_mut()).is_pending());
    });
    drop(rt);
    drop(kept);
}

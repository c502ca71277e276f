//! A call outside of a loop is told which thread it was made on, and on which threads loops are open.

mod support;

use std::sync::mpsc;
use std::thread;

use runtime::Runtime;
use support::panic_message;

fn on_thread<R: Send + 'static>(name: &str, f: impl FnOnce() -> R + Send + 'static) -> R {
    thread::Builder::new().name(name.into()).spawn(f).unwrap().join().unwrap()
}

fn spawn_here() -> String {
    panic_message(|| runtime::spawn(async {}))
}

#[test]
fn the_message_names_the_caller_and_the_threads_of_open_loops() {
    let (opened, is_open) = mpsc::channel();
    let (close, closes) = mpsc::channel::<()>();
    let home = thread::Builder::new().name("home-of-a-loop".into()).spawn(move || {
        let rt = Runtime::new().unwrap();
        opened.send(()).unwrap();
        let _ = closes.recv();
        drop(rt);
    });
    is_open.recv().unwrap();
    let message = on_thread("lost", spawn_here);
    assert!(message.contains("This is thread `lost`"), "{message}");
    assert!(message.contains("thread `home-of-a-loop`"), "{message}");
    drop(close);
    home.unwrap().join().unwrap();
    let message = on_thread("lost", spawn_here);
    assert!(!message.contains("home-of-a-loop"), "{message}");
}

#[test]
fn a_loop_of_this_thread_that_is_not_entered_is_pointed_out() {
    let message = on_thread("forgetful", || {
        let _rt = Runtime::new().unwrap();
        spawn_here()
    });
    let expected =
        "This is thread `forgetful`, where a loop is open, but neither running nor entered";
    assert!(message.contains(expected), "{message}");
}

#[test]
fn a_loop_may_be_built_while_the_thread_ends() {
    struct Late;
    impl Drop for Late {
        fn drop(&mut self) {
            assert_eq!(Runtime::new().unwrap().block_on(async { 2 }), 2);
        }
    }
    thread_local!(static LATE: Late = const { Late });
    thread::spawn(|| LATE.with(|_| ())).join().unwrap();
}

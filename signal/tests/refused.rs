//! What cannot be listened to is refused with an error that says why.

#![cfg(unix)]

mod common;

use std::cell::RefCell;
use std::io::{self, ErrorKind};
use std::rc::Rc;

use common::sys::disposition;
use runtime::signal::{SignalKind, ctrl_c, on, signal};

fn error(kind: SignalKind) -> io::Error {
    let one = signal(kind).expect_err("it is refused");
    let other = on(kind, || ()).expect_err("it is refused");
    assert_eq!((one.kind(), one.to_string()), (other.kind(), other.to_string()));
    one
}

#[test]
fn signals_that_cannot_be_handled_are_refused() {
    runtime::run(async {
        for (number, name, why) in [
            (libc::SIGKILL, "SIGKILL", "no process"),
            (libc::SIGSTOP, "SIGSTOP", "no process"),
            (libc::SIGSEGV, "SIGSEGV", "fault"),
            (libc::SIGBUS, "SIGBUS", "fault"),
            (libc::SIGFPE, "SIGFPE", "fault"),
            (libc::SIGILL, "SIGILL", "fault"),
            (libc::SIGTRAP, "SIGTRAP", "fault"),
            (libc::SIGSYS, "SIGSYS", "fault"),
        ] {
            let kind = SignalKind::from_raw(number);
            let before = disposition(kind);
            let error = error(kind);
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            let message = error.to_string();
            assert!(message.contains(name) && message.contains(why), "{message}");
            assert_eq!(disposition(kind), before);
        }
    });
}

#[test]
fn numbers_that_are_no_signals_are_refused() {
    runtime::run(async {
        for number in [0, -1, i32::MIN, 128, 129, 1000, i32::MAX] {
            let error = error(SignalKind::from_raw(number));
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{number}: {error}");
        }
    });
}

#[test]
#[cfg(target_os = "linux")]
fn signals_between_the_names_and_the_real_time_signals_are_refused() {
    runtime::run(async {
        for number in (32..libc::SIGRTMIN()).chain([libc::SIGRTMAX() + 1, 127]) {
            let error = error(SignalKind::from_raw(number));
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{number}: {error}");
        }
        assert!(SignalKind::real_time(31).is_err());
        assert!(SignalKind::real_time(u32::MAX).is_err());
    });
}

#[test]
fn outside_of_a_loop_there_is_no_listening() {
    let before = disposition(SignalKind::alarm());
    let error = error(SignalKind::alarm());
    assert!(error.to_string().contains("there is no reactor running"), "{error}");
    assert_eq!(disposition(SignalKind::alarm()), before);
}

#[test]
fn a_loop_that_closes_listens_to_nothing() {
    struct Last(Rc<RefCell<Vec<String>>>);
    impl Drop for Last {
        fn drop(&mut self) {
            for result in
                [signal(SignalKind::alarm()).map(drop), on(SignalKind::alarm(), || ()).map(drop)]
            {
                self.0.borrow_mut().extend(result.err().map(|error| error.to_string()));
            }
        }
    }
    #[derive(Default)]
    struct Kept(RefCell<Option<Last>>);

    let heard = Rc::new(RefCell::new(Vec::new()));
    runtime::run(async {
        let last = Last(heard.clone());
        runtime::reactor::loop_local(|kept: &Kept| drop(kept.0.replace(Some(last))));
    });
    assert_eq!(heard.borrow().len(), 2);
    assert!(heard.borrow().iter().all(|error| error.contains("closing")), "{heard:?}");
}

#[test]
fn ctrl_c_needs_a_loop() {
    let outcome = futures::FutureExt::now_or_never(ctrl_c()).expect("it fails at once");
    assert!(outcome.is_err());
}

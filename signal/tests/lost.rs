//! Other code may replace our handler. That is told, and not fought.

#![cfg(unix)]

mod common;

use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::sys::{disposition, raise, set_disposition};
use common::turn;
use futures::FutureExt;
use libc::{SIG_DFL, SIG_IGN, c_int};
use runtime::Runtime;
use runtime::signal::{Signal, SignalKind, signal};

const USR2: SignalKind = SignalKind::user_defined2();

static CALLS: AtomicUsize = AtomicUsize::new(0);
static SAVED: AtomicUsize = AtomicUsize::new(SIG_DFL);

extern "C" fn foreign(_number: c_int) {
    CALLS.fetch_add(1, Ordering::SeqCst);
}

/// As `foreign`, and calls what was there before, as well-behaved libraries do.
extern "C" fn polite(number: c_int, info: *mut libc::siginfo_t, context: *mut libc::c_void) {
    CALLS.fetch_add(1, Ordering::SeqCst);
    common::sys::call_handler(SAVED.load(Ordering::SeqCst), number, info, context);
}

/// Another one.
extern "C" fn strange(_number: c_int, _info: *mut libc::siginfo_t, _context: *mut libc::c_void) {
    CALLS.fetch_add(1, Ordering::SeqCst);
}

const STRANGE: extern "C" fn(c_int, *mut libc::siginfo_t, *mut libc::c_void) = strange;
const FOREIGN: extern "C" fn(c_int) = foreign;
const POLITE: extern "C" fn(c_int, *mut libc::siginfo_t, *mut libc::c_void) = polite;

/// A loop, and what its exception handler has heard.
fn runtime() -> io::Result<(Runtime, Rc<RefCell<Vec<String>>>)> {
    let heard = Rc::new(RefCell::new(Vec::new()));
    let told = heard.clone();
    let rt = runtime::Builder::new()
        .exception_handler(move |context| told.borrow_mut().push(context.message().to_owned()))
        .build()?;
    Ok((rt, heard))
}

fn listen(rt: &Runtime) -> io::Result<Signal> {
    let _entered = rt.enter();
    signal(USR2)
}

#[test]
fn a_listener_that_goes_leaves_the_handler_of_others() -> io::Result<()> {
    let _turn = turn();
    for foreign in [FOREIGN as usize, SIG_IGN, SIG_DFL] {
        let (rt, heard) = runtime()?;
        let listener = listen(&rt)?;
        set_disposition(USR2, foreign, 0);
        drop(listener);
        assert_eq!(disposition(USR2).0, foreign);
        rt.block_on(runtime::task::yield_now());
        assert_eq!(heard.borrow().len(), 1, "{heard:?}");
        assert!(heard.borrow()[0].contains("replaced the handler of SIGUSR2"), "{heard:?}");
        set_disposition(USR2, SIG_DFL, 0);
    }
    Ok(())
}

#[test]
fn who_begins_to_wait_in_vain_is_told_once() -> io::Result<()> {
    let _turn = turn();
    let (rt, heard) = runtime()?;
    let mut one = listen(&rt)?;
    let mut other = listen(&rt)?;
    set_disposition(USR2, FOREIGN as usize, 0);
    rt.block_on(async {
        assert_eq!(one.recv().now_or_never(), None);
        assert_eq!(other.recv().now_or_never(), None);
        runtime::task::yield_now().await;
    });
    assert_eq!(heard.borrow().len(), 1, "{heard:?}");
    drop((one, other));
    assert_eq!(disposition(USR2).0, FOREIGN as usize);
    assert_eq!(heard.borrow().len(), 1, "{heard:?}");
    set_disposition(USR2, SIG_DFL, 0);
    Ok(())
}

#[test]
fn whoever_finds_out_all_loops_are_told_once() -> io::Result<()> {
    let _turn = turn();
    type Find = fn(&Runtime, &mut Signal);
    let ways: [Find; 2] = [
        // Somebody else wants to listen, and is refused.
        |rt, _| drop(listen(rt).expect_err("it would hear nothing")),
        // Another task begins to wait.
        |_, listener| assert_eq!(listener.recv().now_or_never(), None),
    ];
    for find in ways {
        let (one, heard_by_one) = runtime()?;
        let (other, heard_by_other) = runtime()?;
        let mut of_one = listen(&one)?;
        let mut of_other = listen(&other)?;
        let silent = listen(&other)?;
        // Waits all the time.
        assert_eq!(other.block_on(async { of_other.recv().now_or_never() }), None);
        set_disposition(USR2, FOREIGN as usize, 0);
        for _ in 0..2 {
            one.block_on(async { find(&one, &mut of_one) });
        }
        one.block_on(runtime::task::yield_now());
        other.block_on(runtime::task::yield_now());
        drop((of_one, of_other, silent));
        one.block_on(runtime::task::yield_now());
        other.block_on(runtime::task::yield_now());
        for heard in [heard_by_one, heard_by_other] {
            assert_eq!(heard.borrow().len(), 1, "{heard:?}");
            assert!(heard.borrow()[0].contains("replaced the handler of SIGUSR2"), "{heard:?}");
        }
        set_disposition(USR2, SIG_DFL, 0);
    }
    Ok(())
}

#[test]
fn a_handler_in_the_place_of_the_one_that_took_ours_is_not_trusted_either() -> io::Result<()> {
    let _turn = turn();
    let (rt, _heard) = runtime()?;
    // What other tests have left is seen to be gone.
    drop(listen(&rt)?);
    // There was one before, so that it can be told from the others.
    set_disposition(USR2, FOREIGN as usize, 0);
    let listener = listen(&rt)?;
    let (ours, _) = disposition(USR2);
    set_disposition(USR2, STRANGE as usize, libc::SA_SIGINFO);
    drop(listener);
    // It calls ours: were that to call it, there would be no end.
    SAVED.store(ours, Ordering::SeqCst);
    set_disposition(USR2, POLITE as usize, libc::SA_SIGINFO);
    let error = listen(&rt).expect_err("it may call ours");
    assert_eq!(error.kind(), io::ErrorKind::ResourceBusy);
    raise(USR2);

    // The one that was there before ours does not call it.
    set_disposition(USR2, FOREIGN as usize, 0);
    let mut listener = listen(&rt)?;
    CALLS.store(0, Ordering::SeqCst);
    raise(USR2);
    assert_eq!(rt.block_on(listener.recv()), Some(()));
    assert_eq!(CALLS.load(Ordering::SeqCst), 1);
    drop(listener);
    assert_eq!(disposition(USR2).0, FOREIGN as usize);
    set_disposition(USR2, SIG_DFL, 0);
    Ok(())
}

#[test]
fn new_listeners_are_refused_until_the_handler_of_others_is_gone() -> io::Result<()> {
    let _turn = turn();
    let (rt, _heard) = runtime()?;
    let listener = listen(&rt)?;
    let ours = disposition(USR2);
    set_disposition(USR2, FOREIGN as usize, 0);
    let refused = || {
        let error = listen(&rt).expect_err("it would hear nothing");
        assert_eq!(error.kind(), io::ErrorKind::ResourceBusy);
        assert!(error.to_string().contains("SIGUSR2"), "{error}");
        assert_eq!(disposition(USR2).0, FOREIGN as usize, "it is not fought");
    };
    refused();
    drop(listener);
    // It may have saved our handler, to call it.
    refused();

    set_disposition(USR2, SIG_DFL, 0);
    let mut listener = listen(&rt)?;
    assert_eq!(disposition(USR2), ours);
    raise(USR2);
    assert_eq!(rt.block_on(listener.recv()), Some(()));
    drop(listener);
    assert_eq!(disposition(USR2).0, SIG_DFL);
    Ok(())
}

#[test]
fn a_handler_that_calls_ours_keeps_listeners_hearing() -> io::Result<()> {
    let _turn = turn();
    let (rt, _heard) = runtime()?;
    let mut listener = listen(&rt)?;
    let (ours, flags) = disposition(USR2);
    CALLS.store(0, Ordering::SeqCst);
    SAVED.store(ours, Ordering::SeqCst);
    set_disposition(USR2, POLITE as usize, libc::SA_SIGINFO);
    raise(USR2);
    assert_eq!(rt.block_on(listener.recv()), Some(()));
    assert_eq!(CALLS.load(Ordering::SeqCst), 1);

    // It calls ours also when nobody listens any more.
    drop(listener);
    raise(USR2);
    assert_eq!(CALLS.load(Ordering::SeqCst), 2);

    // It goes, and puts ours back, though nobody listens: the next listener finds all in order.
    set_disposition(USR2, ours, flags);
    let mut listener = listen(&rt)?;
    raise(USR2);
    assert_eq!(rt.block_on(listener.recv()), Some(()));
    assert_eq!(CALLS.load(Ordering::SeqCst), 2);
    drop(listener);
    assert_eq!(disposition(USR2).0, SIG_DFL);
    Ok(())
}

#[test]
fn our_handler_put_back_when_nobody_listens_does_as_if_it_were_not() -> io::Result<()> {
    let _turn = turn();
    let (rt, _heard) = runtime()?;
    let listener = listen(&rt)?;
    let (ours, flags) = disposition(USR2);
    drop(listener);
    set_disposition(USR2, ours, flags);
    let status = common::sys::fork(|| raise(USR2));
    assert!(libc::WIFSIGNALED(status) && libc::WTERMSIG(status) == libc::SIGUSR2, "{status:#x}");
    set_disposition(USR2, SIG_DFL, 0);
    Ok(())
}

//! `on` and its guard: a callback is called on its loop until the guard is dropped.

#![cfg(unix)]

mod common;

use std::cell::{Cell, RefCell};
use std::io;
use std::rc::Rc;
use std::thread;

use common::selectors::{self, builder, on_each_selector, run};
use common::sys::{disposition, kill, raise};
use common::turn;
use runtime::signal::{SignalGuard, SignalKind, on, signal};
use runtime::{Handle, ShutdownOptions};

on_each_selector!(
    a_callback_is_called_for_each_signal,
    a_callback_may_stop_the_loop,
    signals_that_come_together_are_one_call,
    a_callback_whose_guard_is_dropped_is_not_called,
    a_callback_may_drop_its_own_guard,
    a_guard_may_be_dropped_on_another_thread,
    a_callback_that_panics_is_called_again,
    a_callback_has_the_variables_with_which_it_was_made,
    a_callback_may_make_another,
    a_callback_is_dropped_with_its_loop,
    a_callback_that_is_left_is_called_until_the_end,
    callbacks_keep_no_shutdown_waiting,
    a_signal_during_a_callback_is_another_call,
);

const USR1: SignalKind = SignalKind::user_defined1();

/// Has everything told that has come so far, and the callbacks called.
async fn settle() -> io::Result<()> {
    let mut window = signal(SignalKind::window_change())?;
    kill(SignalKind::window_change());
    window.recv().await.expect("the loop is open");
    // What was woken in the same dispatch comes before this in the queue, or one round behind it.
    for _ in 0..3 {
        runtime::task::yield_now().await;
    }
    Ok(())
}

/// A counter, and a callback that counts.
fn counter() -> (Rc<Cell<usize>>, impl FnMut() + 'static) {
    let count = Rc::new(Cell::new(0));
    (count.clone(), move || count.set(count.get() + 1))
}

fn a_callback_is_called_for_each_signal() -> io::Result<()> {
    let _turn = turn();
    run(async {
        let (count, callback) = counter();
        let guard = on(USR1, callback)?;
        assert_eq!(guard.kind(), USR1);
        for number in 1..=3 {
            raise(USR1);
            settle().await?;
            assert_eq!(count.get(), number);
        }
        Ok(())
    })
}

fn a_callback_may_stop_the_loop() -> io::Result<()> {
    let _turn = turn();
    let rt = builder().build()?;
    let _entered = rt.enter();
    let _guard = on(USR1, || Handle::current().stop().expect("it runs"))?;
    kill(USR1);
    rt.run_forever().expect("nothing fails");
    Ok(())
}

fn signals_that_come_together_are_one_call() -> io::Result<()> {
    let _turn = turn();
    run(async {
        let (count, callback) = counter();
        let _guard = on(USR1, callback)?;
        for _ in 0..100 {
            raise(USR1);
        }
        settle().await?;
        assert_eq!(count.get(), 1);
        Ok(())
    })
}

fn a_callback_whose_guard_is_dropped_is_not_called() -> io::Result<()> {
    let _turn = turn();
    run(async {
        let (count, callback) = counter();
        let _other = signal(USR1)?;
        let guard = on(USR1, callback)?;
        raise(USR1);
        drop(guard);
        assert_eq!(Rc::strong_count(&count), 1, "the callback is dropped at once");
        settle().await?;
        raise(USR1);
        settle().await?;
        assert_eq!(count.get(), 0);
        Ok(())
    })
}

fn a_callback_may_drop_its_own_guard() -> io::Result<()> {
    let _turn = turn();
    let before = disposition(USR1);
    run(async {
        let (count, mut callback) = counter();
        let own = Rc::new(RefCell::new(None::<SignalGuard>));
        let guard = on(USR1, {
            let own = own.clone();
            move || {
                drop(own.take());
                callback();
            }
        })?;
        own.replace(Some(guard));
        raise(USR1);
        settle().await?;
        assert_eq!(count.get(), 1);
        assert_eq!(Rc::strong_count(&count), 1, "the callback is gone");
        assert_eq!(disposition(USR1), before);
        Ok(())
    })
}

fn a_guard_may_be_dropped_on_another_thread() -> io::Result<()> {
    let _turn = turn();
    run(async {
        let (count, callback) = counter();
        let _other = signal(USR1)?;
        let guard = on(USR1, callback)?;
        raise(USR1);
        thread::spawn(move || drop(guard)).join().expect("no panic");
        settle().await?;
        assert_eq!(count.get(), 0);
        assert_eq!(Rc::strong_count(&count), 1, "its loop has dropped the callback");
        Ok(())
    })
}

fn a_callback_that_panics_is_called_again() -> io::Result<()> {
    let _turn = turn();
    let failures = Rc::new(RefCell::new(Vec::new()));
    let rt = builder()
        .exception_handler({
            let failures = failures.clone();
            move |context| failures.borrow_mut().push(context.panic_message().map(str::to_owned))
        })
        .build()?;
    rt.block_on(async {
        let (count, mut callback) = counter();
        let _guard = on(USR1, move || {
            callback();
            panic!("on purpose");
        })?;
        for number in 1..=2 {
            raise(USR1);
            settle().await?;
            assert_eq!(count.get(), number);
        }
        io::Result::Ok(())
    })?;
    drop(rt);
    assert_eq!(*failures.borrow(), [Some("on purpose".to_owned()), Some("on purpose".to_owned())]);
    Ok(())
}

fn a_callback_has_the_variables_with_which_it_was_made() -> io::Result<()> {
    runtime::context_var! {
        static NAME: &str = "nobody";
    }
    let _turn = turn();
    run(async {
        let heard = Rc::new(Cell::new(""));
        NAME.set("somebody");
        let _guard = on(USR1, {
            let heard = heard.clone();
            move || {
                heard.set(NAME.get());
                NAME.set("lost");
            }
        })?;
        NAME.set("another");
        for _ in 0..2 {
            raise(USR1);
            settle().await?;
            assert_eq!(heard.replace(""), "somebody");
        }
        assert_eq!(NAME.get(), "another");
        Ok(())
    })
}

fn a_callback_may_make_another() -> io::Result<()> {
    let _turn = turn();
    run(async {
        let guards = Rc::new(RefCell::new(Vec::new()));
        let (count, callback) = counter();
        let callback = Rc::new(RefCell::new(callback));
        let _guard = on(USR1, {
            let guards = guards.clone();
            move || {
                let callback = callback.clone();
                let guard = on(USR1, move || (callback.borrow_mut())());
                guards.borrow_mut().push(guard.expect("it can be listened to"));
            }
        })?;
        raise(USR1);
        settle().await?;
        assert_eq!((guards.borrow().len(), count.get()), (1, 0));
        raise(USR1);
        settle().await?;
        assert_eq!((guards.borrow().len(), count.get()), (2, 1));
        Ok(())
    })
}

fn a_callback_is_dropped_with_its_loop() -> io::Result<()> {
    let _turn = turn();
    let (count, callback) = counter();
    let guard = run(async { on(USR1, callback) })?;
    assert_eq!(Rc::strong_count(&count), 1);
    drop(guard);
    Ok(())
}

fn a_callback_that_is_left_is_called_until_the_end() -> io::Result<()> {
    let _turn = turn();
    let before = disposition(USR1);
    let (count, callback) = counter();
    run(async {
        on(USR1, callback)?.forget();
        raise(USR1);
        settle().await?;
        assert_eq!(count.get(), 1);
        io::Result::Ok(())
    })?;
    assert_eq!(disposition(USR1), before);
    assert_eq!(Rc::strong_count(&count), 1);
    Ok(())
}

fn callbacks_keep_no_shutdown_waiting() -> io::Result<()> {
    let _turn = turn();
    let rt = builder().build()?;
    let guard = {
        let _entered = rt.enter();
        on(USR1, || ())?
    };
    let report = rt.shutdown(ShutdownOptions::new());
    assert!(report.is_clean(), "{report:?}");
    drop(guard);
    Ok(())
}

fn a_signal_during_a_callback_is_another_call() -> io::Result<()> {
    let _turn = turn();
    run(async {
        let (count, mut callback) = counter();
        let _guard = on(USR1, {
            let count = count.clone();
            move || {
                callback();
                if count.get() < 3 {
                    raise(USR1);
                }
            }
        })?;
        raise(USR1);
        while count.get() < 3 {
            settle().await?;
        }
        settle().await?;
        assert_eq!(count.get(), 3);
        Ok(())
    })
}

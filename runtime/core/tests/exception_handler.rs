//! What an exception handler may do, and what becomes of a loop whose handler fails.

mod support;

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use runtime::task::yield_now;
use runtime::{Builder, ExceptionContext, Handle, Runtime};
use support::OnDrop;
use support::heard::{Heard, listening};

fn turn(rt: &Runtime) {
    rt.block_on(async {
        for _ in 0..4 {
            yield_now().await;
        }
    });
}

fn fail(rt: &Runtime, text: &'static str) {
    drop(rt.spawn(async move { panic!("{text}") }));
}

#[test]
fn what_a_program_reports_is_told_at_once_where_the_loop_is_current() {
    let (rt, heard) = listening();
    rt.call_exception_handler(ExceptionContext::new("from outside")).unwrap();
    assert_eq!(heard.messages(), ["from outside"]);
    rt.block_on(async {
        let context = ExceptionContext::new("from inside").with_payload(Box::new("boom"));
        Handle::current().call_exception_handler(context).unwrap();
        assert_eq!(heard.messages(), ["from outside", "from inside"]);
    });
    let reports = heard.reports();
    assert_eq!(reports[0].panic, None);
    assert_eq!(reports[1].panic.as_deref(), Some("boom"));
    assert_eq!(reports[1].file, file!());
}

#[test]
fn a_handler_that_panics_does_not_end_the_loop() {
    let heard = Heard::default();
    let note = heard.handler();
    let rt = Builder::new()
        .exception_handler(move |context| {
            note(context);
            panic!("the handler is no better");
        })
        .build()
        .unwrap();
    fail(&rt, "one");
    fail(&rt, "two");
    turn(&rt);
    assert_eq!(heard.panics(), ["one", "two"]);
    assert_eq!(rt.block_on(rt.spawn(async { "alive" })).unwrap(), "alive");
}

#[test]
fn a_handler_may_replace_itself() {
    let rt = Rc::new(Runtime::new().unwrap());
    let (first, second) = (Heard::default(), Heard::default());
    let dropped = Rc::new(Cell::new(false));
    let owned = OnDrop({
        let dropped = dropped.clone();
        move || dropped.set(true)
    });
    rt.set_exception_handler({
        let (rt, first, second) = (Rc::downgrade(&rt), first.clone(), second.handler());
        let second = RefCell::new(Some(second));
        let dropped = dropped.clone();
        move |context| {
            let _owned = &owned;
            first.note(context);
            if let Some(second) = second.take() {
                rt.upgrade().unwrap().set_exception_handler(second);
            }
            assert!(!dropped.get(), "it is in use");
        }
    });
    fail(&rt, "one");
    fail(&rt, "two");
    turn(&rt);
    assert_eq!(first.panics(), ["one"]);
    assert_eq!(second.panics(), ["two"]);
    assert!(dropped.get());
}

#[test]
fn a_handler_may_be_taken_away_and_looked_at() {
    let (rt, heard) = listening();
    let handler = rt.exception_handler().unwrap();
    rt.clear_exception_handler();
    assert!(rt.exception_handler().is_none());
    // It can be wrapped.
    rt.set_exception_handler(move |context| {
        handler(context);
        handler(context);
    });
    fail(&rt, "twice");
    turn(&rt);
    assert_eq!(heard.panics(), ["twice", "twice"]);
}

#[test]
fn a_handler_may_spawn_and_drop_what_it_likes() {
    let done = Rc::new(Cell::new(0));
    let rt = Builder::new()
        .exception_handler({
            let done = done.clone();
            move |_| {
                let done = done.clone();
                let task = runtime::spawn(async move {
                    yield_now().await;
                    done.set(done.get() + 1);
                });
                drop(task);
                drop(Runtime::new().unwrap());
            }
        })
        .build()
        .unwrap();
    fail(&rt, "one");
    fail(&rt, "two");
    turn(&rt);
    assert_eq!(done.get(), 2);
}

#[test]
fn a_handler_is_called_outside_of_any_task() {
    let asked = Rc::new(Cell::new(false));
    let rt = Builder::new()
        .exception_handler({
            let asked = asked.clone();
            move |_| {
                assert_eq!(runtime::task::try_id(), None);
                asked.set(true);
            }
        })
        .build()
        .unwrap();
    fail(&rt, "whose turn is it");
    turn(&rt);
    assert!(asked.get());
}

#[test]
fn what_a_handler_reports_itself_is_told_when_it_has_returned() {
    let heard = Heard::default();
    let depth = Rc::new(Cell::new(0));
    let rt = Builder::new()
        .exception_handler({
            let (heard, depth) = (heard.clone(), depth.clone());
            move |context| {
                depth.set(depth.get() + 1);
                assert_eq!(depth.get(), 1, "called from inside of itself");
                heard.note(context);
                if heard.messages().len() < 3 {
                    let again = ExceptionContext::new("and another thing");
                    Handle::current().call_exception_handler(again).unwrap();
                } else {
                    Handle::current().stop().unwrap();
                }
                depth.set(depth.get() - 1);
            }
        })
        .build()
        .unwrap();
    fail(&rt, "one");
    // Though nothing else happens.
    rt.run_forever().unwrap();
    assert_eq!(heard.messages()[1..], ["and another thing", "and another thing"]);
}

#[test]
fn a_handler_that_fails_each_time_does_not_keep_the_loop_from_the_rest() {
    let calls = Rc::new(Cell::new(0));
    let rt = Builder::new()
        .exception_handler({
            let calls = calls.clone();
            move |_| {
                calls.set(calls.get() + 1);
                if calls.get() % 2 == 0 {
                    drop(runtime::spawn(async { panic!("again") }));
                } else {
                    let again = ExceptionContext::new("and again");
                    Handle::current().call_exception_handler(again).unwrap();
                }
            }
        })
        .build()
        .unwrap();
    fail(&rt, "one");
    while calls.get() < 10 {
        turn(&rt);
    }
    // Neither does it keep it from closing.
    drop(rt);
}

#[test]
fn a_handler_may_own_its_loop_and_close_another() {
    let other = Rc::new(Runtime::new().unwrap());
    let rt = Builder::new()
        .exception_handler({
            let other = other.clone();
            move |_| other.close().unwrap()
        })
        .build()
        .unwrap();
    fail(&rt, "one");
    turn(&rt);
    assert!(other.is_closed());
}

#[test]
fn payloads_that_panic_when_dropped_are_contained() {
    let heard = Heard::default();
    let rt = Builder::new().exception_handler(heard.handler()).build().unwrap();
    let bomb = OnDrop(|| panic!("from the payload's drop"));
    rt.call_exception_handler(ExceptionContext::new("bomb").with_payload(Box::new(bomb))).unwrap();
    assert_eq!(heard.messages(), ["bomb"]);
}

#[test]
fn a_handler_that_closes_its_running_loop_is_refused() {
    let rt = Rc::new(Runtime::new().unwrap());
    let refused = Rc::new(Cell::new(false));
    rt.set_exception_handler({
        let (rt, refused) = (Rc::downgrade(&rt), refused.clone());
        move |_| refused.set(rt.upgrade().unwrap().close().is_err())
    });
    fail(&rt, "one");
    turn(&rt);
    assert!(refused.get());
    assert!(!rt.is_closed());
}

#[test]
fn a_handler_may_close_its_loop_when_that_does_not_run() {
    let rt = Rc::new(Runtime::new().unwrap());
    let heard = Heard::default();
    rt.set_exception_handler({
        let (rt, heard) = (Rc::downgrade(&rt), heard.clone());
        move |context| {
            heard.note(context);
            rt.upgrade().unwrap().close().unwrap();
        }
    });
    rt.call_exception_handler(ExceptionContext::new("that is enough")).unwrap();
    assert_eq!(heard.messages(), ["that is enough"]);
    assert!(rt.is_closed());
    // From inside of close itself, too.
    let rt = Rc::new(Runtime::new().unwrap());
    let calls = Rc::new(Cell::new(0));
    rt.set_exception_handler({
        let (rt, calls) = (Rc::downgrade(&rt), calls.clone());
        move |_| {
            calls.set(calls.get() + 1);
            rt.upgrade().unwrap().close().unwrap();
        }
    });
    drop(rt.spawn(async {
        let _bomb = OnDrop(|| panic!("at the end"));
        std::future::pending::<()>().await;
    }));
    turn(&rt);
    rt.close().unwrap();
    assert_eq!(calls.get(), 1);
}

#[test]
fn what_a_handler_owns_is_dropped_when_the_loop_closes() {
    let dropped = Rc::new(Cell::new(false));
    let owned = OnDrop({
        let dropped = dropped.clone();
        move || dropped.set(true)
    });
    let rt = Rc::new(Runtime::new().unwrap());
    // Which would otherwise keep itself in memory.
    let own = rt.clone();
    rt.set_exception_handler(move |_| {
        let _ = (&owned, &own);
    });
    rt.close().unwrap();
    assert!(dropped.get());
}

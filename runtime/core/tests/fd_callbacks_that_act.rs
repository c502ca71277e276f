//! A callback of `add_reader` may do whatever it likes, itself and the loop included.
#![cfg(unix)]

mod support;

use std::cell::RefCell;
use std::io::Write;
use std::os::fd::AsRawFd;
use std::rc::Rc;

use runtime::reactor::{add_reader, add_writer, loop_local, remove_reader, remove_writer};
use runtime::task::yield_now;
use runtime::{CallbackKind, ExceptionContext, Handle, context_var};
use support::fds::{Count, pair, read_byte, settled};
use support::selectors::{self, builder, on_each_selector, run};
use support::{DropLog, OnDrop};

on_each_selector!(
    a_callback_may_stop_the_loop,
    a_callback_that_panics_is_reported_and_stays,
    it_is_no_task,
    a_callback_that_is_removed_while_it_is_queued_is_not_called,
    a_callback_may_remove_itself,
    a_callback_may_replace_itself,
    a_callback_may_add_others_and_spawn,
    a_callback_may_remove_itself_and_close,
    it_runs_in_the_context_in_which_it_was_added,
    the_end_of_the_loop_drops_callbacks_on_its_thread,
);

fn a_callback_that_is_removed_while_it_is_queued_is_not_called() {
    run(async {
        let (one, other) = (pair(), pair());
        let calls = Count::default();
        // Both are ready at once, and the first of them to be called removes the other.
        for (ours, theirs) in [(&one.0, &other.0), (&other.0, &one.0)] {
            let (number, counted) = (theirs.as_raw_fd(), calls.clone());
            add_reader(ours, move || {
                counted.up();
                remove_reader(&number);
            })
            .unwrap();
        }
        (&one.1).write_all(b"x").unwrap();
        (&other.1).write_all(b"x").unwrap();
        while calls.get() == 0 {
            yield_now().await;
        }
        let left = [&one.0, &other.0].map(remove_reader);
        assert_eq!(left.iter().filter(|&&left| left).count(), 1);
    });
}

fn a_callback_may_remove_itself() {
    run(async {
        let (ours, theirs) = pair();
        (&theirs).write_all(b"left alone").unwrap();
        let (log, calls) = (DropLog::new(), Count::default());
        let (witness, counted, number) = (log.local_witness(), calls.clone(), ours.as_raw_fd());
        add_reader(&ours, move || {
            let _witness = &witness;
            assert!(remove_reader(&number));
            assert!(!remove_reader(&number));
            counted.up();
        })
        .unwrap();
        while calls.get() == 0 {
            yield_now().await;
        }
        log.assert_dropped_here(1);
        settled().await;
        assert_eq!(calls.get(), 1);
        assert!(!remove_reader(&ours));
    });
}

fn a_callback_may_replace_itself() {
    run(async {
        let (ours, theirs) = pair();
        (&theirs).write_all(b"left alone").unwrap();
        let (log, first, second) = (DropLog::new(), Count::default(), Count::default());
        let (witness, number) = (log.local_witness(), ours.as_raw_fd());
        let (counted, next) = (first.clone(), second.clone());
        let seen = log.clone();
        add_reader(&ours, move || {
            let _witness = &witness;
            let next = next.clone();
            add_reader(&number, move || next.up()).unwrap();
            // It is still running.
            assert_eq!(seen.count(), 0);
            counted.up();
        })
        .unwrap();
        while second.get() < 3 {
            yield_now().await;
        }
        log.assert_dropped_here(1);
        assert_eq!(first.get(), 1);
    });
}

fn a_callback_may_add_others_and_spawn() {
    run(async {
        let ((ours, theirs), (other, _peer)) = (pair(), pair());
        (&theirs).write_all(b"x").unwrap();
        let (spawned, written) = (Count::default(), Count::default());
        let (task, writer, number) = (spawned.clone(), written.clone(), other.as_raw_fd());
        let stream = Rc::new(ours);
        let reading = stream.clone();
        add_reader(&*stream, move || {
            read_byte(&reading);
            let (task, writer) = (task.clone(), writer.clone());
            drop(runtime::spawn(async move { task.up() }));
            add_writer(&number, move || writer.up()).unwrap();
        })
        .unwrap();
        while written.get() == 0 {
            yield_now().await;
        }
        assert_eq!(spawned.get(), 1);
    });
}

fn a_callback_may_remove_itself_and_close() {
    run(async {
        let (ours, theirs) = pair();
        drop(theirs);
        let number = ours.as_raw_fd();
        let (calls, mut ours) = (Count::default(), Some(ours));
        let counted = calls.clone();
        add_reader(&number, move || {
            assert_eq!(read_byte(ours.as_ref().unwrap()), None);
            assert!(remove_reader(&number));
            ours = None;
            counted.up();
        })
        .unwrap();
        while calls.get() == 0 {
            yield_now().await;
        }
        settled().await;
        assert_eq!(calls.get(), 1);
    });
}

fn it_runs_in_the_context_in_which_it_was_added() {
    context_var! {
        static NAME: &'static str = "nobody";
    }
    run(async {
        let (ours, _theirs) = pair();
        let names = Rc::new(RefCell::new(Vec::new()));
        let noted = names.clone();
        NAME.set("ada");
        add_writer(&ours, move || {
            noted.borrow_mut().push(NAME.get());
            NAME.set("changed inside");
        })
        .unwrap();
        NAME.set("grace");
        while names.borrow().len() < 2 {
            yield_now().await;
        }
        assert!(remove_writer(&ours));
        assert_eq!(names.borrow()[..2], ["ada", "ada"]);
        assert_eq!(NAME.get(), "grace");
    });
}

fn the_end_of_the_loop_drops_callbacks_on_its_thread() {
    /// Made before the first callback, so dropped after the last.
    #[derive(Default)]
    struct First;

    let (ours, theirs) = pair();
    let (other, _peer) = pair();
    let (log, answers) = (DropLog::new(), Rc::new(RefCell::new(Vec::new())));
    let rt = builder().build().unwrap();
    rt.block_on(async {
        loop_local(|_: &First| ());
        for stream in [&ours, &theirs] {
            let (witness, answers) = (log.local_witness(), answers.clone());
            let (mine, free) = (stream.as_raw_fd(), other.as_raw_fd());
            let acts = OnDrop(move || {
                let answer = (remove_reader(&mine), add_reader(&free, || ()).is_err());
                answers.borrow_mut().push(answer);
            });
            add_reader(stream, move || {
                let _kept = (&witness, &acts);
            })
            .unwrap();
        }
        let bomb = OnDrop(|| panic!("on purpose"));
        add_writer(&ours, move || {
            let _bomb = &bomb;
        })
        .unwrap();
    });
    rt.close().unwrap();
    log.assert_dropped_here(2);
    assert_eq!(*answers.borrow(), [(false, true); 2]);
    // The descriptors are free for another loop, and for this number's next life.
    run(async {
        add_writer(&ours, || ()).unwrap();
        assert!(remove_writer(&ours));
    });
}

fn it_is_no_task() {
    run(async {
        let (ours, _theirs) = pair();
        let ids = Rc::new(RefCell::new(Vec::new()));
        let noted = ids.clone();
        add_writer(&ours, move || noted.borrow_mut().push(runtime::task::try_id())).unwrap();
        while ids.borrow().is_empty() {
            yield_now().await;
        }
        assert_eq!(ids.borrow()[0], None);
    });
}

fn a_callback_may_stop_the_loop() {
    let rt = builder().build().unwrap();
    let (ours, theirs) = pair();
    (&theirs).write_all(b"left alone").unwrap();
    let calls = Count::default();
    let counted = calls.clone();
    {
        let _entered = rt.enter();
        add_reader(&ours, move || {
            counted.up();
            Handle::current().stop().unwrap();
        })
        .unwrap();
    }
    for run in 1..=3 {
        rt.run_forever().unwrap();
        assert_eq!(calls.get(), run);
    }
}

fn a_callback_that_panics_is_reported_and_stays() {
    let reports = Rc::new(RefCell::new(Vec::new()));
    let noted = reports.clone();
    let line = line!() + 12;
    let handler = move |context: &ExceptionContext| {
        let source = context.callback().expect("it comes from a callback");
        assert_eq!((source.location().file(), source.location().line()), (file!(), line));
        noted.borrow_mut().push((source.kind(), context.panic_message().map(str::to_owned)));
        if noted.borrow().len() == 2 {
            Handle::current().stop().unwrap();
        }
    };
    let rt = builder().exception_handler(handler).build().unwrap();
    let (ours, _theirs) = pair();
    let _entered = rt.enter();
    add_writer(&ours, || panic!("on purpose")).unwrap();
    rt.run_forever().unwrap();
    let expected = (CallbackKind::Writer, Some("on purpose".to_owned()));
    assert_eq!(reports.take(), [expected.clone(), expected]);
}

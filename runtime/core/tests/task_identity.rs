//! Tasks have ids, names and places of birth.

use std::collections::HashSet;

use runtime::Runtime;
use runtime::task::{self, yield_now};

#[test]
fn ids_are_unique_and_agree_wherever_they_are_asked_for() {
    runtime::run(async {
        let mut ids = HashSet::new();
        for _ in 0..100 {
            let task = runtime::spawn(async {
                let before = task::id();
                yield_now().await;
                assert_eq!(before, task::id());
                before
            });
            let abort = task.abort_handle();
            let id = task.id();
            assert_eq!((task.await.unwrap(), abort.id()), (id, id));
            assert!(ids.insert(id), "given out twice");
        }
    });
}

#[test]
fn the_main_future_has_no_id() {
    runtime::run(async {
        assert_eq!(task::try_id(), None);
        let inner = runtime::spawn(async { task::try_id() }).await.unwrap();
        assert!(inner.is_some());
        assert_eq!(task::try_id(), None);
    });
    assert_eq!(task::try_id(), None);
}

#[test]
fn an_id_is_asked_for_in_a_drop() {
    struct Asks(std::sync::mpsc::Sender<Option<task::Id>>);

    impl Drop for Asks {
        fn drop(&mut self) {
            self.0.send(task::try_id()).unwrap();
        }
    }

    let (sender, receiver) = std::sync::mpsc::channel();
    let rt = Runtime::new().unwrap();
    rt.block_on(async {
        // In the drop of an aborted future the task is still itself; of an output nobody wants, too.
        let asks = Asks(sender.clone());
        let aborted = runtime::spawn(async move {
            let _asks = asks;
            std::future::pending::<()>().await;
        });
        let id = aborted.id();
        yield_now().await;
        aborted.abort();
        assert!(aborted.await.is_err());
        assert_eq!(receiver.recv().unwrap(), Some(id));

        let asks = Asks(sender.clone());
        let detached = runtime::spawn(async { asks });
        let id = detached.id();
        drop(detached);
        yield_now().await;
        assert_eq!(receiver.recv().unwrap(), Some(id));
    });
    // In close it is whatever it is, but nothing breaks.
    let asks = Asks(sender);
    drop(rt.spawn(async move {
        let _asks = asks;
        std::future::pending::<()>().await;
    }));
    drop(rt);
    receiver.recv().unwrap();
}

#[test]
fn a_name_is_kept() {
    let rt = Runtime::new().unwrap();
    let handle = rt.handle().clone();
    rt.block_on(async {
        let plain = runtime::spawn(async {});
        assert_eq!(plain.name(), None);
        let named = task::Builder::new().name("here").spawn(async { 1 });
        assert_eq!(named.name(), Some("here"));
        let abort = named.abort_handle();
        assert_eq!(named.await.unwrap(), 1);
        assert_eq!(abort.name(), Some("here"));
        let abroad = std::thread::spawn(move || {
            task::Builder::new().name("abroad").spawn_on(async { 2 }, &handle)
        });
        let abroad = abroad.join().unwrap();
        assert_eq!(abroad.name(), Some("abroad"));
        assert_eq!(abroad.await.unwrap(), 2);
    });
}

#[test]
fn the_place_of_spawning_is_the_callers() {
    runtime::run(async {
        let line = line!() + 1;
        let task = runtime::spawn(async {});
        assert_eq!((task.location().file(), task.location().line()), (file!(), line));
        // The cold part, made for the id, keeps it.
        let id = task.id();
        assert_eq!((task.location().line(), task.id()), (line, id));
        let abort = task.abort_handle();
        task.await.unwrap();
        assert_eq!(abort.location().line(), line);
    });
}

#[test]
fn handles_say_in_debug_what_they_refer_to() {
    runtime::run(async {
        let task = runtime::spawn(async {});
        let id = task.id();
        assert_eq!(format!("{task:?}"), format!("JoinHandle {{ id: {id:?}, finished: false }}"));
        let abort = task.abort_handle();
        task.await.unwrap();
        assert_eq!(format!("{abort:?}"), format!("AbortHandle {{ id: {id:?}, finished: true }}"));
    });
}

#[test]
fn the_current_task_is_the_one_that_is_polled() {
    assert!(task::current().is_none());
    runtime::run(async {
        assert!(task::current().is_none(), "the main future is not one");
        let task = task::Builder::new().name("me").spawn(async { task::current().unwrap() });
        let (id, location) = (task.id(), task.location());
        let current = task.await.unwrap();
        assert_eq!((current.id(), current.name()), (id, Some("me")));
        assert_eq!(current.location(), location);
        runtime::callback::call_soon(|| assert!(task::current().is_none()));
        yield_now().await;
    });
}

#[test]
fn a_task_may_abort_itself() {
    runtime::run(async {
        let task = runtime::spawn(async {
            task::current().unwrap().abort_handle().abort();
            std::future::pending::<()>().await;
        });
        assert!(task.await.unwrap_err().is_cancelled());
    });
}

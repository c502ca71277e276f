//! A group runs as many children at once as it may, in the order in which they were spawned.

mod support;

use std::cell::{Cell, RefCell};
use std::convert::Infallible;
use std::future::pending;
use std::rc::Rc;

use runtime::task::{TaskGroup, yield_now};
use support::panic_message;

/// Counts how many are inside, and at most were.
#[derive(Clone, Default)]
struct Gauge(Rc<(Cell<usize>, Cell<usize>)>);

impl Gauge {
    async fn stay(self, turns: usize) -> Result<(), Infallible> {
        let (now, most) = &*self.0;
        now.set(now.get() + 1);
        most.set(most.get().max(now.get()));
        for _ in 0..turns {
            yield_now().await;
        }
        now.set(now.get() - 1);
        Ok(())
    }

    fn most(&self) -> usize {
        self.0.1.get()
    }
}

#[test]
fn no_more_children_run_than_may() {
    runtime::run(async {
        for limit in [1, 2, 7] {
            let gauge = Gauge::default();
            let result = TaskGroup::builder().max_concurrent(limit).run(async |group| {
                for number in 0..50 {
                    group.spawn(gauge.clone().stay(number % 5));
                }
                Ok(())
            });
            result.await.unwrap();
            assert_eq!(gauge.most(), limit);
        }
    });
}

#[test]
fn who_waits_is_served_in_turn() {
    runtime::run(async {
        let order = Rc::new(RefCell::new(Vec::new()));
        let result = TaskGroup::builder().max_concurrent(1).run(async |group| {
            for number in 0..20 {
                let order = order.clone();
                group.spawn(async move {
                    order.borrow_mut().push(number);
                    yield_now().await;
                    Ok::<_, Infallible>(())
                });
            }
            Ok(())
        });
        result.await.unwrap();
        assert_eq!(*order.borrow(), (0..20).collect::<Vec<_>>());
    });
}

#[test]
fn a_child_that_is_aborted_while_it_waits_takes_no_turn_with_it() {
    runtime::run(async {
        let gauge = Gauge::default();
        let result = TaskGroup::builder().max_concurrent(2).run(async |group| {
            let running: Vec<_> = (0..2).map(|_| group.spawn(pending())).collect();
            let waiting: Vec<_> = (0..10).map(|_| group.spawn(gauge.clone().stay(1))).collect();
            yield_now().await;
            yield_now().await;
            // In one pass: who was first in line, who ran, and who was in the middle.
            waiting[0].abort();
            running[0].abort();
            waiting[5].abort();
            for child in running {
                child.abort();
                let _cancelled: Result<(), _> = child.await;
            }
            let mut ended = 0;
            for child in waiting {
                ended += usize::from(child.await.is_ok());
            }
            Ok::<_, Infallible>(ended)
        });
        assert_eq!(result.await.unwrap(), 8);
        assert_eq!(gauge.most(), 2);
    });
}

#[test]
fn children_that_wait_are_cancelled_unpolled() {
    runtime::run(async {
        let result = TaskGroup::builder().max_concurrent(1).run(async |group| {
            group.spawn(async {
                yield_now().await;
                Err::<(), _>("deliberate")
            });
            for _ in 0..100 {
                group.spawn::<(), _>(async { unreachable!("polled") });
            }
            Ok(())
        });
        assert_eq!(result.await.unwrap_err().errors().len(), 1);
    });
}

#[test]
fn a_group_that_could_run_nothing_is_refused() {
    let message = panic_message(|| TaskGroup::builder().max_concurrent(0));
    assert!(message.contains("allow at least 1"), "{message}");
}

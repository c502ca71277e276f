//! A seed decides the order in which a loop runs what is ready.
#![cfg(feature = "test-util")]

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::time::Duration;

use proptest::prelude::*;
use runtime::callback::{call_later, call_soon};
use runtime::seed::{Outcome, Seeds, run};
use runtime::task::{self, Priority, spawn_eager, yield_now};
use runtime::time::{Instant, sleep};
use runtime::{Builder, Runtime};

type Trace = Rc<RefCell<Vec<u32>>>;

fn seeded(seed: u64) -> Runtime {
    Builder::new().start_paused(true).seed(seed).build().unwrap()
}

/// What a program with a bit of everything does, step by step.
fn trace(rt: &Runtime) -> Vec<u32> {
    let trace = Trace::default();
    rt.block_on(async {
        let start = Instant::now();
        let mut joins = Vec::new();
        for n in 0..10 {
            let note = trace.clone();
            joins.push(runtime::spawn(async move {
                for step in 0..3 {
                    note.borrow_mut().push(100 * n + step);
                    yield_now().await;
                }
                sleep(Duration::from_millis(5)).await;
                note.borrow_mut().push(100 * n + 10);
                runtime::time::sleep_until(start + Duration::from_secs(1)).await;
                note.borrow_mut().push(100 * n + 11);
            }));
            let note = trace.clone();
            drop(call_soon(move || note.borrow_mut().push(1000 + n)));
            let note = trace.clone();
            drop(call_later(Duration::from_millis(5), move || note.borrow_mut().push(2000 + n)));
            let note = trace.clone();
            joins.push(spawn_eager(async move {
                yield_now().await;
                note.borrow_mut().push(3000 + n);
            }));
        }
        for join in joins {
            join.await.unwrap();
        }
    });
    trace.take()
}

#[test]
fn one_seed_is_one_order() {
    for seed in 0..20 {
        assert_eq!(trace(&seeded(seed)), trace(&seeded(seed)));
    }
}

#[test]
fn different_seeds_are_different_orders_of_the_same_steps() {
    let traces: HashSet<Vec<u32>> = (0..50).map(|seed| trace(&seeded(seed))).collect();
    assert_eq!(traces.len(), 50);
    let sorted = |mut trace: Vec<u32>| {
        trace.sort_unstable();
        trace
    };
    let plain = sorted(trace(&Runtime::new().unwrap()));
    assert!(traces.into_iter().all(|trace| sorted(trace) == plain));
}

#[test]
fn without_a_seed_the_order_is_first_in_first_out() {
    let plain = trace(&Builder::new().start_paused(true).build().unwrap());
    let own: Vec<u32> =
        plain.iter().copied().filter(|step| *step < 1000 && step % 100 == 0).collect();
    assert!(own.is_sorted());
}

#[test]
fn each_of_those_that_are_ready_gets_its_turn_before_any_gets_another() {
    for seed in 0..20 {
        let trace = Trace::default();
        seeded(seed).block_on(async {
            let tasks: Vec<_> = (0..10)
                .map(|n| {
                    let trace = trace.clone();
                    runtime::spawn(async move {
                        for _ in 0..10 {
                            trace.borrow_mut().push(n);
                            yield_now().await;
                        }
                    })
                })
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
        });
        for round in trace.borrow().chunks(10) {
            assert_eq!(round.iter().collect::<HashSet<_>>().len(), 10, "{round:?}");
        }
    }
}

#[test]
fn timers_that_are_due_together_fire_in_the_order_of_the_seed() {
    let order = |seed| {
        let trace = Trace::default();
        seeded(seed).block_on(async {
            let deadline = Instant::now() + Duration::from_secs(3);
            let tasks: Vec<_> = (0..8)
                .map(|n| {
                    let trace = trace.clone();
                    runtime::spawn(async move {
                        runtime::time::sleep_until(deadline).await;
                        trace.borrow_mut().push(n);
                    })
                })
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
        });
        trace.take()
    };
    let orders: HashSet<Vec<u32>> = (0..20).map(order).collect();
    assert!(orders.len() > 15, "{orders:?}");
}

#[test]
fn a_loop_that_is_driven_by_another_is_shuffled_too() {
    let order = |seed| {
        let rt = seeded(seed);
        let trace = Trace::default();
        for n in 0..10 {
            let trace = trace.clone();
            drop(rt.spawn(async move { trace.borrow_mut().push(n) }));
        }
        rt.turn(Some(Duration::ZERO)).unwrap();
        trace.take()
    };
    assert_eq!(order(1), order(1));
    assert_ne!(order(1), order(2));
}

#[test]
fn urgent_tasks_go_first_whatever_the_seed_and_are_shuffled_among_themselves() {
    let order = |seed| {
        let trace = Trace::default();
        seeded(seed).block_on(async {
            let tasks: Vec<_> = (0..12)
                .map(|n| {
                    let trace = trace.clone();
                    let priority = [Priority::Low, Priority::High][n as usize % 2];
                    let builder = task::Builder::new().priority(priority);
                    builder.spawn(async move { trace.borrow_mut().push(n) })
                })
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
        });
        trace.take()
    };
    let orders: HashSet<Vec<u32>> = (0..10).map(order).collect();
    assert!(orders.len() > 5);
    assert!(orders.iter().all(|order| order[..6].iter().all(|n| n % 2 == 1)), "{orders:?}");
}

/// A stock that is oversold when two buyers look before either of them takes, which they do when the clerk
/// comes in between.
async fn sell() {
    let stock = Rc::new(Cell::new(1_u32));
    let open = Rc::new(Cell::new(false));
    let sold = Rc::new(Cell::new(0));
    let buy = || {
        let (stock, open, sold) = (stock.clone(), open.clone(), sold.clone());
        runtime::spawn(async move {
            if stock.get() > 0 {
                if !open.get() {
                    yield_now().await;
                }
                stock.set(stock.get().saturating_sub(1));
                sold.set(sold.get() + 1);
            }
        })
    };
    let clerk = runtime::spawn({
        let open = open.clone();
        async move { open.set(true) }
    });
    let buyers = [buy(), buy()];
    clerk.await.unwrap();
    for buyer in buyers {
        buyer.await.unwrap();
    }
    assert_eq!(sold.get(), 1, "sold more than there was");
}

#[test]
fn a_bug_that_depends_on_the_order_is_found() {
    // First in, first out the shop opens before anybody comes.
    runtime::run(sell());
    let mut loops = 0;
    let found = catch_unwind(AssertUnwindSafe(|| {
        run("sell", Seeds::each(0..100), |builder| {
            loops += 1;
            builder.build().unwrap().block_on(sell());
        });
    }));
    let message = *found.unwrap_err().downcast::<String>().unwrap();
    assert!(message.contains("sold more than there was"), "{message}");
    // Those after the one that fails are not run; and that one fails again.
    assert!(loops < 20, "{loops}");
    assert!(catch_unwind(|| seeded(loops - 1).block_on(sell())).is_err());
}

#[test]
fn every_seed_is_run_until_one_fails() {
    let mut seeds = 0;
    run("all", Seeds::each([3, 5, 8]), |_| seeds += 1);
    assert_eq!(seeds, 3);
    let mut seeds = 0;
    let outcome = run("some", Seeds::each(0..100), |_| {
        seeds += 1;
        if seeds == 7 { Err("the seventh") } else { Ok(()) }
    });
    assert_eq!((outcome, seeds), (Err("the seventh"), 7));
    run("random", Seeds::random(), |_| seeds += 1);
    assert_eq!(seeds, 8);
}

#[test]
#[should_panic(expected = "a test without any seed tests nothing")]
fn no_seeds_are_an_error() {
    run("none", Seeds::each(0..0), |_| ());
}

#[test]
fn results_of_results_can_fail() {
    assert!(!().is_failure());
    assert!(!Ok::<_, ()>(Ok::<_, ()>(())).is_failure());
    assert!(Ok::<_, ()>(Err::<(), _>(())).is_failure());
    assert!(Err::<(), _>(()).is_failure());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// Whatever the seed, nothing is lost and nothing runs twice.
    #[test]
    fn no_turn_is_lost(seed: u64, tasks in prop::collection::vec(1_usize..6, 1..60)) {
        let polls = Rc::new(Cell::new(0));
        seeded(seed).block_on(async {
            let spawn = |&times: &usize| {
                let polls = polls.clone();
                runtime::spawn(async move {
                    for _ in 0..times {
                        polls.set(polls.get() + 1);
                        yield_now().await;
                    }
                })
            };
            for task in tasks.iter().map(spawn).collect::<Vec<_>>() {
                task.await.unwrap();
            }
        });
        prop_assert_eq!(polls.get(), tasks.iter().sum::<usize>());
    }
}

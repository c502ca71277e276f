//! A million parked tasks are no trouble, and closing gives all of them back.

use std::cell::Cell;
use std::future::pending;
use std::rc::Rc;

use runtime::Runtime;
use runtime::task::yield_now;

const MANY: u32 = 1_000_000;

struct Counted(Rc<Cell<u32>>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.set(self.0.get() + 1);
    }
}

#[test]
fn a_million_parked_tasks_are_dropped_by_close() {
    let rt = Runtime::new().unwrap();
    let (parked, drops) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
    for _ in 0..MANY {
        let (parked, counted) = (parked.clone(), Counted(drops.clone()));
        drop(rt.spawn(async move {
            let _counted = counted;
            parked.set(parked.get() + 1);
            pending::<()>().await;
        }));
    }
    rt.block_on(yield_now());
    assert_eq!((parked.get(), drops.get()), (MANY, 0));
    // The loop works as ever beside them.
    assert_eq!(rt.block_on(rt.spawn(async { 1 })).unwrap(), 1);
    rt.close().unwrap();
    assert_eq!(drops.get(), MANY);
    assert_eq!(Rc::strong_count(&drops), 1);
}

#[test]
fn a_million_tasks_that_were_never_polled_are_dropped_by_close() {
    let rt = Runtime::new().unwrap();
    let drops = Rc::new(Cell::new(0));
    for _ in 0..MANY {
        let counted = Counted(drops.clone());
        drop(rt.spawn(async move {
            let _counted = counted;
            unreachable!("polled");
        }));
    }
    drop(rt);
    assert_eq!(drops.get(), MANY);
}

#[test]
fn a_million_tasks_are_joined() {
    runtime::run(async {
        let tasks: Vec<_> = (0..MANY).map(|n| runtime::spawn(async move { n })).collect();
        let mut sum = 0_u64;
        for task in tasks {
            sum += u64::from(task.await.unwrap());
        }
        assert_eq!(sum, u64::from(MANY) * u64::from(MANY - 1) / 2);
    });
}

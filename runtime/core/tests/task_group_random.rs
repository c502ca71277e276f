//! Whatever happens in a tree of groups, nothing that was started in a group is left when the group returns.

use std::cell::Cell;
use std::future::pending;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::rc::Rc;
use std::time::Duration;

use futures::FutureExt;
use futures::future::LocalBoxFuture;
use runtime::task::{TaskGroup, cancelled, yield_now};

/// Numbers that look random (SplitMix64).
#[derive(Clone)]
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % limit
    }

    fn fork(&mut self) -> Random {
        Random(self.below(u64::MAX))
    }

    async fn turns(&mut self, limit: u64) {
        for _ in 0..self.below(limit) {
            yield_now().await;
        }
    }
}

/// What there is of a group, and of those inside of it.
#[derive(Clone, Default)]
struct Living(Rc<Cell<usize>>, Option<Rc<Living>>);

impl Living {
    fn inside(&self) -> Living {
        Living(Rc::default(), Some(Rc::new(self.clone())))
    }

    fn begin(&self) -> Life {
        self.add(1);
        Life(self.clone())
    }

    fn add(&self, number: isize) {
        self.0.set(self.0.get().checked_add_signed(number).unwrap());
        if let Some(outer) = &self.1 {
            outer.add(number);
        }
    }
}

struct Life(Living);

impl Drop for Life {
    fn drop(&mut self) {
        self.0.add(-1);
    }
}

/// A group that comes to an end in one way or another.
async fn group(mut random: Random, depth: u64, outer: Living) {
    let living = outer.inside();
    let mut builder = TaskGroup::builder();
    if random.below(3) == 0 {
        builder = builder.max_concurrent(1 + random.below(3) as usize);
    }
    if random.below(3) == 0 {
        // Asked, and aborted all the same.
        builder = builder.grace(Duration::ZERO);
    }
    let run = builder.run(async |group| {
        let _life = living.begin();
        for _ in 0..random.below(5) {
            let child = group.spawn(child(random.fork(), depth, living.clone(), group.clone()));
            random.turns(3).await;
            match random.below(6) {
                0 => child.abort(),
                1 => drop(child.cancel("by itself")),
                _ => {}
            }
        }
        random.turns(6).await;
        match random.below(4) {
            0 => Err(()),
            1 => resume_unwind(Box::new("the body")),
            _ => {
                // Some children wait for this.
                group.cancel("enough");
                random.turns(2).await;
                Ok(())
            }
        }
    });
    let _any = AssertUnwindSafe(run).catch_unwind().await;
    assert_eq!(living.0.get(), 0, "left behind");
}

fn child(
    mut random: Random,
    depth: u64,
    living: Living,
    siblings: TaskGroup<()>,
) -> LocalBoxFuture<'static, Result<(), ()>> {
    Box::pin(async move {
        let _life = living.begin();
        random.turns(3).await;
        match random.below(if depth == 0 { 7 } else { 12 }) {
            0 | 1 => {}
            2 => return Err(()),
            3 => pending().await,
            4 => resume_unwind(Box::new("a child")),
            5 | 6 => {
                let _reason = cancelled().await;
                random.turns(6).await;
                if random.below(2) == 0 {
                    return Err(());
                }
            }
            7 | 8 => {
                let sibling = child(random.fork(), depth - 1, living.clone(), siblings.clone());
                siblings.spawn(sibling);
                random.turns(4).await;
            }
            _ => group(random.fork(), depth - 1, living.clone()).await,
        }
        Ok(())
    })
}

#[test]
fn nothing_is_left_when_a_group_returns() {
    let mut groups = 0;
    for seed in 0..500 {
        runtime::run(async {
            let mut random = Random(seed);
            let all = Living::default();
            let task = runtime::spawn(group(random.fork(), 4, all.clone()));
            random.turns(20).await;
            match random.below(3) {
                0 => drop(task.cancel("from outside")),
                1 => {
                    random.turns(5).await;
                    task.cancel("from outside");
                    task.cancel("and again");
                }
                _ => {}
            }
            match task.await {
                Ok(()) => groups += 1,
                Err(error) if error.is_cancelled() => {}
                Err(error) => resume_unwind(error.into_panic()),
            }
            // A task that was dropped leaves children, whose groups leave children: a turn for each level.
            for _ in 0..8 {
                yield_now().await;
            }
            assert_eq!(all.0.get(), 0, "left behind, seed {seed}");
        });
    }
    assert!(groups > 100, "{groups}");
}

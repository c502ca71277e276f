//! A cell that another thread looks at while it is run, and which may be over at any moment.

use super::*;
use crate::executor::Lent;

#[test]
fn a_cell_is_not_freed_while_somebody_looks_at_it() {
    model(3, || {
        let world = World::new();
        let lent = Arc::new(Lent::new(0));
        let other = {
            let lent = lent.clone();
            thread::spawn(move || {
                let seen = lent.look(|cell, looks| {
                    *looks += 1;
                    // Makes the cold part, and reads what the owner wrote when it made the task.
                    (cell.cold().id, cell.location().line())
                });
                seen.map_or(0, |(_, line)| line)
            })
        };
        let mut settled = 0;
        {
            let _running = Running::new(&world.local);
            for _ in 0..2 {
                let task = spawn(&world, async {});
                lent.lend(task.task_ref());
                drop(task);
                // Done, and kept by nothing but what was lent.
                world.local.run_for_model();
                drop(lent.take_back(|looks| settled += std::mem::take(looks)));
            }
        }
        let line = other.join().unwrap();
        assert_eq!(settled, u32::from(line != 0), "who looked has been noticed");
        assert!(!lent.is_lent());
        let witness = world.close();
        assert!(witness.upgrade().is_none());
    });
}

#[test]
fn two_may_look_at_once() {
    model(2, || {
        let world = World::new();
        let lent = Arc::new(Lent::new(()));
        let task = spawn(&world, async {});
        lent.lend(task.task_ref());
        let others = [(); 2].map(|()| {
            let lent = lent.clone();
            thread::spawn(move || lent.look(|cell, ()| cell.cold().id))
        });
        let id = task.cold().id;
        drop(lent.take_back(|()| {}));
        drop(task);
        for other in others {
            let seen = other.join().unwrap();
            assert!(seen.is_none_or(|seen| seen == id));
        }
        let witness = world.close();
        assert!(witness.upgrade().is_none());
    });
}

//! A policy that limits the live tasks of every loop to ten, without a word to the code that spawns them.
//!
//! ```text
//! cargo run --example policy
//! ```

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::io;
use std::rc::Rc;
use std::time::Duration;

use futures::channel::oneshot;
use futures::future::join_all;
use runtime::policy::{Policy, set_policy};
use runtime::time::sleep;
use runtime::{Builder, Runtime};

/// Builds loops on which no more than so many tasks are alive at a time. The others wait for their first
/// poll, in the order in which they were spawned.
///
/// As with every limit of this kind, tasks that wait for tasks can be stuck when all places are taken by
/// those who wait.
struct AtMost(usize);

impl Policy for AtMost {
    fn build(&self, builder: Builder) -> io::Result<Runtime> {
        let room = Rc::new(Room { free: Cell::new(self.0), queue: RefCell::default() });
        let limited = builder.task_factory(move |_task, future| {
            let room = room.clone();
            Box::pin(async move {
                let _place = room.enter().await;
                future.await;
            })
        });
        limited.build()
    }
}

/// Places for tasks.
struct Room {
    free: Cell<usize>,
    queue: RefCell<VecDeque<oneshot::Sender<Place>>>,
}

impl Room {
    async fn enter(self: Rc<Room>) -> Place {
        if self.free.get() > 0 {
            self.free.set(self.free.get() - 1);
            return Place(self);
        }
        let (hand_over, handed_over) = oneshot::channel();
        self.queue.borrow_mut().push_back(hand_over);
        handed_over.await.expect("those who leave hand over their places")
    }
}

/// One of the places, until it is dropped.
struct Place(Rc<Room>);

impl Drop for Place {
    fn drop(&mut self) {
        let next = self.0.queue.borrow_mut().pop_front();
        match next {
            // If whoever waited is gone, the place comes back from the channel, is dropped, and finds the one
            // after.
            Some(next) => drop(next.send(Place(self.0.clone()))),
            None => self.0.free.set(self.0.free.get() + 1),
        }
    }
}

fn main() {
    println!("by default:         {}", crowd());

    let previous = set_policy(AtMost(10));
    println!("at most ten:        {}", crowd());

    set_policy(previous);
    println!("by default again:   {}", crowd());
}

/// Spawns a hundred tasks on a loop of their own. This could be any library: it knows nothing of policies.
#[runtime::main]
async fn crowd() -> String {
    let alive = Rc::new(Cell::new(0));
    let most = Rc::new(Cell::new(0));
    let tasks = (0..100).map(|_| {
        let (alive, most) = (alive.clone(), most.clone());
        runtime::spawn(async move {
            alive.set(alive.get() + 1);
            most.set(most.get().max(alive.get()));
            sleep(Duration::from_millis(1)).await;
            alive.set(alive.get() - 1);
        })
    });
    let done = join_all(tasks).await.into_iter().filter(Result::is_ok).count();
    format!("{done} tasks done, {} alive at once", most.get())
}

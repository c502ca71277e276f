//! Locks, channels and events between tasks (feature `sync`).
//!
//! Nothing of this is home-made: it is a choice from well-kept crates that run on any executor, under one
//! roof and under the names that people look for. All of it works between tasks of one loop, between loops,
//! and with other threads and executors.
//!
//! # Which to use when
//!
//! | to | here | tokio | asyncio |
//! |---|---|---|---|
//! | change a value between two awaits | `Cell`, `RefCell` | `std::sync::Mutex` | an attribute |
//! | keep others out across an await | [`Mutex`] | `Mutex` | `Lock` |
//! | read together, write alone | [`RwLock`] | `RwLock` | |
//! | have no more than so many at it | [`Semaphore`] | `Semaphore` | `Semaphore` |
//! | wait until all have come | [`Barrier`] | `Barrier` | `Barrier` |
//! | make something once | [`OnceCell`] | `OnceCell` | |
//! | wait until something has happened | [`Event`] and a flag | `Notify`, `watch` | `Event` |
//! | wait until something holds | [`Event`] and the state | `Notify` | `Condition` |
//! | hand over one value | [`oneshot`] | `oneshot` | `Future` |
//! | queue for one receiver | [`mpsc`] | `mpsc` | `Queue` |
//! | queue for several receivers | [`mpmc`] | | `Queue` |
//! | take the most important first | [`Event`] and a `BinaryHeap` | | `PriorityQueue` |
//! | tell everybody everything | [`broadcast`] | `broadcast` | |
//! | tell everybody the latest | [`broadcast`] with room for one | `watch` | |
//! | end tasks | [`JoinHandle::cancel`](crate::task::JoinHandle::cancel) | `CancellationToken` | `Task.cancel` |
//! | wait for tasks | [`TaskGroup`](crate::task::TaskGroup), [`JoinSet`](crate::task::JoinSet) | `JoinSet`, `TaskTracker` | `TaskGroup` |
//!
//! Tasks of one loop never run at the same time: between two awaits nobody else touches anything, and an
//! `Rc<RefCell<_>>` does for most state. Borrows must not be kept across an await, or the next borrow panics. A
//! [`Mutex`] is for what takes several awaits and must not be mixed up: a request and its reply on one
//! connection.
//!
//! # What to know of all of them
//!
//! - Methods whose names end in `_blocking` block the thread, and with it the loop. They are for other
//!   threads.
//! - A wait is given up by dropping its future. With locks that loses the place in the queue, with channels
//!   nothing: no message is lost by a `recv` that is dropped, and one that is being sent is either sent or
//!   dropped with the future.
//! - They do not know of [budgets](crate::task::coop): a task that finds a channel never empty does not give
//!   way by itself. [`coop::cooperative`](crate::task::coop::cooperative) has it do so.
//! - What is queued without a bound grows without a bound. A bounded channel makes the sender wait: that of
//!   [`mpmc`] holds as many as it was told to, that of [`mpsc`] one more for each of its senders.
//! - A [`Semaphore`] gives one place at a time; there is no `acquire_many`. Tasks that need several each, and take
//!   them one by one, may all wait for ever. A number and an [`Event`] make a semaphore that gives several at
//!   once.
//! - Who looks [into a loop](crate::inspect) sees that a task waits for *something unknown*, for these crates do not
//!   say who waits for them. [`task::awaiting`](crate::task::awaiting) gives the wait a name, and
//!   [`task::holding`](crate::task::holding) says who has the lock: then deadlocks through them are found, too.
//!
//! ```
//! use runtime::sync::Mutex;
//! use runtime::task::{awaiting, holding};
//!
//! # runtime::run(async {
//! let accounts = Mutex::new(());
//! let _locked = awaiting("accounts", accounts.lock()).await;
//! let _held = holding("accounts");
//! # });
//! ```
//!
//! # A lock across awaits
//!
//! ```
//! use std::rc::Rc;
//!
//! use runtime::sync::Mutex;
//! use runtime::task::yield_now;
//!
//! # runtime::run(async {
//! let log = Rc::new(Mutex::new(Vec::new()));
//! let write = async |who: &'static str| {
//!     let mut log = log.lock().await;
//!     log.push(format!("{who} begins"));
//!     yield_now().await;
//!     log.push(format!("{who} ends"));
//! };
//! futures::join!(write("one"), write("two"));
//! assert_eq!(*log.lock().await, ["one begins", "one ends", "two begins", "two ends"]);
//! # });
//! ```
//!
//! # Many readers, one writer
//!
//! ```
//! use runtime::sync::RwLock;
//!
//! # runtime::run(async {
//! let config = RwLock::new("v1");
//! {
//!     let (one, two) = (config.read().await, config.read().await);
//!     assert_eq!((*one, *two), ("v1", "v1"));
//!     assert!(config.try_write().is_none());
//! }
//! *config.write().await = "v2";
//! assert_eq!(*config.read().await, "v2");
//! # });
//! ```
//!
//! # No more than so many at once
//!
//! For the children of one group there is
//! [`max_concurrent`](crate::task::group::GroupBuilder::max_concurrent); a semaphore goes across groups, or
//! counts something else, such as requests to one host.
//!
//! ```
//! use std::cell::Cell;
//! use std::rc::Rc;
//!
//! use runtime::sync::Semaphore;
//! use runtime::task::{JoinSet, yield_now};
//!
//! # runtime::run(async {
//! let (places, busy) = (Rc::new(Semaphore::new(2)), Rc::new(Cell::new(0)));
//! let mut set: JoinSet<()> = (0..10)
//!     .map(|_| {
//!         let (places, busy) = (places.clone(), busy.clone());
//!         async move {
//!             let _place = places.acquire().await;
//!             busy.set(busy.get() + 1);
//!             assert!(busy.get() <= 2);
//!             yield_now().await;
//!             busy.set(busy.get() - 1);
//!         }
//!     })
//!     .collect();
//! while let Some(ended) = set.join_next().await {
//!     ended.unwrap();
//! }
//! # });
//! ```
//!
//! # Waiting for all
//!
//! ```
//! use runtime::sync::Barrier;
//!
//! # runtime::run(async {
//! let barrier = Barrier::new(3);
//! let arrive = async || barrier.wait().await.is_leader();
//! let leaders: [bool; 3] = futures::join!(arrive(), arrive(), arrive()).into();
//! assert_eq!(leaders.iter().filter(|leads| **leads).count(), 1);
//! # });
//! ```
//!
//! # Made once
//!
//! ```
//! use runtime::sync::OnceCell;
//! use runtime::task::yield_now;
//!
//! static SETTINGS: OnceCell<String> = OnceCell::new();
//!
//! async fn settings() -> &'static str {
//!     let load = async || {
//!         yield_now().await; // reads a file, perhaps
//!         "verbose".to_owned()
//!     };
//!     SETTINGS.get_or_init(load).await
//! }
//!
//! # runtime::run(async {
//! assert_eq!(futures::join!(settings(), settings()), ("verbose", "verbose"));
//! # });
//! ```
//!
//! # Something has happened
//!
//! An [`Event`] remembers nothing; it wakes those who listen. The state is beside it, and nothing must come
//! between the last look at the state and the beginning of listening. On one thread nothing does, unless there
//! is an await in between. This is asyncio's `Event`:
//!
//! ```
//! use std::cell::Cell;
//!
//! use runtime::sync::Event;
//!
//! #[derive(Default)]
//! struct Flag {
//!     set: Cell<bool>,
//!     changed: Event,
//! }
//!
//! impl Flag {
//!     fn set(&self) {
//!         self.set.set(true);
//!         self.changed.notify(usize::MAX);
//!     }
//!
//!     async fn wait(&self) {
//!         while !self.set.get() {
//!             // On one thread nothing comes between the look and this.
//!             self.changed.listen().await;
//!         }
//!     }
//! }
//!
//! # runtime::run(async {
//! let flag = Flag::default();
//! futures::join!(flag.wait(), flag.wait(), async { flag.set() });
//! flag.wait().await;
//! # });
//! ```
//!
//! Where another thread sets it, whoever waits listens first and then looks *once more*:
//!
//! ```
//! use std::sync::Arc;
//! use std::sync::atomic::{AtomicBool, Ordering};
//!
//! use runtime::sync::Event;
//!
//! #[derive(Default)]
//! struct Flag {
//!     set: AtomicBool,
//!     changed: Event,
//! }
//!
//! impl Flag {
//!     fn set(&self) {
//!         self.set.store(true, Ordering::Release);
//!         self.changed.notify(usize::MAX);
//!     }
//!
//!     async fn wait(&self) {
//!         while !self.set.load(Ordering::Acquire) {
//!             let changed = self.changed.listen();
//!             // What is set before this look is seen by it, what is set after it is heard.
//!             if self.set.load(Ordering::Acquire) {
//!                 return;
//!             }
//!             changed.await;
//!         }
//!     }
//! }
//!
//! # runtime::run(async {
//! let flag = Arc::new(Flag::default());
//! let setter = flag.clone();
//! let thread = std::thread::spawn(move || setter.set());
//! flag.wait().await;
//! # thread.join().unwrap();
//! # });
//! ```
//!
//! # Until something holds
//!
//! asyncio's `Condition`, and its `PriorityQueue`: state in a `RefCell`, and an event for each change that
//! somebody may wait for. Between threads the state is in a `std::sync::Mutex`, and looked at once more after
//! listening, as above.
//!
//! ```
//! use std::cell::RefCell;
//! use std::collections::BinaryHeap;
//!
//! use runtime::sync::Event;
//!
//! struct PriorityQueue<T> {
//!     items: RefCell<BinaryHeap<T>>,
//!     added: Event,
//! }
//!
//! impl<T: Ord> PriorityQueue<T> {
//!     fn put(&self, item: T) {
//!         self.items.borrow_mut().push(item);
//!         self.added.notify_additional(1);
//!     }
//!
//!     async fn get(&self) -> T {
//!         loop {
//!             if let Some(item) = self.items.borrow_mut().pop() {
//!                 return item;
//!             }
//!             self.added.listen().await;
//!         }
//!     }
//! }
//!
//! # use futures::FutureExt;
//! # runtime::run(async {
//! let queue = PriorityQueue { items: RefCell::default(), added: Event::new() };
//! queue.put(1);
//! queue.put(3);
//! queue.put(2);
//! assert_eq!((queue.get().await, queue.get().await, queue.get().await), (3, 2, 1));
//! assert_eq!(futures::join!(queue.get(), async { queue.put(4) }).0, 4);
//! # });
//! ```
//!
//! # One value
//!
//! ```
//! use runtime::sync::oneshot;
//!
//! # runtime::run(async {
//! let (sender, receiver) = oneshot::channel();
//! runtime::spawn(async { sender.send("reply").unwrap() });
//! assert_eq!(receiver.await, Ok("reply"));
//!
//! let (sender, receiver) = oneshot::channel::<()>();
//! drop(sender);
//! assert!(receiver.await.is_err());
//! # });
//! ```
//!
//! # A queue for one receiver
//!
//! The receiver is a [`Stream`](https://docs.rs/futures/latest/futures/stream/trait.Stream.html), the sender a
//! [`Sink`](https://docs.rs/futures/latest/futures/sink/trait.Sink.html).
//!
//! ```
//! use futures::{SinkExt, StreamExt};
//! use runtime::sync::mpsc;
//!
//! # runtime::run(async {
//! let (mut sender, mut receiver) = mpsc::channel(8);
//! runtime::spawn(async move {
//!     for number in 0..100 {
//!         sender.send(number).await.unwrap(); // waits while there is no room
//!     }
//! });
//! let mut sum = 0;
//! while let Some(number) = receiver.next().await {
//!     sum += number;
//! }
//! assert_eq!(sum, 4950);
//! # });
//! ```
//!
//! # A queue for several receivers
//!
//! Each message goes to one of them. Workers that share a queue:
//!
//! ```
//! use runtime::sync::mpmc;
//! use runtime::task::JoinSet;
//!
//! # runtime::run(async {
//! let (sender, receiver) = mpmc::bounded(8);
//! let mut workers: JoinSet<u32> = (0..3)
//!     .map(|_| {
//!         let jobs = receiver.clone();
//!         async move {
//!             let mut sum = 0;
//!             while let Ok(job) = jobs.recv().await {
//!                 sum += job;
//!             }
//!             sum
//!         }
//!     })
//!     .collect();
//! for job in 0..100 {
//!     sender.send(job).await.unwrap();
//! }
//! drop(sender);
//! let mut total = 0;
//! while let Some(sum) = workers.join_next().await {
//!     total += sum.unwrap();
//! }
//! assert_eq!(total, 4950);
//! # });
//! ```
//!
//! # Everything to everybody
//!
//! ```
//! use runtime::sync::broadcast::{self, RecvError};
//!
//! # runtime::run(async {
//! let (mut sender, mut one) = broadcast::broadcast(2);
//! let mut two = one.clone();
//! sender.broadcast("hello").await.unwrap();
//! assert_eq!((one.recv().await, two.recv().await), (Ok("hello"), Ok("hello")));
//!
//! // A sender waits for the slowest, or goes over it, as tokio's does: who lags is told.
//! sender.set_overflow(true);
//! for word in ["a", "b", "c"] {
//!     sender.broadcast(word).await.unwrap();
//! }
//! assert_eq!(one.recv().await, Err(RecvError::Overflowed(1)));
//! assert_eq!(one.recv().await, Ok("b"));
//! # });
//! ```
//!
//! # The latest to everybody
//!
//! tokio's `watch`: room for one, and what is not read in time is overwritten.
//!
//! ```
//! use runtime::sync::broadcast::{self, Receiver, RecvError};
//!
//! /// Waits for a value that has not been seen yet.
//! async fn changed<T: Clone>(receiver: &mut Receiver<T>) -> Option<T> {
//!     loop {
//!         match receiver.recv().await {
//!             Ok(value) => return Some(value),
//!             Err(RecvError::Overflowed(_)) => {}
//!             Err(RecvError::Closed) => return None,
//!         }
//!     }
//! }
//!
//! # runtime::run(async {
//! let (mut sender, mut receiver) = broadcast::broadcast(1);
//! sender.set_overflow(true);
//! for version in 1..=3 {
//!     sender.broadcast(version).await.unwrap();
//! }
//! assert_eq!(changed(&mut receiver).await, Some(3));
//! drop(sender);
//! assert_eq!(changed(&mut receiver).await, None);
//! # });
//! ```

#[doc(no_inline)]
pub use async_lock::{
    Barrier, BarrierWaitResult, Mutex, MutexGuard, MutexGuardArc, OnceCell, RwLock,
    RwLockReadGuard, RwLockReadGuardArc, RwLockUpgradableReadGuard, RwLockUpgradableReadGuardArc,
    RwLockWriteGuard, RwLockWriteGuardArc, Semaphore, SemaphoreGuard, SemaphoreGuardArc,
};
#[doc(no_inline)]
pub use event_listener::{Event, EventListener, Listener};

#[doc(no_inline)]
pub use async_broadcast as broadcast;
#[doc(no_inline)]
pub use async_channel as mpmc;
#[doc(no_inline)]
pub use futures_channel::{mpsc, oneshot};

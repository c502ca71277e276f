//! A group as its tasks, and other threads, see it.

use std::cell::OnceCell;
use std::fmt;
use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::handle::Handle;
use crate::task::JoinHandle;

/// A reference to the loops of a [`LoopGroup`](super::LoopGroup) that works from any thread.
///
/// It is cheap to clone, and keeps no loop open: on a loop that has ended, joins say cancelled. A task of one
/// of the loops finds it by [`try_current`](GroupHandle::try_current).
///
/// # Examples
///
/// Each loop asks the next one for something:
///
/// ```
/// use runtime::LoopGroup;
/// use runtime::group::GroupHandle;
///
/// # fn main() -> std::io::Result<()> {
/// let group = LoopGroup::builder().loops(3).build()?;
/// let neighbours = group.run(|index| async move {
///     let siblings = GroupHandle::try_current().expect("a loop of the group runs this");
///     let next = (index + 1) % siblings.len();
///     siblings.spawn_on(next, async { GroupHandle::index() }).await.unwrap()
/// });
/// let neighbours: Vec<_> = neighbours.into_iter().map(Result::unwrap).collect();
/// assert_eq!(neighbours, [Some(1), Some(2), Some(0)]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct GroupHandle {
    shared: Arc<Shared>,
}

struct Shared {
    handles: Vec<Handle>,
    /// Counts the turns; it may wrap.
    turn: AtomicUsize,
}

thread_local! {
    /// Which loop of which group has this thread.
    static MEMBERSHIP: OnceCell<(GroupHandle, usize)> = const { OnceCell::new() };
}

impl GroupHandle {
    pub(super) fn new(handles: Vec<Handle>) -> GroupHandle {
        GroupHandle { shared: Arc::new(Shared { handles, turn: AtomicUsize::new(0) }) }
    }

    /// Makes this thread known as that of a loop of the group. Once, by the thread itself.
    pub(super) fn join_as(self, index: usize) {
        let first = MEMBERSHIP.with(|membership| membership.set((self, index)).is_ok());
        debug_assert!(first, "a thread belongs to one group");
    }

    /// The group that this thread belongs to, if it is the thread of a loop of one.
    pub fn try_current() -> Option<GroupHandle> {
        // While the thread ends there is no group any more.
        let membership = MEMBERSHIP.try_with(|membership| membership.get().cloned());
        membership.ok().flatten().map(|(group, _)| group)
    }

    /// Which loop of its group this thread is, if it is the thread of one.
    pub fn index() -> Option<usize> {
        let membership =
            MEMBERSHIP.try_with(|membership| membership.get().map(|&(_, index)| index));
        membership.ok().flatten()
    }

    /// How many loops there are; at least one.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.shared.handles.len()
    }

    /// The loops, in order.
    pub fn handles(&self) -> &[Handle] {
        &self.shared.handles
    }

    /// A loop.
    ///
    /// # Panics
    ///
    /// If there is none of that index: they are counted from 0.
    #[track_caller]
    pub fn handle(&self, index: usize) -> &Handle {
        match self.shared.handles.get(index) {
            Some(handle) => handle,
            None => panic!("there is no loop {index} in a group of {}", self.len()),
        }
    }

    /// The loop whose turn it is: each call, from whatever thread, gives the next, and after the last comes
    /// the first.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> std::io::Result<()> {
    /// let group = runtime::LoopGroup::builder().loops(2).build()?;
    /// let which = || group.next_handle().spawn(async { runtime::group::GroupHandle::index() });
    /// let tasks = [which(), which(), which()];
    /// let indices = runtime::run(async { futures::future::try_join_all(tasks).await }).unwrap();
    /// assert_eq!(indices, [Some(0), Some(1), Some(0)]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn next_handle(&self) -> &Handle {
        let turn = self.shared.turn.fetch_add(1, Ordering::Relaxed);
        &self.shared.handles[turn % self.len()]
    }

    /// Stops every loop: each ends when its current pass is over. Those that have ended are none the wiser.
    ///
    /// It waits for nothing, and so a task of the group may call it, while the owner waits in
    /// [`LoopGroup::join`](super::LoopGroup::join).
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::group::GroupHandle;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let group = runtime::LoopGroup::builder().loops(2).build()?;
    /// // It has seen enough, and ends them all.
    /// group.spawn(async { GroupHandle::try_current().expect("this is a loop of a group").stop() });
    /// let report = group.join();
    /// assert!(report.ended_well(), "{report}");
    /// # Ok(())
    /// # }
    /// ```
    pub fn stop(&self) {
        for handle in &self.shared.handles {
            // A loop that is closed has stopped.
            let _ = handle.stop();
        }
    }

    /// Spawns on the loop whose turn it is; see [`next_handle`](GroupHandle::next_handle) and
    /// [`Handle::spawn`].
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.next_handle().spawn(future)
    }

    /// Spawns on a certain loop; see [`Handle::spawn`].
    ///
    /// # Panics
    ///
    /// If there is no loop of that index.
    #[track_caller]
    pub fn spawn_on<F>(&self, index: usize, future: F) -> JoinHandle<F::Output>
    where
        F: Future + Send + 'static,
        F::Output: Send + 'static,
    {
        self.handle(index).spawn(future)
    }

    /// Spawns a future that need not be `Send` on a certain loop, where `create` makes it; see
    /// [`Handle::spawn_local`].
    ///
    /// # Panics
    ///
    /// If there is no loop of that index.
    #[track_caller]
    pub fn spawn_local_on<C, F>(&self, index: usize, create: C) -> JoinHandle<F::Output>
    where
        C: FnOnce() -> F + Send + 'static,
        F: Future + 'static,
        F::Output: Send + 'static,
    {
        self.handle(index).spawn_local(create)
    }

    /// Spawns a future on each loop, and returns the handles in their order.
    ///
    /// `create` is called on each loop's thread with the loop's index, so the futures need not be `Send`.
    /// Outside of a loop, [`LoopGroup::run`](super::LoopGroup::run) does the same and waits.
    #[track_caller]
    pub fn spawn_on_each<C, F>(&self, create: C) -> Vec<JoinHandle<F::Output>>
    where
        C: Fn(usize) -> F + Send + Sync + 'static,
        F: Future + 'static,
        F::Output: Send + 'static,
    {
        let location = Location::caller();
        let create = Arc::new(create);
        let spawn = |(index, handle): (usize, &Handle)| {
            let create = create.clone();
            handle.spawn_local_at(move || create(index), location)
        };
        self.shared.handles.iter().enumerate().map(spawn).collect()
    }
}

impl fmt::Debug for GroupHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GroupHandle").field("loops", &self.shared.handles).finish()
    }
}

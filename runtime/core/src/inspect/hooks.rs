//! Functions of the program that the loop calls on occasion.

use std::cell::Cell;
use std::fmt;
use std::panic::Location;
use std::rc::Rc;

use crate::builder::Builder;
use crate::exceptions::{self, ExceptionContext};
use crate::executor::TaskRef;
use crate::executor::panics::contain;
use crate::local::Local;
use crate::task::Id;

/// What a hook is told of a task; see [`Builder::on_task_spawn`].
#[derive(Debug, Clone, Copy)]
pub struct TaskMeta<'a> {
    id: Id,
    name: Option<&'a str>,
    location: &'static Location<'static>,
}

impl<'a> TaskMeta<'a> {
    pub(super) fn new(
        id: Id,
        name: Option<&'a str>,
        location: &'static Location<'static>,
    ) -> TaskMeta<'a> {
        TaskMeta { id, name, location }
    }

    /// Its id.
    pub fn id(&self) -> Id {
        self.id
    }

    /// The name it was given by [`task::Builder`](crate::task::Builder), if any.
    pub fn name(&self) -> Option<&'a str> {
        self.name
    }

    /// Where it was spawned.
    #[doc(alias = "spawned_at")]
    pub fn location(&self) -> &'static Location<'static> {
        self.location
    }
}

/// A function, and where it was handed over.
struct Hook<F: ?Sized> {
    call: Rc<F>,
    location: &'static Location<'static>,
}

impl<F: ?Sized> Clone for Hook<F> {
    fn clone(&self) -> Hook<F> {
        Hook { call: self.call.clone(), location: self.location }
    }
}

type OfTask = Option<Hook<dyn Fn(&TaskMeta<'_>)>>;
type OfLoop = Option<Hook<dyn Fn()>>;

/// The hooks of one loop.
#[derive(Clone, Default)]
pub(crate) struct Hooks {
    spawn: OfTask,
    before_poll: OfTask,
    after_poll: OfTask,
    terminate: OfTask,
    park: OfLoop,
    unpark: OfLoop,
    /// Whether one is being called: what it does itself is not told.
    calling: Cell<bool>,
}

impl Hooks {
    /// Whether there are any.
    pub(crate) fn any(&self) -> bool {
        let of_tasks = [&self.spawn, &self.before_poll, &self.after_poll, &self.terminate];
        let of_loop = [&self.park, &self.unpark];
        of_tasks.iter().any(|hook| hook.is_some()) || of_loop.iter().any(|hook| hook.is_some())
    }

    pub(super) fn spawned(&self, local: &Local, task: &TaskRef) {
        self.tell(local, &self.spawn, task, "on_task_spawn");
    }

    pub(super) fn before_poll(&self, local: &Local, task: &TaskRef) {
        self.tell(local, &self.before_poll, task, "on_before_task_poll");
    }

    pub(super) fn after_poll(&self, local: &Local, task: &TaskRef) {
        self.tell(local, &self.after_poll, task, "on_after_task_poll");
    }

    pub(super) fn terminate(&self, local: &Local, task: &TaskRef) {
        self.tell(local, &self.terminate, task, "on_task_terminate");
    }

    /// Tells that the loop is about to wait; `true` if anybody has heard.
    pub(crate) fn parking(&self, local: &Local) -> bool {
        let hook = self.park.as_ref();
        hook.inspect(|hook| self.call(local, hook.location, "on_thread_park", &*hook.call))
            .is_some()
    }

    /// Tells that the loop has waited.
    pub(crate) fn unparked(&self, local: &Local) {
        if let Some(hook) = &self.unpark {
            self.call(local, hook.location, "on_thread_unpark", &*hook.call);
        }
    }

    fn tell(&self, local: &Local, hook: &OfTask, task: &TaskRef, name: &'static str) {
        if let Some(hook) = hook {
            let meta = TaskMeta::of(task);
            self.call(local, hook.location, name, || (hook.call)(&meta));
        }
    }

    fn call(
        &self,
        local: &Local,
        location: &'static Location<'static>,
        name: &'static str,
        hook: impl FnOnce(),
    ) {
        if self.calling.replace(true) {
            return;
        }
        let outcome = contain(hook);
        self.calling.set(false);
        if let Err(payload) = outcome {
            let message = format!("a hook panicked, one of `Builder::{name}`");
            exceptions::report(local, ExceptionContext::of_hook(message, location, payload));
        }
    }
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooks").field("any", &self.any()).finish_non_exhaustive()
    }
}

impl Builder {
    /// Has the loop call `hook` for each task that is spawned on it: where it is spawned, before its first
    /// poll; for a task from another thread, when the loop takes it in.
    ///
    /// Hooks are called on the loop's thread. They may spawn, wake, abort and drop; what a hook does itself
    /// is told to no hook, so one that spawns is not called for what it spawns. Of each kind there is one; a
    /// second one replaces the first. The main future and callbacks are no tasks.
    ///
    /// A hook that panics does no harm to anybody: the exception handler hears of it, and the hook goes on being
    /// called.
    ///
    /// A loop with hooks of any kind runs in another mode: with two that do nothing, before and after each
    /// poll, a task that wakes itself takes 541 instructions a round instead of 74, and one that is spawned
    /// and joined in a task 1,827 instead of 354 (callgrind, x86-64). A loop without hooks pays nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::cell::Cell;
    /// use std::rc::Rc;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let alive = Rc::new(Cell::new(0));
    /// let (born, gone) = (alive.clone(), alive.clone());
    /// let rt = runtime::Builder::new()
    ///     .on_task_spawn(move |_task| born.set(born.get() + 1))
    ///     .on_task_terminate(move |_task| gone.set(gone.get() - 1))
    ///     .build()?;
    /// rt.block_on(async {
    ///     let task = runtime::spawn(async {});
    ///     assert_eq!(alive.get(), 1);
    ///     task.await.unwrap();
    /// });
    /// assert_eq!(alive.get(), 0);
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn on_task_spawn(mut self, hook: impl Fn(&TaskMeta<'_>) + 'static) -> Builder {
        self.hooks.spawn = Some(Hook { call: Rc::new(hook), location: Location::caller() });
        self
    }

    /// Has the loop call `hook` before each poll of a task; see [`Builder::on_task_spawn`] for what hooks may
    /// do. [`task::id`](crate::task::id) is that of the task.
    #[track_caller]
    #[doc(alias = "on_task_poll")]
    pub fn on_before_task_poll(mut self, hook: impl Fn(&TaskMeta<'_>) + 'static) -> Builder {
        self.hooks.before_poll = Some(Hook { call: Rc::new(hook), location: Location::caller() });
        self
    }

    /// Has the loop call `hook` after each poll of a task; see [`Builder::on_task_spawn`] for what hooks may
    /// do.
    ///
    /// # Examples
    ///
    /// The longest poll of all:
    ///
    /// ```
    /// use std::cell::Cell;
    /// use std::rc::Rc;
    /// use std::time::{Duration, Instant};
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let begun = Rc::new(Cell::new(Instant::now()));
    /// let longest = Rc::new(Cell::new(Duration::ZERO));
    /// let (begin, end) = (begun.clone(), longest.clone());
    /// let rt = runtime::Builder::new()
    ///     .on_before_task_poll(move |_task| begin.set(Instant::now()))
    ///     .on_after_task_poll(move |_task| end.set(end.get().max(begun.get().elapsed())))
    ///     .build()?;
    /// let nap = Duration::from_millis(2);
    /// rt.block_on(rt.spawn(async move { std::thread::sleep(nap) })).unwrap();
    /// assert!(longest.get() >= nap);
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    #[doc(alias = "on_task_poll")]
    pub fn on_after_task_poll(mut self, hook: impl Fn(&TaskMeta<'_>) + 'static) -> Builder {
        self.hooks.after_poll = Some(Hook { call: Rc::new(hook), location: Location::caller() });
        self
    }

    /// Has the loop call `hook` for each task that comes to its end: that has completed, has panicked, was
    /// aborted, or is dropped because the loop closes. See [`Builder::on_task_spawn`] for what hooks may do;
    /// what they spawn when the loop closes is dropped at once.
    #[track_caller]
    #[doc(alias = "on_task_complete")]
    pub fn on_task_terminate(mut self, hook: impl Fn(&TaskMeta<'_>) + 'static) -> Builder {
        self.hooks.terminate = Some(Hook { call: Rc::new(hook), location: Location::caller() });
        self
    }

    /// Has the loop call `hook` when it is about to wait for something to happen; see
    /// [`Builder::on_task_spawn`] for what hooks may do. If there is something ready afterwards, the loop
    /// does not wait.
    ///
    /// # Examples
    ///
    /// What can wait until there is nothing else to do:
    ///
    /// ```
    /// use std::cell::RefCell;
    /// use std::rc::Rc;
    /// use std::sync::mpsc;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let (log, lines) = mpsc::channel();
    /// let pending: Rc<RefCell<Vec<&str>>> = Rc::default();
    /// let logged = pending.clone();
    /// let rt = runtime::Builder::new()
    ///     .on_thread_park(move || logged.take().into_iter().for_each(|line| log.send(line).unwrap()))
    ///     .build()?;
    /// rt.block_on(async {
    ///     pending.borrow_mut().push("something has happened");
    ///     let writer = runtime::spawn_blocking(move || lines.recv().unwrap());
    ///     assert_eq!(writer.await.unwrap(), "something has happened");
    /// });
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    #[doc(alias = "on_park")]
    pub fn on_thread_park(mut self, hook: impl Fn() + 'static) -> Builder {
        self.hooks.park = Some(Hook { call: Rc::new(hook), location: Location::caller() });
        self
    }

    /// Has the loop call `hook` when it has waited for something to happen, before it goes about what has
    /// happened; see [`Builder::on_task_spawn`] for what hooks may do.
    #[track_caller]
    #[doc(alias = "on_unpark")]
    pub fn on_thread_unpark(mut self, hook: impl Fn() + 'static) -> Builder {
        self.hooks.unpark = Some(Hook { call: Rc::new(hook), location: Location::caller() });
        self
    }
}

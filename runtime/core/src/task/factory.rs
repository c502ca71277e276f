//! A say in every spawn: the task factory.
//!
//! The future of a task has a type of its own, which a factory that is to deal with all tasks cannot know. So
//! it is given the future without its output, boxed, and returns what is to be polled instead; the output
//! goes past it to the join handle. All of this is paid by those who set a factory.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::panic::{Location, resume_unwind};
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::Ordering;

use crate::blocking::NotRun;
use crate::builder::Builder;
use crate::executor::{Failure, Particulars, Priority, Proxy, Special};
use crate::local::Local;
use crate::runtime::Runtime;
use crate::task::expect_current;

/// A task's future as a [factory](Builder::task_factory) sees it: without its output, which goes to the join
/// handle by itself.
///
/// It is polled on the loop's thread only, and need not be `Send`.
pub type TaskFuture = Pin<Box<dyn Future<Output = ()> + 'static>>;

/// A function that has a say in every spawn; see [`Builder::task_factory`].
pub type TaskFactory = Rc<dyn Fn(&NewTask<'_>, TaskFuture) -> TaskFuture>;

/// What a [factory](Builder::task_factory) is told of a task that is being spawned.
///
/// The task has no id yet; inside of what the factory returns, [`task::id`](crate::task::id) gives it.
#[derive(Debug, Clone, Copy)]
pub struct NewTask<'a> {
    name: Option<&'a str>,
    location: &'static Location<'static>,
    priority: &'a Cell<Priority>,
}

impl NewTask<'_> {
    /// The name it was given by [`task::Builder`](crate::task::Builder), if any.
    pub fn name(&self) -> Option<&str> {
        self.name
    }

    /// How urgent it is, as far as has been decided.
    pub fn priority(&self) -> Priority {
        self.priority.get()
    }

    /// Decides how urgent it is, whatever was said where it is spawned.
    ///
    /// # Examples
    ///
    /// Whatever a certain library does is less urgent than the rest:
    ///
    /// ```
    /// use runtime::task::{NewTask, Priority};
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let rt = runtime::Builder::new()
    ///     .task_factory(|task: &NewTask<'_>, future| {
    ///         if task.location().file().contains("indexer") {
    ///             task.set_priority(Priority::Low);
    ///         }
    ///         future
    ///     })
    ///     .build()?;
    /// # rt.block_on(rt.spawn(async {})).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_priority(&self, priority: Priority) {
        self.priority.set(priority);
    }

    /// Where it is spawned.
    pub fn location(&self) -> &'static Location<'static> {
        self.location
    }
}

/// The factory of one loop.
pub(crate) struct Factory(RefCell<Option<TaskFactory>>);

impl Factory {
    pub(crate) fn new(factory: Option<TaskFactory>) -> Factory {
        Factory(RefCell::new(factory))
    }

    fn get(&self) -> Option<TaskFactory> {
        self.0.borrow().clone()
    }

    fn replace(&self, factory: Option<TaskFactory>) -> Option<TaskFactory> {
        self.0.replace(factory)
    }
}

impl fmt::Debug for Factory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Factory").field(&self.0.borrow().is_some()).finish()
    }
}

/// Keeps the output of a task for its join handle, past the factory; a panic goes through it.
async fn keep<T>(proxy: Proxy<T>, output: Rc<Cell<Option<T>>>) {
    match proxy.await {
        Ok(value) => output.set(Some(value)),
        Err(Failure::Cancelled) => {}
        Err(Failure::Panicked(payload)) => resume_unwind(payload),
    }
}

impl Local {
    /// Has the factory, if there is one, make something of the future.
    pub(crate) fn manufacture<F: Future + 'static>(
        &self,
        future: F,
        particulars: &mut Particulars<'_>,
    ) -> Result<Pin<Box<dyn Future<Output = F::Output>>>, F> {
        let special = self.executor.special();
        let factory = if special.is_closing() { None } else { self.factory.get() };
        let Some(factory) = factory else { return Err(future) };
        let output = Rc::new(Cell::new(None));
        let proxy = self.spawn_proxied(future, particulars);
        let inner: TaskFuture = Box::pin(keep(proxy, output.clone()));
        let priority = Cell::new(particulars.priority);
        let Particulars { name, location, .. } = *particulars;
        let outer = factory(&NewTask { name, location, priority: &priority }, inner);
        particulars.priority = priority.get();
        // Boxed, because a task of it could be made anew by a factory as well: its type must not grow.
        Ok(Box::pin(async move {
            outer.await;
            match output.take() {
                Some(output) => output,
                // The factory has dropped the task's own future.
                None => resume_unwind(Box::new(NotRun::Cancelled)),
            }
        }))
    }

    /// Changes the factory.
    pub(crate) fn set_task_factory(&self, factory: Option<TaskFactory>) {
        let special = self.executor.special();
        match &factory {
            Some(_) => special.insert(Special::FACTORY),
            None => special.remove(Special::FACTORY),
        }
        self.core.shared.manufactures.store(factory.is_some(), Ordering::Relaxed);
        // It goes outside of the borrow: what it has captured is the user's.
        drop(self.factory.replace(factory));
    }
}

/// What makes the future of a task from another thread, and hands it to the factory, which never leaves the
/// loop's thread, when the loop first polls the task.
pub(crate) fn manufactured_at_home<C, F>(
    create: C,
    particulars: &Particulars<'_>,
) -> impl FnOnce() -> Pin<Box<dyn Future<Output = F::Output>>> + Send + use<C, F>
where
    C: FnOnce() -> F + Send + 'static,
    F: Future + 'static,
{
    let Particulars { location, priority, .. } = *particulars;
    let name = particulars.name.map(str::to_owned);
    move || {
        let name = name.as_deref();
        let mut particulars =
            Particulars { name, context: None, priority, ..Particulars::new(location) };
        let future = create();
        expect_current(|local| match local.manufacture(future, &mut particulars) {
            Ok(made) => {
                let decided = (particulars.priority != priority).then(|| local.executor.current());
                if let Some(task) = decided.flatten() {
                    task.set_priority(particulars.priority);
                }
                Box::pin(made) as Pin<Box<dyn Future<Output = F::Output>>>
            }
            // There is no factory any more.
            Err(future) => Box::pin(future),
        })
    }
}

impl Builder {
    /// Has `factory` see, and replace if it likes, the future of each task that is spawned on the loop: to
    /// limit, log, delay or measure them.
    ///
    /// It is called where the task is spawned, or, for a task that another thread spawns, when the task is
    /// first polled. What it returns is polled in place of the future that it is given. When that ends
    /// without its having polled the given future to its end, the join says cancelled. The future given to
    /// `block_on` and callbacks are no tasks, and do not come by here; the task that waits for a blocking job
    /// does.
    ///
    /// The factory may spawn, and set another factory; a task that it spawns comes by here, too, so it had
    /// better tell its own tasks from others. Tasks that wait for one another, as a parent for its children,
    /// must not be limited by the same count.
    ///
    /// A loop without a factory pays nothing; with one, a spawn costs two or three allocations more.
    ///
    /// # Panics
    ///
    /// A panic of the factory is passed on to whoever spawns; if that is another thread, the task has
    /// panicked.
    ///
    /// # Examples
    ///
    /// Counting the polls of all tasks:
    ///
    /// ```
    /// use std::cell::Cell;
    /// use std::future::poll_fn;
    /// use std::rc::Rc;
    ///
    /// use runtime::task::{TaskFuture, yield_now};
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let polls = Rc::new(Cell::new(0));
    /// let counted = polls.clone();
    /// let rt = runtime::Runtime::builder()
    ///     .task_factory(move |_task, mut future| -> TaskFuture {
    ///         let polls = counted.clone();
    ///         Box::pin(poll_fn(move |context| {
    ///             polls.set(polls.get() + 1);
    ///             future.as_mut().poll(context)
    ///         }))
    ///     })
    ///     .build()?;
    ///
    /// let task = rt.spawn(async {
    ///     yield_now().await;
    ///     "output"
    /// });
    /// assert_eq!(rt.block_on(task).unwrap(), "output");
    /// assert_eq!(polls.get(), 2);
    /// # Ok(())
    /// # }
    /// ```
    pub fn task_factory(
        mut self,
        factory: impl Fn(&NewTask<'_>, TaskFuture) -> TaskFuture + 'static,
    ) -> Builder {
        self.task_factory = Some(Rc::new(factory));
        self
    }
}

impl Runtime {
    /// Changes the task factory, or with `None` does without; see [`Builder::task_factory`]. Tasks that exist
    /// stay as they are.
    ///
    /// # Examples
    ///
    /// A factory on top of the one that is there already, which logs what lives for a while:
    ///
    /// ```
    /// use std::rc::Rc;
    ///
    /// use runtime::task::{NewTask, TaskFuture};
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let rt = runtime::Runtime::new()?;
    /// let previous = rt.task_factory();
    /// rt.set_task_factory(Some(Rc::new(move |task: &NewTask<'_>, future: TaskFuture| -> TaskFuture {
    ///     let future = match &previous {
    ///         Some(previous) => previous(task, future),
    ///         None => future,
    ///     };
    ///     let place = task.location();
    ///     Box::pin(async move {
    ///         future.await;
    ///         println!("the task spawned at {place} has ended");
    ///     })
    /// })));
    /// assert_eq!(rt.block_on(rt.spawn(async { 1 })).unwrap(), 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_task_factory(&self, factory: Option<TaskFactory>) {
        self.local().set_task_factory(factory);
    }

    /// The task factory, if there is one.
    pub fn task_factory(&self) -> Option<TaskFactory> {
        self.local().factory.get()
    }
}

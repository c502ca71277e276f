//! The loop as its own thread has it: making it, running it, stopping it. What a turn is stands in `turn.rs`.

use std::cell::Cell;
use std::fmt;
use std::io;
use std::panic::Location;
use std::pin::{Pin, pin};
use std::rc::Rc;

use crate::builder::Builder;
use crate::context;
use crate::current::{self, Guard, Running};
use crate::debug::Entry;
use crate::errors::{Closed, Stopped};
use crate::executor::{self, Resting, Special};
use crate::handle::Handle;
use crate::local::Local;
use crate::policy::policy;
use crate::session::{Main, Session};
use crate::task::JoinHandle;
use crate::turn::run_loop;

/// Runs a future on a loop of its own, to its end, and returns its output.
///
/// Tasks that are left then are dropped, on this thread, before `run` returns; blocking jobs that have begun
/// run on. The loop is built by the [policy](crate::policy) of the process.
///
/// # Panics
///
/// If the policy gives no loop, as when the kernel refuses a file descriptor, or if a loop runs on this
/// thread already. A panic of the future is passed on.
///
/// # Examples
///
/// ```
/// let sum = runtime::run(async {
///     let two = runtime::spawn(async { 2 });
///     1 + two.await.unwrap()
/// });
/// assert_eq!(sum, 3);
/// ```
#[track_caller]
pub fn run<F: Future>(future: F) -> F::Output {
    match policy().build(Builder::new()) {
        Ok(rt) => rt.block_on(future),
        Err(error) => panic!("failed to build the runtime: {error}"),
    }
}

/// An event loop: one thread, one reactor, one task executor.
///
/// A `Runtime` stays on the thread that made it. Other threads reach it through its [`Handle`]. There may be
/// any number of loops in a process, and several on a thread, of which one runs at a time.
///
/// Dropping it closes it; see [`Runtime::close`].
///
/// # Examples
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// let rt = runtime::Runtime::new()?;
/// let task = rt.spawn(async { "spawned before the loop runs" });
/// assert_eq!(rt.block_on(task).unwrap(), "spawned before the loop runs");
/// # Ok(())
/// # }
/// ```
pub struct Runtime {
    local: Rc<Local>,
    handle: Handle,
}

impl Runtime {
    /// Makes a loop with the defaults of [`Builder`].
    ///
    /// # Errors
    ///
    /// If the kernel refuses what the reactor needs, such as a file descriptor (`EMFILE`).
    pub fn new() -> io::Result<Runtime> {
        Builder::new().build()
    }

    /// Starts to set up a loop.
    pub fn builder() -> Builder {
        Builder::new()
    }

    pub(crate) fn new_with(local: Rc<Local>) -> Runtime {
        let handle = Handle::new(local.core.clone());
        Runtime { local, handle }
    }

    pub(crate) fn local(&self) -> &Rc<Local> {
        &self.local
    }

    /// The loop as other threads may use it.
    pub fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Starts a task, which is polled when the loop runs; see [`spawn`](crate::task::spawn).
    ///
    /// On a closed loop the future is dropped at once, and the join says cancelled.
    #[track_caller]
    pub fn spawn<F>(&self, future: F) -> JoinHandle<F::Output>
    where
        F: Future + 'static,
        F::Output: 'static,
    {
        self.heed_context();
        JoinHandle::new(self.local.spawn(future, Location::caller()))
    }

    /// Makes the loop current on this thread without running it, so that tasks can be spawned and sockets
    /// made.
    ///
    /// # Panics
    ///
    /// If the loop is closed.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> std::io::Result<()> {
    /// let rt = runtime::Runtime::new()?;
    /// let task = {
    ///     let _entered = rt.enter();
    ///     runtime::spawn(async { 5 })
    /// };
    /// assert_eq!(rt.block_on(task).unwrap(), 5);
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn enter(&self) -> EnterGuard<'_> {
        assert!(!self.is_closed(), "the runtime is closed; build another one");
        self.heed_context();
        EnterGuard { _entry: Entry::new(&self.local), _guard: Guard::new(&self.local) }
    }

    /// Runs the loop until the future is done, and returns its output.
    ///
    /// The future runs next to the spawned tasks, which stay where they are when it ends, until the loop is
    /// run again. A call of [`stop`](Runtime::stop) does not end it; it is remembered for the next
    /// [`run_forever`](Runtime::run_forever) or [`run_until`](Runtime::run_until).
    ///
    /// # Panics
    ///
    /// If a loop runs on this thread already, or this one is closed. A panic of the future is passed on, and
    /// the loop can be used again.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> std::io::Result<()> {
    /// let rt = runtime::Runtime::new()?;
    /// assert_eq!(rt.block_on(async { 1 + 1 }), 2);
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        let _running = Running::new(&self.local);
        let session = Session::begin(&self.local, Main::PolledAtOnce);
        let future = pin!(future);
        executor::drive(&self.local, session.open, future, |done| {
            run_loop(&self.local, done, false);
        })
        .expect("the loop runs until its main future is done")
    }

    /// Runs the loop until the future is done or the loop is told to stop, whichever is first.
    ///
    /// The future stays with the caller: after a stop the same one can be handed to `run_until` again, and
    /// goes on where it was. A stop that came before this call is obeyed, too: after one pass that waits for
    /// nothing.
    ///
    /// # Errors
    ///
    /// [`Stopped`], if the loop was told to [stop](Runtime::stop) before the future was done, or is closed. A
    /// future that is done in the very pass in which the loop is told to stop is done.
    ///
    /// # Panics
    ///
    /// If a loop runs on this thread already. A panic of the future is passed on, and the loop can be used
    /// again.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::pin::pin;
    /// use std::time::Duration;
    ///
    /// use runtime::time::sleep;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let rt = runtime::Runtime::new()?;
    /// let mut work = pin!(async {
    ///     sleep(Duration::from_millis(20)).await;
    ///     "done"
    /// });
    /// rt.call_soon(|| runtime::Handle::current().stop().unwrap());
    /// assert!(rt.run_until(work.as_mut()).is_err());
    /// assert_eq!(rt.run_until(work.as_mut()).unwrap(), "done");
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn run_until<F: Future>(&self, future: Pin<&mut F>) -> Result<F::Output, Stopped> {
        if self.is_closed() {
            return Err(Stopped::by_close());
        }
        let _running = Running::new(&self.local);
        let session = Session::begin(&self.local, Main::InPasses);
        executor::drive_in_passes(&self.local, session.open, future, |done| {
            run_loop(&self.local, done, true);
        })
        .ok_or_else(Stopped::by_request)
    }

    /// Runs the loop until it is told to [stop](Runtime::stop).
    ///
    /// If that was before this call, the loop makes one pass: it looks at I/O and timers without waiting,
    /// runs what is ready, and returns. Tasks stay where they are, and go on when the loop is run again.
    ///
    /// # Errors
    ///
    /// If the loop is closed.
    ///
    /// # Panics
    ///
    /// If a loop runs on this thread already.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let rt = runtime::Runtime::new()?;
    /// rt.call_soon(|| {
    ///     println!("Hello, world");
    ///     runtime::Handle::current().stop().unwrap();
    /// });
    /// rt.run_forever()?;
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn run_forever(&self) -> Result<(), Closed> {
        if self.is_closed() {
            return Err(Closed::new());
        }
        let _running = Running::new(&self.local);
        let _session = Session::begin(&self.local, Main::None);
        let _resting = Resting::after(&self.local.executor);
        run_loop(&self.local, &Cell::new(false), true);
        Ok(())
    }

    /// Tells the loop to stop: [`run_forever`](Runtime::run_forever) or [`run_until`](Runtime::run_until)
    /// returns when the current pass is over.
    ///
    /// What is ready in this pass still runs; what it queues waits until the loop is run again. A loop that
    /// does not run remembers, and stops after one pass when it is run. [`Handle::stop`] does the same from
    /// any thread.
    ///
    /// # Examples
    ///
    /// One pass over everything that is ready:
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let rt = runtime::Runtime::new()?;
    /// let task = rt.spawn(async { 6 * 7 });
    /// rt.stop();
    /// rt.run_forever()?;
    /// assert!(task.is_finished());
    /// # Ok(())
    /// # }
    /// ```
    pub fn stop(&self) {
        self.local.stop();
    }

    /// Whether the loop is running: on this thread, further up the stack.
    pub fn is_running(&self) -> bool {
        current::is_running(&self.local)
    }

    /// Whether the loop is closed.
    pub fn is_closed(&self) -> bool {
        self.handle.is_closed()
    }

    /// Sees to it that what is made on this loop while it does not run begins with the context variables of
    /// this thread.
    pub(crate) fn heed_context(&self) {
        if context::snapshot().is_some() {
            self.local.executor.observe(Special::CONTEXT);
        }
    }
}

impl fmt::Debug for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Runtime").field("handle", &self.handle).finish()
    }
}

/// Keeps a loop current on this thread; see [`Runtime::enter`].
///
/// Guards are dropped in the reverse of the order in which they were made. Any other order is safe, but which
/// loop is current then is anybody's guess.
#[derive(Debug)]
#[must_use = "dropped at once, the loop is not entered"]
pub struct EnterGuard<'a> {
    // Looks at the order of things, so it goes first.
    _entry: Entry<'a>,
    _guard: Guard,
}

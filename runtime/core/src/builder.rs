//! How a loop is set up.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::io;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use crate::blocking::{Executor as BlockingExecutor, Gate, Pool, PoolConfig};
use crate::current::{self, LoopId};
use crate::debug::{self, DebugMode};
use crate::exceptions::{Exceptions, Handler, UnhandledPanic};
use crate::executor::{Core, Executor, Special, Unpark};
use crate::inspect::{self, Hooks, Inspection};
use crate::local::{Local, Shared};
use crate::reactor::{self, MioSelector, Reactor, Selector, Spin};
use crate::runtime::Runtime;
use crate::spans;
use crate::storage::{Storage, Values};
use crate::task::TaskFactory;
use crate::task::factory::Factory;
use crate::time::{Clock, Timers};
use crate::watchdog;

/// Cells run between two looks at reactor and timers, unless the builder says otherwise.
const EVENT_INTERVAL: u32 = 64;

/// Sets up a [`Runtime`].
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// # fn main() -> std::io::Result<()> {
/// let rt = runtime::Builder::new()
///     .max_blocking_threads(4)
///     .thread_keep_alive(Duration::from_secs(1))
///     .build()?;
/// assert_eq!(rt.block_on(async { 1 + 1 }), 2);
/// # Ok(())
/// # }
/// ```
#[must_use = "a builder does nothing until `build` is called"]
pub struct Builder {
    pool: PoolConfig,
    blocking: Option<Arc<dyn BlockingExecutor>>,
    selector: Option<Box<dyn Selector>>,
    spin: Option<Duration>,
    event_interval: u32,
    start_paused: bool,
    seed: Option<u64>,
    values: Values,
    pub(crate) debug: bool,
    pub(crate) inspect: bool,
    pub(crate) hooks: Hooks,
    pub(crate) slow_callback_duration: Duration,
    pub(crate) task_factory: Option<TaskFactory>,
    pub(crate) exception_handler: Option<Handler>,
    pub(crate) unhandled_panic: UnhandledPanic,
    pub(crate) watchdog: watchdog::Settings,
}

impl Default for Builder {
    fn default() -> Builder {
        Builder::new()
    }
}

impl Builder {
    /// The defaults: see each method.
    pub fn new() -> Builder {
        Builder {
            pool: PoolConfig::new(),
            blocking: None,
            selector: None,
            spin: Some(Spin::DEFAULT_LIMIT),
            event_interval: EVENT_INTERVAL,
            start_paused: false,
            seed: None,
            values: Values::default(),
            debug: debug::wanted_by_environment(),
            inspect: false,
            hooks: Hooks::default(),
            slow_callback_duration: debug::SLOW_CALLBACK_DURATION,
            task_factory: None,
            exception_handler: None,
            unhandled_panic: UnhandledPanic::Report,
            watchdog: watchdog::Settings::from_environment(),
        }
    }

    /// Names the threads of the blocking pool. Each is followed by a number; the default is `blocking`.
    pub fn thread_name(mut self, name: impl Into<String>) -> Builder {
        self.pool = self.pool.thread_name(name);
        self
    }

    /// Limits the threads of the blocking pool; the default is 512.
    ///
    /// # Panics
    ///
    /// If `threads` is 0.
    #[track_caller]
    pub fn max_blocking_threads(mut self, threads: usize) -> Builder {
        assert!(threads > 0, "`max_blocking_threads` must be at least 1");
        self.pool = self.pool.max_threads(threads);
        self
    }

    /// How long an idle thread of the blocking pool waits for its next job; the default is 10 seconds.
    pub fn thread_keep_alive(mut self, idle: Duration) -> Builder {
        self.pool = self.pool.keep_alive(idle);
        self
    }

    /// The stack of each thread of the blocking pool, in bytes; the default is that of [`std::thread`].
    pub fn thread_stack_size(mut self, bytes: usize) -> Builder {
        self.pool = self.pool.stack_size(bytes);
        self
    }

    /// Runs blocking jobs on an executor of your own instead of the pool.
    ///
    /// The loop [shuts it down](BlockingExecutor::shutdown) when it closes, also behind an `Arc`.
    pub fn blocking_executor(mut self, executor: impl BlockingExecutor) -> Builder {
        self.blocking = Some(Arc::new(executor));
        self
    }

    /// How long the loop may look for events before it sleeps, when recent waits were shorter than that; the
    /// default is 50 microseconds, `None` turns it off. Waking a sleeping core takes 25 to 50 microseconds,
    /// which a busy connection would otherwise pay with each message. A loop that is idle, or busy all the
    /// time, or only receives, never spins; neither does one on a machine with one CPU.
    pub fn spin(mut self, limit: impl Into<Option<Duration>>) -> Builder {
        self.spin = limit.into();
        self.pool = self.pool.spin(self.spin);
        self
    }

    /// After how many polls the loop looks at I/O, timers and other threads' messages even though tasks are
    /// ready; the default is 64. Lower is fairer to I/O, higher is faster for tasks.
    ///
    /// # Panics
    ///
    /// If `polls` is 0.
    #[track_caller]
    pub fn event_interval(mut self, polls: u32) -> Builder {
        assert!(polls > 0, "`event_interval` must be at least 1");
        self.event_interval = polls;
        self
    }

    /// Talks to the kernel through another selector; the default is [`MioSelector`].
    pub fn selector(mut self, selector: impl Selector + 'static) -> Builder {
        self.selector = Some(Box::new(selector));
        self
    }

    /// Gives the loop its value of type `T`, which [`reactor::loop_local`] would otherwise make by
    /// [`Default`].
    ///
    /// It is for libraries that have something to set for each loop, in which the loop itself takes no
    /// interest: they keep it in a type of their own. A second value of a type replaces the first.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::reactor::loop_local;
    ///
    /// struct Greeting(&'static str);
    ///
    /// impl Default for Greeting {
    ///     fn default() -> Greeting {
    ///         Greeting("hello")
    ///     }
    /// }
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let rt = runtime::Builder::new().loop_local(Greeting("bonjour")).build()?;
    /// rt.block_on(async { loop_local(|greeting: &Greeting| assert_eq!(greeting.0, "bonjour")) });
    /// # Ok(())
    /// # }
    /// ```
    pub fn loop_local<T: Default + 'static>(mut self, value: T) -> Builder {
        self.values.set(value);
        self
    }

    /// Starts with the clock paused, as if [`time::pause`](crate::time::pause) were called first.
    #[cfg(feature = "test-util")]
    pub fn start_paused(mut self, paused: bool) -> Builder {
        self.start_paused = paused;
        self
    }

    /// Runs what is ready in an order that this number decides, instead of first in, first out: for tests.
    ///
    /// All that is ready when a pass of the loop begins is shuffled: tasks, callbacks, the main future, those
    /// whose timers are due at the same time and those that were woken by events. So what a program does
    /// depends on the seed, and a test that is run with many seeds finds what works by accident of order
    /// only. Each of them still gets its turn before any of them gets another one. Tasks that have
    /// [priorities](crate::task::Priority) are shuffled within their own.
    ///
    /// The same seed gives the same order, as long as program, compiler and version of this crate are the
    /// same, and the program itself is predictable: time should be [paused](Builder::start_paused), and other
    /// threads, blocking jobs and real I/O have orders of their own, as have `select!` macros that choose at
    /// random and the iteration of a `HashMap`.
    ///
    /// `#[runtime::test(seed = 7)]` sets it, and prints it when the test fails; [`seed`](crate::seed) says
    /// more. With a seed, each poll costs about 350 instructions more.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::cell::RefCell;
    /// use std::rc::Rc;
    ///
    /// fn order(seed: u64) -> Vec<u32> {
    ///     let rt = runtime::Builder::new().seed(seed).build().unwrap();
    ///     let order = Rc::new(RefCell::new(Vec::new()));
    ///     rt.block_on(async {
    ///         let note = |n| {
    ///             let order = order.clone();
    ///             runtime::spawn(async move { order.borrow_mut().push(n) })
    ///         };
    ///         for task in (0..8).map(note).collect::<Vec<_>>() {
    ///             task.await.unwrap();
    ///         }
    ///     });
    ///     order.take()
    /// }
    ///
    /// assert_eq!(order(1), order(1));
    /// assert_ne!(order(1), order(2));
    /// ```
    #[cfg(feature = "test-util")]
    pub fn seed(mut self, seed: u64) -> Builder {
        self.seed = Some(seed);
        self
    }

    /// Makes the loop.
    ///
    /// # Errors
    ///
    /// If the kernel refuses what the selector needs, such as a file descriptor (`EMFILE`).
    pub fn build(self) -> io::Result<Runtime> {
        let id = LoopId::next();
        let selector = match self.selector {
            Some(selector) => selector,
            None => Box::new(MioSelector::new()?),
        };
        let reactor = Reactor::new(id, selector)?;
        let blocking = match self.blocking {
            Some(blocking) => blocking,
            None => Arc::new(Pool::new(self.pool)),
        };
        let unparker = Arc::new(ReactorUnpark(reactor.unparker()));
        let core = Core::new(id, unparker, Shared::new(Gate::new(blocking)));
        let local = Local {
            id,
            core,
            executor: Executor::new(),
            timers: Timers::new(),
            clock: Clock::new(self.start_paused),
            reactor,
            exceptions: Exceptions::new(self.exception_handler, self.unhandled_panic),
            storage: Storage::new(self.values),
            spin: RefCell::new(Spin::new(self.spin)),
            factory: Factory::new(None),
            stopping: Cell::new(false),
            base_context: Cell::new(None),
            first_poll: Cell::new(None),
            spans: Default::default(),
            pass: Cell::new(None),
            doom: Cell::new(None),
            event_interval: self.event_interval,
            debug: DebugMode::new(self.debug, self.slow_callback_duration),
            inspection: Inspection::new(self.hooks),
            expects_reply: Cell::new(false),
            blocking_jobs: Cell::new(0),
            wakers: Cell::new(Vec::new()),
            watchdog: Cell::new(None),
        };
        local.install_root();
        local.set_task_factory(self.task_factory);
        if self.debug {
            local.executor.observe(Special::DEBUG);
        }
        if let Some(seed) = self.seed {
            local.executor.shuffle_from_now_on(seed);
        }
        inspect::heed(&local);
        inspect::set_inspect(&local, self.inspect);
        current::register(&local.core);
        watchdog::install(&local, self.watchdog);
        let local = Rc::new(local);
        spans::register(&local);
        Ok(Runtime::new_with(local))
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("spin", &self.spin)
            .field("event_interval", &self.event_interval)
            .field("start_paused", &self.start_paused)
            .field("seed", &self.seed)
            .field("debug", &self.debug)
            .field("pool", &self.pool)
            .finish_non_exhaustive()
    }
}

/// Lets the executor, which knows no reactor, end the reactor's sleep.
struct ReactorUnpark(Arc<dyn reactor::Unpark>);

impl Unpark for ReactorUnpark {
    fn unpark(&self) {
        self.0.unpark();
    }
}

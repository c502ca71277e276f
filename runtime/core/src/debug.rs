//! Debug mode: whether it is on, and what it finds wrong with how a loop was used.
//!
//! What it finds wrong with how long things take is in `watch.rs`.

use std::cell::Cell;
use std::panic::Location;
use std::sync::Arc;
use std::time::Duration;

use crate::builder::Builder;
use crate::current::with_current;
use crate::errors::Closed;
use crate::exceptions::TaskSource;
use crate::executor::Special;
use crate::handle::Handle;
use crate::local::Local;
use crate::log::{self, Level, Record};
use crate::runtime::Runtime;
use crate::watch;

/// The threshold unless the builder says otherwise.
pub(crate) const SLOW_CALLBACK_DURATION: Duration = Duration::from_millis(100);

/// How many unfinished tasks are listed when a loop closes.
const LISTED: usize = 10;

/// Whether the environment asks for debug mode: `RUNTIME_DEBUG` is set, and neither empty nor `0`.
pub(crate) fn wanted_by_environment() -> bool {
    std::env::var_os("RUNTIME_DEBUG").is_some_and(|value| !value.is_empty() && value != "0")
}

/// A loop's debug mode.
#[derive(Debug)]
pub(crate) struct DebugMode {
    on: Cell<bool>,
    slow_callback_duration: Duration,
    /// The guards of [`Runtime::enter`] that have not been dropped.
    guards: Cell<usize>,
}

impl DebugMode {
    pub(crate) fn new(on: bool, slow_callback_duration: Duration) -> DebugMode {
        DebugMode { on: Cell::new(on), slow_callback_duration, guards: Cell::new(0) }
    }

    pub(crate) fn is_on(&self) -> bool {
        self.on.get()
    }

    /// Polls, callbacks and passes that take longer are reported; `None` outside of debug mode.
    pub(crate) fn threshold(&self) -> Option<Duration> {
        self.on.get().then_some(self.slow_callback_duration)
    }
}

impl Builder {
    /// Turns debug mode on or off. It reports, through `tracing` with the feature of that name, else on the
    /// standard error stream:
    ///
    /// - polls and callbacks that take longer than
    ///   [`slow_callback_duration`](Builder::slow_callback_duration), with the task's name, where it was
    ///   spawned or the callback made, and the time that it took;
    /// - passes that take longer although none of their polls and callbacks does, with their number and the
    ///   time;
    /// - tasks that are dropped unfinished when the loop closes, with name and spawn location;
    /// - guards of [`Runtime::enter`] that are forgotten, or dropped out of order.
    ///
    /// The default is what the environment variable `RUNTIME_DEBUG` says: on if it is set, unless to nothing
    /// or `0`. Debug mode costs two readings of the clock a poll; off, it costs nothing.
    /// [`Runtime::set_debug`] changes it later.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::thread;
    /// use std::time::Duration;
    ///
    /// # fn main() -> std::io::Result<()> {
    /// let rt = runtime::Builder::new()
    ///     .debug(true)
    ///     .slow_callback_duration(Duration::from_millis(5))
    ///     .build()?;
    /// rt.block_on(async {
    ///     let parser = runtime::task::Builder::new().name("parser");
    ///     // Warns that the task `parser`, spawned here, has kept the loop for 6 milliseconds.
    ///     parser.spawn(async { thread::sleep(Duration::from_millis(6)) }).await
    /// })?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn debug(mut self, debug: bool) -> Builder {
        self.debug = debug;
        self
    }

    /// How long a poll, a callback or a pass may take before debug mode reports it; the default is 100
    /// milliseconds.
    pub fn slow_callback_duration(mut self, threshold: Duration) -> Builder {
        self.slow_callback_duration = threshold;
        self
    }
}

impl Runtime {
    /// Turns debug mode on or off; see [`Builder::debug`]. While the loop runs it takes effect before the
    /// next task or callback.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> std::io::Result<()> {
    /// let rt = runtime::Builder::new().debug(false).build()?;
    /// rt.set_debug(true);
    /// assert!(rt.debug());
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_debug(&self, debug: bool) {
        set_debug(self.local(), debug);
    }

    /// Whether debug mode is on.
    pub fn debug(&self) -> bool {
        self.local().debug.is_on()
    }
}

impl Handle {
    /// Turns debug mode of the loop on or off, from any thread; see [`Runtime::set_debug`]. From another
    /// thread it takes effect at the loop's next turn.
    ///
    /// # Errors
    ///
    /// If the loop is closed.
    ///
    /// # Examples
    ///
    /// ```
    /// runtime::run(async {
    ///     // Something is slow, and somebody has asked what it is.
    ///     runtime::Handle::current().set_debug(true).unwrap();
    /// });
    /// ```
    pub fn set_debug(&self, debug: bool) -> Result<(), Closed> {
        let here = with_current(|local| {
            let here = Arc::ptr_eq(&local.core, self.core());
            if here {
                set_debug(local, debug);
            }
            here
        });
        if here == Some(true) || self.core().post(move |local| set_debug(local, debug)) {
            return Ok(());
        }
        Err(Closed::new())
    }
}

fn set_debug(local: &Local, debug: bool) {
    local.debug.on.set(debug);
    match debug {
        true => local.executor.observe(Special::DEBUG),
        false => local.executor.cease_to_observe(Special::DEBUG),
    }
}

/// Stands beside the guard of a [`Runtime::enter`], and notices when that is not dropped as it should be.
#[derive(Debug)]
pub(crate) struct Entry<'a> {
    local: &'a Local,
    location: &'static Location<'static>,
}

impl<'a> Entry<'a> {
    #[track_caller]
    pub(crate) fn new(local: &'a Local) -> Entry<'a> {
        local.debug.guards.set(local.debug.guards.get() + 1);
        Entry { local, location: Location::caller() }
    }
}

impl Drop for Entry<'_> {
    fn drop(&mut self) {
        let debug = &self.local.debug;
        debug.guards.set(debug.guards.get() - 1);
        let in_order = is_current(self.local) || self.local.core.is_closed();
        if debug.is_on() && !in_order {
            let message = format_args!(
                "a guard of `Runtime::enter` was dropped out of order; guards go in the reverse of the order in \
                 which they were made, lest the wrong loop be current"
            );
            let location = Some(self.location);
            log::write(&Record { location, ..Record::new(Level::Warn, message) });
        }
    }
}

/// Warns of guards that are left when the loop's `Runtime` goes, which they borrow: they have been forgotten.
pub(crate) fn warn_of_forgotten_guards(local: &Local) {
    let forgotten = local.debug.guards.get();
    if local.debug.is_on() && forgotten > 0 {
        log::warn(format_args!(
            "{forgotten} guard(s) of `Runtime::enter` were forgotten instead of dropped: the loop stayed current on its \
             thread, and part of it stays in memory"
        ));
    }
}

/// The tasks that are dropped unfinished when a loop closes.
pub(crate) struct Unfinished {
    listed: Vec<TaskSource>,
    more: usize,
}

impl Unfinished {
    /// Looks at them before that; sees nothing unless in debug mode.
    pub(crate) fn of(local: &Local) -> Unfinished {
        let tasks = if local.debug.is_on() { local.executor.unfinished() } else { Vec::new() };
        let listed: Vec<TaskSource> = tasks.iter().take(LISTED).map(watch::source).collect();
        Unfinished { more: tasks.len() - listed.len(), listed }
    }

    pub(crate) fn warn(self) {
        for task in &self.listed {
            let message =
                format_args!("a task had not finished when its loop was closed, and was dropped");
            log::write(&Record {
                task: Some(task),
                location: Some(task.location()),
                ..Record::new(Level::Warn, message)
            });
        }
        if self.more > 0 {
            log::warn(format_args!(
                "{} more tasks had not finished when their loop was closed, and were dropped",
                self.more
            ));
        }
    }
}

fn is_current(local: &Local) -> bool {
    with_current(|current| std::ptr::eq(current, local)) == Some(true)
}

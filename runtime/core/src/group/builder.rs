//! How a group is set up.

use std::fmt;
use std::io;
use std::num::NonZeroUsize;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread::available_parallelism;

use super::affinity::Processors;
use super::thread::{NotStarted, Plan, Starting};
use super::{GroupHandle, LoopGroup};
use crate::builder::Builder as LoopBuilder;

/// Sets up a [`LoopGroup`].
///
/// # Examples
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// let group = runtime::LoopGroup::builder()
///     .loops(2)
///     .thread_name("shard")
///     .configure(|_index, builder| builder.max_blocking_threads(4))
///     .build()?;
/// let name = || async { std::thread::current().name().map(String::from) };
/// assert_eq!(group.run(move |_| name())[1].as_ref().unwrap().as_deref(), Some("shard-1"));
/// # Ok(())
/// # }
/// ```
#[must_use = "a builder does nothing until `build` is called"]
pub struct Builder {
    loops: Option<usize>,
    thread_name: String,
    stack_size: Option<NonZeroUsize>,
    pin: bool,
    configure: Arc<dyn Fn(usize, LoopBuilder) -> LoopBuilder + Send + Sync>,
}

impl Builder {
    /// The defaults: see each method.
    pub fn new() -> Builder {
        Builder {
            loops: None,
            thread_name: String::from("loop"),
            stack_size: None,
            pin: false,
            configure: Arc::new(|_, builder| builder),
        }
    }

    /// How many loops there are to be; the default is [`available_parallelism`], which heeds the limits that
    /// were put on the process.
    ///
    /// # Panics
    ///
    /// If `loops` is 0.
    #[track_caller]
    pub fn loops(mut self, loops: usize) -> Builder {
        assert!(loops > 0, "a group has at least one loop");
        self.loops = Some(loops);
        self
    }

    /// Names the loops' threads. Each is followed by a dash and the loop's index; the default is `loop`.
    /// Linux shows no more than 15 bytes.
    ///
    /// # Panics
    ///
    /// If `name` has a NUL byte in it.
    #[track_caller]
    pub fn thread_name(mut self, name: impl Into<String>) -> Builder {
        let name = name.into();
        assert!(!name.contains('\0'), "the name of a thread can not have a NUL byte in it");
        self.thread_name = name;
        self
    }

    /// The stack of each loop's thread, in bytes; the default is that of [`std::thread`].
    ///
    /// # Panics
    ///
    /// If `bytes` is 0.
    #[track_caller]
    pub fn thread_stack_size(mut self, bytes: usize) -> Builder {
        let bytes = NonZeroUsize::new(bytes).expect("the stack of a thread can not be zero bytes");
        self.stack_size = Some(bytes);
        self
    }

    /// Pins each loop's thread to a processor of its own, of those that the thread which calls
    /// [`build`](Builder::build) may use; the default is not to. Only Linux can.
    ///
    /// It keeps the memory of a loop close to its processor, and takes the choice from the scheduler: worth
    /// measuring, on a machine that does little else. Threads that are started on a loop's thread, those of
    /// its blocking pool among them, inherit its processor (sched_setaffinity(2)).
    pub fn pin(mut self, pin: bool) -> Builder {
        self.pin = pin;
        self
    }

    /// Sets up the loops. `configure` is called on each loop's thread with the loop's index; the
    /// [policy](crate::policy) of the process then builds with the builder that it returns.
    pub fn configure(
        mut self,
        configure: impl Fn(usize, LoopBuilder) -> LoopBuilder + Send + Sync + 'static,
    ) -> Builder {
        self.configure = Arc::new(configure);
        self
    }

    /// Starts the threads, and a loop on each. When it returns, all of them are there.
    ///
    /// # Errors
    ///
    /// If a thread cannot be started (`EAGAIN`), a loop cannot be built (`EMFILE`, or whatever else the
    /// policy says), or threads cannot be pinned ([`Unsupported`](io::ErrorKind::Unsupported) elsewhere than
    /// on Linux). The threads that were started have ended then.
    ///
    /// # Panics
    ///
    /// Passes on a panic of what was given to [`configure`](Builder::configure), or of the policy, in the
    /// same manner.
    pub fn build(self) -> io::Result<LoopGroup> {
        let loops = match self.loops {
            Some(loops) => loops,
            None => available_parallelism().map_or(1, Into::into),
        };
        let processors = self.pin.then(Processors::usable).transpose()?;
        let plan = Arc::new(Plan::new(processors, self.configure));
        // All threads start before the first is waited for: they build their loops side by side. What has
        // started before an error ends when it is dropped.
        let starting: Vec<_> = (0..loops)
            .map(|index| {
                let name = format!("{}-{index}", self.thread_name);
                Starting::new(index, name, self.stack_size, plan.clone())
            })
            .collect::<io::Result<_>>()?;
        let built: Result<Vec<_>, NotStarted> =
            starting.iter().map(|thread| thread.built()).collect();
        let handles = match built {
            Ok(handles) => handles,
            Err(reason) => {
                drop(starting);
                return match reason {
                    NotStarted::Error(error) => Err(error),
                    NotStarted::Panic(payload) => resume_unwind(payload),
                };
            }
        };
        let group = GroupHandle::new(handles.clone());
        let threads = starting.into_iter().zip(handles);
        let threads = threads.map(|(thread, handle)| thread.go(handle, group.clone())).collect();
        Ok(LoopGroup { handle: group, threads })
    }
}

impl Default for Builder {
    fn default() -> Builder {
        Builder::new()
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("loops", &self.loops)
            .field("thread_name", &self.thread_name)
            .field("stack_size", &self.stack_size)
            .field("pin", &self.pin)
            .finish_non_exhaustive()
    }
}

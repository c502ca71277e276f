//! How loops are built that nobody builds by hand.
//!
//! [`run`](crate::run), `#[runtime::main]`, `#[runtime::test]` and [`LoopGroup`](crate::LoopGroup) leave the
//! last step, from a [`Builder`] to a [`Runtime`], to the policy of the process. A program sets one to have a
//! say in all of its loops, those of its libraries included: to limit them, to watch them, to give them a
//! selector of its own. [`Runtime::new`] and [`Builder::build`] do not ask it; that is what a policy itself
//! builds with.
//!
//! # Examples
//!
//! ```
//! use runtime::policy;
//!
//! // From here on loops have a small pool, wherever they are built.
//! let previous = policy::set_policy(|builder: runtime::Builder| builder.max_blocking_threads(2).build());
//! assert_eq!(runtime::run(async { runtime::spawn_blocking(|| 6 * 7).await.unwrap() }), 42);
//!
//! policy::set_policy(previous);
//! ```

use std::fmt;
use std::io;
use std::sync::Arc;

use parking_lot::RwLock;

use crate::builder::Builder;
use crate::runtime::Runtime;

/// Says how loops are built; see the [module](self).
///
/// A closure from [`Builder`] to [`io::Result<Runtime>`](Runtime) is one.
///
/// # Examples
///
/// ```
/// use std::io;
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicUsize, Ordering};
///
/// use runtime::policy::{Policy, set_policy};
/// use runtime::{Builder, Runtime};
///
/// /// Counts the loops of the process.
/// struct Counting(Arc<AtomicUsize>);
///
/// impl Policy for Counting {
///     fn build(&self, builder: Builder) -> io::Result<Runtime> {
///         let runtime = builder.build()?;
///         self.0.fetch_add(1, Ordering::Relaxed);
///         Ok(runtime)
///     }
/// }
///
/// let loops = Arc::new(AtomicUsize::new(0));
/// let previous = set_policy(Counting(loops.clone()));
/// runtime::run(async {});
/// runtime::run(async {});
/// set_policy(previous);
/// runtime::run(async {});
/// assert_eq!(loops.load(Ordering::Relaxed), 2);
/// ```
pub trait Policy: Send + Sync + 'static {
    /// Builds a loop, on the thread that is to run it.
    ///
    /// The builder has been set up by whoever wants the loop: with the options of `#[runtime::main]`, by
    /// [`group::Builder::configure`](crate::group::Builder::configure), or not at all. What the policy sets
    /// comes last and wins.
    ///
    /// # Errors
    ///
    /// Those of [`Builder::build`], and the policy's own. They reach whoever wants the loop.
    fn build(&self, builder: Builder) -> io::Result<Runtime>;

    /// The policy in the form in which it is kept. This is not for implementers: it is how an `Arc` gets
    /// around a second one when [`set_policy`] is given a previous policy.
    fn into_shared(self) -> Arc<dyn Policy>
    where
        Self: Sized,
    {
        Arc::new(self)
    }
}

impl<F> Policy for F
where
    F: Fn(Builder) -> io::Result<Runtime> + Send + Sync + 'static,
{
    fn build(&self, builder: Builder) -> io::Result<Runtime> {
        self(builder)
    }
}

impl Policy for Arc<dyn Policy> {
    fn build(&self, builder: Builder) -> io::Result<Runtime> {
        (**self).build(builder)
    }

    fn into_shared(self) -> Arc<dyn Policy> {
        self
    }
}

impl fmt::Debug for dyn Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy").finish_non_exhaustive()
    }
}

/// The policy of a process that has set none: [`Builder::build`] and nothing else.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DefaultPolicy;

impl Policy for DefaultPolicy {
    fn build(&self, builder: Builder) -> io::Result<Runtime> {
        builder.build()
    }
}

/// `None` is the default.
static POLICY: RwLock<Option<Arc<dyn Policy>>> = RwLock::new(None);

/// The policy of this process.
///
/// # Examples
///
/// Building a loop as [`run`](crate::run) would, and keeping it:
///
/// ```
/// # fn main() -> std::io::Result<()> {
/// let rt = runtime::policy::policy().build(runtime::Builder::new())?;
/// assert_eq!(rt.block_on(async { 1 + 1 }), 2);
/// # Ok(())
/// # }
/// ```
pub fn policy() -> Arc<dyn Policy> {
    POLICY.read().clone().unwrap_or_else(|| Arc::new(DefaultPolicy))
}

/// Sets the policy of this process, and returns the one before.
///
/// It holds from then on, for every thread; loops that are there stay as they are. To put things back as they
/// were, set what was returned; to go back to the beginning, [`DefaultPolicy`]. Libraries should leave the
/// policy to the program. A new policy may wrap the one before, [`policy()`].
///
/// # Examples
///
/// ```
/// use runtime::Builder;
/// use runtime::policy::{Policy, policy, set_policy};
///
/// let before = policy();
/// let previous = set_policy(move |builder: Builder| before.build(builder.event_interval(16)));
/// runtime::run(async {});
/// set_policy(previous);
/// ```
pub fn set_policy(policy: impl Policy) -> Arc<dyn Policy> {
    let policy = policy.into_shared();
    let previous = POLICY.write().replace(policy);
    previous.unwrap_or_else(|| Arc::new(DefaultPolicy))
}

//! Which watcher a loop has.

use std::fmt;
use std::sync::Arc;

use parking_lot::RwLock;
use runtime_core::Builder;
use runtime_core::reactor::try_loop_local;

use super::{ChildWatcher, DefaultWatcher};

/// `None` is the default.
static OF_PROCESS: RwLock<Option<Arc<dyn ChildWatcher>>> = RwLock::new(None);

/// What a loop was built with, if anything.
#[derive(Clone, Default)]
struct OfLoop(Option<Arc<dyn ChildWatcher>>);

/// Chooses the watcher of one loop.
///
/// # Examples
///
/// ```
/// use runtime::Builder;
/// use runtime::process::watcher::Thread;
/// use runtime::process::BuilderExt;
///
/// # fn main() -> std::io::Result<()> {
/// let rt = Builder::new().child_watcher(Thread::new()).build()?;
/// rt.block_on(async {
///     assert_eq!(format!("{:?}", runtime::process::child_watcher()), "Thread(())");
/// });
/// # Ok(())
/// # }
/// ```
pub trait BuilderExt: Sized {
    /// Has the loop notice the end of its children by a watcher of its own, whatever [`set_child_watcher`]
    /// says.
    fn child_watcher(self, watcher: impl ChildWatcher + 'static) -> Self;
}

impl BuilderExt for Builder {
    fn child_watcher(self, watcher: impl ChildWatcher + 'static) -> Builder {
        self.loop_local(OfLoop(Some(watcher.into_shared())))
    }
}

/// The watcher that is in charge of children spawned here: the one that the current loop was built with, or
/// else that of the process.
pub fn child_watcher() -> Arc<dyn ChildWatcher> {
    let of_loop = try_loop_local(|of_loop: &OfLoop| of_loop.0.clone()).flatten();
    of_loop.or_else(|| OF_PROCESS.read().clone()).unwrap_or_else(|| Arc::new(DefaultWatcher::new()))
}

/// Sets the watcher of this process, and returns the one before.
///
/// It is in charge of what is spawned from then on, in all loops but those that were [built with their
/// own](BuilderExt::child_watcher). To put things back as they were, set what was returned; to go back to the
/// beginning, [`DefaultWatcher`].
///
/// # Examples
///
/// ```
/// use runtime::process::set_child_watcher;
/// use runtime::process::watcher::Thread;
///
/// let previous = set_child_watcher(Thread::new());
/// // Children that are spawned here are waited for by threads.
/// set_child_watcher(previous);
/// ```
pub fn set_child_watcher(watcher: impl ChildWatcher + 'static) -> Arc<dyn ChildWatcher> {
    let previous = OF_PROCESS.write().replace(watcher.into_shared());
    previous.unwrap_or_else(|| Arc::new(DefaultWatcher::new()))
}

impl fmt::Debug for OfLoop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("OfLoop").field(&self.0).finish()
    }
}

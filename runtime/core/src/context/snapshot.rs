//! The values that all variables have at one moment.

use std::any::Any;
use std::fmt;
use std::sync::{Arc, LazyLock};

use crate::context::scope::Begin;
use crate::context::section::Section;
use crate::context::{ContextVar, Scope, thread};

/// A value as a context keeps it, without its type.
pub(super) type Value = Arc<dyn Any + Send + Sync>;

/// The values of all [context variables](crate::context) at one moment.
///
/// A `Context` never changes. A clone shares the values, which are dropped with the last context that has
/// them.
///
/// # Examples
///
/// A callback of a library that knows nothing of contexts runs in the one in which it was made:
///
/// ```
/// use runtime::context::Context;
///
/// runtime::context_var! {
///     static REQUEST: u64 = 0;
/// }
///
/// REQUEST.set(7);
/// let context = Context::current();
/// let callback = move || context.run(|| REQUEST.get());
/// REQUEST.set(8);
/// assert_eq!(std::thread::spawn(callback).join().unwrap(), 7);
/// ```
#[derive(Clone)]
pub struct Context {
    /// Sorted by variable.
    entries: Arc<Vec<Entry>>,
}

/// A variable and its value.
#[derive(Clone)]
pub(super) struct Entry {
    /// The address of the variable.
    pub(super) variable: usize,
    pub(super) name: &'static str,
    pub(super) value: Value,
}

impl Context {
    /// The context in which no variable is set.
    pub fn new() -> Context {
        static EMPTY: LazyLock<Context> = LazyLock::new(|| Context { entries: Arc::default() });
        EMPTY.clone()
    }

    /// The context that is current on this thread, as it is now.
    pub fn current() -> Context {
        thread::snapshot().unwrap_or_default()
    }

    /// Calls `f` with this context current on the thread.
    ///
    /// What `f` sets is gone when it returns, or panics; the context that was current before is current
    /// again. A task that `f` spawns begins with this context and what `f` has set.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::context::Context;
    ///
    /// runtime::context_var! {
    ///     static DEPTH: u32 = 0;
    /// }
    ///
    /// DEPTH.set(1);
    /// let inside = Context::current().run(|| {
    ///     DEPTH.set(DEPTH.get() + 1);
    ///     DEPTH.get()
    /// });
    /// assert_eq!((inside, DEPTH.get()), (2, 1));
    /// ```
    pub fn run<R>(&self, f: impl FnOnce() -> R) -> R {
        let _section = Section::of(self.clone());
        f()
    }

    /// Makes a future that runs with this context, as if it were a task of its own.
    ///
    /// What it sets it finds again after each await, and nobody else sees. To spawn a task with this context
    /// use [`task::Builder::context`](crate::task::Builder::context).
    ///
    /// # Cancel safety
    ///
    /// That of the future, which is dropped with its context current.
    pub fn scope<F: Future>(self, future: F) -> Scope<F> {
        Scope::new(future, Begin::In(self))
    }

    /// This context with one variable set to something else.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::context::Context;
    ///
    /// runtime::context_var! {
    ///     static USER: &str = "nobody";
    /// }
    ///
    /// let context = Context::new().with_value(&USER, "ada");
    /// assert_eq!(context.run(|| USER.get()), "ada");
    /// ```
    pub fn with_value<T>(self, variable: &'static ContextVar<T>, value: T) -> Context
    where
        T: Send + Sync + 'static,
    {
        self.with(variable.entry(Arc::new(value)))
    }

    /// The value that a variable was set to in this context; none if it would give its default.
    ///
    /// # Examples
    ///
    /// ```
    /// use runtime::context::Context;
    ///
    /// runtime::context_var! {
    ///     static USER: &str = "nobody";
    /// }
    ///
    /// assert_eq!(Context::current().get(&USER), None);
    /// USER.set("ada");
    /// assert_eq!(Context::current().get(&USER), Some(&"ada"));
    /// ```
    pub fn get<T>(&self, variable: &'static ContextVar<T>) -> Option<&T>
    where
        T: Send + Sync + 'static,
    {
        self.value(variable.address())?.downcast_ref()
    }

    /// How many variables are set.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether no variable is set.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(super) fn value(&self, variable: usize) -> Option<&Value> {
        let place = self.place_of(variable).ok()?;
        Some(&self.entries[place].value)
    }

    /// A copy with one more value, or another.
    pub(super) fn with(&self, entry: Entry) -> Context {
        let (place, kept) = match self.place_of(entry.variable) {
            Ok(place) => (place, place + 1),
            Err(place) => (place, place),
        };
        let mut entries = Vec::with_capacity(self.len() + 1);
        entries.extend_from_slice(&self.entries[..place]);
        entries.push(entry);
        entries.extend_from_slice(&self.entries[kept..]);
        Context { entries: Arc::new(entries) }
    }

    /// A copy without a value for this variable.
    pub(super) fn without(&self, variable: usize) -> Context {
        let others = self.entries.iter().filter(|entry| entry.variable != variable);
        Context { entries: Arc::new(others.cloned().collect()) }
    }

    fn place_of(&self, variable: usize) -> Result<usize, usize> {
        self.entries.binary_search_by_key(&variable, |entry| entry.variable)
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl Default for Context {
    fn default() -> Context {
        Context::new()
    }
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Values need not be `Debug`.
        let mut names: Vec<_> = self.entries.iter().map(|entry| entry.name).collect();
        names.sort_unstable();
        f.debug_struct("Context").field("set", &names).finish()
    }
}

//! A variable, and the token that takes a change back.

use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::context::scope::Begin;
use crate::context::section::{self, Place};
use crate::context::snapshot::{Entry, Value};
use crate::context::{Context, Scope, thread};

/// A value that each [`Context`] has for itself; declared with [`context_var!`](crate::context_var).
///
/// # Examples
///
/// ```
/// runtime::context_var! {
///     static INDENT: usize = 0;
/// }
///
/// fn line(text: &str) -> String {
///     format!("{:1$}{text}", "", INDENT.get())
/// }
///
/// let token = INDENT.set(2);
/// assert_eq!(line("inner"), "  inner");
/// INDENT.reset(token);
/// assert_eq!(line("outer"), "outer");
/// ```
pub struct ContextVar<T: 'static> {
    name: &'static str,
    default: OnceLock<T>,
    make_default: Option<fn() -> T>,
}

impl<T> ContextVar<T> {
    /// What [`context_var!`](crate::context_var) expands to; not to be called otherwise.
    #[doc(hidden)]
    pub const fn declare(name: &'static str, make_default: Option<fn() -> T>) -> ContextVar<T> {
        ContextVar { name, default: OnceLock::new(), make_default }
    }

    /// The name under which it was declared.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What tells it apart from other variables.
    pub(super) fn address(&'static self) -> usize {
        std::ptr::from_ref(self).addr()
    }
}

impl<T: Send + Sync + 'static> ContextVar<T> {
    /// The value in the current context, or else the default.
    ///
    /// # Panics
    ///
    /// If the variable is not set and has no default; see [`ContextVar::try_get`].
    #[track_caller]
    pub fn get(&'static self) -> T
    where
        T: Clone,
    {
        self.with(T::clone)
    }

    /// The value in the current context, or else the default, or else none.
    pub fn try_get(&'static self) -> Option<T>
    where
        T: Clone,
    {
        self.try_with(T::clone)
    }

    /// Calls `f` with the value in the current context, or else with the default.
    ///
    /// `f` may set the variable; it goes on to see the value that it was called with.
    ///
    /// # Panics
    ///
    /// If the variable is not set and has no default; see [`ContextVar::try_with`].
    #[track_caller]
    pub fn with<R>(&'static self, f: impl FnOnce(&T) -> R) -> R {
        match self.try_with(f) {
            Some(result) => result,
            None => self.not_set(),
        }
    }

    /// Calls `f` with the value in the current context, or else with the default; gives none, and does not
    /// call it, if there is neither.
    pub fn try_with<R>(&'static self, f: impl FnOnce(&T) -> R) -> Option<R> {
        // The value is held by a count of its own: `f` may set the variable, or drop every context.
        match self.value() {
            Some(value) => Some(f(&value)),
            None => Some(f(self.default()?)),
        }
    }

    /// Sets the variable in the current context.
    ///
    /// The token takes the change back, and may be ignored: a task's changes end with the task. The default
    /// is not evaluated.
    ///
    /// Before the first loop of a thread, and outside of loops, the change lasts until the thread ends.
    pub fn set(&'static self, value: T) -> Token<T> {
        let previous = self.replace(Some(Arc::new(value)));
        Token { variable: self, previous, place: Place::current() }
    }

    /// Sets the variable to what it was before the change that the token stands for, in the current context.
    ///
    /// # Panics
    ///
    /// If the token is that of another variable; or of another context: a change is taken back by the task,
    /// the scope or the callback that made it.
    #[track_caller]
    pub fn reset(&'static self, token: Token<T>) {
        assert!(
            std::ptr::eq(self, token.variable),
            "the token belongs to the context variable `{}`, and can not reset `{}`",
            token.variable.name,
            self.name,
        );
        assert!(
            token.place == Place::current(),
            "the token was made in another context; reset `{}` in the task, scope or callback that has set it",
            self.name,
        );
        self.replace(token.previous);
    }

    /// Makes a future in which the variable has this value.
    ///
    /// The future runs as if it were a task of its own: it begins with the context that is current when it is
    /// first polled, and with `value` in it. What it sets it finds again after each await, and nobody else
    /// sees.
    ///
    /// # Cancel safety
    ///
    /// That of the future, which is dropped with its context current.
    ///
    /// # Examples
    ///
    /// ```
    /// runtime::context_var! {
    ///     static REQUEST: u64 = 0;
    /// }
    ///
    /// runtime::run(async {
    ///     let inside = REQUEST.scope(1, async {
    ///         runtime::task::yield_now().await;
    ///         REQUEST.get()
    ///     });
    ///     assert_eq!(inside.await, 1);
    ///     assert_eq!(REQUEST.get(), 0);
    /// });
    /// ```
    pub fn scope<F: Future>(&'static self, value: T, future: F) -> Scope<F> {
        Scope::new(future, Begin::With(self.entry(Arc::new(value))))
    }

    /// Calls `f` with the variable set to this value. What `f` sets, this variable or another, is gone when
    /// it returns or panics.
    ///
    /// # Examples
    ///
    /// ```
    /// runtime::context_var! {
    ///     static VERBOSE: bool = false;
    /// }
    ///
    /// assert!(VERBOSE.sync_scope(true, || VERBOSE.get()));
    /// assert!(!VERBOSE.get());
    /// ```
    pub fn sync_scope<R>(&'static self, value: T, f: impl FnOnce() -> R) -> R {
        Context::current().with_value(self, value).run(f)
    }

    pub(super) fn entry(&'static self, value: Arc<T>) -> Entry {
        Entry { variable: self.address(), name: self.name, value }
    }

    /// The value in the current context.
    fn value(&'static self) -> Option<Arc<T>> {
        let value = thread::snapshot()?.value(self.address())?.clone();
        Some(typed(value))
    }

    fn default(&'static self) -> Option<&'static T> {
        let make = self.make_default?;
        Some(self.default.get_or_init(make))
    }

    /// Replaces the value in the current context, and returns the one that was there.
    fn replace(&'static self, value: Option<Arc<T>>) -> Option<Arc<T>> {
        let address = self.address();
        let context = Context::current();
        let previous = context.value(address).cloned().map(typed);
        let changed = match value {
            Some(value) => context.with(self.entry(value)),
            None => context.without(address),
        };
        section::replace(Some(changed));
        previous
    }

    #[cold]
    #[track_caller]
    fn not_set(&self) -> ! {
        panic!(
            "the context variable `{0}` is not set and has no default; call `{0}.set` first, enter a scope, or \
             declare a default: `static {0}: _ = ...;`",
            self.name
        )
    }
}

/// A value with its type again.
fn typed<T: Send + Sync + 'static>(value: Value) -> Arc<T> {
    value.downcast().expect("a variable is only ever set to values of its type")
}

impl<T> fmt::Debug for ContextVar<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ContextVar").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Takes a change of a variable back; see [`ContextVar::set`] and [`ContextVar::reset`].
///
/// It knows the value that the variable had before. Dropping it leaves the change as it is.
pub struct Token<T: 'static> {
    variable: &'static ContextVar<T>,
    /// None if the variable was not set.
    previous: Option<Arc<T>>,
    place: Place,
}

impl<T> Token<T> {
    /// The variable that was changed.
    pub fn variable(&self) -> &'static ContextVar<T> {
        self.variable
    }

    /// The value that the variable was set to before the change; none if it gave its default.
    pub fn old_value(&self) -> Option<&T> {
        self.previous.as_deref()
    }
}

impl<T> fmt::Debug for Token<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("variable", &self.variable.name).finish_non_exhaustive()
    }
}

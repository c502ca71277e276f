//! What libraries keep with a loop: one value of each type.
//!
//! It is to a loop what a thread-local is to a thread, and it ends better: the values are dropped when the
//! loop closes, after its tasks, on its own thread, and while it is still the current one, so that they may
//! deregister what they registered. The latest made goes first, for it may use the earlier ones.

use std::any::{Any, TypeId};
use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;

use crate::current::with_current_held;
use crate::executor::panics::contain_quietly;
use crate::outside;

/// Calls `f` with the current loop's value of type `T`, which is made by [`Default`] when it is first asked
/// for.
///
/// One loop has one value of a type; name a type of your own. It need not be `Send`. When the loop closes,
/// the values are dropped on its thread, after the tasks, in the reverse of the order in which they were
/// made; the loop is still current then. A drop that panics does not keep the others from being dropped.
///
/// Nothing is borrowed or locked while `f` runs, which may ask for other values or for the same one again.
///
/// # Panics
///
/// Outside of a loop; and while a loop closes, for a value that is gone or was never made. See
/// [`try_loop_local`].
///
/// # Examples
///
/// A library that gives out numbers, in each loop its own:
///
/// ```
/// use std::cell::Cell;
///
/// use runtime::reactor::loop_local;
///
/// #[derive(Default)]
/// struct Numbers(Cell<u64>);
///
/// fn next_number() -> u64 {
///     loop_local(|numbers: &Numbers| {
///         numbers.0.set(numbers.0.get() + 1);
///         numbers.0.get()
///     })
/// }
///
/// runtime::run(async { assert_eq!([next_number(), next_number()], [1, 2]) });
/// runtime::run(async { assert_eq!(next_number(), 1) });
/// ```
#[track_caller]
pub fn loop_local<T: Default + 'static, R>(f: impl FnOnce(&T) -> R) -> R {
    match with_current_held(|local| local.storage.value::<T>()) {
        Some(Some(value)) => f(of_type(&value)),
        Some(None) => panic!(
            "the runtime is closing, and its value of type `{}` is gone; use `try_loop_local` in what a loop \
             drops last",
            std::any::type_name::<T>()
        ),
        None => panic!("{}", outside::no_loop()),
    }
}

/// Calls `f` with the current loop's value of type `T` as [`loop_local`] does, where there is one.
///
/// Returns `None`, and drops `f`, outside of a loop, and while a loop closes if the value is gone or was
/// never made.
///
/// # Examples
///
/// ```
/// use runtime::reactor::try_loop_local;
///
/// #[derive(Default)]
/// struct Children(Vec<u32>);
///
/// assert_eq!(try_loop_local(|children: &Children| children.0.len()), None);
/// runtime::run(async { assert_eq!(try_loop_local(|children: &Children| children.0.len()), Some(0)) });
/// ```
pub fn try_loop_local<T: Default + 'static, R>(f: impl FnOnce(&T) -> R) -> Option<R> {
    let value = with_current_held(|local| local.storage.value::<T>()).flatten()?;
    Some(f(of_type(&value)))
}

fn of_type<T: 'static>(value: &Rc<dyn Any>) -> &T {
    value.downcast_ref().expect("values are found by their type")
}

/// What a loop that is not built yet will have.
#[derive(Default)]
pub(crate) struct Values(Vec<(TypeId, Rc<dyn Any>)>);

impl Values {
    /// Replaces the value of the same type.
    pub(crate) fn set<T: 'static>(&mut self, value: T) {
        let id = TypeId::of::<T>();
        self.0.retain(|(other, _)| *other != id);
        self.0.push((id, Rc::new(value)));
    }
}

/// The values of one loop. They are few, so they are looked for one after the other.
pub(crate) struct Storage {
    values: RefCell<Vec<(TypeId, Rc<dyn Any>)>>,
    closing: Cell<bool>,
}

impl Storage {
    pub(crate) fn new(values: Values) -> Storage {
        Storage { values: RefCell::new(values.0), closing: Cell::new(false) }
    }

    /// The value of a type; none if it would have to be made while the loop closes.
    ///
    /// The count is for the case that the loop, entered only, is closed while the value is being used.
    fn value<T: Default + 'static>(&self) -> Option<Rc<dyn Any>> {
        if let Some(value) = self.find(TypeId::of::<T>()) {
            return Some(value);
        }
        if self.closing.get() {
            return None;
        }
        // Made outside of the borrow. It may make others, which are then the earlier ones, and even close
        // the loop.
        let value: Rc<dyn Any> = Rc::new(T::default());
        if self.closing.get() {
            return None;
        }
        self.values.borrow_mut().push((TypeId::of::<T>(), value.clone()));
        Some(value)
    }

    fn find(&self, id: TypeId) -> Option<Rc<dyn Any>> {
        let values = self.values.borrow();
        values.iter().find(|(other, _)| *other == id).map(|(_, value)| value.clone())
    }

    /// Drops the values. The loop is current, and its tasks are gone.
    pub(crate) fn close(&self) {
        self.closing.set(true);
        loop {
            let last = self.values.borrow_mut().pop();
            let Some((_, value)) = last else { return };
            contain_quietly(|| drop(value));
        }
    }
}

impl fmt::Debug for Storage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Storage").field("values", &self.values.borrow().len()).finish()
    }
}

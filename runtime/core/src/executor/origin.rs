//! Where a task comes from, and the cold part that a task only gets when somebody asks for more.
//!
//! One word: a `&'static Location` as long as the spawn location is all there is, or a tagged
//! `Box<Cold>` once an id, a name or a joiner on another thread was needed. Any thread may make
//! that step.
#![allow(unsafe_code)]

use std::panic::Location;
use std::task::Waker;

use crate::executor::cancellation::Cancellation;
use crate::executor::noted::Notes;
use crate::local::Context;
use crate::spans;
use crate::sync::{AtomicPtr, Mutex, Ordering};
use crate::task::Id;

/// Marks the word as a `Box<Cold>`. `Location` and `Cold` are aligned to more than one byte.
const COLD: usize = 1;

/// What few tasks need.
#[derive(Debug)]
pub(crate) struct Cold {
    pub(crate) id: Id,
    pub(crate) location: &'static Location<'static>,
    pub(crate) name: Option<Box<str>>,
    /// The context variables with which it runs.
    pub(super) context: Mutex<Option<Context>>,
    /// The waker of a joiner on another thread.
    pub(crate) joiner: Mutex<Option<Waker>>,
    /// The waker of whoever polls the task from outside, see `proxy.rs`.
    pub(super) outer: Mutex<Option<Waker>>,
    /// What inspection has counted.
    pub(crate) notes: Notes,
    /// What it is asked, if it is asked to end.
    pub(crate) cancellation: Cancellation,
    pub(crate) spans: spans::Slot,
}

impl Cold {
    /// The context variables with which the cell runs.
    pub(crate) fn context(&self) -> Option<Context> {
        self.context.lock().clone()
    }
}

/// See the module's documentation.
#[derive(Debug)]
pub(super) struct Origin(AtomicPtr<()>);

impl Origin {
    #[inline(always)]
    pub(super) fn new(location: &'static Location<'static>) -> Origin {
        Origin(AtomicPtr::new(std::ptr::from_ref(location).cast_mut().cast()))
    }

    pub(super) fn location(&self) -> &'static Location<'static> {
        // The acquire pairs with the release in `cold`: the box is seen as it was written.
        let word = self.0.load(Ordering::Acquire);
        match untag(word) {
            // SAFETY: a tagged word is a box that lives as long as this `Origin`.
            Some(cold) => unsafe { (*cold).location },
            // SAFETY: an untagged word was made from a `&'static Location`.
            None => unsafe { &*word.cast::<Location<'static>>() },
        }
    }

    /// The cold part, if it has been made.
    pub(super) fn existing(&self) -> Option<&Cold> {
        let cold = untag(self.0.load(Ordering::Acquire))?;
        // SAFETY: a tagged word is a box that lives as long as this `Origin`.
        Some(unsafe { &*cold })
    }

    /// The cold part, made now if nobody did before.
    pub(super) fn cold(&self) -> &Cold {
        match self.existing() {
            Some(cold) => cold,
            None => self.install(None, None),
        }
    }

    /// Says more of the task. Only before the cell is shared; what is said later would be lost.
    pub(super) fn set_particulars(&self, name: Option<Box<str>>, context: Option<Context>) {
        self.install(name, context);
    }

    fn install(&self, name: Option<Box<str>>, context: Option<Context>) -> &Cold {
        let location = self.location();
        let context = Mutex::new(context);
        let cold = Cold {
            id: Id::next(),
            location,
            name,
            context,
            joiner: Mutex::new(None),
            outer: Mutex::new(None),
            notes: Notes::new(),
            cancellation: Cancellation::new(),
            spans: Default::default(),
        };
        let fresh = Box::into_raw(Box::new(cold));
        let tagged = fresh.map_addr(|address| address | COLD).cast::<()>();
        let plain = std::ptr::from_ref(location).cast_mut().cast::<()>();
        match self.0.compare_exchange(plain, tagged, Ordering::AcqRel, Ordering::Acquire) {
            // SAFETY: the box is now owned by this `Origin`, and lives as long.
            Ok(_) => unsafe { &*fresh },
            Err(other) => {
                // SAFETY: somebody else was faster and the box made above was never published.
                drop(unsafe { Box::from_raw(fresh) });
                let cold = untag(other).expect("only a cold part ever replaces the location");
                // SAFETY: a tagged word is a box that lives as long as this `Origin`.
                unsafe { &*cold }
            }
        }
    }

    /// The context variables with which the cell runs.
    pub(super) fn context(&self) -> Option<Context> {
        self.existing().and_then(Cold::context)
    }

    /// Changes the context variables with which the cell runs.
    pub(super) fn set_context(&self, context: Option<Context>) {
        let cold = match (self.existing(), &context) {
            (None, None) => return,
            (Some(cold), _) => cold,
            (None, Some(_)) => self.cold(),
        };
        let previous = std::mem::replace(&mut *cold.context.lock(), context);
        // Dropped when the lock is gone: it may hold anything.
        drop(previous);
    }

    /// Whether there is a cold part.
    #[inline(always)]
    pub(super) fn is_cold(&self) -> bool {
        self.0.load(Ordering::Relaxed).addr() & COLD != 0
    }

    /// Moves the cold part out, if there is one.
    ///
    /// # Safety
    ///
    /// The cell is about to be freed; nobody uses this `Origin` again.
    pub(super) unsafe fn take(&self) -> Option<Box<Cold>> {
        // SAFETY: the tag says that it is a box; by contract nobody else refers to it.
        untag(self.0.load(Ordering::Relaxed)).map(|cold| unsafe { Box::from_raw(cold) })
    }
}

#[inline(always)]
fn untag(word: *mut ()) -> Option<*mut Cold> {
    let tagged = word.addr() & COLD != 0;
    tagged.then(|| word.map_addr(|address| address & !COLD).cast())
}

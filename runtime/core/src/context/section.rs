//! Code that runs in a context of its own, on top of whatever runs on the thread.

use std::cell::Cell;
use std::num::NonZeroU64;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::context::{Context, thread};
use crate::current::{self, ThreadNumber, with_busy};
use crate::executor::panics::contain_quietly;
use crate::task::Id;

/// Tells sections apart, for the life of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Number(NonZeroU64);

impl Number {
    pub(super) fn next() -> Number {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        Number(NonZeroU64::new(number).expect("2^64 sections were never entered"))
    }
}

/// The innermost section on this thread.
#[derive(Debug, Clone, Copy)]
struct Innermost {
    number: Number,
    /// The loop that ran when it was entered. If another one runs now it was started inside, and its tasks
    /// are not in the section.
    running: usize,
}

thread_local! {
    static INNERMOST: Cell<Option<Innermost>> = const { Cell::new(None) };
}

fn innermost() -> Option<Number> {
    let section = INNERMOST.get()?;
    (section.running == current::running()).then_some(section.number)
}

/// Keeps a context installed until dropped, when the one before comes back, also if a panic unwinds.
#[derive(Debug)]
pub(crate) struct Section {
    /// What was there before; none once it is back.
    outer: Option<Outer>,
}

#[derive(Debug)]
struct Outer {
    context: Option<Context>,
    section: Option<Innermost>,
}

impl Section {
    /// A section of nobody else's.
    pub(crate) fn of(context: Context) -> Section {
        Section::enter(Number::next(), Some(context))
    }

    pub(super) fn enter(number: Number, context: Option<Context>) -> Section {
        let innermost = Innermost { number, running: current::running() };
        let section = INNERMOST.replace(Some(innermost));
        let context = thread::install(context);
        Section { outer: Some(Outer { context, section }) }
    }

    /// Leaves the section; returns the context as the code inside has left it.
    pub(super) fn leave(mut self) -> Option<Context> {
        self.restore()
    }

    fn restore(&mut self) -> Option<Context> {
        let outer = self.outer.take()?;
        INNERMOST.set(outer.section);
        thread::install(outer.context)
    }
}

impl Drop for Section {
    fn drop(&mut self) {
        // What only the inside knew is dropped when the outside is back.
        drop(self.restore());
    }
}

/// Calls `f` with this context, or the empty one, and keeps what `f` sets, and panics of values that are
/// dropped, from the thread: it has other things to run.
pub(crate) fn run_alone(context: Option<Context>, f: impl FnOnce()) {
    let section = Section::enter(Number::next(), context);
    f();
    contain_quietly(|| drop(section));
}

/// Who changes a variable, and may take the change back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Section(Number),
    Task(Id),
    /// Neither section nor task: the main future, a callback, or code outside of loops.
    Thread(ThreadNumber),
}

impl Place {
    pub(super) fn current() -> Place {
        if let Some(number) = innermost() {
            return Place::Section(number);
        }
        match with_busy(|local| local.executor.current().map(|task| task.cold().id)) {
            Some(Some(id)) => Place::Task(id),
            _ => Place::Thread(current::this_thread()),
        }
    }
}

/// Makes a context current after a variable has changed. The loop is told, for the change belongs to the task
/// that is being run; one inside a section does not.
pub(super) fn replace(context: Option<Context>) {
    let previous = thread::install(context);
    if innermost().is_none() {
        with_busy(|local| local.context_changed());
    }
    drop(previous);
}

//! Counts the polls of tasks, and how long they take.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::rc::Rc;
use std::time::{Duration, Instant};

use runtime::task::TaskFuture;

/// What all tasks of a name took.
#[derive(Clone, Default)]
pub(crate) struct Measure {
    pub(crate) tasks: u32,
    pub(crate) polls: u32,
    pub(crate) busy: Duration,
}

/// The measures, by the tasks' names.
#[derive(Default)]
pub(crate) struct Measures(RefCell<BTreeMap<String, Measure>>);

impl Measures {
    /// The future, measured.
    pub(crate) fn measure(
        measures: &Rc<Measures>,
        name: &str,
        mut future: TaskFuture,
    ) -> TaskFuture {
        let (measures, name) = (measures.clone(), name.to_owned());
        measures.change(&name, |measure| measure.tasks += 1);
        Box::pin(poll_fn(move |context| {
            let begin = Instant::now();
            let polled = future.as_mut().poll(context);
            let took = begin.elapsed();
            measures.change(&name, |measure| {
                measure.polls += 1;
                measure.busy += took;
            });
            polled
        }))
    }

    fn change(&self, name: &str, change: impl FnOnce(&mut Measure)) {
        change(self.0.borrow_mut().entry(name.to_owned()).or_default());
    }

    pub(crate) fn all(&self) -> BTreeMap<String, Measure> {
        self.0.borrow().clone()
    }
}

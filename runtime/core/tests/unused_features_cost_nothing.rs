//! Context variables and task factories are paid for by those who use them: nobody else allocates anything
//! for them.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::rc::Rc;

use runtime::Runtime;
use runtime::callback::call_soon;
use runtime::context::Context;
use runtime::task::yield_now;

/// The system's allocator, and how often each thread has called it.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

// SAFETY: what is asked of `GlobalAlloc` is done by `System`, unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

runtime::context_var! {
    static NUMBER: u32 = 0;
}

const ROUNDS: u64 = 1000;

/// How often the allocator is called by tasks and callbacks when the loop has its memory already.
async fn allocations() -> u64 {
    let mut before = 0;
    for round in 0..2 * ROUNDS {
        if round == ROUNDS {
            before = ALLOCATIONS.get();
        }
        call_soon(|| assert_eq!(NUMBER.get() % 2, 0));
        let task = runtime::spawn(async {
            yield_now().await;
            NUMBER.get()
        });
        assert_eq!(task.await.unwrap() % 2, 0);
    }
    ALLOCATIONS.get() - before
}

#[test]
fn a_loop_without_variables_and_factory_allocates_nothing_for_them() {
    assert_eq!(runtime::run(allocations()), 0);
}

#[test]
fn variables_of_another_thread_and_loops_of_the_past_cost_nothing() {
    let other = std::thread::spawn(|| {
        NUMBER.set(2);
        runtime::run(allocations())
    });
    assert!(other.join().unwrap() >= ROUNDS, "the task's and the callback's cold part");
    assert_eq!(runtime::run(allocations()), 0);
    // A variable that is set no more, and a factory that was taken away.
    let rt = Runtime::new().unwrap();
    rt.set_task_factory(Some(Rc::new(|_, future| future)));
    assert!(
        rt.block_on(allocations()) >= 2 * ROUNDS,
        "the boxed future, and the place for its output"
    );
    rt.set_task_factory(None);
    assert_eq!(rt.block_on(allocations()), 0);
    let task = rt.block_on(async {
        Context::new().with_value(&NUMBER, 2).run(|| runtime::spawn(allocations()))
    });
    assert!(rt.block_on(task).unwrap() >= ROUNDS);
    assert_eq!(rt.block_on(allocations()), 0);
}

#[test]
fn inspection_costs_while_it_is_on_and_hooks_where_they_are() {
    let rt = Runtime::new().unwrap();
    assert_eq!(rt.block_on(allocations()), 0);
    rt.set_inspect(true);
    assert!(rt.block_on(allocations()) >= ROUNDS, "the cold part of each task");
    rt.set_inspect(false);
    assert_eq!(rt.block_on(allocations()), 0);
    rt.block_on(async {
        let handle = runtime::Handle::current();
        drop((handle.tasks().unwrap(), handle.metrics().unwrap(), handle.graph().unwrap()));
        assert_eq!(allocations().await, 0, "who has looked is gone");
    });
    let hooked = Runtime::builder().on_task_spawn(|_| ()).build().unwrap();
    assert!(hooked.block_on(allocations()) >= ROUNDS, "the id that hooks are told");
    assert_eq!(rt.block_on(allocations()), 0);
}

#[test]
fn reading_a_variable_allocates_nothing() {
    assert_eq!(NUMBER.get(), 0);
    NUMBER.set(2);
    let before = ALLOCATIONS.get();
    assert_eq!((NUMBER.get(), NUMBER.with(|number| number + 1)), (2, 3));
    let context = Context::current();
    assert_eq!(context.run(|| NUMBER.get()), 2);
    assert_eq!(ALLOCATIONS.get(), before);
}

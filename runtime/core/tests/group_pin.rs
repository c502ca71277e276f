//! Pinned loops stay on their processors.
#![cfg(target_os = "linux")]

use std::thread;

use runtime::LoopGroup;
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// The processors that this thread may use.
fn usable() -> Vec<usize> {
    let set = sched_getaffinity(None).unwrap();
    (0..CpuSet::MAX_CPU).filter(|&processor| set.is_set(processor)).collect()
}

/// The processors that each loop of a group may use.
fn usable_by_loops(group: &LoopGroup) -> Vec<Vec<usize>> {
    group.run(|_| async { usable() }).into_iter().map(Result::unwrap).collect()
}

#[test]
fn each_loop_gets_a_processor_in_turn() {
    let processors = usable();
    // One more than there are, so that one is shared.
    let group = LoopGroup::builder().loops(processors.len() + 1).pin(true).build().unwrap();
    let mut expected: Vec<_> = processors.iter().map(|&processor| vec![processor]).collect();
    expected.push(vec![processors[0]]);
    assert_eq!(usable_by_loops(&group), expected);
    assert_eq!(usable(), processors, "the caller is not pinned");
}

#[test]
fn a_processor_that_the_caller_may_not_use_is_not_taken() {
    let last = *usable().last().unwrap();
    let pinned = thread::spawn(move || {
        let mut only = CpuSet::new();
        only.set(last);
        sched_setaffinity(None, &only).unwrap();
        let group = LoopGroup::builder().loops(2).pin(true).build().unwrap();
        usable_by_loops(&group)
    });
    assert_eq!(pinned.join().unwrap(), [[last], [last]]);
}

#[test]
fn loops_are_not_pinned_unless_asked() {
    let group = LoopGroup::builder().loops(2).build().unwrap();
    assert_eq!(usable_by_loops(&group), [usable(), usable()]);
}

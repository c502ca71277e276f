//! Cancelled timers give their memory back, however far off their deadlines are.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use runtime::callback::{TimerHandle, call_later};
use runtime::task::yield_now;

/// The system's allocator, and how many bytes it has given out.
struct Counting;

static IN_USE: AtomicUsize = AtomicUsize::new(0);

// SAFETY: what is asked of `GlobalAlloc` is done by `System`, unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        IN_USE.fetch_add(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        IN_USE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(block, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

const TIMERS: usize = 100_000;
/// What each callback holds on the heap.
const CAPTURED: usize = 100;

fn arm() -> TimerHandle {
    let captured = vec![0_u8; CAPTURED];
    call_later(Duration::from_secs(3600), move || drop(captured))
}

fn in_use() -> usize {
    IN_USE.load(Ordering::Relaxed)
}

#[test]
fn a_hundred_thousand_cancelled_timers_free_their_memory() {
    runtime::run(async {
        let before = in_use();
        let mut rounds = [0; 3];
        for round in &mut rounds {
            let timers: Vec<_> = (0..TIMERS).map(|_| arm()).collect();
            yield_now().await;
            let armed = in_use() - before;
            assert!(armed > TIMERS * CAPTURED);
            timers.iter().for_each(TimerHandle::cancel);
            // What the callbacks had captured is gone at once ...
            assert!(in_use() - before <= armed - TIMERS * CAPTURED);
            drop(timers);
            // ... and the rest soon, but for what the loop keeps for the next crowd.
            runtime::time::sleep(Duration::from_millis(1)).await;
            let left = in_use().saturating_sub(before);
            assert!(left < armed / 10, "{left} bytes of {armed} are still in use");
            *round = left;
        }
        assert!(rounds[2] <= rounds[0], "the loop keeps more each time: {rounds:?}");
        // One after the other, they need no more than one at a time.
        let before = in_use();
        let mut most = 0;
        for number in 0..TIMERS {
            arm().cancel();
            most = most.max(in_use().saturating_sub(before));
            if number % 1000 == 0 {
                yield_now().await;
            }
        }
        assert!(most < 10 * TIMERS, "{most} bytes were in use at a time");
    });
}

//! The run queue: tasks linked through their own headers, first in, first out.

use std::{cell::Cell, ptr};

use super::task::Header;

struct Queue {
    head: Cell<*const Header>,
    tail: Cell<*const Header>,
}

thread_local! {
    static QUEUE: Queue = const { Queue { head: Cell::new(ptr::null()), tail: Cell::new(ptr::null()) } };
}

/// Appends a task.
///
/// # Safety
/// `task` is alive, belongs to this thread, and is not in the queue.
#[inline]
pub(super) unsafe fn push(task: *const Header) {
    QUEUE.with(|queue| {
        // SAFETY: the caller vouches for `task`.
        unsafe { (*task).next.set(ptr::null()) };
        let tail = queue.tail.replace(task);
        if tail.is_null() {
            queue.head.set(task);
        } else {
            // SAFETY: a task in the queue is SCHEDULED, and a scheduled task is never freed.
            unsafe { (*tail).next.set(task) };
        }
    });
}

/// Takes the oldest task, or null.
#[inline]
pub(super) fn pop() -> *const Header {
    QUEUE.with(|queue| {
        let head = queue.head.get();
        if !head.is_null() {
            // SAFETY: as in `push`, whatever is in the queue is alive.
            let next = unsafe { (*head).next.get() };
            queue.head.set(next);
            if next.is_null() {
                queue.tail.set(ptr::null());
            }
        }
        head
    })
}

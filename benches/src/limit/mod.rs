//! The hand-written loop that every runtime is compared with.
//!
//! It does the least that a correct single-threaded loop can do: a plain queue of futures, a plain heap of
//! deadlines, plain epoll. No cancellation, no panics caught, no ids, no budget, no clean shutdown. It is a
//! yardstick and nothing more: task wakers must stay on their thread, which the scenarios promise.
#![allow(unsafe_code)]

mod blocking;
mod callback;
mod inbox;
mod park;
mod queue;
mod root;
pub(crate) mod signal;
mod task;
pub(crate) mod tcp;
mod timer;
pub(crate) mod udp;

pub(crate) use self::{
    blocking::spawn_blocking,
    callback::{call_later, call_soon},
    root::{Remote, block_on},
    task::{Join, spawn},
    timer::sleep,
};

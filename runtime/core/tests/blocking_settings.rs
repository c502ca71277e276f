//! The builder's settings of the blocking pool reach the pool.

use std::collections::BTreeSet;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use futures::future::join_all;
use runtime::Builder;

#[test]
fn no_more_threads_than_allowed_run_jobs() {
    const LIMIT: usize = 3;
    let rt = Builder::new().max_blocking_threads(LIMIT).thread_name("few").build().unwrap();
    // As many jobs at a time as there are threads: with fewer they would never get on.
    let barrier = Arc::new(Barrier::new(LIMIT));
    let job = |_| {
        let barrier = barrier.clone();
        rt.spawn_blocking(move || {
            barrier.wait();
            thread::current().name().map(String::from)
        })
    };
    let jobs: Vec<_> = (0..10 * LIMIT).map(job).collect();
    let names = rt.block_on(join_all(jobs)).into_iter().map(|name| name.unwrap().unwrap());
    let names = BTreeSet::from_iter(names);
    assert_eq!(names.iter().map(String::as_str).collect::<Vec<_>>(), ["few-0", "few-1", "few-2"]);
}

/// Tells when its thread ends.
struct Obituary(Sender<()>);

impl Drop for Obituary {
    fn drop(&mut self) {
        // Nobody listens any more if the test is over.
        let _ = self.0.send(());
    }
}

#[test]
fn a_thread_without_a_job_leaves_when_its_time_is_over() {
    thread_local!(static LAST_WILL: std::cell::OnceCell<Obituary> = const { std::cell::OnceCell::new() });
    let (send, deaths) = channel();
    let rt = Builder::new().thread_keep_alive(Duration::ZERO).build().unwrap();
    let will = move || LAST_WILL.with(|will| will.set(Obituary(send)).is_ok());
    assert!(rt.block_on(rt.spawn_blocking(will)).unwrap());
    deaths.recv().unwrap();
    assert_eq!(rt.block_on(rt.spawn_blocking(|| 42)).unwrap(), 42, "another one takes its place");
}

#[test]
fn the_builder_shows_what_it_was_told() {
    let builder = Builder::new()
        .max_blocking_threads(7)
        .thread_keep_alive(Duration::from_secs(11))
        .thread_name("disk")
        .thread_stack_size(65536);
    let text = format!("{builder:?}");
    for part in
        ["max_threads: 7", "keep_alive: 11s", "thread_name: \"disk\"", "stack_size: Some(65536)"]
    {
        assert!(text.contains(part), "{part} is missing in {text}");
    }
}

#[test]
fn a_thread_has_the_stack_that_it_was_given() {
    // Twice as much in one frame as a thread has by default: with less the process dies.
    const STACK: usize = 16 << 20;
    let rt = Builder::new().thread_stack_size(STACK).build().unwrap();
    let job = || {
        let frame = std::hint::black_box([1_u8; STACK / 4]);
        frame.iter().map(|&byte| usize::from(byte)).sum::<usize>()
    };
    assert_eq!(rt.block_on(rt.spawn_blocking(job)).unwrap(), STACK / 4);
}

//! A report of the watchdog has the stack of the loop's thread, from the function that blocks to the poll.
#![cfg(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64")))]
// Under ThreadSanitizer signals wait for the next call into its library.
#![cfg(not(tsan))]

use std::hint::black_box;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use runtime::task::yield_now;
use runtime::watchdog::{BlockedReport, Stack};
use runtime::{Builder, Runtime};

const THRESHOLD: Duration = Duration::from_millis(20);

/// The numbers of the frames whose function's name contains this.
fn find(stack: &Stack, name: &str) -> Vec<usize> {
    let frames = stack.frames().iter().enumerate();
    frames
        .filter(|(_, frame)| frame.function().is_some_and(|function| function.contains(name)))
        .map(|(number, _)| number)
        .collect()
}

#[track_caller]
fn assert_in(stack: &Stack, name: &str) -> usize {
    match find(stack, name).as_slice() {
        [number, ..] => *number,
        [] => panic!("no {name} in\n{stack}"),
    }
}

/// The functions of these tests that block.
const BLOCKING: [&str; 4] = ["crunch", "doze", "drive_another", "read_the_clock"];

/// Whether a report has come, asked for without a system call. On a busy machine the first may come before the
/// function that blocks has been called; the next ones come when the time has doubled.
#[derive(Clone, Default)]
struct Reported(Arc<AtomicBool>, Arc<Mutex<Option<BlockedReport>>>);

impl Reported {
    fn watch(&self) -> Runtime {
        let reported = self.clone();
        let tell = move |report: &BlockedReport| {
            let blocks = |name: &&str| !find(report.stack(), name).is_empty();
            if report.count() < 7 && !BLOCKING.iter().any(blocks) {
                return;
            }
            reported.1.lock().unwrap().get_or_insert_with(|| report.clone());
            reported.0.store(true, Ordering::Release);
        };
        Builder::new().watchdog(THRESHOLD).on_blocked(tell).build().unwrap()
    }

    fn has_come(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    fn stack(&self) -> Stack {
        self.1.lock().unwrap().as_ref().unwrap().stack().clone()
    }
}

#[inline(never)]
fn crunch(until: &Reported) -> u64 {
    let mut state = 1_u64;
    while !until.has_come() {
        state = black_box(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
    }
    state
}

#[inline(never)]
fn outer(until: &Reported) -> u64 {
    crunch(until) ^ black_box(1)
}

#[test]
fn a_function_that_computes_is_named_and_so_are_its_callers() {
    let reported = Reported::default();
    let until = reported.clone();
    let rt = reported.watch();
    rt.block_on(async {
        runtime::spawn(async move { black_box(outer(&until)) }).await.unwrap();
    });
    let stack = reported.stack();
    assert!(assert_in(&stack, "crunch") < assert_in(&stack, "outer"));
    let task = assert_in(&stack, "a_function_that_computes_is_named_and_so_are_its_callers");
    assert_eq!(task, stack.frames().len() - 1, "the task is the outermost:\n{stack}");
    assert!(find(&stack, "runtime_core").is_empty(), "the loop's own is left out:\n{stack}");
    assert_eq!(stack.reason(), None);
}

#[inline(never)]
fn load(reader: &mut impl Read) -> usize {
    let mut buffer = [0];
    reader.read(black_box(&mut buffer)).unwrap()
}

#[test]
fn a_function_that_reads_is_named_and_its_read_goes_on() {
    let (mut reader, writer) = UnixStream::pair().unwrap();
    let (send, reports) = channel();
    let tell = move |report: &BlockedReport| {
        // The signal has been handled, and the read began anew: there was nothing to read yet.
        let reads = !find(report.stack(), "load").is_empty() || report.count() == 7;
        if reads && !report.is_over() {
            send.send(report.clone()).unwrap();
            (&writer).write_all(b"x").unwrap();
        }
    };
    let rt = Builder::new().watchdog(THRESHOLD).on_blocked(tell).build().unwrap();
    rt.block_on(async {
        assert_eq!(runtime::spawn(async move { load(&mut reader) }).await.unwrap(), 1);
    });
    let report = reports.recv().unwrap();
    assert_in(report.stack(), "load");
    assert_in(report.stack(), "a_function_that_reads_is_named_and_its_read_goes_on");
}

#[inline(never)]
fn doze(until: &Reported) {
    while !until.has_come() {
        let begin = Instant::now();
        thread::sleep(THRESHOLD);
        assert!(begin.elapsed() >= THRESHOLD);
    }
}

#[test]
fn a_function_that_sleeps_is_named_and_sleeps_as_long_as_it_was_told() {
    let reported = Reported::default();
    reported.watch().block_on(async { doze(&reported) });
    assert_in(&reported.stack(), "doze");
}

#[inline(never)]
fn read_the_clock(until: &Reported) {
    while !until.has_come() {
        black_box(Instant::now());
    }
}

#[test]
fn a_function_that_reads_the_clock_again_and_again_is_named() {
    // Most of its time goes by in the code that the kernel gives to each process.
    let reported = Reported::default();
    reported.watch().block_on(async { read_the_clock(&reported) });
    assert_in(&reported.stack(), "read_the_clock");
}

#[inline(never)]
fn deep(depth: u32, until: &Reported) -> u64 {
    let frame = [u64::from(depth); 16];
    let below = if depth == 0 { crunch(until) } else { deep(depth - 1, until) };
    below ^ black_box(frame)[3]
}

/// The stack of a recursion so deep, in a thread that has room for it.
fn stack_of_recursion(depth: u32) -> Stack {
    let reported = Reported::default();
    let until = reported.clone();
    let body = move || {
        reported.watch().block_on(async { black_box(deep(depth, &until)) });
        reported.stack()
    };
    let thread = thread::Builder::new().stack_size(64 << 20).spawn(body).unwrap();
    thread.join().unwrap()
}

#[test]
fn of_a_deep_recursion_both_ends_are_told() {
    let stack = stack_of_recursion(500);
    let crunch = assert_in(&stack, "crunch");
    let deep = find(&stack, "deep");
    assert!(crunch < deep[0] && deep.len() > 60, "{stack}");
    let gap = assert_in(&stack, "frames ...");
    assert!(deep[0] < gap && gap < *deep.last().unwrap(), "{stack}");
    let task = assert_in(&stack, "stack_of_recursion");
    assert_eq!(task, stack.frames().len() - 1, "{stack}");
}

#[test]
fn a_stack_too_large_to_be_copied_has_the_function_that_blocks() {
    let stack = stack_of_recursion(20_000);
    assert!(assert_in(&stack, "crunch") < assert_in(&stack, "deep"), "{stack}");
    assert_eq!(assert_in(&stack, "cannot be read"), stack.frames().len() - 1, "{stack}");
}

#[test]
fn the_main_future_is_the_outermost_in_its_first_poll_and_in_later_ones() {
    for later in [false, true] {
        let reported = Reported::default();
        reported.watch().block_on(async {
            if later {
                yield_now().await;
            }
            black_box(outer(&reported));
        });
        let stack = reported.stack();
        assert_in(&stack, "crunch");
        let name = "the_main_future_is_the_outermost_in_its_first_poll_and_in_later_ones";
        // In an optimised build the future may be inlined into what is left out.
        assert!(find(&stack, name).len() <= 1, "{stack}");
        assert!(find(&stack, "runtime_core").is_empty(), "{stack}");
    }
}

#[test]
fn a_callback_is_the_outermost() {
    let reported = Reported::default();
    let until = reported.clone();
    let rt = reported.watch();
    rt.block_on(async {
        runtime::callback::call_soon(move || {
            black_box(outer(&until));
        });
        yield_now().await;
        yield_now().await;
    });
    let stack = reported.stack();
    assert!(assert_in(&stack, "crunch") < assert_in(&stack, "outer"));
    assert!(find(&stack, "runtime_core").is_empty(), "{stack}");
}

#[inline(never)]
fn drive_another(inner: &Runtime, until: &Reported) {
    while !until.has_come() {
        inner.turn(Some(THRESHOLD)).unwrap();
    }
}

#[test]
fn a_loop_driven_by_a_task_is_one_line_of_the_tasks_stack() {
    let reported = Reported::default();
    let inner = Builder::new().spin(None).build().unwrap();
    reported.watch().block_on(async { drive_another(&inner, &reported) });
    let stack = reported.stack();
    assert_in(&stack, "drive_another");
    assert!(find(&stack, "runtime_core").len() <= 1, "{stack}");
}

#[test]
fn a_report_displays_each_function_with_its_number() {
    let reported = Reported::default();
    reported.watch().block_on(async { black_box(crunch(&reported)) });
    let text = reported.stack().to_string();
    assert!(text.starts_with("   0: "), "{text}");
    assert!(text.contains("crunch"), "{text}");
}

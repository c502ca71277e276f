//! Tests of what no public interface shows.

use std::future::poll_fn;
use std::io;
use std::process::{Command, ExitStatus};

use super::{
    BuilderExt, ChildWatcher, DefaultWatcher, Fast, Origin, Polling, Signal, Thread, Watched,
    children, spawning, watch,
};

fn spawn(script: &str) -> io::Result<Watched> {
    let _spawning = spawning();
    let child = Watched::new(Command::new("sh").args(["-c", script]).spawn()?);
    watch(&child, Origin::Here);
    Ok(child)
}

async fn end_of(child: &Watched) -> io::Result<ExitStatus> {
    poll_fn(|cx| child.poll_outcome(cx)).await
}

/// Runs a test on each strategy by itself: one that fails would otherwise be replaced by the next.
fn on_each(test: impl Fn(&dyn Fn() -> runtime::Runtime)) {
    let strategies: [fn() -> Box<dyn ChildWatcher>; 5] = [
        || Box::new(DefaultWatcher::new()),
        || Box::new(Signal::new()),
        || Box::new(Fast::new()),
        || Box::new(Thread::new()),
        || Box::new(Polling::new()),
    ];
    for strategy in strategies {
        println!("on {:?}", strategy());
        test(&|| {
            runtime::Builder::new().child_watcher(Strict(strategy())).build().expect("a loop")
        });
    }
}

/// A strategy that must not fail.
#[derive(Debug)]
struct Strict(Box<dyn ChildWatcher>);

impl ChildWatcher for Strict {
    fn watch(&self, child: &Watched) -> io::Result<()> {
        self.0.watch(child).inspect_err(|error| panic!("{:?} fails: {error}", self.0))
    }
}

#[test]
fn the_status_arrives() {
    on_each(|build| {
        build().block_on(async {
            let child = spawn("exit 7").unwrap();
            assert_eq!(end_of(&child).await.unwrap().code(), Some(7));
        });
    });
}

#[test]
fn a_child_that_nobody_holds_goes_to_the_orphans() {
    let child = Watched::new(Command::new("true").spawn().unwrap());
    children::enter(&child);
    let id = child.id();
    drop(child);
    // No trace of it is left.
    while exists(id) || children::has(id) {
        std::thread::yield_now();
    }
}

fn exists(id: u32) -> bool {
    let pid = i32::try_from(id).ok().and_then(rustix::process::Pid::from_raw).unwrap();
    rustix::process::test_kill_process(pid).is_ok()
}

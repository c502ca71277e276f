//! `#[runtime::main(ctrl_c = "cancel")]`: the second Ctrl-C ends the program at once.

#![cfg(unix)]

mod common;

use std::process::Command;

use common::program::{Running, Said, WHICH, assert_interrupted, say};
use common::sys::kill;
use runtime::signal::{SignalKind, signal};

const INT: SignalKind = SignalKind::interrupt();

mod programs {
    use super::*;

    /// Has a loop elsewhere that hears of Ctrl-C, and none here that turns.
    #[runtime::main(ctrl_c = "cancel")]
    pub(super) async fn is_busy() {
        let (ready, is_ready) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            runtime::run(async {
                let mut interrupt = signal(INT).expect("it can be listened to");
                ready.send(()).expect("it is waited for");
                interrupt.recv().await;
                say("heard");
                std::future::pending::<()>().await;
            });
        });
        is_ready.recv().expect("the thread lives");
        say("ready");
        loop {
            std::thread::park();
        }
    }

    /// Cleans up without end.
    #[runtime::main(ctrl_c = "cancel")]
    pub(super) async fn cleans_up_for_ever() {
        struct Endless;
        impl Drop for Endless {
            fn drop(&mut self) {
                say("cleaning up");
                loop {
                    std::thread::park();
                }
            }
        }
        let _endless = Endless;
        say("ready");
        std::future::pending::<()>().await;
    }

    /// Listens, and takes for ever to clean up.
    #[runtime::main(ctrl_c = "cancel")]
    pub(super) async fn awaits_for_ever() {
        let _main = Said("main is dropped");
        say("ready");
        runtime::task::cancelled().await;
        say("cleaning up");
        std::future::pending::<()>().await;
    }

    /// As `is_busy`, and is pressed twice from within: nobody outside of a pid namespace knows its pid.
    #[runtime::main(ctrl_c = "cancel")]
    pub(super) async fn interrupts_itself() {
        let mut interrupt = signal(INT).expect("it can be listened to");
        assert_eq!(std::process::id(), 1);
        say("ready");
        kill(INT);
        interrupt.recv().await;
        say("heard");
        kill(INT);
        loop {
            std::thread::park();
        }
    }

    /// Returns when it is asked to; somebody else listens to Ctrl-C, and goes on doing so.
    #[runtime::main(ctrl_c = "cancel")]
    async fn returns() {
        say("ready");
        runtime::task::cancelled().await;
        say("main returns");
    }

    /// As `returns`, and hears what comes when it is done with the runtime.
    pub(super) fn returns_and_listens() {
        let (ready, is_ready) = std::sync::mpsc::channel();
        let listener = std::thread::spawn(move || {
            runtime::run(async {
                let mut interrupt = signal(INT).expect("it can be listened to");
                ready.send(()).expect("it is waited for");
                for _ in 0..4 {
                    interrupt.recv().await;
                    say("heard");
                }
            });
        });
        is_ready.recv().expect("the thread lives");
        returns();
        say("main is over");
        listener.join().expect("no panic");
        say("done");
    }
}

/// What a program does; in the test-suite itself, nothing.
#[test]
fn program() {
    let Ok(which) = std::env::var(WHICH) else { return };
    match which.as_str() {
        "is_busy" => programs::is_busy(),
        "cleans_up_for_ever" => programs::cleans_up_for_ever(),
        "awaits_for_ever" => programs::awaits_for_ever(),
        "interrupts_itself" => programs::interrupts_itself(),
        "returns_and_listens" => programs::returns_and_listens(),
        other => panic!("there is no program {other}"),
    }
}

#[test]
fn the_second_ends_a_program_whose_loop_does_not_turn() {
    let mut program = Running::start("is_busy");
    program.interrupt();
    assert_eq!(program.next().as_deref(), Some("heard"));
    program.interrupt();
    let (said, status) = program.end();
    assert_eq!(said, [""; 0]);
    assert_interrupted(status);
}

#[test]
fn the_second_ends_a_program_that_cleans_up_for_ever() {
    let mut program = Running::start("cleans_up_for_ever");
    program.interrupt();
    assert_eq!(program.next().as_deref(), Some("cleaning up"));
    program.interrupt();
    let (said, status) = program.end();
    assert_eq!(said, [""; 0]);
    assert_interrupted(status);
}

#[test]
fn the_second_ends_a_main_that_awaits_for_ever() {
    let mut program = Running::start("awaits_for_ever");
    program.interrupt();
    assert_eq!(program.next().as_deref(), Some("cleaning up"));
    program.interrupt();
    let (said, status) = program.end();
    assert_eq!(said, [""; 0]);
    assert_interrupted(status);
}

/// The system spares such a process all signals but those that it handles (pid_namespaces(7)).
#[test]
#[cfg(target_os = "linux")]
fn the_second_ends_the_first_process_of_a_container() {
    let unshare = || {
        let mut command = Command::new("unshare");
        // The process that forks goes when the one in the namespace does, with its status.
        command.args(["--user", "--map-root-user", "--pid", "--fork"]);
        command
    };
    let allowed = unshare().arg("true").output();
    if !allowed.as_ref().is_ok_and(|output| output.status.success()) {
        println!("skipped: there is no pid namespace to be had: {allowed:?}");
        return;
    }
    let test = std::env::current_exe().expect("this program has a path");
    let mut program = Running::start_by(unshare().arg(test), "interrupts_itself");
    assert_eq!(program.next().as_deref(), Some("heard"));
    let (said, status) = program.end();
    assert_eq!(said, [""; 0]);
    assert_eq!(status.code(), Some(130), "{status}");
}

#[test]
fn who_listens_on_when_main_has_returned_hears_them_all() {
    let mut program = Running::start("returns_and_listens");
    program.interrupt();
    let mut said = [program.next(), program.next(), program.next()].map(Option::unwrap_or_default);
    said.sort();
    assert_eq!(said, ["heard", "main is over", "main returns"]);
    for _ in 0..3 {
        program.interrupt();
        assert_eq!(program.next().as_deref(), Some("heard"));
    }
    let (said, status) = program.end();
    assert_eq!(said, ["done"]);
    assert!(status.success(), "{status}");
}

//! Whatever becomes of a child's handle and of its loop, the child is reaped.

#![cfg(unix)]

use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::process::{ExitStatus, Stdio};
use std::sync::mpsc;
use std::task::Poll;
use std::thread;

use futures::future::join_all;
use futures::poll;
use runtime::process::{Child, Command};
use rustix::process::{Signal, kill_process};

mod common;

use common::selectors::{self, builder, choice, run};
use common::watchers::on_each_watcher;
use common::{line_of, pid, shell_that_says, until_gone};

on_each_watcher!(
    a_child_that_is_forgotten_is_reaped,
    a_child_that_ended_before_it_was_forgotten_is_reaped,
    a_child_of_a_closed_loop_is_reaped,
    a_child_of_a_closed_loop_still_tells_its_status,
    a_child_that_dies_with_its_loop_is_reaped,
    a_child_of_an_entered_loop_is_reaped_when_that_closes,
    several_loops_wait_for_their_own_children,
    a_status_is_awaited_in_another_loop,
    many_children_end_at_once,
    children_of_one_loop_end_one_by_one,
    a_command_that_cannot_be_run_leaves_nothing,
);

/// A child that ends when its input does.
fn cat() -> io::Result<Child> {
    Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn()
}

fn id_of(child: &Child) -> u32 {
    child.id().expect("the child runs")
}

fn a_child_that_is_forgotten_is_reaped() -> io::Result<()> {
    run(async {
        let mut child = cat()?;
        let (id, stdin) = (id_of(&child), child.stdin.take());
        drop(child);
        drop(stdin);
        until_gone(id).await;
        Ok(())
    })
}

fn a_child_that_ended_before_it_was_forgotten_is_reaped() -> io::Result<()> {
    run(async {
        // It may have been reaped by the time that it could be asked for its pid.
        let mut child = Command::shell("echo $$").stdout(Stdio::piped()).spawn()?;
        let id = line_of(child.stdout.as_mut().expect("it is piped")).await?;
        drop(child);
        until_gone(id.parse().expect("a pid is a number")).await;
        Ok(())
    })
}

fn a_child_of_a_closed_loop_is_reaped() -> io::Result<()> {
    let (id, child) = run(async {
        let child = shell_that_says(":", "exec sleep 600").await?;
        io::Result::Ok((id_of(&child), child))
    })?;
    drop(child);
    kill_process(pid(id), Signal::KILL)?;
    run(until_gone(id));
    Ok(())
}

fn a_child_of_a_closed_loop_still_tells_its_status() -> io::Result<()> {
    let mut child = run(async { cat() })?;
    // The pipe was the closed loop's, but to drop it will do.
    let status = run(child.wait())?;
    assert!(status.success(), "{status}");
    run(async {
        assert_eq!(child.wait().await?, status);
        Ok(())
    })
}

fn a_child_that_dies_with_its_loop_is_reaped() -> io::Result<()> {
    let runtime = builder().build()?;
    let id = runtime.block_on(async {
        let mut child = Command::new("sleep").arg("600").kill_on_drop(true).spawn()?;
        let id = id_of(&child);
        drop(runtime::spawn(async move { child.wait().await }));
        io::Result::Ok(id)
    })?;
    drop(runtime);
    run(until_gone(id));
    Ok(())
}

fn a_child_of_an_entered_loop_is_reaped_when_that_closes() -> io::Result<()> {
    let runtime = builder().build()?;
    let entered = runtime.enter();
    let child = cat()?;
    let id = id_of(&child);
    drop(entered);
    drop(runtime);
    drop(child);
    run(until_gone(id));
    Ok(())
}

fn several_loops_wait_for_their_own_children() -> io::Result<()> {
    let choice = choice();
    let threads: Vec<_> = (0..4)
        .map(|number| {
            thread::spawn(move || {
                selectors::on(choice, || {
                    run(async {
                        for round in 0..20 {
                            let code = number * 20 + round;
                            let status = Command::shell(format!("exit {code}")).status().await?;
                            assert_eq!(status.code(), Some(code));
                        }
                        io::Result::Ok(())
                    })
                })
            })
        })
        .collect();
    for thread in threads {
        thread.join().expect("no loop panics")?;
    }
    Ok(())
}

fn a_status_is_awaited_in_another_loop() -> io::Result<()> {
    let choice = choice();
    let (sender, children) = mpsc::channel();
    let (done, is_done) = futures::channel::oneshot::channel::<()>();
    let home = thread::spawn(move || {
        selectors::on(choice, || {
            run(async {
                sender.send(cat()?).expect("the other side waits");
                // The loop in which the child is watched goes on.
                let _ = is_done.await;
                io::Result::Ok(())
            })
        })
    });
    let mut child = children.recv().expect("a child is spawned");
    let status = run(child.wait())?;
    assert!(status.success(), "{status}");
    drop(done);
    home.join().expect("the loop does not panic")
}

type Wait = Pin<Box<dyn Future<Output = io::Result<ExitStatus>>>>;

/// Children that all run, each with a future that waits for its end.
fn running(count: usize) -> io::Result<Vec<Wait>> {
    let spawn = |_| {
        let mut child = cat()?;
        Ok(Box::pin(async move { child.wait().await }) as Wait)
    };
    (0..count).map(spawn).collect()
}

fn many_children_end_at_once() -> io::Result<()> {
    run(async {
        // To wait for a child is to end its input.
        for status in join_all(running(50)?).await {
            assert!(status?.success());
        }
        Ok(())
    })
}

fn children_of_one_loop_end_one_by_one() -> io::Result<()> {
    run(async {
        let mut children: Vec<Child> = (0..10).map(|_| cat()).collect::<io::Result<_>>()?;
        while let Some(mut child) = children.pop() {
            assert!(child.wait().await?.success());
            for other in &mut children {
                assert_eq!(other.try_wait()?, None);
            }
        }
        Ok(())
    })
}

fn a_command_that_cannot_be_run_leaves_nothing() -> io::Result<()> {
    run(async {
        let mut other = cat()?;
        let mut end = pin!(other.wait());
        assert!(matches!(poll!(&mut end), Poll::Pending | Poll::Ready(Ok(_))));
        for _ in 0..20 {
            let error = Command::new("/nowhere/at/all").spawn().unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::NotFound);
        }
        assert!(end.await?.success());
        Ok(())
    })
}

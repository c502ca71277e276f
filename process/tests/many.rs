//! Many children.
//!
//! One test, alone in its process: it counts children and descriptors.

#![cfg(target_os = "linux")]

use std::io;
use std::process::Stdio;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use runtime::process::{Child, Command};
use runtime::time::sleep;

mod common;

use common::selectors::{on, run};
use common::watchers::{ALL, DEFAULT};

/// With the default watcher; with the others a fifth of it.
const AT_ONCE: usize = 1000;
const SHORT: usize = 1000;

#[test]
fn no_child_and_no_descriptor_is_left_of_many() -> io::Result<()> {
    for watcher in ALL {
        println!("{}", watcher.module);
        let share = if watcher.module == DEFAULT.module { 1 } else { 5 };
        on(watcher, || come_and_go(AT_ONCE / share, SHORT / share))?;
    }
    Ok(())
}

fn come_and_go(together: usize, short: usize) -> io::Result<()> {
    run(async {
        // What a loop opens once, such as a clock for its timers, is open from here on.
        Command::new("true").status().await?;
        sleep(Duration::from_millis(1)).await;
        let before = common::descriptors()?;
        at_once(together).await?;
        one_after_the_other(short).await?;
        assert_eq!(common::descriptors()?, before);
        io::Result::Ok(())
    })?;
    assert_eq!(common::children()?, [0; 0]);
    Ok(())
}

/// They all wait for the end of one pipe.
async fn at_once(together: usize) -> io::Result<()> {
    let mut gate = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let entrance = gate.stdout.take().expect("it is piped").into_owned_fd()?;
    let mut children: Vec<Child> = Vec::new();
    for number in 0..together {
        let line = format!("read line; exit {}", number % 100);
        let mut command = Command::shell(line);
        children.push(command.stdin(entrance.try_clone()?).spawn()?);
    }
    drop(entrance);
    assert!(common::children()?.len() > together);
    assert!(gate.wait().await?.success());
    let mut ends: FuturesUnordered<_> = children
        .iter_mut()
        .enumerate()
        .map(|(number, child)| async move { io::Result::Ok((number, child.wait().await?)) })
        .collect();
    let mut count = 0;
    while let Some(end) = ends.next().await {
        let (number, status) = end?;
        assert_eq!(status.code(), Some((number % 100) as i32));
        count += 1;
    }
    assert_eq!(count, together);
    Ok(())
}

async fn one_after_the_other(short: usize) -> io::Result<()> {
    let mut command = Command::new("true");
    for _ in 0..short {
        assert!(command.status().await?.success());
    }
    Ok(())
}
